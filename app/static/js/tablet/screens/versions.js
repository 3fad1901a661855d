// A draft keeps the form it was begun with. When a newer one is published the assessor is told and may move the draft over.
import { button, h, notice } from "../dom.js";
import { say, t } from "../words.js";
import { keepDraft, state } from "../state.js";
import { parts } from "../form.js";

/** A notice when the county has published a newer version than the draft's, else null. */
export async function newer(draft, again) {
  const [code] = draft.instrument.split("@");
  const key = state.meta.instrument;
  const form = state.instruments.get(key);
  if (key === draft.instrument || !key.startsWith(`${code}@`) || !form) return null;
  const changes = compare(state.instruments.get(draft.instrument), form, draft);
  return notice("warn", t("newer_title"), h("p", {}, t("newer", { from: draft.instrument, to: key })),
    h("details", { class: "disclosure" }, h("summary", {}, t("newer_changes", { count: changes.lines.length })), h("ul", {}, changes.lines.map((line) => h("li", {}, line)))),
    h("div", { class: "buttons" }, button(t("move_over", { count: changes.lost.length }), async () => {
      await keepDraft(moved(draft, key, changes.lost));
      again();
    })));
}

/** Which instrument a sheet without answers is written with; null once something was answered, or in a blind pair. */
export function another(draft, again) {
  const offered = (state.meta.offered ?? []).filter((key) => state.instruments.has(key));
  if (draft.pair || offered.length < 2 || Object.keys(draft.answers).length || Object.keys(draft.facts).length) return null;
  const select = h("select", { class: "form-select", id: "instrument", onchange: async () => {
    await keepDraft({ ...draft, instrument: select.value });
    again();
  } }, offered.map((key) => h("option", { value: key }, `${say(state.instruments.get(key).title)} · ${key}`)));
  select.value = draft.instrument;
  return h("details", { class: "disclosure", "data-instrument": true }, h("summary", {}, t("written_with", { title: say(state.instruments.get(draft.instrument).title) })),
    h("div", { class: "disclosure-body" }, h("div", { class: "field" }, h("label", { class: "field-label", for: "instrument" }, t("instrument")), h("p", { class: "field-help" }, t("instrument_note")), select)));
}

const questionsOf = (form) => new Map(parts(form).flatMap((part) => part.questions).map((one) => [`${one.bag}.${one.id}`, one]));
const capsOf = (form) => new Map(form.items.flatMap((item) => item.subitems.map((sub) => [`answers.${sub.id}`, sub.caps.join("/")])));

/** What differs between two versions, in sentences, and which answers of the draft fall away. */
export function compare(from, to, draft) {
  const [old, fresh] = [questionsOf(from), questionsOf(to)];
  const [oldCaps, freshCaps] = [capsOf(from), capsOf(to)];
  const [lines, lost] = [[], []];
  for (const [name, one] of old) {
    const other = fresh.get(name);
    const [bag, id] = [name.slice(0, name.indexOf(".")), name.slice(name.indexOf(".") + 1)];
    const given = draft[bag][id];
    if (!other) lines.push(t("change_gone", { what: `${id} ${say(one.title)}` }));
    else if (say(one.title) !== say(other.title) || say(one.observe) !== say(other.observe) || words(one) !== words(other)) lines.push(t("change_words", { what: `${id} ${say(other.title)}` }));
    if (other && oldCaps.get(name) !== freshCaps.get(name)) lines.push(t("change_caps", { what: `${id} ${say(other.title)}`, from: oldCaps.get(name), to: freshCaps.get(name) }));
    if (given !== undefined && !other?.options.some(([code]) => code === given)) lost.push([bag, id]);
  }
  for (const [name, one] of fresh) if (!old.has(name)) lines.push(t("change_new", { what: `${name.slice(name.indexOf(".") + 1)} ${say(one.title)}` }));
  for (const key of ["adl_bands", "grades", "combination", "changes"]) if (JSON.stringify(from[key]) !== JSON.stringify(to[key])) lines.push(t(`change_${key}`));
  return { lines, lost };
}

const words = (one) => one.options.map(([code, label]) => `${code} ${say(label)}`).join("|");

function moved(draft, key, lost) {
  const next = { ...draft, instrument: key, answers: { ...draft.answers }, facts: { ...draft.facts }, moved_from: draft.instrument };
  for (const [bag, id] of lost) delete next[bag][id];
  return next;
}
