// One resident's day: every service of the plan, what stands, entering and correcting; today or up to six days back.
import { badge, button, h, link, notice } from "../dom.js";
import { day as dayWords, localDay, say, t } from "../words.js";
import { state } from "../state.js";
import * as care from "../care.js";
import * as sync from "../sync.js";
import { choose, nameOf } from "./choosing.js";

export async function careDay(frame, [number, day]) {
  const row = care.rowOf(number);
  if (!row || state.moved[number] || day > localDay() || day < state.meta.first) {
    return frame({ title: t("gone_title"), here: "list", trail: ["#/", t("care_title")], body: [notice("warn", null, h("p", {}, t(state.moved[number] ? "moved_words" : "gone")))] });
  }
  const one = await care.oneDay(row, day);
  const entered = one.draft && Object.keys(one.draft.entries).length;
  const acts = [care.shifted(day, -1) >= state.meta.first ? link(t("care_before"), `#/care/${number}/${care.shifted(day, -1)}`, { picture: "chevron-left" }) : null,
    day < localDay() ? link(t("care_after"), `#/care/${number}/${care.shifted(day, 1)}`, { picture: "chevron-right" }) : null];
  const body = [
    one.draft?.refusal ? notice("bad", t("refused_because"), h("p", {}, say(one.draft.refusal))) : null,
    one.away ? notice("info", null, h("p", {}, say(one.away.why))) : null,
    day === localDay() ? null : notice("warn", null, h("p", {}, t("care_past", { day: dayWords(day) }))),
    one.plan ? null : notice("warn", null, h("p", {}, t("care_no_plan"))),
    row.food ? h("p", { class: "care-food" }, t("care_food", { food: say(row.food) })) : null,
    h("div", { class: "people" }, one.items.map((item) => h("article", { class: "person", "data-item": item.item },
      h("div", { class: "person-who" }, h("h2", {}, nameOf(item.item)), h("p", {}, say(item.often))),
      h("div", { class: "person-why" }, marks(item), item.notes.map((note) => h("p", {}, say(note))), item.note ? h("p", {}, item.note) : null),
      h("div", { class: "person-act" }, button(t(item.due && item.open <= 0 && !item.drafted ? "care_correct" : "care_record"), async () => {
        if (!(await choose(one, item.item))) return;
        await frame.render();
        sync.connect();
      }, { tone: item.now > 0 ? "primary" : "outline-secondary", "aria-label": `${t("care_record")}: ${nameOf(item.item)}` }))))),
    entered ? h("div", { class: "round-foot" }, button(t("tasks_hand_in", { count: entered }), async () => {
      await care.handIn([one], false);
      await frame.render();
      sync.connect();
    }, { tone: "primary", main: true, picture: "send", "data-hand-in": true })) : null,
  ];
  return frame({ title: row.name, subtitle: dayWords(day), here: "list", trail: [day === localDay() ? "#/" : `#/round/${day}`, t("care_title")], acts: acts.filter(Boolean), body });
}

function marks(item) {
  const found = [];
  if (item.done) found.push(badge(t("mark_done", { count: item.done }), "good"));
  if (item.extra) found.push(badge(t("mark_extra", { count: item.extra }), "good"));
  if (item.not_done) found.push(badge(t("mark_not_done", { count: item.not_done }), "bad"));
  if (item.not_needed) found.push(badge(t("mark_not_needed", { count: item.not_needed }), "neutral"));
  if (item.open > 0) found.push(badge(t("mark_open", { count: item.open }), item.overdue ? "bad" : "warn"));
  if (item.drafted) found.push(badge(t("state_draft"), "info", "pencil"));
  return found.length ? h("p", { class: "marks" }, found) : h("p", { class: "soft" }, t("mark_not_due"));
}
