// Form C.3: change the preliminary ability level, and name every change. Also the cross-checks.
import { comaClause, given } from "./sheet.js";
import * as trace from "./trace.js";

/** The final ability level and the changes that led to it; the sentences are added to `steps`. */
export function changeLevel(instrument, sheet, preliminary, steps) {
  if (sheet.coma) return set(comaClause(instrument), preliminary, steps);
  const fixed = (clause) => clause.kind === "fact" && sheet.facts[clause.facts[0]] === clause.equals;
  const direct = instrument.changes.clauses.find(fixed);
  if (direct) return set(direct, preliminary, steps);
  const raising = instrument.changes.clauses.filter((clause) => holds(instrument, clause, sheet.facts));
  const final = finalLevel(instrument, preliminary, raising);
  if (final !== preliminary) return changed(raising, preliminary, final, steps);
  if (raising.length) {
    const stops = instrument.changes.clauses.filter((clause) => clause.kind === "stop").slice(0, 1);
    const title = stops[0]?.title ?? { zh: "已是最重等级", en: "already the most severe level" };
    steps.push(trace.levelStays([...raising, ...stops].map((clause) => clause.id), title, preliminary));
  } else if (instrument.changes.clauses.length) {
    steps.push(trace.noChange(instrument.changes.none));
  }
  return { final, changes: [] };
}

/** A clause that sets the level directly; a level that is as severe already stays. */
function set(clause, preliminary, steps) {
  if (preliminary === null || preliminary < clause.level) return changed([clause], preliminary, clause.level, steps);
  steps.push(trace.levelStays([clause.id], clause.title, preliminary));
  return { final: preliminary, changes: [] };
}

/** Whether a raising clause holds for the facts. */
function holds(instrument, clause, facts) {
  if (clause.kind !== "code" && clause.kind !== "events") return false;
  const codes = clause.facts.map((fact) => facts[fact]);
  const total = clause.kind === "events" && instrument.changes.counting === "total";
  return (total ? sum(codes) : Math.max(...codes)) >= clause.at_least;
}

const sum = (numbers) => numbers.reduce((left, right) => left + right, 0);

function finalLevel(instrument, preliminary, raising) {
  const stops = instrument.changes.clauses.filter((clause) => clause.kind === "stop").map((clause) => clause.level);
  const stop = Math.min(...stops, Math.max(...Object.keys(instrument.combination.titles).map(Number)));
  if (preliminary >= stop || !raising.length) return preliminary;
  const steps = raising.map((clause) => clause.steps);
  return Math.min(stop, preliminary + (instrument.changes.raising === "once" ? Math.max(...steps) : sum(steps)));
}

function changed(clauses, before, after, steps) {
  const ids = clauses.map((clause) => clause.id);
  const why = (words) => clauses.map((clause) => `${clause.id} ${clause.title[words]}`);
  const zh = `${why("zh").join("；")}：${before ?? "未评"} → ${after}`;
  const en = `${why("en").join("; ")}: ${before ?? "not assessed"} → ${after}`;
  steps.push(trace.levelChange(ids, before, after, zh, en));
  return { final: after, changes: [{ clauses: ids, from: before, to: after, zh, en }] };
}

/** Warnings where an answer and a fact contradict each other; they change nothing. */
export function crossChecks(instrument, sheet) {
  const contradicting = (check) =>
    check.answer_codes.includes(given(sheet.answers, check.answer)) && check.fact_codes.includes(given(sheet.facts, check.fact));
  return instrument.checks.filter(contradicting).map(trace.crossCheck);
}
