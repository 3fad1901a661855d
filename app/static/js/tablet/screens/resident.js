// One resident: who it is, what is due, and the earlier sheets to read.
import { banner, button, fill, h, link, notice, section } from "../dom.js";
import { day, localDay, say, t } from "../words.js";
import { begin, drafts, resident, state } from "../state.js";
import { outcome } from "./outcome.js";

export async function person(frame, [number]) {
  const row = await resident(number);
  if (!row || state.moved[number]) return frame({ title: t("gone_title"), here: "list", trail: ["#/", t("list_title")], body: [notice("warn", null, h("p", {}, t(state.moved[number] ? "moved_words" : "gone")))] });
  const draft = (await drafts()).find((one) => one.resident === number);
  const acts = draft ? [link(t("go_on"), `#/sheet/${draft.key}`, { tone: "primary" })] : row.waiting || row.pair?.open === false ? [] : [button(t("begin"), async () => {
    location.hash = `#/sheet/${(await begin(row, localDay())).key}`;
  }, { tone: "primary" })];
  const shown = h("div", {});
  const open = (sheet) => () => fill(shown, earlier(sheet));
  const body = [
    who(row),
    row.waiting ? notice("info", null, h("p", {}, t("waiting_words"))) : null,
    section(t("earlier"), row.sheets.length ? h("ul", { class: "earlier" }, row.sheets.map((sheet) => h("li", {}, button(`${day(sheet.assessed_on)} · ${sheet.number} · ${t("points", { points: sheet.result?.total ?? "—" })}`, open(sheet), { picture: "file-text" })))) : h("p", {}, t("earlier_none")), shown),
  ];
  return frame({ title: row.name, here: "list", trail: ["#/", t("list_title")], acts, body });
}

/** The banner of a resident on every page about one. */
export function who(row) {
  return banner(row.name, [[t("number"), row.number], [t("born"), day(row.born_on)], [t("village"), row.village], [t("grade_now"), row.grade ? t(`grade_${row.grade}`) : null], [t("institution"), row.institution]]);
}

function earlier(sheet) {
  const form = state.instruments.get(sheet.instrument);
  return [h("p", { class: "soft" }, t("earlier_by", { names: sheet.assessors.join(t("comma")), number: sheet.number })),
    form ? answers(form, sheet.answers, sheet.facts) : null, sheet.result ? outcome(sheet.result, form) : null];
}

/** Every answer of a sheet in the words of the form. */
export function answers(form, given, facts) {
  const rows = [];
  for (const item of form.items) {
    for (const sub of item.subitems) if (given[sub.id]) rows.push([`${sub.id} ${say(sub.title)}`, `${given[sub.id]} ${say(sub.labels[given[sub.id]])}`]);
  }
  for (const asked of [...form.domains.flatMap((domain) => domain.items), ...form.facts]) {
    const code = asked.id in given ? given[asked.id] : facts[asked.id];
    const option = asked.options.find((one) => one.code === code);
    if (option) rows.push([say(asked.title), say(option.label ?? option)]);
  }
  return h("details", { class: "disclosure" }, h("summary", {}, t("all_answers")), h("div", { class: "disclosure-body" }, h("dl", { class: "facts" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))))));
}
