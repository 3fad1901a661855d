// One item of one resident: what became of it, in one or two touches; a correction says why.
import { button, fill, h, notice } from "../dom.js";
import { say, t } from "../words.js";
import { state } from "../state.js";
import { correct, enter, takeBack } from "../care.js";

const MOST = 12; // nothing is done more often than every two hours

export const nameOf = (item) => say(state.meta.items[item].short);

/** Ask and enter it; resolves to whether anything changed. */
export function choose(one, item) {
  const now = one.items.find((each) => each.item === item);
  const stands = !now.drafted && (now.due > 0 ? now.said > 0 : now.extra > 0); // something that could be corrected
  const correcting = now.due > 0 && now.open <= 0 && stands;
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "ask choosing", "aria-labelledby": "ask-words", oncancel: () => close(false)() });
    const close = (changed) => () => {
      dialog.close();
      dialog.remove();
      resolve(changed);
    };
    new Choice(one, now, { correcting, stands }, close, dialog).show();
    document.body.append(dialog);
    dialog.showModal();
  });
}

class Choice {
  constructor(one, now, { correcting, stands }, close, dialog) {
    Object.assign(this, { one, now, correcting, stands, close, dialog, times: correcting ? now.due : Math.max(1, now.now || now.open) });
    this.why = h("textarea", { class: "form-control", id: "correction", rows: 2, maxlength: 300 });
    this.note = h("textarea", { class: "form-control", id: "other-words", rows: 2, maxlength: 500 });
    this.problem = h("p", { class: "pin-problem", role: "alert" });
  }

  show() {
    const { one, now } = this;
    fill(this.dialog,
      h("p", { id: "ask-words", class: "choosing-title" }, `${one.row.name} · ${nameOf(now.item)}`),
      h("p", { class: "soft" }, now.due ? t("care_standing", { due: now.due, done: now.done, not_done: now.not_done, not_needed: now.not_needed }) : t("care_beside")),
      this.correcting ? [notice("warn", null, h("p", {}, t("care_correcting"))), h("div", { class: "field" }, h("label", { class: "field-label", for: "correction" }, t("care_why_correct")), this.why)] : null,
      now.due > 1 || this.correcting ? this.stepper() : null, this.problem,
      h("div", { class: "choosing-main" },
        button(t(now.due > 1 || this.correcting ? "care_done_times" : "care_done", { times: this.times }), () => this.take("done"), { tone: "primary", picture: "check-lg" }),
        now.drafted ? button(t("care_take_back"), async () => {
          await takeBack(one.row, one.day, now.item);
          this.close(true)();
        }, { picture: "arrow-counterclockwise" }) : null,
        this.stands && !this.correcting ? button(t("care_correct_said"), () => {
          Object.assign(this, { correcting: true, times: now.due ? now.done : now.extra });
          this.show();
        }, { picture: "pencil-square", "data-correct": true }) : null),
      now.due ? [h("p", { class: "field-label" }, t("care_not_because")), h("div", { class: "choosing-reasons" }, state.meta.reasons.map((reason) =>
        button(say(reason.words), () => this.reason(reason), { "data-reason": reason.code })))] : null,
      this.other ? h("div", { class: "field" }, h("label", { class: "field-label", for: "other-words" }, t("care_other")), this.note, h("div", { class: "buttons" }, button(t("care_enter"), () => this.take("not_done", "other"), { tone: "primary" }))) : null,
      h("div", { class: "buttons" }, button(t("cancel"), this.close(false))));
    if (this.other) this.note.focus();
  }

  stepper() {
    const top = this.correcting ? this.now.due || MOST : this.now.open;
    const step = (by) => () => {
      this.times = Math.min(Math.max(this.correcting ? 0 : 1, this.times + by), Math.max(1, top));
      this.show();
    };
    return h("div", { class: "stepper", role: "group", "aria-label": t("care_times") },
      button("−", step(-1), { "aria-label": t("care_less") }), h("strong", { role: "status" }, this.now.due ? t("care_times_of", { times: this.times, due: this.now.due }) : String(this.times)), button("+", step(1), { "aria-label": t("care_more") }));
  }

  reason(reason) {
    if (reason.code !== "other") return this.take(reason.not_needed ? "not_needed" : "not_done", reason.code);
    this.other = true;
    return this.show();
  }

  async take(outcome, reason = null) {
    const { one, now } = this;
    const words = this.note.value.trim();
    if (reason === "other" && !words) return fill(this.problem, t("care_other_missing"));
    const entry = { outcome, times: this.correcting ? this.times : (now.due ? now.before[outcome] : now.before.extra) + this.times, reason, note: reason === "other" ? words : null };
    if (this.correcting) {
      const why = this.why.value.trim();
      if (why.length < 2) return fill(this.problem, t("care_why_missing"));
      const need = outcome === "done" || now.open <= 0 ? 0 : Math.min(now.done, entry.times - now[outcome]);
      const back = need > 0 ? [{ outcome: "done", times: now.done - need, reason: null, note: null }] : []; // not from what is still open
      await correct(one, now.item, [...back, entry], why);
    } else {
      await enter(one.row, one.day, now.item, entry);
    }
    return this.close(true)();
  }
}
