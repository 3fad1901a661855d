// The due list and the residents taken along, by village; search by name, pinyin initials or village.
import { badge, button, fill, h, icon, link, notice } from "../dom.js";
import { day, localDay, t } from "../words.js";
import { begin, drafts, forgetDownloads, sheets, state, timeLeft } from "../state.js";
import * as vault from "../vault.js";

const DAY = 86_400_000;

export async function list(frame) {
  if (state.meta.for === "contracts") return (await import("./contracts.js")).contracts(frame);
  const [writing, finished, left] = [await drafts(), await sheets(), await timeLeft()];
  if (left !== null && left <= 0) await forgetDownloads();
  const draftOf = new Map(writing.map((one) => [one.resident, one]));
  const recent = await waitingFor(finished);
  const results = h("div", { class: "people" });
  const count = h("p", { class: "count", role: "status" });
  const search = h("input", { class: "form-control", type: "search", id: "search", autocomplete: "off", oninput: () => show() });
  const due = h("select", { class: "form-select", id: "which", onchange: () => show() },
    h("option", { value: "due" }, t("which_due")), h("option", { value: "all" }, t("which_all")));
  const show = () => {
    const found = state.index.filter((row) => !state.moved[row.number])
      .filter((row) => due.value === "all" || row.due || draftOf.has(row.number))
      .filter((row) => matches(row, search.value)).sort(order);
    count.textContent = t("count_people", { count: found.length });
    fill(results, found.length ? found.map((row) => card(row, draftOf.get(row.number), recent.get(row.number)))
      : h("p", { class: "nobody" }, state.index.length ? t("nobody_found") : t("nobody_yet")));
  };
  if (!state.index.some((row) => row.due)) due.value = "all";
  show();
  const body = [
    left !== null && left <= 0 ? notice("bad", t("limit_over_title"), h("p", {}, t("limit_over"))) : null,
    left !== null && left > 0 && left < 5 * DAY ? notice("warn", null, h("p", {}, t("limit_near", { days: Math.ceil(left / DAY) }))) : null,
    movedNotice(),
    pairOfToday(),
    h("div", { class: "list-tools" },
      h("div", { class: "field" }, h("label", { class: "field-label", for: "search" }, t("search")), search),
      h("div", { class: "field" }, h("label", { class: "field-label", for: "which" }, t("which")), due)),
    count, results,
  ];
  return frame({ title: t("list_title"), here: "list", body });
}

function order(left, right) {
  const key = (row) => `${row.due?.overdue ? 0 : row.due ? 1 : 2}${row.due?.on ?? "9"}${row.area_code}${row.number}`;
  return key(left) < key(right) ? -1 : 1;
}

function matches(row, words) {
  const wanted = words.trim().toLowerCase();
  return !wanted || [row.name, row.search, row.village, row.number].some((text) => text.toLowerCase().includes(wanted));
}

/** By resident the state of the newest sheet finished here. */
async function waitingFor(finished) {
  const found = new Map();
  for (const one of finished) {
    const { resident } = await vault.read(`record:${one.rows[0].counter}`);
    if (!found.has(resident)) found.set(resident, one);
  }
  return found;
}

export const STATES = { waiting: ["warn", "state_waiting"], accepted: ["good", "state_accepted"], refused: ["bad", "state_refused"], conflict: ["bad", "state_conflict"] };

function card(row, draft, finished) {
  const why = row.due ? row.due.causes.map((cause) => t(`cause_${cause}`)).join(t("comma")) : t("not_due");
  const marks = [];
  if (row.due?.overdue) marks.push(badge(t("overdue"), "bad"));
  if (draft) marks.push(badge(t("state_draft"), "info", "pencil"));
  if (finished) marks.push(badge(t(STATES[finished.state][1]), STATES[finished.state][0]));
  if (row.pair) marks.push(badge(t(row.pair.open ? "pair_open" : "pair_in"), "info", "people"));
  if (row.waiting) marks.push(badge(t("waits_decision"), "neutral", "hourglass-split"));
  const act = draft ? link(t("go_on"), `#/sheet/${draft.key}`, { tone: "primary" })
    : row.waiting || row.pair?.open === false || (finished && finished.state !== "accepted") ? null
      : button(t("begin"), async (event) => {
        event.currentTarget.disabled = true;
        const begun = await begin(row, localDay());
        location.hash = `#/sheet/${begun.key}`;
      }, { tone: row.due ? "primary" : "outline-secondary" });
  return h("article", { class: "person", "data-resident": row.number },
    h("div", { class: "person-who" }, h("h2", {}, h("a", { href: `#/resident/${row.number}` }, row.name)),
      h("p", {}, `${t(row.sex === "1" ? "male" : "female")} · ${t("age", { age: row.age })} · ${row.village}`)),
    h("div", { class: "person-why" }, h("p", {}, why, row.due?.on ? ` · ${t("due_by", { day: day(row.due.on) })}` : ""),
      row.last ? h("p", { class: "soft" }, t("last_assessed", { day: day(row.last) })) : null, marks.length ? h("p", { class: "marks" }, marks) : null),
    h("div", { class: "person-act" }, act));
}

function movedNotice() {
  const gone = Object.entries(state.moved);
  if (!gone.length) return null;
  return notice("warn", t("moved_title"), h("p", {}, t("moved_words")), h("ul", {}, gone.map(([number, one]) => h("li", {}, `${number} · ${t("moved_to", { area: one.to ?? "—", day: day(one.since) })}`))));
}

/** Who goes along today: chosen once, offered on every sheet. */
function pairOfToday() {
  const others = state.meta.colleagues.filter((one) => one.id !== state.meta.me.assessor?.id);
  const select = h("select", { class: "form-select", id: "pair", onchange: async () => {
    state.pair = Number(select.value) || null;
    await vault.keep("pair", state.pair);
  } }, h("option", { value: "" }, t("pair_nobody")), others.map((one) => h("option", { value: one.id }, one.name)));
  select.value = state.pair ?? "";
  return h("div", { class: "field pair" }, h("label", { class: "field-label", for: "pair" }, icon("people"), " ", t("pair_today")), select);
}
