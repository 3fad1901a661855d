// Score one item and say what it means for the abilities.
import { LEVEL_CODES } from "./sheet.js";
import * as trace from "./trace.js";

/** States of an ability; the worse of two verdicts is the larger one. */
export const [MET, UNDETERMINED, NOT_MET] = [0, 1, 2];

/** The entry of an item for the answers given: score with reason, sentence (null when not fully assessed), verdicts. */
export function entryOf(instrument, item, answers) {
  const open = answers.some((answer) => answer === null);
  if (item.subitems.length) return open ? part(item, seenVerdicts(item, answers)) : observed(item, answers);
  return open ? part(item, unseenVerdicts(instrument, item)) : criterion(instrument, item, answers[0]);
}

/** The answer names of an item. */
export const fieldsOf = (item) => (item.subitems.length ? item.subitems.map((sub) => sub.id) : [item.code]);

function part(item, verdicts) {
  return { reason: { score: null, max: item.max, deciding: [], rule: null }, step: null, verdicts };
}

function observed(item, answers) {
  const levels = answers.map((code) => LEVEL_CODES.indexOf(code));
  let score = Math.min(...item.subitems.map((sub, place) => sub.caps[levels[place]]));
  const counted = (rule) => levels.filter((level) => level >= rule.from_level).length;
  const rule = item.rules.find((one) => one.score < score && counted(one) >= one.at_least) ?? null;
  if (rule) score = rule.score;
  const deciding = item.subitems.filter((sub, place) =>
    rule ? levels[place] >= rule.from_level : sub.caps[levels[place]] === score && score < item.max,
  );
  const reason = { score, max: item.max, deciding: deciding.map((sub) => sub.id), rule: rule?.id ?? null };
  return { reason, step: trace.observedItem(item, answers, score, deciding, rule), verdicts: seenVerdicts(item, answers) };
}

function criterion(instrument, item, score) {
  const option = item.options.find((one) => one.code === score);
  const name = { zh: `${item.code} ${item.title.zh} ${score} 分`, en: `${item.code} ${item.title.en} ${score}` };
  const verdicts = [];
  for (const [ability, sources] of Object.entries(instrument.verdicts)) {
    for (const source of sources) {
      if (source.item !== item.id || source.met.includes(score)) continue;
      const no = source.not_met.includes(score);
      const zh = no ? name.zh : `${name.zh}不能说明是否需要他人`;
      const en = no ? name.en : `${name.en} does not tell whether another person is needed`;
      verdicts.push({ ability, state: no ? NOT_MET : UNDETERMINED, zh, en, fields: [item.code] });
    }
  }
  const reason = { score, max: item.max, deciding: score < item.max ? [item.code] : [], rule: null };
  return { reason, step: trace.directItem(item, option), verdicts };
}

function unseen(ability, field, title) {
  return { ability, state: UNDETERMINED, zh: `${field} ${title.zh} 未评`, en: `${field} ${title.en} not assessed`, fields: [field] };
}

function unseenVerdicts(instrument, item) {
  const fed = Object.entries(instrument.verdicts).filter(([, sources]) => sources.some((one) => one.item === item.id));
  return fed.map(([ability]) => unseen(ability, item.code, item.title));
}

function seenVerdicts(item, answers) {
  const found = new Map();
  item.subitems.forEach((sub, place) => {
    const code = answers[place];
    if (sub.met === null || (code !== null && LEVEL_CODES.indexOf(code) <= sub.met)) return;
    const limit = LEVEL_CODES[sub.met];
    const zh = `${sub.id} ${sub.title.zh} ${code}（须不差于 ${limit}）`;
    const en = `${sub.id} ${sub.title.en} ${code} (must be no worse than ${limit})`;
    const no = { ability: sub.indicator, state: NOT_MET, zh, en, fields: [sub.id] };
    const verdict = code === null ? unseen(sub.indicator, sub.id, sub.title) : no;
    found.set(sub.indicator, [...(found.get(sub.indicator) ?? []), verdict]);
  });
  return [...found.values()].map(merged);
}

/** Verdicts on one ability as one: the worst state, with all that have it; null when there is none. */
export function merged(verdicts) {
  if (verdicts.length < 2) return verdicts[0] ?? null;
  const state = Math.max(...verdicts.map((one) => one.state));
  const worst = verdicts.filter((one) => one.state === state);
  return {
    ability: worst[0].ability,
    state,
    zh: worst.map((one) => one.zh).join("、"),
    en: worst.map((one) => one.en).join(", "),
    fields: worst.flatMap((one) => one.fields),
  };
}
