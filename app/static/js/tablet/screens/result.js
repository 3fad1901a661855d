// What is missing, the grade and why, the signatures, and finishing: only then the sheet is a record that waits for the county.
import { ask, button, fill, h, link, notice, section, toast } from "../dom.js";
import { day, say, t } from "../words.js";
import { explain, missing, score } from "../../engine/index.js";
import { draft as readDraft, finish, keepDraft, records, resident, state } from "../state.js";
import * as sync from "../sync.js";
import * as vault from "../vault.js";
import { who } from "./resident.js";
import { outcome } from "./outcome.js";
import { Pad, picture } from "./signing.js";
import { recovered, stopped } from "./voice.js";

const MUST_SIGN = ["first", "second"];
const WHY_NOT = ["cannot", "refuses", "absent"];

export async function result(frame, [key]) {
  await stopped();
  const draft = await recovered(await readDraft(key));
  const form = draft && state.instruments.get(draft.instrument);
  if (!form) return frame({ title: t("gone_title"), here: "list", trail: ["#/", t("list_title")], body: [notice("warn", null, h("p", {}, t("gone")))] });
  return new Summary(frame, draft, form, await resident(draft.resident)).open();
}

class Summary {
  constructor(frame, draft, form, row) {
    Object.assign(this, { frame, draft, form, row });
    this.input = { instrument: draft.instrument, answers: draft.answers, facts: draft.facts };
    this.problems = [...missing(form, this.input).map((one) => [this.placeOf(one.field), say(one)]), ...headProblems(draft)];
    this.roles = ["first", ...(draft.pair ? [] : ["second"]), "informant", "resident"];
    this.foot = h("div", { class: "finish" });
    this.cards = h("div", { class: "signatures" });
  }

  open() {
    const { draft, form } = this;
    const found = missing(form, this.input).length === 0 ? score(form, this.input) : null;
    if (found && found.proposed_grade === null) this.problems.push([this.undecided(found), t("no_grade_why")]);
    const ready = this.problems.length === 0;
    const body = [
      this.row ? who({ ...this.row, institution: null }) : null,
      ready ? null : section(t("still_missing", { count: this.problems.length }), h("p", { class: "part-note" }, t("nothing_guessed")),
        h("ul", { class: "missing" }, this.problems.map(([place, words]) => h("li", {}, h("a", { href: `#/sheet/${draft.key}/${place}` }, words))))),
      found ? outcome(found, form, explain(form, this.input)) : null,
      ready ? section(t("signatures"), h("p", { class: "part-note" }, t("signatures_note")), this.cards) : null,
      this.foot,
    ];
    if (ready) this.refresh();
    return this.frame({ title: t("result_of", { name: draft.name }), here: "list", trail: [`#/sheet/${draft.key}`, t("sheet_of", { name: draft.name })], acts: [link(t("back_to_sheet"), `#/sheet/${draft.key}`)], body });
  }

  /** The part where something may be said that decides an ability nobody can tell yet. */
  undecided(found) {
    const open = Object.keys(found.abilities).filter((name) => found.abilities[name] === null);
    return open.flatMap((name) => this.form.verdicts[name] ?? [])[0]?.item ?? this.form.items[0].id;
  }

  placeOf(field) {
    const [bag, ...rest] = field.split(".");
    if (bag === "facts") return "facts";
    const name = rest.join(".");
    const item = this.form.items.find((one) => one.code === name || one.subitems.some((sub) => sub.id === name));
    return item?.id ?? this.form.domains.find((domain) => domain.items.some((one) => one.id === name))?.id ?? "head";
  }

  nameOf(role) {
    if (role === "informant") return this.draft.informant.name;
    if (role === "resident") return this.row?.guardian ? `${this.draft.name} / ${this.row.guardian}` : this.draft.name;
    return state.meta.colleagues.find((one) => one.id === this.draft.assessors[MUST_SIGN.indexOf(role)])?.name ?? "—";
  }

  /** Draw the cards and the foot again from what is stored. */
  refresh() {
    fill(this.cards, this.roles.map((role) => this.card(role)));
    const open = this.roles.filter((role) => !this.signed(role) && !this.draft.signatures[role]?.why_not);
    fill(this.foot, open.length ? h("p", { class: "part-note" }, t("sign_open", { who: open.map((role) => t(`role_${role}`)).join(t("comma")) })) : null,
      button(t("finish"), () => this.finish(), { tone: "primary", main: true, disabled: open.length > 0, picture: "check-lg" }));
  }

  signed(role) {
    return Boolean(this.draft.signatures[role]?.strokes?.length);
  }

  card(role) {
    const now = this.draft.signatures[role];
    const pad = new Pad(now?.strokes ?? [], async (strokes, width, height) => {
      const signature = strokes.length ? { role, name: this.nameOf(role), width, height, strokes, signed_at: new Date().toISOString() } : undefined;
      const signatures = { ...this.draft.signatures, [role]: signature };
      if (!signature) delete signatures[role];
      this.draft = { ...this.draft, signatures };
      await keepDraft(this.draft);
      card.dataset.signed = String(this.signed(role));
      this.foot.querySelector("button").disabled = true;
      this.updateFoot();
    });
    const why = MUST_SIGN.includes(role) ? null : h("select", { class: "form-select", "aria-label": t("why_not"), onchange: async (event) => {
      const signatures = { ...this.draft.signatures };
      if (event.target.value) signatures[role] = { role, name: this.nameOf(role), why_not: event.target.value };
      else delete signatures[role];
      this.draft = { ...this.draft, signatures };
      await keepDraft(this.draft);
      this.refresh();
    } }, h("option", { value: "" }, t("why_not")), WHY_NOT.map((one) => h("option", { value: one }, t(`why_${one}`))));
    if (why) why.value = now?.why_not ?? "";
    const card = h("div", { class: "signature", "data-role": role, "data-signed": String(this.signed(role)) },
      h("h3", {}, t(`role_${role}`), h("small", {}, this.nameOf(role))), now?.why_not ? h("p", { class: "soft" }, t(`why_${now.why_not}`)) : pad.element,
      h("div", { class: "buttons" }, now?.why_not ? null : button(t("sign_again"), () => pad.clear(), { picture: "arrow-counterclockwise" }), why));
    return card;
  }

  updateFoot() {
    const open = this.roles.filter((role) => !this.signed(role) && !this.draft.signatures[role]?.why_not);
    const note = this.foot.querySelector("p");
    if (open.length && note) note.textContent = t("sign_open", { who: open.map((role) => t(`role_${role}`)).join(t("comma")) });
    else note?.remove();
    this.foot.querySelector("button").disabled = open.length > 0;
  }

  async finish() {
    const { draft, form } = this;
    const grade = t(`grade_${score(form, this.input).proposed_grade}`);
    if (!(await ask(t("finish_sure", { name: draft.name, grade, day: day(draft.assessed_on) }), t("finish"), t("cancel"), "primary"))) return;
    fill(this.foot, h("p", { role: "status" }, t("finishing")));
    await finish(draft, await contents(draft, form, this.row));
    toast(t("finished"), "info");
    location.hash = "#/records";
    sync.connect();
  }
}

function headProblems(draft) {
  const found = [];
  if (!draft.assessors[0] || (!draft.pair && !draft.assessors[1])) found.push(["head", t("two_assessors")]);
  if (!draft.informant?.name || !draft.informant?.relation) found.push(["head", t("informant_missing")]);
  return found;
}

/** The records of a finished sheet: the sheet itself, the pictures of its signatures, its photos. */
async function contents(draft, form, row) {
  const [made, attachments, signatures] = [[], [], []];
  for (const one of Object.values(draft.signatures)) {
    if (one.why_not) {
      signatures.push(one);
      continue;
    }
    const bytes = picture(one.strokes, one.width, one.height);
    const sha256 = await vault.sha256(bytes);
    attachments.push({ sha256, mime: "image/png", bytes: bytes.length, of: `signature.${one.role}`, taken_at: one.signed_at, data: vault.base64(bytes) });
    signatures.push({ ...one, picture: sha256 });
  }
  for (const one of draft.attachments) attachments.push({ ...one, data: await vault.read(`photo:${one.sha256}`) });
  const answers = { instrument: draft.instrument, answers: draft.answers, facts: draft.facts };
  made.push({ kind: "sheet", key: draft.key, version: draft.version, replaces: draft.replaces, content: {
    client_key: draft.key, resident: draft.resident, ...answers, assessors: draft.pair ? [draft.assessors[0]] : draft.assessors, informant: { name: draft.informant.name, relation: draft.informant.relation },
    reason: draft.reason, assessed_on: draft.assessed_on, notes: draft.notes || null, instrument_sha256: form.sha256, result: score(form, answers),
    last_sheet: row?.sheets[0]?.number ?? null, pair: draft.pair, started_at: draft.started_at, finished_at: new Date().toISOString(),
    signatures, attachments: attachments.map(({ sha256, mime, bytes, of }) => ({ sha256, mime, bytes, of })),
  } });
  const sent = new Set();
  for (const one of await records()) if (one.kind === "attachment" && one.state === "accepted") sent.add(one.key);
  for (const { sha256, mime, bytes, of, taken_at: takenAt, data } of attachments) {
    if (sent.has(sha256)) continue;
    made.push({ kind: "attachment", key: sha256, version: 1, replaces: null, content: { sheet: draft.key, sha256, mime, bytes, of, taken_at: takenAt, data } });
  }
  return made;
}
