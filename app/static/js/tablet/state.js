// What the app knows while it is unlocked: who works here, the residents taken along, drafts, records and their counters.
import * as store from "./store.js";
import * as vault from "./vault.js";
import { record, stateOf } from "./protocol.js";

const DAY = 86_400_000;
const KEEP_DAYS = 60;
export const state = { me: null, index: [], contracts: [], meta: null, pair: null, moved: {}, instruments: new Map(), device: null };

/** Read what every screen needs. The vault must be unlocked. */
export async function load() {
  state.device = await store.get(store.PLAIN, "device");
  state.meta = await vault.read("meta");
  state.index = (await vault.read("index")) ?? [];
  state.contracts = (await vault.read("contracts")) ?? [];
  state.pair = await vault.read("pair");
  state.moved = (await vault.read("moved")) ?? {};
  state.instruments = new Map();
  for (const name of await store.keys(store.BOXES, "instrument:")) {
    const data = await vault.read(name);
    state.instruments.set(name.slice("instrument:".length), data);
  }
}

export function unload() {
  Object.assign(state, { me: null, index: [], contracts: [], meta: null, pair: null, moved: {}, instruments: new Map() });
}

/** Keep a downloaded bundle: residents not in it any more are let go, drafts and records stay. */
export async function keepBundle(bundle) {
  const { residents, instruments, contracts, ...meta } = bundle;
  const changes = [await vault.boxed("meta", meta)];
  const index = residents.map(({ sheets, ...row }) => ({ ...row, last: sheets[0]?.assessed_on ?? null }));
  changes.push(await vault.boxed("index", index), await vault.boxed("contracts", contracts));
  for (const row of residents) changes.push(await vault.boxed(`resident:${row.number}`, { sheets: row.sheets }));
  for (const [key, data] of Object.entries(instruments)) changes.push(await vault.boxed(`instrument:${key}`, data));
  const kept = new Set(residents.map((row) => `resident:${row.number}`));
  for (const name of await store.keys(store.BOXES, "resident:")) if (!kept.has(name)) changes.push({ store: store.BOXES, key: name });
  if (meta.anchor) changes.push({ store: store.PLAIN, key: "anchor", value: meta.anchor });
  changes.push(...(meta.care ? await outlived() : []));
  changes.push({ store: store.PLAIN, key: "contact", value: Date.now() });
  changes.push({ store: store.PLAIN, key: "until", value: Date.parse(meta.issued_at) + meta.offline_days * DAY });
  await store.write(changes);
  await load();
}

/** What was entered here and has been accepted stands in the new bundle: the device's own note of it goes. */
async function outlived() {
  const open = new Set((await records()).filter((row) => row.state === "waiting").map((row) => row.counter));
  const found = [];
  for (const name of await store.keys(store.BOXES, "said:")) {
    const left = (await vault.read(name)).filter((one) => open.has(one.counter));
    found.push(await vault.boxed(name, left.length ? left : undefined));
  }
  return found;
}

/** A resident taken along, with the earlier sheets. */
export async function resident(number) {
  const row = state.index.find((one) => one.number === number);
  return row ? { ...row, ...(await vault.read(`resident:${number}`)) } : null;
}

/** Milliseconds until the downloaded data is forgotten, null when there is none; time never runs backwards here. */
export async function timeLeft() {
  const until = await store.get(store.PLAIN, "until");
  if (!until) return null;
  const seen = Math.max(Date.now(), (await store.get(store.PLAIN, "seen")) ?? 0);
  await store.write([{ store: store.PLAIN, key: "seen", value: seen }]);
  return until - seen;
}

/** Forget what was downloaded; what was written here stays until the county has it. */
export async function forgetDownloads() {
  const names = [...(await store.keys(store.BOXES, "resident:")), "index", "contracts"];
  await store.write([...names.map((key) => ({ store: store.BOXES, key })), { store: store.PLAIN, key: "until" }]);
  state.index = [];
  state.contracts = [];
}

// ---- drafts

export async function drafts() {
  const names = await store.keys(store.BOXES, "draft:");
  return Promise.all(names.map((name) => vault.read(name)));
}

export const draft = (key) => vault.read(`draft:${key}`);
export const keepDraft = (value) => vault.keep(`draft:${value.key}`, { ...value, updated_at: new Date().toISOString() });

/** Begin a sheet for a resident with the instrument in force when the bundle was made. */
export async function begin(row, today) {
  const mine = state.meta.me.assessor?.id ?? null;
  const blind = row.pair?.token ?? null; // each of a blind pair scores alone
  const second = !blind && state.pair && state.pair !== mine ? state.pair : null;
  const begun = {
    key: crypto.randomUUID(), resident: row.number, name: row.name, instrument: state.meta.instrument,
    assessors: [mine, second], pair: blind, informant: null, reason: reasonFor(row), assessed_on: today, answers: {}, facts: {}, notes: "",
    signatures: {}, attachments: [], started_at: new Date().toISOString(), version: 1, replaces: null,
  };
  await keepDraft(begun);
  return begun;
}

const BY_CAUSE = { objection: "4", change: "3", hospital: "3" };

function reasonFor(row) {
  if (!row.last) return "1";
  return Object.keys(BY_CAUSE).filter((cause) => row.due?.causes.includes(cause)).map((cause) => BY_CAUSE[cause])[0] ?? "2";
}

export async function discard(value) {
  await store.write([
    { store: store.BOXES, key: `draft:${value.key}` },
    ...value.attachments.map((one) => ({ store: store.BOXES, key: `photo:${one.sha256}` })),
    ...(await store.keys(store.BOXES, `voice:${value.key}:`)).map((key) => ({ store: store.BOXES, key })),
  ]);
}

// ---- records

export const records = () => store.all(store.RECORDS);
export const payload = (counter) => vault.read(`record:${counter}`);
export const receiptOf = (counter) => vault.read(`receipt:${counter}`);

/** Turn a draft into signed records in one transaction: the draft is gone exactly when they are on disk. */
export const finish = (value, contents) => finishAll([{ value, contents, box: `draft:${value.key}` }]);

/** The same for several drafts at once. `box` is where a draft lies; `after(counters)` and `more` name further changes. */
export async function finishAll(list, more = []) {
  let counter = (await store.get(store.PLAIN, "counter")) ?? 0;
  const [changes, before] = [[...more], await records()];
  for (const { value, contents, box, after } of list) {
    const made = [];
    for (const { kind, key, content, version, replaces } of contents) {
      counter += 1;
      made.push(counter);
      const { text, signature, hash } = await record({ device: state.device.id, counter, kind, key, version, replaces, content });
      const row = { counter, kind, key, group: value.key, version, hash, state: "waiting", bytes: text.length, at: Date.now() };
      changes.push({ store: store.RECORDS, key: counter, value: row });
      changes.push(await vault.boxed(`record:${counter}`, { text, signature, name: value.name, resident: value.resident }));
    }
    for (const one of value.attachments) changes.push({ store: store.BOXES, key: `photo:${one.sha256}` });
    changes.push({ store: store.BOXES, key: box }, ...(after ? await after(made) : []));
    for (const row of before) {
      if (row.group === value.key && row.state !== "accepted" && row.state !== "waiting") {
        changes.push({ store: store.RECORDS, key: row.counter, value: { ...row, replaced: true } });
      }
    }
  }
  await store.write([...changes, { store: store.PLAIN, key: "counter", value: counter }]);
}

/** Store what a verified receipt says about one of our records; a receipt for other content changes nothing. */
export async function settle(said, signed) {
  const row = await store.get(store.RECORDS, said.counter);
  const told = stateOf(said);
  if (!row || !told || row.hash !== said.hash) return null;
  const before = await vault.read(`receipt:${row.counter}`);
  if (before && before.seq > said.seq) return row; // an older answer that came late
  const settled = { ...row, state: told };
  await store.write([
    { store: store.RECORDS, key: row.counter, value: settled },
    await vault.boxed(`receipt:${row.counter}`, { ...said, signed }),
  ]);
  return settled;
}

/** Let accepted sheets go after sixty days: so long the county may ask for them again after a restore. */
export async function tidy() {
  const changes = [];
  for (const one of await sheets()) {
    if (one.state !== "accepted" || Date.now() - one.at < KEEP_DAYS * DAY) continue;
    for (const { counter } of (await records()).filter((row) => row.group === one.key)) {
      changes.push({ store: store.RECORDS, key: counter }, { store: store.BOXES, key: `record:${counter}` }, { store: store.BOXES, key: `receipt:${counter}` });
    }
  }
  if (changes.length) await store.write(changes);
}

/** One entry for each sheet that was finished here: the state of a sheet is the worst of its records. */
export async function sheets() {
  const groups = new Map();
  for (const row of await records()) {
    if (row.replaced) continue;
    groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  }
  return [...groups].map(([key, rows]) => ({ key, rows, state: worst(rows), at: Math.max(...rows.map((row) => row.at)) })).sort((a, b) => b.at - a.at);
}

function worst(rows) {
  for (const name of ["waiting", "refused", "conflict"]) if (rows.some((row) => row.state === name)) return name;
  return "accepted";
}

/** The four figures: saved = being written + waiting + accepted + refused (a conflict waits for a person like a refusal). */
export async function counters() {
  const begun = [...(await store.keys(store.BOXES, "draft:")), ...(await store.keys(store.BOXES, "round:"))];
  const found = { saved: begun.length, waiting: 0, accepted: 0, refused: 0 };
  for (const one of await sheets()) {
    found.saved += 1;
    found[one.state === "conflict" ? "refused" : one.state] += 1;
  }
  return found;
}

/** A refused sheet as a draft again, as its next version. */
export async function correct(key) {
  const group = (await records()).filter((row) => row.group === key);
  const rows = group.filter((row) => row.kind === "sheet").sort((a, b) => b.version - a.version);
  const photos = [];
  for (const { counter } of group.filter((row) => row.kind === "attachment")) {
    const { data, sheet: _, ...photo } = JSON.parse((await payload(counter)).text).content;
    if (photo.of.startsWith("signature.")) continue; // a new version is signed anew
    photos.push(photo);
    await vault.keep(`photo:${photo.sha256}`, data);
  }
  const { text } = await payload(rows[0].counter);
  const { content } = JSON.parse(text);
  const said = await receiptOf(rows[0].counter);
  const about = await payload(rows[0].counter);
  const again = {
    key, resident: about.resident, name: about.name, instrument: content.instrument, assessors: content.assessors, pair: content.pair, informant: content.informant,
    reason: content.reason, assessed_on: content.assessed_on, answers: content.answers, facts: content.facts, notes: content.notes ?? "",
    signatures: {}, attachments: photos, started_at: content.started_at, version: rows[0].version + 1, replaces: rows[0].hash,
    refusal: said ? { reason: said.reason, fields: said.fields } : null,
  };
  await keepDraft(again);
  return again;
}
