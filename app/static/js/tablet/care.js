// Care without network: what stands on a resident's day, what was entered here, and turning it into signed records.
import * as store from "./store.js";
import * as vault from "./vault.js";
import { finishAll, payload, records, state } from "./state.js";
import { localDay, t } from "./words.js";

export const ITEMS = Array.from({ length: 12 }, (_, n) => `S${String(n + 1).padStart(2, "0")}`);
const OUTCOMES = ["done", "not_done", "not_needed"];
const DAY = 86_400_000;
const HOUR = { hour: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" };

const noon = (day) => Date.parse(`${day}T12:00:00Z`);
export const shifted = (day, by) => new Date(noon(day) + by * DAY).toISOString().slice(0, 10);
export const rowOf = (number) => state.index.find((row) => row.number === number) ?? null;
/** Residents on this device who have not moved away. */
export const everybody = () => state.index.filter((row) => !state.moved[row.number]);

const draftName = (number, day) => `round:${number}:${day}`;
const saidName = (number, day) => `said:${number}:${day}`;

/** Hours counted through all days, so that a shift across midnight is one stretch. */
const hourAt = (day, hour) => Math.floor(noon(day) / DAY) * 24 + hour;
const dayAt = (hour) => new Date(Math.floor(hour / 24) * DAY).toISOString().slice(0, 10);
export const hourNow = (now = new Date()) => hourAt(localDay(now), Number(now.toLocaleTimeString("en-GB", HOUR).slice(0, 2)));

/** When shifts begin around a day, by the version in force on each (app/care/rules/shifts.py). */
function marks(day) {
  return [-1, 0, 1].flatMap((by) => {
    const one = shifted(day, by);
    const { key, begins } = state.meta.hours.filter((hours) => hours.from <= one).at(-1) ?? state.meta.hours[0];
    return begins.map(([hour, id]) => ({ id, key, from: hourAt(one, hour) }));
  });
}

/** The shift that runs in an hour: its word, the version of its hours, and from when to when. */
export function shiftAt(hour) {
  const all = marks(dayAt(hour));
  const place = all.filter((one) => one.from <= hour).length - 1;
  return { ...all[place], to: all[place + 1].from };
}

/** The day a shift begins: with its word that names it. */
export const dayOfShift = (shift) => dayAt(shift.from);

/** The shift of a word that begins on a day. */
export const shiftOf = (day, id) => shiftAt(marks(day).find((one) => one.id === id && dayAt(one.from) === day).from);

/** First and last hour of a shift on a day; null when it does not touch it. */
export function partOf(shift, day) {
  const midnight = hourAt(day, 0);
  const [first, last] = [Math.max(shift.from, midnight) - midnight, Math.min(shift.to, midnight + 24) - midnight];
  return first < last ? [first, last] : null;
}

export const daysOfShift = (shift) => [...new Set([dayAt(shift.from), dayAt(shift.to - 1)])];

/** A shift in words. */
export const shiftWords = (shift) => ({ shift: t(`shift_${shift.id}`), from: shift.from % 24, to: shift.to % 24 || 24 });

/** How many of the times due belong before an hour. */
export const dueBy = (item, hour) => Math.min(item.due, parseInt(item.by[hour], 16));

export function planOf(row, day) {
  return row.plans.find((plan) => plan.from <= day && (!plan.to || plan.to >= day)) ?? null;
}

/** Why somebody is not there on a day, or null. */
export const awayOn = (row, day) => row.away.find((one) => one.from <= day && (!one.to || one.to >= day)) ?? null;

function dueOn(row, day) {
  const digits = row.due[Math.round((noon(day) - noon(state.meta.first)) / DAY)];
  return digits ? Object.fromEntries(ITEMS.map((item, n) => [item, parseInt(digits[n], 16)])) : null;
}

/** One entry on top of what stands: it only adds, unless it is a correction (docs/rules/sync.md). */
export function apply(counts, due, entry, correction) {
  if (!due) {
    counts.extra = correction ? entry.times : Math.max(counts.extra, entry.times);
    return;
  }
  const have = counts[entry.outcome];
  let need = (correction ? entry.times : Math.max(have, entry.times)) - have;
  const open = due - OUTCOMES.reduce((sum, one) => sum + counts[one], 0);
  counts[entry.outcome] += need < 0 ? need : Math.min(need, Math.max(0, open));
  need -= Math.max(0, open);
  for (const from of correction ? ["not_done", "not_needed", "done"] : []) {
    if (need <= 0 || from === entry.outcome) continue;
    const taken = Math.min(need, counts[from]);
    counts[from] -= taken;
    counts[entry.outcome] += taken;
    need -= taken;
  }
}

/** A resident's day as a screen needs it, with what was entered here on top of what the county knew. */
export function dayOf(row, day, entered, draft) {
  const [plan, due, away] = [planOf(row, day), dueOn(row, day), awayOn(row, day)];
  if (!plan || !due) return { row, day, plan: null, items: [], away, draft };
  const base = row.said[day] ?? {};
  const [first, last] = partOf(shiftAt(hourNow()), day) ?? [24, 24];
  const items = plan.lines.map((line) => {
    const { item } = line;
    const counts = { ...Object.fromEntries(OUTCOMES.map((one) => [one, base[one]?.[item] ?? 0])), extra: base.extra?.[item] ?? 0 };
    for (const one of entered) if (one.entries[item]) apply(counts, due[item], one.entries[item], one.correction);
    const before = { ...counts };
    for (const one of draft?.entries[item] ?? []) apply(counts, due[item], one, false);
    const said = OUTCOMES.reduce((sum, one) => sum + counts[one], 0);
    const [overdueAt, expected] = [first, last].map((hour) => dueBy({ due: due[item], by: line.by }, hour));
    return { ...line, due: due[item], ...counts, before, said, open: due[item] - said, now: Math.max(0, expected - said), overdue: overdueAt > said,
      drafted: Boolean(draft?.entries[item]?.length) };
  });
  return { row, day, plan, items, away, draft };
}

/** What was entered on this device for a day and not refused, oldest first. */
async function enteredFor(number, day, states) {
  const kept = (await vault.read(saidName(number, day))) ?? [];
  return kept.filter((one) => states.get(one.counter) && states.get(one.counter) !== "refused");
}

/** The days of some residents, with drafts and what waits. */
export async function daysOf(rows, day) {
  const states = new Map((await records()).map((row) => [row.counter, row.state]));
  return Promise.all(rows.map(async (row) => dayOf(row, day, await enteredFor(row.number, day, states), await vault.read(draftName(row.number, day)))));
}

export async function oneDay(row, day) {
  return (await daysOf([row], day))[0];
}

/** Everything begun and not handed in yet. */
export async function begun() {
  return Promise.all((await store.keys(store.BOXES, "round:")).map((name) => vault.read(name)));
}

function fresh(row, day) {
  return { key: crypto.randomUUID(), resident: row.number, name: row.name, day, entries: {}, photos: [], card: null, version: 1, replaces: null, started_at: new Date().toISOString() };
}

async function keepDraft(row, day, change) {
  const draft = (await vault.read(draftName(row.number, day))) ?? fresh(row, day);
  change(draft);
  const empty = !Object.keys(draft.entries).length && !draft.photos.length && !draft.card && !draft.replaces;
  await store.write([await vault.boxed(draftName(row.number, day), empty ? undefined : { ...draft, updated_at: new Date().toISOString() })]);
}

/** Enter that an item has an outcome so many times in all; what was entered for that outcome here is replaced. */
export const enter = (row, day, item, entry) => keepDraft(row, day, (draft) => {
  draft.entries[item] = [...(draft.entries[item] ?? []).filter((one) => one.outcome !== entry.outcome), entry];
});

/** Take back what was entered for an item and not handed in. */
export const takeBack = (row, day, item) => keepDraft(row, day, (draft) => delete draft.entries[item]);

export const keepCard = (row, day, code) => keepDraft(row, day, (draft) => (draft.card = code));

/** Keep a picture with a day; it is named by its hash. */
export async function keepPhoto(row, day, item, bytes) {
  const sha256 = await vault.sha256(bytes);
  await store.write([await vault.boxed(`photo:${sha256}`, vault.base64(bytes))]);
  await keepDraft(row, day, (draft) => {
    if (!draft.photos.some((one) => one.sha256 === sha256)) draft.photos.push({ sha256, mime: "image/jpeg", bytes: bytes.length, of: item, taken_at: new Date().toISOString() });
  });
}

/** A draft again from a refused record, as its next version. */
export async function again(draft) {
  await store.write([await vault.boxed(draftName(draft.resident, draft.day), draft)]);
}

/** What a whole round adds to a day: the rest of the shift as done; all that is open of who is away as not needed. */
export function whole(one) {
  const found = {};
  for (const item of one.items) {
    const times = one.away ? item.open : item.now;
    if (times <= 0) continue;
    const outcome = one.away ? "not_needed" : "done";
    found[item.item] = { outcome, times: item[outcome] + times, reason: one.away ? "hospital" : null, note: null };
  }
  return found;
}

/** Hand in drafts as signed records in one transaction; with `rest`, everything still open of the shift as planned. The round
 * of a day goes as one record; what came with a picture, a card or a refusal, or says two things of one service, as its own. */
export async function handIn(days, rest) {
  const [single, together] = [[], []];
  for (const one of days) {
    const draft = one.draft ?? fresh(one.row, one.day);
    const entries = { ...draft.entries };
    if (rest) {
      for (const [item, entry] of Object.entries(whole(one))) {
        entries[item] = [...(entries[item] ?? []).filter((each) => each.outcome !== entry.outcome), entry];
      }
    }
    if (!Object.keys(entries).length) continue;
    const plain = !draft.photos.length && !draft.card && !draft.replaces && Object.values(entries).every((each) => each.length === 1);
    (plain ? together : single).push([one, { ...draft, entries }]);
  }
  if (together.length < 2) single.push(...together.splice(0));
  const list = await Promise.all(single.map(([one, draft]) => handedIn(one, draft, "")));
  if (together.length) list.push(await roundOf(together));
  if (list.length) await finishAll(list);
  return single.length + together.length;
}

/** The day of several residents as one record; a number stands for done so many times in all. */
async function roundOf(list) {
  const key = crypto.randomUUID();
  const [[first]] = list;
  const anchor = (await store.get(store.PLAIN, "anchor")) ?? null;
  const short = (entry) => (entry.outcome === "done" && !entry.note ? entry.times : entry);
  const days = Object.fromEntries(list.map(([one, draft]) => [one.row.number, Object.fromEntries(Object.entries(draft.entries).map(([item, [entry]]) => [item, short(entry)]))]));
  const content = { day: first.day, days, anchor, finished_at: new Date().toISOString() };
  const after = async ([counter]) => Promise.all(list.flatMap(([one, draft]) => {
    const entries = Object.fromEntries(Object.entries(draft.entries).map(([item, [entry]]) => [item, entry]));
    return [kept(one, [{ counter, entries, correction: false }]), ...(one.draft ? [vault.boxed(draftName(one.row.number, one.day), undefined)] : [])];
  }));
  const name = t("round_of", { count: list.length });
  return { value: { key, name, resident: null, attachments: [] }, contents: [{ kind: "care_round", key, version: 1, replaces: null, content }], box: "none", after };
}

async function kept(one, more) {
  const name = saidName(one.row.number, one.day);
  return vault.boxed(name, [...((await vault.read(name)) ?? []), ...more]);
}

/** An entry of a round in full. */
export const full = (entry) => (typeof entry === "number" ? { outcome: "done", times: entry, reason: null, note: null } : entry);

/** The county could not take a round as a whole: its days go one by one, so that each gets its own answer. */
export async function split(counters) {
  for (const counter of counters) {
    const rows = await records();
    const [row] = rows.filter((each) => each.counter === counter);
    if (row?.kind !== "care_round" || row.replaced) continue;
    const { content } = JSON.parse((await payload(counter)).text);
    const list = await Promise.all(Object.entries(content.days).map(async ([number, entries]) => {
      const known = rowOf(number) ?? { number, name: number };
      const draft = { ...fresh(known, content.day), entries: Object.fromEntries(Object.entries(entries).map(([item, entry]) => [item, [full(entry)]])) };
      return handedIn({ row: known, day: content.day, draft: null }, draft, "");
    }));
    await finishAll(list, [{ store: store.RECORDS, key: counter, value: { ...row, replaced: true } }]);
  }
}

/** Correct something that stands: records of their own, one after the other, with their reason. */
export async function correct(one, item, entries, reason) {
  const draft = { ...fresh(one.row, one.day), entries: { [item]: entries } };
  await finishAll([await handedIn({ ...one, draft: null }, draft, reason)]);
}

/** Records hold one outcome of an item each: what was done twice and left out once goes as two. */
async function handedIn(one, draft, reason) {
  const { row, day } = one;
  const anchor = (await store.get(store.PLAIN, "anchor")) ?? null;
  const layers = Math.max(...Object.values(draft.entries).map((entries) => entries.length));
  const contents = Array.from({ length: layers }, (_, n) => ({
    kind: "care_day", key: n ? `${draft.key}.${n + 1}` : draft.key, version: draft.version, replaces: n ? null : draft.replaces,
    content: {
      resident: row.number, day, correction: reason || null, card: draft.card, anchor, photos: n ? [] : draft.photos.map((photo) => photo.sha256),
      entries: Object.fromEntries(Object.entries(draft.entries).filter(([, entries]) => entries[n]).map(([item, entries]) => [item, entries[n]])),
      started_at: draft.started_at, finished_at: new Date().toISOString(),
    },
  }));
  const said = contents.map(({ content }) => content.entries);
  for (const { taken_at: takenAt, ...photo } of draft.photos) {
    contents.push({ kind: "attachment", key: photo.sha256, version: 1, replaces: null, content: { sheet: draft.key, ...photo, taken_at: takenAt, data: await vault.read(`photo:${photo.sha256}`) } });
  }
  const value = { key: draft.key, name: row.name, resident: row.number, attachments: draft.photos };
  const after = async (counters) => {
    return [await kept(one, said.map((entries, n) => ({ counter: counters[n], entries, correction: Boolean(reason) })))];
  };
  return { value, contents, box: one.draft ? draftName(row.number, day) : "none", after };
}

/** Hand a shift over: signed by who leaves and by who comes; in the place of a refused one, if there is one. */
export async function handOver(content, old) {
  const key = old?.key ?? crypto.randomUUID();
  const anchor = (await store.get(store.PLAIN, "anchor")) ?? null;
  await finishAll([{ value: { key, name: content.title, resident: null, attachments: [] }, box: "none",
    contents: [{ kind: "care_handover", key, version: (old?.version ?? 0) + 1, replaces: old?.hash ?? null, content: { ...content, title: undefined, anchor } }] }]);
}
