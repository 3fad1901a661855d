// Days of care in the list of records: what they are about, reading one, correcting one that was refused.
import { badge, facts, h, notice, section } from "../dom.js";
import { day, say, t } from "../words.js";
import { payload, receiptOf, records, state } from "../state.js";
import * as care from "../care.js";
import * as vault from "../vault.js";
import { nameOf } from "./choosing.js";
import { STATES } from "./list.js";
import { correctButton, words } from "./records.js";

/** Days begun and not handed in, as the list of records shows drafts. */
export async function roundsBegun() {
  return (await care.begun()).map((one) => ({ ...one, about: day(one.day), place: `#/care/${one.resident}/${one.day}` }));
}

/** What a record is about, before the time it was finished. */
export function subjectOf(row, about) {
  if (row.kind !== "care_day" && row.kind !== "care_round") return null;
  return `${day(JSON.parse(about.text).content.day)} · `;
}

export async function careRecord(frame, one, main) {
  const about = await payload(main.counter);
  const { content } = JSON.parse(about.text);
  const parts = await Promise.all(one.rows.filter((row) => row.kind === "care_day").map(async (row) => JSON.parse((await payload(row.counter)).text).content));
  const told = one.rows.filter((row) => row.kind !== "attachment" || row.state === "refused");
  const said = await Promise.all(told.map((row) => receiptOf(row.counter)));
  const reason = (code) => say(state.meta.reasons.find((each) => each.code === code)?.words) || code;
  const words_ = (entry) => `${t(`outcome_${entry.outcome}`)} × ${entry.times}${entry.reason ? ` · ${reason(entry.reason)}` : ""}${entry.note ? ` · ${entry.note}` : ""}`;
  const lines = parts.flatMap((part) => Object.entries(part.entries).map(([item, entry]) => [nameOf(item), words_(entry)]));
  for (const [number, entries] of Object.entries(content.days ?? {})) {
    const all = Object.entries(entries).map(([item, entry]) => [item, care.full(entry)]);
    const done = all.filter(([, entry]) => entry.outcome === "done").reduce((sum, [, entry]) => sum + entry.times, 0);
    const rest = all.filter(([, entry]) => entry.outcome !== "done" || entry.note).map(([item, entry]) => `${nameOf(item)} ${words_(entry)}`);
    lines.push([state.moved[number] ? number : (care.rowOf(number)?.name ?? number), [done ? `${t("outcome_done")} × ${done}` : null, ...rest].filter(Boolean).join(" · ")]);
  }
  const body = [
    h("p", {}, badge(t(STATES[one.state][1]), STATES[one.state][0]), " ", content.day ? day(content.day) : null),
    h("div", { class: "said" }, said.map(words)),
    one.state === "refused" && main.kind !== "care_round" ? h("div", { class: "buttons" }, correctButton(one.key, main.kind)) : null,
    content.correction ? notice("info", t("care_why_correct"), h("p", {}, content.correction)) : null,
    lines.length ? section(t("care_said"), facts(lines)) : null,
    content.card ? h("p", {}, badge(t("card_seen"), "good")) : null,
    h("p", { class: "rule-version" }, t("record_mark", { counter: main.counter }), " SHA-256 ", h("code", {}, `${main.hash.slice(0, 16)}…`)),
  ];
  return frame({ title: about.name, here: "records", trail: ["#/records", t("records_title")], body });
}

/** A refused day as a draft again, as its next version; the address to go on at. */
export async function correctCare(key) {
  const rows = (await records()).filter((row) => row.group === key && row.kind === "care_day" && !row.replaced);
  const [main] = [...rows].sort((a, b) => b.version - a.version);
  const entries = {};
  for (const row of rows.filter((each) => each.state === "refused")) {
    const { content } = JSON.parse((await payload(row.counter)).text);
    for (const [item, entry] of Object.entries(content.entries)) entries[item] = [...(entries[item] ?? []), entry];
  }
  const about = await payload(main.counter);
  const { content } = JSON.parse(about.text);
  const photos = [];
  for (const row of (await records()).filter((each) => each.group === key && each.kind === "attachment" && each.state === "refused")) {
    const { data, sheet: _, ...photo } = JSON.parse((await payload(row.counter)).text).content;
    photos.push(photo);
    await vault.keep(`photo:${photo.sha256}`, data);
  }
  await care.again({ key, resident: content.resident, name: about.name, day: content.day, entries, photos, card: content.card, version: main.version + 1, replaces: main.hash,
    started_at: content.started_at, updated_at: new Date().toISOString(), refusal: (await receiptOf(main.counter))?.reason ?? null });
  return `#/care/${content.resident}/${content.day}`;
}
