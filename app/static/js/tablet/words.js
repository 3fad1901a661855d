// Texts of the app in both languages, dates and wording of the instruments. Words come from the server's own translations.
const LANGUAGES = { zh: "zh-CN", en: "en" };
let words = { zh: {}, en: {} };
let language = "zh";

/** Read the words once; without network they come from the shell. */
export async function loadWords(chosen) {
  const [answer, name] = await Promise.all([fetch("/tablet/words.json"), chosen]);
  words = await answer.json();
  choose(name ?? "zh");
}

/** Change the language of everything shown from now on. */
export function choose(name) {
  language = name in LANGUAGES ? name : "zh";
  document.documentElement.lang = LANGUAGES[language];
}

export const current = () => language;

/** The text `name` with its places filled in. */
export function t(name, values = {}) {
  const text = words[language][name] ?? words.zh[name] ?? name;
  return text.replace(/%\((\w+)\)s/g, (_, place) => String(values[place] ?? ""));
}

/** Bilingual words of an instrument, a receipt or a trace. */
export function say(pair) {
  return pair ? (pair[language] ?? pair.zh ?? "") : "";
}

/** A day such as 2026-03-31 in words. */
export function day(iso) {
  if (!iso) return "—";
  const [year, month, date] = iso.slice(0, 10).split("-").map(Number);
  if (language === "zh") return `${year}年${month}月${date}日`;
  return new Date(Date.UTC(year, month - 1, date)).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
}

/** An instant in local words of the county (Asia/Shanghai). */
export function instant(iso) {
  if (!iso) return "—";
  const moment = new Date(iso);
  const time = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" });
  return `${day(localDay(moment))} ${time}`;
}

/** The local date of the county at a moment, YYYY-MM-DD. */
export function localDay(moment = new Date()) {
  return moment.toLocaleDateString("en-CA", { timeZone: "Asia/Shanghai" });
}
