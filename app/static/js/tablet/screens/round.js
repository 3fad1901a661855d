// The ward's round on a shared tablet: everybody of the house on one screen, exceptions first, the rest with one touch.
import { ask, button, h, icon, link, notice, toast } from "../dom.js";
import { day as dayWords, localDay, say, t } from "../words.js";
import { state } from "../state.js";
import * as care from "../care.js";
import * as sync from "../sync.js";
import { choose, nameOf } from "./choosing.js";

/** The board of one day, today when none is named. */
export async function round(frame, wanted) {
  const today = localDay();
  const day = wanted && wanted <= today && wanted >= state.meta.first ? wanted : today;
  const days = await care.daysOf(care.everybody(), day);
  const shift = care.shiftAt(care.hourNow());
  const left = days.filter((one) => one.plan && Object.keys(care.whole(one)).length);
  const entered = days.filter((one) => one.draft && Object.keys(one.draft.entries).length);
  const services = left.reduce((sum, one) => sum + Object.values(care.whole(one)).length, 0);
  const exceptions = entered.reduce((sum, one) => sum + Object.values(one.draft.entries).flat().filter((entry) => entry.outcome !== "done").length, 0);
  const touched = async (one, item) => {
    if (!(await choose(one, item))) return;
    await frame.render();
    document.querySelector(`[data-resident="${one.row.number}"] [data-item="${item}"]`)?.focus({ preventScroll: true });
  };
  const acts = [link(t("care_yesterday"), `#/round/${care.shifted(day, -1)}`, { picture: "chevron-left" }), day === today ? null : link(t("care_today"), "#/")];
  if (state.meta.hands_over) acts.push(link(t("handover"), "#/handover", { picture: "arrow-repeat" }));
  const body = [
    day === today ? null : notice("warn", null, h("p", {}, t("care_past", { day: dayWords(day) }))),
    days.length ? null : h("p", { class: "nobody" }, t("care_nobody")),
    h("div", { class: "rounds" }, days.map((one) => line(one, touched))),
    days.length ? h("div", { class: "round-foot" },
      h("p", { role: "status" }, left.length || entered.length ? t("round_will", { people: new Set([...left, ...entered].map((one) => one.row.number)).size, services, exceptions }) : t("round_nothing")),
      button(t("round_whole"), async () => {
        if (!(await ask(t("round_sure", { people: new Set([...left, ...entered].map((one) => one.row.number)).size, services, exceptions }), t("round_whole"), t("cancel"), "primary"))) return;
        const count = await care.handIn(days, true);
        toast(t("round_kept", { count }), "info");
        await frame.render();
        sync.connect();
      }, { tone: "primary", main: true, picture: "check-lg", disabled: !left.length && !entered.length, "data-whole": true }),
      entered.length ? button(t("round_only", { count: entered.length }), async () => {
        await care.handIn(entered, false);
        await frame.render();
        sync.connect();
      }, { "data-only": true }) : null) : null,
  ];
  return frame({ title: t("round_title"), subtitle: day === today ? t("round_shift", { day: dayWords(day), ...care.shiftWords(shift) }) : dayWords(day), here: "list", acts: acts.filter(Boolean), body });
}

/** One resident of the board: what is due until the end of the shift, late ones glowing. */
function line(one, touched) {
  const { row, day, away } = one;
  const shown = one.items.filter((item) => item.due > 0 && (item.now > 0 || item.said > 0));
  const late = !away && one.items.some((item) => item.overdue);
  const head = h("div", { class: "round-who" }, h("h2", {}, h("a", { href: `#/care/${row.number}/${day}` }, row.name)),
    away ? h("span", { class: "badge-state tone-warn" }, icon("hourglass-split"), h("span", {}, say(away.why))) : null,
    late ? h("span", { class: "badge-state tone-bad" }, icon("clock"), h("span", {}, t("care_late"))) : null);
  if (!one.plan) return h("article", { class: "round-row", "data-resident": row.number }, head, h("p", { class: "soft" }, t("care_no_plan")));
  return h("article", { class: `round-row${late ? " late" : ""}`, "data-resident": row.number }, head,
    h("ul", { class: "chips" }, shown.map((item) => h("li", {}, chip(one, item, touched)))));
}

const TONES = (item) => (item.not_done ? "bad" : item.now > 0 ? (item.overdue ? "late" : "open") : item.not_needed && !item.done ? "neutral" : "good");

function chip(one, item, touched) {
  const tone = TONES(item);
  const [words, standing] = [nameOf(item.item), t(`chip_${tone}`)];
  return h("button", { type: "button", class: `chip chip-${tone}${item.drafted ? " chip-drafted" : ""}`, "data-item": item.item, "data-tone": tone,
    "aria-label": t("chip_of", { item: words, name: one.row.name, standing, said: item.said, due: item.said + item.now }), onclick: () => touched(one, item.item) },
  tone === "good" ? icon("check-lg") : tone === "bad" ? icon("x-lg") : tone === "late" ? icon("clock") : null,
  h("span", {}, words), item.due > 1 ? h("small", {}, `${item.said}/${item.said + item.now}`) : null);
}
