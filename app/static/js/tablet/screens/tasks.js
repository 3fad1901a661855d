// The home caregiver's day on a phone: large cards, one thumb, one touch each.
import { badge, button, h, icon, link, notice, toast } from "../dom.js";
import { day as dayWords, localDay, say, t } from "../words.js";
import { state } from "../state.js";
import * as care from "../care.js";
import * as sync from "../sync.js";
import { shrink } from "./photos.js";
import { choose, nameOf } from "./choosing.js";

export async function tasks(frame, wanted) {
  const today = localDay();
  const day = wanted && wanted <= today && wanted >= state.meta.first ? wanted : today;
  const days = await care.daysOf(care.everybody(), day);
  const entered = days.filter((one) => one.draft && Object.keys(one.draft.entries).length);
  const count = entered.reduce((sum, one) => sum + Object.keys(one.draft.entries).length, 0);
  const again = async (act) => {
    await act;
    await frame.render();
  };
  const body = [
    day === today ? null : notice("warn", null, h("p", {}, t("care_past", { day: dayWords(day) }))),
    days.length ? null : h("p", { class: "nobody" }, t("care_nobody")),
    days.map((one) => person(one, again, frame.render)),
    h("div", { class: "buttons" }, link(t("care_yesterday"), `#/round/${care.shifted(day, -1)}`, { picture: "chevron-left" }), day === today ? null : link(t("care_today"), "#/")),
    count ? h("div", { class: "round-foot" }, button(t("tasks_hand_in", { count }), async () => {
      await care.handIn(entered, false);
      toast(t("tasks_kept"), "info");
      await frame.render();
      sync.connect();
    }, { tone: "primary", main: true, picture: "send", "data-hand-in": true })) : null,
  ];
  return frame({ title: day === today ? t("care_today") : dayWords(day), subtitle: dayWords(day), here: "list", body: [h("div", { class: "large" }, body)] });
}

function person(one, again, render) {
  const { row, day, away } = one;
  const open = one.items.filter((item) => item.due > 0 && (item.open > 0 || item.drafted)).sort((a, b) => Number(b.overdue) - Number(a.overdue));
  const done = one.items.reduce((sum, item) => sum + item.said, 0);
  const due = one.items.reduce((sum, item) => sum + item.due, 0);
  return h("section", { class: "part care-person", "data-resident": row.number },
    h("div", { class: "part-head" }, h("h2", {}, row.name), away ? badge(say(away.why), "warn") : null, badge(t("tasks_progress", { done, due }), done === due ? "good" : "neutral")),
    row.food ? h("p", { class: "care-food" }, icon("exclamation-triangle"), " ", t("care_food", { food: say(row.food) })) : null,
    one.plan ? null : notice("warn", null, h("p", {}, t("care_no_plan"))),
    one.plan && row.cards.length ? cardLine(one) : null,
    h("ul", { class: "tasks" }, open.map((item) => task(one, item, again, render))),
    one.plan && !open.length ? notice("good", null, h("p", {}, t("tasks_all"))) : null,
    one.plan ? h("p", {}, link(t("care_whole_day"), `#/care/${row.number}/${day}`)) : null);
}

function cardLine(one) {
  const seen = Boolean(one.draft?.card);
  return h("p", { class: "care-card", "data-card": String(seen) }, seen ? badge(t("card_seen"), "good", "check-circle-fill") : link(t("card_scan"), `#/card/${one.row.number}/${one.day}`, { picture: "qr-code-scan" }));
}

function task(one, item, again, render) {
  const { row, day } = one;
  const name = nameOf(item.item);
  const photos = one.draft?.photos.filter((each) => each.of === item.item).length ?? 0;
  const id = `photo-${row.number}-${item.item}`;
  const input = h("input", { type: "file", accept: "image/*", capture: "environment", class: "visually-hidden", id, onchange: async () => {
    const [file] = input.files;
    if (!file) return;
    try {
      await care.keepPhoto(row, day, item.item, await shrink(file));
      await render();
    } catch {
      toast(t("photo_failed"), "bad");
    }
  } });
  const bad = item.drafted && one.draft.entries[item.item].some((entry) => entry.outcome !== "done");
  return h("li", { class: `task${item.overdue ? " late" : ""}${item.drafted ? " entered" : ""}`, "data-item": item.item },
    h("p", { class: "task-name" }, name, item.overdue ? badge(t("care_late"), "bad", "clock") : null),
    h("p", { class: "task-often" }, say(item.often), item.due > 1 ? ` · ${t("tasks_progress", { done: item.said, due: item.due })}` : null),
    item.notes.map((note) => h("p", {}, say(note))), item.note ? h("p", {}, item.note) : null,
    item.drafted && item.open <= 0 ? h("p", {}, badge(t(bad ? "task_not" : "task_done"), bad ? "warn" : "good")) : null,
    h("div", { class: "task-acts" },
      item.open > 0 ? button(t(item.due > 1 ? "care_done_once" : "care_done"), () => again(care.enter(row, day, item.item, { outcome: "done", times: item.done + 1, reason: null, note: null })), { tone: "primary", picture: "check-lg", "data-done": true, "aria-label": `${t("care_done")}: ${name}, ${row.name}` }) : null,
      item.drafted ? button(t("care_take_back"), () => again(care.takeBack(row, day, item.item)), { picture: "arrow-counterclockwise", "aria-label": `${t("care_take_back")}: ${name}, ${row.name}` }) : null,
      item.open > 0 ? button(t("care_not"), async () => (await choose(one, item.item)) && render(), { "data-not": true, "aria-label": `${t("care_not")}: ${name}, ${row.name}` }) : null,
      input, h("label", { class: "btn btn-outline-secondary", for: id }, icon("camera"), h("span", {}, photos ? t("photos_taken", { count: photos }) : t("care_photo")), h("span", { class: "visually-hidden" }, `: ${name}, ${row.name}`))));
}
