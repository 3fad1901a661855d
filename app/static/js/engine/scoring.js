// Score a sheet: the order of the steps. Every number comes from the instrument.
import { changeLevel, crossChecks } from "./changes.js";
import { NOT_MET, entryOf, fieldsOf, merged } from "./items.js";
import { checkSheet, given, questions } from "./sheet.js";
import * as trace from "./trace.js";

/** Score one sheet and say why; SheetError names every missing, unknown or wrongly typed field. */
export function score(instrument, raw) {
  const sheet = checkSheet(instrument, raw);
  const { answers, facts, scope, coma } = sheet;
  const steps = [trace.header(instrument)];
  if (scope !== "all") {
    const more = Object.keys(answers).length > questions(instrument).b1.length || Object.keys(facts).length > 0;
    steps.push(trace.outOfScope(more));
  }
  const entries = instrument.items.map((item) => entryOf(instrument, item, answersTo(fieldsOf(item), answers)));
  steps.push(...entries.flatMap((entry) => entry.step ?? []));
  const scores = entries.map((entry) => entry.reason.score);
  const left = instrument.items.filter((_, place) => scores[place] === null).map((item) => item.id);
  if (left.length) steps.push(trace.itemsLeftOut(left));
  const points = left.length ? null : scores.reduce((sum, own) => sum + own, 0);
  const tier = points === null ? null : bandOf(instrument.grades.score_tiers, points);
  const groups = subtotals(instrument, points === null ? null : scores, steps);
  const levels = { adl: totalLevel(instrument, points, steps) };
  for (const domain of instrument.domains) levels[domain.key] = null;
  let [preliminary, final, changes, checks] = [null, null, [], []];
  if (scope === "all") {
    for (const domain of instrument.domains) levels[domain.key] = domainLevel(domain, answers, steps);
    preliminary = combine(instrument, Object.values(levels), steps);
    ({ final, changes } = changeLevel(instrument, sheet, preliminary, steps));
    steps.push(trace.abilityLevel(final, instrument.combination.titles[final]));
    checks = crossChecks(instrument, sheet);
    steps.push(...checks);
  }
  const { abilities, unmet, statutory } = abilitiesOf(instrument, entries, coma, steps);
  const scoreGrade = tier?.value ?? null;
  const { grade, agree } = propose(instrument.grades, statutory, scoreGrade);
  const { titles, score_tiers: tiers, when_tiers_differ: preferred } = instrument.grades;
  if (Object.keys(titles).length) {
    steps.push(points === null || tiers.length ? trace.scoreGrade(points, tier) : trace.noScoreTiers());
    steps.push(trace.proposal(grade, agree, preferred, titles));
  }
  const byItem = (value) => Object.fromEntries(instrument.items.map((item, place) => [item.id, value(entries[place].reason)]));
  return {
    items: byItem((reason) => reason.score),
    total: points,
    adl_level: levels.adl,
    mental_level: levels.mental ?? null,
    sensory_level: levels.sensory ?? null,
    social_level: levels.social ?? null,
    preliminary_level: preliminary,
    ability_level: final,
    level_changes: changes,
    abilities,
    unmet,
    statutory_grade: statutory,
    score_grade: scoreGrade,
    proposed_grade: grade,
    tiers_agree: agree,
    trace: steps,
    instrument: instrument.key,
    sha256: instrument.sha256,
    scope,
    coma,
    reasons: byItem((reason) => reason),
    checks,
    groups,
    levels,
  };
}

const answersTo = (fields, answers) => fields.map((field) => given(answers, field) ?? null);

/** The band a number lies in, or null. */
export function bandOf(bands, number) {
  return bands.find((band) => band.low <= number && number <= band.high) ?? null;
}

/** The statutory grade that holds for every count of unmet abilities from `low` to `high`, or null. */
export function singleGrade(grades, low, high) {
  const found = new Set();
  for (let unmet = low; unmet <= high; unmet += 1) {
    for (const band of grades.statutory) if (band.low <= unmet && unmet <= band.high) found.add(band.value);
  }
  return found.size === 1 ? [...found][0] : null;
}

/** The proposed grade and whether the tiers agree (null when one of them is unknown). */
export function propose(grades, statutory, scoreGrade) {
  if (statutory === null || scoreGrade === null) return { grade: statutory ?? scoreGrade, agree: null };
  return { grade: grades.when_tiers_differ === "statutory" ? statutory : scoreGrade, agree: statutory === scoreGrade };
}

function subtotals(instrument, scores, steps) {
  const sum = (group) => instrument.items.reduce((all, item, place) => all + (item.group === group.id ? scores[place] : 0), 0);
  const groups = Object.fromEntries(instrument.groups.map((group) => [group.id, scores === null ? null : sum(group)]));
  if (scores !== null && instrument.groups.length) steps.push(trace.subtotals(instrument.groups, groups));
  return groups;
}

function totalLevel(instrument, points, steps) {
  if (points === null) return null;
  const band = bandOf(instrument.adl_bands, points);
  if (!band) throw new RangeError(`${instrument.key}: no level for ${points} points`);
  steps.push(trace.total(instrument.adl_sum, points, instrument.items.reduce((sum, item) => sum + item.max, 0)));
  steps.push(trace.adlLevel(instrument.adl_title, points, band));
  return band.value;
}

function domainLevel(domain, answers, steps) {
  const codes = answersTo(domain.items.map((item) => item.id), answers);
  if (codes.includes(null)) {
    const level = levelByComa(domain, codes);
    steps.push(trace.domainLeftOut(domain, level));
    return level;
  }
  let [level, deciding] = [0, []];
  if (domain.method === "worst") {
    const levels = codes.map((code, place) => domain.items[place].options.find((option) => option.code === code).level ?? 0);
    level = Math.max(...levels);
    deciding = domain.items.filter((_, place) => level && levels[place] === level).map((item) => item.id);
  } else {
    const sum = codes.reduce((left, right) => left + right, 0);
    const band = bandOf(domain.bands, sum);
    if (!band) throw new RangeError(`${domain.id} has no level for the sum ${sum}`);
    level = band.value;
  }
  steps.push(trace.domainLevel(domain, codes, level, deciding));
  return level;
}

/** The level coma alone fixes: a worst-of domain whose coma answer is already at the worst level. */
function levelByComa(domain, codes) {
  if (domain.method !== "worst") return null;
  const worst = Math.max(...domain.bands.map((band) => band.value));
  const fixed = (item, place) => item.options.some((option) => option.code === codes[place] && option.level === worst);
  return domain.items.some(fixed) ? worst : null;
}

function combine(instrument, mix, steps) {
  if (mix.includes(null)) {
    steps.push(trace.preliminaryUnknown(instrument.combination));
    return null;
  }
  const fits = (rule) => rule.accepts.every((accepted, place) => accepted.includes(mix[place]));
  const counts = (rule) => rule.where.every((one) => one.counts.includes(mix.slice(1).filter((own) => one.values.includes(own)).length));
  const rules = instrument.combination.rules.filter((rule) => fits(rule) && counts(rule));
  if (new Set(rules.map((rule) => rule.level)).size !== 1) throw new RangeError(`${instrument.key} gives no single level for ${mix}`);
  steps.push(trace.preliminary(instrument.combination, mix, rules[0]));
  return rules[0].level;
}

/** For each ability, the places of the items that decide it. */
function feeds(instrument, name) {
  const observed = (item) => item.subitems.some((sub) => sub.indicator === name && sub.met !== null);
  const told = (item) => (instrument.verdicts[name] ?? []).some((source) => source.item === item.id);
  return instrument.items.flatMap((item, place) => (observed(item) || told(item) ? [place] : []));
}

function abilitiesOf(instrument, entries, coma, steps) {
  const { grades } = instrument;
  if (!Object.keys(grades.abilities).length) return { abilities: {}, unmet: null, statutory: null };
  const abilities = {};
  for (const [name, title] of Object.entries(grades.abilities)) {
    const own = feeds(instrument, name).flatMap((place) => entries[place].verdicts.filter((one) => one.ability === name));
    const { met, why, fields } = ability(merged(own), coma && grades.coma_not_met);
    abilities[name] = met;
    steps.push(trace.ability(name, title, met, why, fields));
  }
  const values = Object.values(abilities);
  const low = values.filter((met) => met === false).length;
  const high = low + values.filter((met) => met === null).length;
  const grade = singleGrade(grades, low, high);
  if (low === high && grade === null) throw new RangeError(`${grades.key} has no single grade for ${low} abilities not met`);
  steps.push(low === high ? trace.statutory(low, grade, grades) : trace.statutoryOpen(low, high, grade, grades));
  return { abilities, unmet: low === high ? low : null, statutory: grade };
}

function ability(said, settle) {
  if (said === null) return { met: true, why: { zh: "", en: "" }, fields: [] };
  if (said.state === NOT_MET) return { met: false, why: said, fields: said.fields };
  if (!settle) return { met: null, why: said, fields: said.fields };
  const why = { zh: "昏迷，未能观察确定，按不能自主完成认定", en: "coma, not settled by observation, counted as not met" };
  return { met: false, why, fields: said.fields };
}

