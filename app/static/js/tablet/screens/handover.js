// A shift handed over without network: what stands, words for the next shift, both sign on this glass.
import { badge, button, fill, h, notice, section, toast } from "../dom.js";
import { day as dayWords, say, t } from "../words.js";
import { payload, receiptOf, records, state } from "../state.js";
import * as care from "../care.js";
import * as sync from "../sync.js";
import { nameOf } from "./choosing.js";
import { Pad } from "./signing.js";

/** The handover of the shift that ends now; with the key of a refused one, that one again as its next version. */
export async function handover(frame, [key] = []) {
  const trail = ["#/", t("care_title")];
  const old = key ? await refused(key) : null;
  if (!state.meta.hands_over || (key && !old)) return frame({ title: t("gone_title"), here: "list", trail, body: [notice("warn", null, h("p", {}, t("gone")))] });
  const now = care.shiftAt(care.hourNow());
  const ending = care.hourNow() >= now.to - 1;
  const shift = old ? care.shiftOf(old.content.day, old.content.shift) : ending ? now : care.shiftAt(now.from - 1);
  const day = care.dayOfShift(shift);
  const days = (await Promise.all(care.daysOfShift(shift).map((one) => care.daysOf(care.everybody(), one)))).flat();
  const open = [];
  let [due, said] = [0, 0];
  for (const one of days) {
    const [, last] = care.partOf(shift, one.day);
    for (const item of one.items) {
      const expected = care.dueBy(item, last);
      [due, said] = [due + expected, said + Math.min(item.said, expected)];
      if (expected > item.said && !one.away) open.push([one.row.name, item.item, expected - item.said]);
    }
  }
  const drafts = days.filter((one) => one.draft && Object.keys(one.draft.entries).length).length;
  const exceptions = days.flatMap((one) => one.items.filter((item) => item.not_done).map((item) => [one.row.name, item.item, item.not_done]));
  return new Handover(frame, { day, shift, hours: old?.content.hours ?? shift.key, due, said, open, exceptions, drafts, away: [...new Set(days.filter((one) => one.away).map((one) => one.row.name))], old }, trail).open();
}

/** What a refused handover said, and why it was refused. */
async function refused(key) {
  const rows = (await records()).filter((row) => row.group === key && row.kind === "care_handover" && !row.replaced && row.state === "refused");
  const [row] = rows.sort((a, b) => b.version - a.version);
  return row ? { ...row, content: JSON.parse((await payload(row.counter)).text).content, reason: (await receiptOf(row.counter))?.reason ?? null } : null;
}

class Handover {
  constructor(frame, found, trail) {
    Object.assign(this, { frame, found, trail, strokes: { given: null, taken: null } });
    this.note = h("textarea", { class: "form-control", id: "note", rows: 3, maxlength: 1000 });
    const others = state.meta.colleagues.filter((one) => one.id !== state.meta.me.user);
    this.receiver = h("select", { class: "form-select", id: "receiver", onchange: () => this.foot() }, h("option", { value: "" }, t("choose")), others.map((one) => h("option", { value: one.id }, one.name)));
    this.end = h("div", { class: "finish" });
    if (found.old) {
      this.note.value = found.old.content.note ?? "";
      if (others.some((one) => one.id === found.old.content.receiver)) this.receiver.value = String(found.old.content.receiver);
    }
  }

  open() {
    const { day, shift, due, said, open, exceptions, drafts, away } = this.found;
    const list = (rows) => h("ul", {}, rows.map(([name, item, count]) => h("li", {}, `${name} · ${nameOf(item)} × ${count}`)));
    const pad = (role, name) => h("div", { class: "signature", "data-role": role, "data-signed": "false" }, h("h3", {}, t(`handover_${role}`), h("small", {}, name)), this.pad(role));
    const body = [
      this.found.old?.reason ? notice("bad", t("refused_because"), h("p", {}, say(this.found.old.reason))) : null,
      drafts ? notice("warn", null, h("p", {}, t("handover_drafts", { count: drafts }))) : null,
      h("p", {}, badge(t("handover_said", { said, due }), said === due ? "good" : "warn")),
      section(t("handover_open"), open.length ? list(open) : h("p", {}, t("handover_nothing"))),
      exceptions.length ? section(t("handover_exceptions"), list(exceptions)) : null,
      away.length ? section(t("handover_away"), h("p", {}, away.join(t("comma")))) : null,
      h("div", { class: "field" }, h("label", { class: "field-label", for: "note" }, t("handover_note")), this.note),
      h("div", { class: "field" }, h("label", { class: "field-label", for: "receiver" }, t("handover_receiver")), this.receiver),
      h("div", { class: "signatures" }, pad("given", state.meta.me.name), pad("taken", "")), this.end,
    ];
    this.foot();
    return this.frame({ title: t("handover"), subtitle: t("handover_shift", { day: dayWords(day), ...care.shiftWords(shift) }), here: "list", trail: this.trail, body });
  }

  pad(role) {
    const pad = new Pad([], (strokes, width, height) => {
      this.strokes[role] = strokes.length ? { strokes, width, height } : null;
      pad.element.closest(".signature").dataset.signed = String(Boolean(strokes.length));
      this.foot();
    });
    return pad.element;
  }

  foot() {
    const ready = this.strokes.given && this.strokes.taken && this.receiver.value;
    fill(this.end, ready ? null : h("p", { class: "part-note" }, t("handover_both")), button(t("handover_sign"), () => this.sign(), { tone: "primary", main: true, disabled: !ready, picture: "check-lg" }));
  }

  async sign() {
    const { day, hours, shift, due, said, open, old } = this.found;
    const name = state.meta.colleagues.find((one) => String(one.id) === this.receiver.value).name;
    const drawn = (role, who, name_) => ({ role, name: name_, ...this.strokes[who], signed_at: new Date().toISOString() });
    fill(this.end, h("p", { role: "status" }, t("finishing")));
    await care.handOver({ title: t("handover_shift", { day: dayWords(day), ...care.shiftWords(shift) }), day, shift: shift.id, hours, note: this.note.value.trim(), receiver: Number(this.receiver.value),
      seen: { due, said, open: open.reduce((sum, one) => sum + one[2], 0) }, signatures: [drawn("given", "given", state.meta.me.name), drawn("taken", "taken", name)] }, old);
    toast(t("handover_kept"), "info");
    location.hash = "#/records";
    sync.connect();
  }
}
