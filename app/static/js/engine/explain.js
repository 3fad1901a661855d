// Why not another grade: the smallest changes of a sheet that would move the proposed care grade, exactly.
import { MET, NOT_MET, UNDETERMINED, entryOf, fieldsOf } from "./items.js";
import { bandOf, propose, score, singleGrade } from "./scoring.js";
import { LEVEL_CODES, checkSheet, questions } from "./sheet.js";

/** The smallest sets of changed answers of form B.1 that would move the proposed grade, at most `limit` of each. */
export function explain(instrument, raw, limit = 20) {
  const sheet = checkSheet(instrument, raw);
  const grade = score(instrument, raw).proposed_grade;
  const { b1 } = questions(instrument);
  if (b1.some(({ field }) => (sheet.answers[field] ?? null) === null)) return nothing(grade, "表 B.1 未评全，不作比较", "form B.1 is not complete: nothing to compare");
  if (grade === null) return nothing(grade, "没有建议档次，不作比较", "no grade is proposed: nothing to compare");
  const search = new Search(instrument, sheet);
  const titles = Object.keys(instrument.grades.titles).map(Number);
  const less = search.nearest(titles.filter((other) => other < grade), limit);
  const more = search.nearest(titles.filter((other) => other > grade), limit);
  return { grade, less_care: less, more_care: more, lines: [line(less, "less", instrument, grade), line(more, "more", instrument, grade)] };
}

function nothing(grade, zh, en) {
  return { grade, less_care: null, more_care: null, lines: [{ zh, en }] };
}

/** Every way to answer an item: answers, ranks (0 best), points, and the state of each ability. */
function choices(instrument, item) {
  const codes = item.subitems.length ? LEVEL_CODES : item.options.map((option) => option.code);
  let ways = [[]];
  for (const _ of fieldsOf(item)) ways = ways.flatMap((way) => codes.map((_code, rank) => [...way, rank]));
  return ways.map((ranks) => {
    const given = ranks.map((rank) => codes[rank]);
    const { reason, verdicts } = entryOf(instrument, item, given);
    const own = Object.fromEntries(verdicts.map((one) => [one.ability, one.state]));
    const states = Object.keys(instrument.grades.abilities).map((name) => own[name] ?? MET);
    const score = instrument.grades.score_tiers.length ? reason.score : 0; // points nobody asks for need no outcome of their own
    return { given, ranks, score, states };
  });
}

const everyChoice = new WeakMap();

function choicesOf(instrument) {
  if (!everyChoice.has(instrument)) everyChoice.set(instrument, instrument.items.map((item) => choices(instrument, item)));
  return everyChoice.get(instrument);
}

const add = (left, right) => [left[0] + right[0], left[1] + right[1]];
const compare = (left, right) => left[0] - right[0] || left[1] - right[1];
const keyOf = (points, states) => `${points}|${states.join("")}`;

/** All outcomes (points, ability states) with the least cost (answers changed, levels moved) of reaching each. */
class Search {
  constructor(instrument, sheet) {
    this.instrument = instrument;
    this.answers = sheet.answers;
    this.coma = sheet.coma;
    this.options = choicesOf(instrument).map((every, place) => this.itemOptions(instrument.items[place], every));
    const states = Object.keys(instrument.grades.abilities).map(() => MET);
    this.layers = [new Map([[keyOf(0, states), { points: 0, states, cost: [0, 0], ways: 1 }]])];
    for (const options of this.options) this.layers.push(nextLayer(this.layers.at(-1), options));
  }

  itemOptions(item, every) {
    const given = fieldsOf(item).map((field) => this.answers[field]);
    const now = every.find((choice) => choice.given.every((code, place) => code === given[place])).ranks;
    const options = new Map();
    for (const choice of every) {
      const moved = choice.ranks.map((rank, place) => Math.abs(rank - now[place]));
      const cost = [moved.filter((step) => step > 0).length, moved.reduce((sum, step) => sum + step, 0)];
      const key = keyOf(choice.score, choice.states);
      const known = options.get(key);
      const order = known ? compare(cost, known.cost) : -1;
      const { score: points, states } = choice;
      if (order < 0) options.set(key, { points, states, cost, choices: [choice] });
      else if (order === 0) known.choices.push(choice);
    }
    return [...options.values()];
  }

  gradeOf({ points, states }) {
    const { grades } = this.instrument;
    const openAs = this.coma && grades.coma_not_met ? NOT_MET : UNDETERMINED;
    const seen = states.map((state) => (state === UNDETERMINED ? openAs : state));
    const count = (wanted) => seen.filter((state) => state === wanted).length;
    const statutory = singleGrade(grades, count(NOT_MET), seen.length - count(MET));
    return propose(grades, statutory, bandOf(grades.score_tiers, points)?.value ?? null).grade;
  }

  /** The cheapest way to one of the wanted grades, or null. */
  nearest(wanted, limit) {
    let [ends, best] = [[], null];
    for (const outcome of this.layers.at(-1).values()) {
      const order = best ? compare(outcome.cost, best) : -1;
      if (order > 0) continue;
      const grade = this.gradeOf(outcome);
      if (grade === null || !wanted.includes(grade)) continue;
      if (order < 0) [best, ends] = [outcome.cost, []];
      ends.push({ outcome, grade });
    }
    if (!best) return null;
    const found = ends.flatMap(({ outcome, grade }) =>
      first(limit, this.paths(this.options.length, outcome)).map((path) => ({ grade, changes: this.changes(path) })),
    );
    const places = new Map(found.map((one) => [one, one.changes.map(placeOf)]));
    found.sort((left, right) => byPlaces(places.get(left), places.get(right)));
    const ways = ends.reduce((sum, { outcome }) => sum + outcome.ways, 0);
    return { size: best[0], steps: best[1], ways, sets: found.slice(0, limit) };
  }

  /** Every cheapest way to an outcome, as one choice for each item. */
  *paths(depth, outcome) {
    if (depth === 0) {
      yield [];
      return;
    }
    for (const before of this.layers[depth - 1].values()) {
      for (const option of this.options[depth - 1]) {
        if (compare(add(before.cost, option.cost), outcome.cost) || !leads(before, option, outcome)) continue;
        for (const path of this.paths(depth - 1, before)) for (const choice of option.choices) yield [...path, choice];
      }
    }
  }

  changes(path) {
    const titles = new Map(questions(this.instrument).b1.map((question) => [question.field, question.title]));
    return path.flatMap((choice, place) =>
      fieldsOf(this.instrument.items[place]).flatMap((field, own) => {
        const [from, to] = [this.answers[field], choice.given[own]];
        return from === to ? [] : [{ field, from, to, ...titles.get(field) }];
      }),
    );
  }
}

function leads(before, option, outcome) {
  if (before.points + option.points !== outcome.points) return false;
  return outcome.states.every((state, place) => state === Math.max(before.states[place], option.states[place]));
}

function nextLayer(layer, options) {
  const further = new Map();
  for (const before of layer.values()) {
    for (const option of options) {
      const states = before.states.map((state, place) => Math.max(state, option.states[place]));
      const points = before.points + option.points;
      const [cost, ways] = [add(before.cost, option.cost), before.ways * option.choices.length];
      const key = keyOf(points, states);
      const known = further.get(key);
      const order = known ? compare(cost, known.cost) : -1;
      if (!known) further.set(key, { points, states, cost, ways });
      else if (order < 0) Object.assign(known, { cost, ways });
      else if (order === 0) known.ways += ways;
    }
  }
  return further;
}

function first(limit, values) {
  const found = [];
  for (const value of values) {
    if (found.length === limit) break;
    found.push(value);
  }
  return found;
}

const placeOf = ({ field, to }) => [field.split(".").filter((part) => /^\d+$/.test(part)).map(Number), String(to)];

function byPlaces(left, right) {
  for (let place = 0; place < Math.min(left.length, right.length); place += 1) {
    const order = byNumbers(left[place][0], right[place][0]) || Number(left[place][1] > right[place][1]) - Number(left[place][1] < right[place][1]);
    if (order) return order;
  }
  return left.length - right.length;
}

function byNumbers(left, right) {
  const place = left.findIndex((number, index) => number !== right[index]);
  if (place < 0) return left.length - right.length;
  return place >= right.length ? 1 : left[place] - right[place];
}

function line(move, direction, instrument, proposed) {
  const grades = Object.keys(instrument.grades.titles).map(Number);
  if (proposed === (direction === "less" ? Math.min(...grades) : Math.max(...grades))) {
    const [zhMost, enMost] = direction === "less" ? ["最少", "least"] : ["最多", "most"];
    return { zh: `建议的已是照料${zhMost}的档次`, en: `the proposed grade is the one with the ${enMost} care` };
  }
  const [zhWay, enWay] = direction === "less" ? ["照料更少", "less care"] : ["照料更多", "more care"];
  if (!move) return { zh: `无论哪些小项变化，都得不出${zhWay}的档次`, en: `no change leads to a grade with ${enWay}` };
  if (!move.sets.length) return { zh: `最少有 ${move.size} 项变化，即得出${zhWay}的档次`, en: `${move.size} changes lead to ${enWay}` };
  const { grade, changes } = move.sets[0];
  const title = instrument.grades.titles[grade];
  const said = changes.map((one) => answerWords(instrument, one));
  const zh = said.map((words) => words.zh).join("；");
  const en = said.map((words) => words.en).join("; ");
  return {
    zh: `如果${zh}，建议档次就变为${title.zh}（最少改变 ${move.size} 项，这样的改法共 ${move.ways} 种）`,
    en: `if ${en}, the proposed grade would be ${title.en} (at least ${move.size} changed; ${move.ways} such ways)`,
  };
}

/** One changed answer of form B.1 in the words of the form, without its codes. */
function answerWords(instrument, { field, from, to }) {
  for (const item of instrument.items) {
    const sub = item.subitems.find((one) => one.id === field);
    if (sub) return fromTo(item.title, sub.title, sub.labels[from], sub.labels[to]);
    if (!item.subitems.length && item.code === field) {
      const label = (code) => item.options.find((option) => option.code === code).label;
      return fromTo(item.title, null, label(from), label(to));
    }
  }
  throw new Error(`no answer ${field}`);
}

function fromTo(item, sub, before, after) {
  const zh = sub ? `${item.zh}的${sub.zh}` : item.zh;
  const en = sub ? `${item.en}, ${sub.en}` : item.en;
  return {
    zh: `${zh}由“${before.zh}”变为“${after.zh}”`,
    en: `${en} went from “${before.en}” to “${after.en}”`,
  };
}
