// Check a sheet before it is scored: every fault is listed with its field, nothing is filled in.
export const LEVEL_CODES = ["A0", "A1", "A2", "A3", "A4"];
const TOP_FIELDS = ["instrument", "answers", "facts", "scope"];

/** A sheet that cannot be scored; `problems` names every fault at once, in the order of the form. */
export class SheetError extends Error {
  constructor(problems) {
    super(problems.map((one) => `${one.field}: ${one.en}`).join("; "));
    this.name = "SheetError";
    this.problems = problems;
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** What a sheet says about a field; undefined when it says nothing (also for names every object inherits). */
export const given = (values, field) => (Object.hasOwn(values, field) ? values[field] : undefined);

/** The data of the instrument a sheet names, from the instruments at hand (a Map by key). */
export function named(instruments, sheet) {
  if (!isObject(sheet)) throw new SheetError([problem("", "wrong_type", "评估表须为一个 JSON 对象", "a sheet must be one JSON object")]);
  const key = given(sheet, "instrument") ?? null;
  if (key === null) throw new SheetError([problem("instrument", "missing", "缺少评估工具", "the instrument is missing")]);
  if (typeof key !== "string") {
    throw new SheetError([problem("instrument", "wrong_type", "评估工具须为文字", "the instrument must be text such as selfcare30@1")]);
  }
  const found = instruments.get(key);
  if (found) return found;
  const known = [...instruments.keys()].sort(byCodePoint).join(", ");
  const zh = `没有评估工具 ${show(key)}，可用的有 ${known}`;
  throw new SheetError([problem("instrument", "unknown_instrument", zh, `there is no instrument ${show(key)}; there are ${known}`)]);
}

const asked = new WeakMap();

/** The questions of an instrument, in the order of the forms; made once for each instrument. */
export function questions(instrument) {
  if (!asked.has(instrument)) asked.set(instrument, makeQuestions(instrument));
  return asked.get(instrument);
}

function makeQuestions(instrument) {
  const question = (kind, field, type, codes, title) => ({ field, path: `${kind}.${field}`, type, codes: new Set(codes), title });
  const codes = (owner) => owner.options.map((option) => option.code);
  const b1 = instrument.items.flatMap((item) =>
    item.subitems.length
      ? item.subitems.map((sub) => question("answers", sub.id, "string", LEVEL_CODES, sub.title))
      : [question("answers", item.code, "number", codes(item), item.title)],
  );
  const items = instrument.domains.flatMap((domain) => domain.items);
  const domains = items.map((item) => question("answers", item.id, "number", codes(item), item.title));
  const facts = instrument.facts.map((fact) => question("facts", fact.id, "number", codes(fact), fact.title));
  return { b1, domains, facts };
}

/** What a sheet may be asked for: everything, or the items of form B.1 alone where other forms follow. */
export function scopesOf(instrument) {
  return instrument.domains.length && instrument.items[0]?.code.startsWith("B.1.") ? ["all", "B.1"] : ["all"];
}

/** The clause that sets the level directly from one answer, if the instrument has one. */
export const comaClause = (instrument) => instrument.changes.clauses.find((clause) => clause.kind === "answer") ?? null;

/** The problems of a sheet; an empty list when it can be scored. */
export function missing(instrument, sheet) {
  try {
    checkSheet(instrument, sheet);
    return [];
  } catch (error) {
    if (error instanceof SheetError) return error.problems;
    throw error;
  }
}

/** Check every field of a sheet. A null counts as missing. In coma only the coma answer is needed. */
export function checkSheet(instrument, sheet) {
  if (!isObject(sheet)) throw new SheetError([problem("", "wrong_type", "评估表须为一个 JSON 对象", "a sheet must be one JSON object")]);
  const { b1, domains, facts: risks } = questions(instrument);
  const problems = unknown(sheet, TOP_FIELDS, "");
  let scope = Object.hasOwn(sheet, "scope") ? sheet.scope : "all";
  const scopes = scopesOf(instrument);
  if (!scopes.includes(scope)) {
    const en = `the scope must be ${scopes.join(" or ")} (or be left out)`;
    problems.push(problem("scope", "unknown_code", `范围只能是 ${scopes.join(" 或 ")}`, en));
    scope = "all";
  }
  const answers = mapping(sheet, "answers", "答案", problems);
  const facts = mapping(sheet, "facts", "既往情况", problems);
  const clause = comaClause(instrument);
  const coma = clause !== null && scope === "all" && given(answers, clause.answer) === clause.equals;
  const whole = scope === "all" && !coma;
  check(b1, answers, !coma, problems);
  check(domains, answers, whole, problems);
  problems.push(...unknown(answers, [...b1, ...domains].map((one) => one.field), "answers."));
  check(risks, facts, whole, problems);
  problems.push(...unknown(facts, risks.map((one) => one.field), "facts."));
  if (problems.length) throw new SheetError(problems);
  return { answers, facts, scope, coma };
}

function mapping(sheet, field, zh, problems) {
  const value = given(sheet, field) ?? null;
  if (isObject(value)) return value;
  if (value !== null) problems.push(problem(field, "wrong_type", `${zh}须为一个对象`, `${field} must be an object`));
  return {};
}

function check(asking, values, required, problems) {
  for (const question of asking) {
    const value = given(values, question.field) ?? null;
    const right = question.type === "string" ? typeof value === "string" : Number.isInteger(value);
    if (right && question.codes.has(value)) continue;
    if (value !== null) problems.push(right ? unknownCode(question, value) : wrongType(question, value));
    else if (required) problems.push(noAnswer(question));
  }
}

function noAnswer({ path, field, title }) {
  return problem(path, "missing", `${field} ${title.zh} 未填写`, `${field} ${title.en} has no answer`);
}

function wrongType({ path, field, title, type }, value) {
  const [zh, en] = type === "string" ? ["文字", "text"] : ["整数", "a whole number"];
  const said = show(value);
  return problem(path, "wrong_type", `${field} ${title.zh} 须为${zh}，不能是 ${said}`, `${field} ${title.en} must be ${en}, not ${said}`);
}

function unknownCode({ path, field, title, codes, type }, value) {
  const known = [...codes].sort(type === "string" ? byCodePoint : (left, right) => left - right).join(", ");
  const said = show(value);
  const zh = `${field} ${title.zh} 只能是 ${known}，不能是 ${said}`;
  return problem(path, "unknown_code", zh, `${field} ${title.en} must be one of ${known}, not ${said}`);
}

/** Fields nobody asks for, by name: the order of a sheet's fields is not kept by every program that carries it. */
function unknown(values, known, prefix) {
  const names = new Set(known);
  const extra = Object.keys(values).filter((field) => !names.has(field)).map(shorten).sort(byCodePoint);
  return extra.map((field) => problem(prefix + field, "unknown_field", `没有 ${field} 这一项`, `there is no field ${field}`));
}

function problem(field, code, zh, en) {
  return { field, code, zh, en };
}

/** Order of text by code points, as the server sorts (not by UTF-16 units). */
export function byCodePoint(left, right) {
  let place = 0;
  while (place < left.length && left[place] === right[place]) place += 1;
  if (place >= left.length || place >= right.length) return left.length - right.length;
  const rank = (unit) => (unit >= 0xe000 ? unit - 0x2000 : unit >= 0xd800 ? unit + 0x2000 : unit); // halves of pairs last
  return rank(left.charCodeAt(place)) - rank(right.charCodeAt(place));
}

/** A name from outside, cut to a length that can be shown; halves of surrogate pairs are written out. */
function shorten(text) {
  const signs = [...text].flatMap((sign) => {
    const point = sign.codePointAt(0);
    return point >= 0xd800 && point <= 0xdfff ? [..."\\u", ...point.toString(16)] : [sign];
  });
  return signs.length <= 60 ? signs.join("") : `${signs.slice(0, 60).join("")}…`;
}

/** A value from outside as JSON, cut to a length that can be shown. */
function show(value) {
  if (Array.isArray(value)) return "[…]";
  if (isObject(value)) return "{…}";
  if (typeof value === "string") return `"${shorten(value)}"`;
  if (Number.isInteger(value) && Math.abs(value) >= 2 ** 64 && Math.abs(value) < 1e21) return "…";
  if (typeof value === "number") return decimal(value);
  return String(value);
}

/** A number as the server writes it: exponents have two digits at least. */
function decimal(value) {
  if (value !== 0 && Math.abs(value) < 1e-4 && !String(value).includes("e")) {
    const [digits, exponent] = value.toExponential().split("e");
    return shorten(`${digits}e-${exponent.slice(1).padStart(2, "0")}`);
  }
  return shorten(String(value === 0 ? 0 : value).replace(/e([+-])(\d)$/, "e$10$2"));
}
