// The parts of a sheet as an assessor goes through them, with their standing; made from the instrument's data.
import { entryOf } from "../engine/items.js";
import { say, t } from "./words.js";

const LEVELS = ["A0", "A1", "A2", "A3", "A4"];

/** The parts in order: ten items, forms B.2 to B.4, the risks, and who and when. */
export function parts(form) {
  const ask = (bag, id, title, observe, options) => ({ bag, id, title, observe, options });
  const coded = (asked) => asked.options.map((one) => [one.code, one.label]);
  const items = form.items.map((item) => ({
    id: item.id, number: item.id, title: item.title, item,
    questions: item.subitems.length
      ? item.subitems.map((sub) => ask("answers", sub.id, sub.title, sub.observe, LEVELS.map((level) => [level, sub.labels[level]])))
      : [ask("answers", item.code, item.title, item.observe, coded(item))],
  }));
  const domains = form.domains.map((domain) => ({
    id: domain.id, title: domain.title, questions: domain.items.map((one) => ask("answers", one.id, one.title, one.observe, coded(one))),
  }));
  const risks = { id: "facts", title: null, questions: form.facts.map((one) => ask("facts", one.id, one.title, null, coded(one))) };
  return [...items, ...domains, ...(form.facts.length ? [risks] : []), { id: "head", title: null, questions: [] }];
}

export function nameOf(part) {
  if (part.title) return say(part.title);
  return t(part.id === "facts" ? "risks" : "who_when");
}

/** The clause that makes the rest of the sheet optional, and whether it holds: coma. */
export function coma(form, draft) {
  const clause = form.changes.clauses.find((one) => one.kind === "answer");
  return Boolean(clause && draft.answers[clause.answer] === clause.equals);
}

/** How far a part is: answered, asked, and in words. */
export function standing(form, part, draft) {
  if (part.id === "head") {
    const values = [...(draft.pair ? [draft.assessors[0]] : draft.assessors), draft.informant?.name, draft.informant?.relation, draft.reason];
    return told(values.filter(Boolean).length, values.length);
  }
  const done = part.questions.filter((one) => draft[one.bag][one.id] !== undefined).length;
  const found = told(done, part.questions.length);
  if (part.item && found.state === "done") {
    const { score, max } = entryOf(form, part.item, part.questions.map((one) => draft.answers[one.id])).reason;
    return { ...found, score, words: t("points_of", { score, top: max }) };
  }
  return found;
}

function told(done, asked) {
  return { done, asked, state: done >= asked ? "done" : done ? "begun" : "open", words: t("answered", { done, asked }) };
}

/** The line above the questions: points so far, or the total with its level. */
export function runningLine(form, every, draft) {
  const items = every.filter((part) => part.item).map((part) => standing(form, part, draft));
  const complete = items.filter((one) => one.state === "done");
  const points = complete.reduce((sum, one) => sum + one.score, 0);
  if (complete.length < items.length) return t("so_far", { count: complete.length, all: items.length, points });
  const band = form.adl_bands.find((one) => points >= one.low && points <= one.high);
  return t("all_items", { points, title: say(form.adl_title), level: say(band?.title) });
}
