// One party signs at the table: what it promises, who signs and how that was made sure, handwriting, witnesses.
import { badge, button, facts, fill, h, icon, notice, section, toast } from "../dom.js";
import { instant, say, t } from "../words.js";
import { finish, payload, receiptOf, state } from "../state.js";
import * as sync from "../sync.js";
import * as vault from "../vault.js";
import { STATES } from "./list.js";
import { Pad } from "./signing.js";
import { contractOf, givenHere, keyOf, standing } from "./contracts.js";

const WITNESSES = { fingerprint: 1, witnessed_mark: 2 };
const HANDWRITTEN = ["hand", "guardian"];
const WHY = ["wrong_person", "unclear", "capacity", "other"];
const IDENTITIES = ["id_card", "support_card", "known", "vouched"];
const LONGEST = 480;

export async function contractSign(frame, [number, slot, anew]) {
  const [one, key] = [contractOf(number), keyOf(number, slot)];
  const party = one?.parties.find((each) => each.slot === slot);
  const row = (await givenHere()).get(key);
  const given = party && standing(party, row); // what stands of it: a signature given here is only replaced on purpose
  const instead = anew === "anew" && given && replaceable(party, given);
  const trail = [`#/contract/${number}`, one ? t("contract_of", { name: one.name }) : t("contracts_title")];
  if (!party || party.signed || !party.here || (given && given.state !== "refused" && !instead)) {
    return frame({ title: t("gone_title"), here: "list", trail: ["#/", t("contracts_title")], body: [notice("warn", null, h("p", {}, t("contract_not_here")))] });
  }
  const begun = (await vault.read(`signing:${key}`)) ?? { why: null, reason: "", means: party.means[0], name: party.suggested, identity: null, note: "", strokes: [], witnesses: ["", ""], other: { role: "", name: "", strokes: [] }, picture: null };
  const page = new Signing(one, party, key, row, begun, instead);
  const said = given?.state === "refused" ? await receiptOf(given.counter) : null;
  const more = said ? Object.values(said.fields ?? {}).map(say) : [];
  return frame({
    title: t("contract_sign_as", { party: t(`party_${slot}`) }), subtitle: `${party.name} · ${number}`, here: "list", trail,
    body: [
      said ? notice("bad", t("state_refused"), h("p", {}, say(said.reason)), more.length ? h("ul", {}, more.map((words) => h("li", {}, words))) : null) : null,
      section(t("contract_own"), h("ol", { class: "contract-clauses" }, one.clauses.filter((each) => each.party === slot).map((each) => h("li", { value: each.number }, say(each))))),
      page.element,
    ],
  });
}

/** Whether a signature given here may be replaced here: it is on its way or taken, and the place is the tablet's to fill. */
export const replaceable = (party, row) => Boolean(party?.here && !party.signed && (row.state === "waiting" || row.state === "accepted"));

class Signing {
  constructor(one, party, key, row, now, instead) {
    Object.assign(this, { one, party, key, row, now, instead, saving: Promise.resolve() });
    this.foot = h("div", { class: "finish" });
    this.fields = h("div", {});
    this.element = h("div", { class: "form contract-sign" }, this.fields, this.foot);
    this.show();
  }

  /** Keep what was entered, one write after the other: the last one is what is on the disk. */
  async keep(changes) {
    this.now = { ...this.now, ...changes };
    this.element.dataset.saved = "false";
    const mine = this.saving.then(() => vault.keep(`signing:${this.key}`, this.now));
    this.saving = mine;
    this.showFoot();
    await mine;
    if (mine === this.saving) this.element.dataset.saved = "true";
  }

  chips(name, legend, values, words, redraw = false) {
    return h("fieldset", { class: "field choice-set", id: name }, h("legend", { class: "field-label" }, legend),
      h("div", { class: "choices choices-row" }, values.map((value) => {
        const input = h("input", { class: "choice-input", type: "radio", name, id: `${name}-${value || "none"}`, checked: this.now[name] === value, onchange: async () => {
          await this.keep({ [name]: value, ...(name === "means" ? { name: this.nameFor(value) } : {}) });
          if (redraw) this.show();
        } });
        return h("label", { class: "choice", for: input.id }, input, h("span", { class: "choice-text" }, words(value)));
      })));
  }

  /** Who signs by this means: the guardian, or the person who is named for the place. */
  nameFor(means) {
    if (means === "guardian") return this.one.guardian;
    return this.now.name === this.one.guardian ? this.party.suggested : this.now.name;
  }

  text(id, label, value, change) {
    const input = h("input", { class: "form-control", id, autocomplete: "off", maxlength: 80, value, oninput: () => change(input.value.trim()) });
    return h("div", { class: "field" }, h("label", { class: "field-label", for: id }, label), input);
  }

  pad(role, name, strokes, change) {
    const pad = new Pad(strokes, async (drawn) => {
      await change(drawn);
      card.dataset.signed = String(drawn.length > 0);
    });
    const card = h("div", { class: "signature", "data-role": role, "data-signed": String(strokes.length > 0) }, h("h3", {}, name), pad.element,
      h("div", { class: "buttons" }, button(t("sign_again"), () => pad.clear(), { picture: "arrow-counterclockwise" })));
    return card;
  }

  show() {
    const { now, party } = this;
    const witnesses = WITNESSES[now.means] ?? 0;
    const roles = party.roles.filter((role) => role !== "witness");
    fill(this.fields,
      ...(this.instead ? [notice("warn", t("contract_anew"), h("p", {}, t("contract_anew_words"))), this.chips("why", t("contract_anew_why"), WHY, (value) => t(`taken_back_${value}`)),
        this.text("anew-reason", t("contract_anew_reason"), now.reason, (reason) => this.keep({ reason }))] : []),
      this.chips("means", t("contract_means"), party.means, (value) => t(`means_${value}`), true),
      this.text("signer", t("contract_signer"), now.name, (name) => this.keep({ name })),
      this.chips("identity", t("contract_identity"), IDENTITIES, (value) => t(`identity_${value}`)),
      this.text("identity-note", t("contract_identity_note"), now.note, (note) => this.keep({ note })),
      Array.from({ length: witnesses }, (_, place) => this.text(`witness-${place}`, t(place ? "contract_second_witness" : "contract_witness"), now.witnesses[place], (name) => this.keep({ witnesses: now.witnesses.map((old, n) => (n === place ? name : this.now.witnesses[n] ?? old)) }))),
      now.means === "fingerprint" ? this.fingerprint() : null,
      this.pad("own", HANDWRITTEN.includes(now.means) ? t("contract_handwriting") : t("contract_handwriting_optional"), now.strokes, (strokes) => this.keep({ strokes })),
      h("details", { class: "disclosure", open: Boolean(now.other.role) }, h("summary", {}, t("contract_beside")), h("div", { class: "disclosure-body" },
        h("div", { class: "choices choices-row" }, ["", ...roles].map((role) => h("label", { class: "choice" }, h("input", { class: "choice-input", type: "radio", name: "beside", checked: now.other.role === role, onchange: () => this.keep({ other: { ...this.now.other, role } }) }), h("span", { class: "choice-text" }, t(role ? `cosigner_${role}` : "contract_nobody"))))),
        this.text("beside-name", t("contract_beside_name"), now.other.name, (name) => this.keep({ other: { ...this.now.other, name } })),
        this.pad("beside", t("contract_beside_handwriting"), now.other.strokes, (strokes) => this.keep({ other: { ...this.now.other, strokes } })))));
    this.showFoot();
  }

  fingerprint() {
    const file = h("input", { type: "file", accept: "image/*", capture: "environment", class: "visually-hidden", id: "fingerprint", onchange: async () => {
      if (!file.files[0]) return;
      try {
        await this.keep({ picture: await small(file.files[0]) });
        this.show();
      } catch {
        toast(t("contract_picture_broken"), "bad");
      }
    } });
    return h("div", { class: "field" }, h("p", { class: "field-label" }, t("contract_fingerprint")), h("p", { class: "field-help" }, t("contract_fingerprint_help")),
      h("div", { class: "buttons file-picker" }, file, h("label", { class: "btn btn-outline-secondary", for: "fingerprint" }, icon("camera"), h("span", {}, t("contract_picture_take"))), this.now.picture ? badge(t("contract_picture_taken"), "good") : null));
  }

  /** What is still missing, in words; the county checks everything once more. */
  missing() {
    const { now } = this;
    const found = [];
    if (this.instead && !(now.why && now.reason?.length > 1)) found.push(t("contract_anew_why"));
    if (!now.name) found.push(t("contract_signer"));
    if (!now.identity) found.push(t("contract_identity"));
    if (HANDWRITTEN.includes(now.means) && !now.strokes.length) found.push(t("contract_handwriting"));
    if (now.witnesses.slice(0, WITNESSES[now.means] ?? 0).some((name) => !name)) found.push(t("contract_witness"));
    if (now.other.role && !(now.other.name && now.other.strokes.length)) found.push(t("contract_beside"));
    return found;
  }

  showFoot() {
    const open = this.missing();
    fill(this.foot, open.length ? h("p", { class: "part-note" }, t("contract_missing", { what: open.join(t("comma")) })) : null,
      button(t("contract_done"), () => this.finish(), { tone: "primary", main: true, disabled: open.length > 0, picture: "check-lg" }));
  }

  async finish() {
    const { now, one, party } = this;
    const others = now.witnesses.slice(0, WITNESSES[now.means] ?? 0).map((name) => ({ role: "witness", name, strokes: [] }));
    if (now.other.role) others.push(now.other);
    fill(this.foot, h("p", { role: "status" }, t("finishing")));
    await this.saving;
    const content = {
      contract: one.number, resident: one.resident, party: party.slot, body_sha256: one.body_sha256, signer_name: now.name, means: now.means,
      identity: now.identity, identity_note: now.note, strokes: now.strokes.length ? now.strokes : null, others: others.map((each) => ({ ...each, strokes: each.strokes.length ? each.strokes : null })),
      picture: now.means === "fingerprint" ? now.picture : null, signed_at: new Date().toISOString(),
      ...(this.instead ? { instead: { why: now.why, reason: now.reason } } : {}),
    };
    const value = { key: this.key, name: `${one.name} · ${t(`party_${party.slot}`)}`, resident: one.resident, attachments: [] };
    await finish(value, [{ kind: "contract_signature", key: this.key, version: (this.row?.version ?? 0) + 1, replaces: this.row?.hash ?? null, content }]);
    await vault.keep(`signing:${this.key}`, undefined);
    toast(t("contract_stored"), "info");
    location.hash = `#/contract/${one.number}`;
    sync.connect();
  }
}

/** A picture of a fingerprint, shrunk on the tablet; nothing of the original file but its pixels. */
async function small(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png").split(",")[1];
}

/** A signature given here, with what the county said. */
export async function signatureRecord(frame, one, main, said) {
  const [about, receipt] = [await payload(main.counter), await receiptOf(main.counter)];
  const { content } = JSON.parse(about.text);
  const number = content.contract;
  return frame({
    title: about.name, subtitle: number, here: "records", trail: ["#/records", t("records_title")],
    body: [
      h("p", {}, badge(t(STATES[one.state][1]), STATES[one.state][0])),
      h("div", { class: "said" }, said(receipt)),
      contractOf(number) && replaceable(contractOf(number).parties.find((each) => each.slot === content.party), main) ? h("div", { class: "buttons" }, h("a", { class: "btn btn-outline-secondary", href: `#/sign/${number}/${content.party}/anew` }, t("contract_anew"))) : null,
      one.state === "refused" && contractOf(number) ? h("div", { class: "buttons" }, h("a", { class: "btn btn-primary", href: `#/sign/${number}/${content.party}` }, t("correct"))) : null,
      state.moved[content.resident] ? notice("warn", t("moved_title"), h("p", {}, t("moved_words"))) : facts([
        [t("contract_signer"), content.signer_name], [t("contract_means"), t(`means_${content.means}`)], [t("contract_identity"), t(`identity_${content.identity}`)], [t("contract_identity_note"), content.identity_note || null],
        [t("contract_beside"), content.others.map((each) => `${t(`cosigner_${each.role}`)} ${each.name}`).join(t("comma")) || null], [t("contract_signed_at"), instant(content.signed_at)], [t("contract_mark"), `${content.body_sha256.slice(0, 16)}…`],
        [t("contract_anew"), content.instead ? `${t(`taken_back_${content.instead.why}`)}${t("comma")}${content.instead.reason}` : null],
      ]),
      h("p", { class: "rule-version" }, t("record_mark", { counter: main.counter }), " SHA-256 ", h("code", {}, `${main.hash.slice(0, 16)}…`)),
    ],
  });
}
