// Sending what waits and believing only signed receipts. Any interruption is harmless: the same records go out again.
import * as store from "./store.js";
import * as vault from "./vault.js";
import * as protocol from "./protocol.js";
import { counters, keepBundle, payload, records, settle, state, tidy } from "./state.js";

const BATCH = 100;
const BATCH_BYTES = 1_500_000;
const TIMEOUT_MS = 60_000;
const listeners = new Set();
export const status = { busy: false, reached: null, problem: null, moved: false };

/** Called after every change of the connection or of a record's state. */
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function tell() {
  for (const listener of listeners) listener();
}

async function ask(path, body, headers = {}) {
  const token = await vault.read("token");
  return fetch(path, {
    method: "POST", credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT_MS), body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...(token && !headers["X-CSRFToken"] ? { Authorization: `Device ${token}` } : {}), ...headers },
  });
}

let running = null;
let more = false;

/** Send everything that waits, batch after batch; returns whether the county was reached. Asked for while a sending is
 * under way, one more follows it: what was finished since may not be in the batches that are out. */
export async function run() {
  if (!vault.unlocked() || !state.device?.receipt_keys) return false;
  more = true;
  running ??= again().finally(() => (running = null));
  return running;
}

async function again() {
  while (more) {
    more = false;
    await once();
  }
  return status.reached;
}

async function once() {
  status.busy = true;
  status.problem = null;
  tell();
  try {
    await sendAll();
    await tidy();
    status.reached = true;
  } catch (error) {
    status.reached = false;
    status.problem = error instanceof Refusal ? error : null;
  } finally {
    status.busy = false;
    tell();
  }
}

/** The server answered, but not with receipts: `code` says why, `words` are its own. */
export class Refusal extends Error {
  constructor(code, words) {
    super(words);
    this.code = code;
  }
}

async function sendAll() {
  const sent = new Set();
  let forget = false;
  for (;;) {
    const waiting = (await records()).filter((row) => row.state === "waiting" && !sent.has(row.counter));
    const batch = cut(waiting);
    const answer = await send(batch);
    for (const row of batch) sent.add(row.counter);
    const torn = [];
    for (const signed of [...(answer.receipts ?? []), ...(answer.updates ?? [])]) {
      const said = await protocol.receipt(signed, state.device.receipt_keys, state.device.id);
      const row = said && (await settle(said, signed));
      if (row?.kind === "care_round" && row.state === "refused") torn.push(row.counter);
    }
    if (torn.length) await (await import("./care.js")).split(torn);
    forget ||= Boolean(answer.forget);
    if (!answer.forget) await heed(answer);
    tell();
    if (waiting.length > batch.length || answer.missing?.length || torn.length) continue;
    if (forget) await erase(answer.forget);
    return;
  }
}

function cut(rows) {
  const batch = [];
  let bytes = 0;
  for (const row of rows) {
    if (batch.length && (batch.length >= BATCH || bytes + row.bytes > BATCH_BYTES)) break;
    batch.push(row);
    bytes += row.bytes;
  }
  return batch;
}

async function send(batch) {
  const wire = await Promise.all(batch.map(async (row) => {
    const { text, signature } = await payload(row.counter);
    return { text, signature };
  }));
  const [since, rows] = [(await store.get(store.PLAIN, "since")) ?? null, await records()];
  const held = runs(rows.filter((row) => row.state !== "waiting").map((row) => row.counter));
  const response = await ask("/tablet/api/records", { records: wire, since, held, counts: await counters(), now: new Date().toISOString() });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const asked = answer.missing?.length || (await protocol.forgetting(answer.forget, state.device.receipt_keys, state.device.id));
  if (response.status === 403 && asked) return answer; // blocked: to hand over what the county lost, then to forget
  throw new Refusal(response.status === 401 ? "signed out" : "refused", answer.error?.message ?? String(response.status));
}

/** Numbers as runs: [1, 2, 3, 7] → [[1, 3], [7, 7]]. */
export function runs(numbers) {
  const found = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    if (found.length && found.at(-1)[1] === number - 1) found.at(-1)[1] = number;
    else found.push([number, number]);
  }
  return found;
}

/** The county has blocked this device: what waited was handed over just now, so everything is erased and that is said. */
async function erase(order) {
  const told = ask("/tablet/api/forgotten", { order }).catch(() => null);
  await Promise.race([told, new Promise((done) => setTimeout(done, 3000))]);
  await store.forgetAll();
  location.reload();
}

/** What else the county said: residents who moved away, records it lost in a restore, keys, the newest form. */
async function heed(answer) {
  const changes = [{ store: store.PLAIN, key: "contact", value: Date.now() }];
  if (answer.latest) changes.push({ store: store.PLAIN, key: "since", value: answer.latest });
  if (answer.offline_until) changes.push({ store: store.PLAIN, key: "until", value: Date.parse(answer.offline_until) });
  if (answer.anchor) changes.push({ store: store.PLAIN, key: "anchor", value: answer.anchor });
  if (answer.newest) state.newest = answer.newest;
  if (answer.moved?.length) {
    state.moved = { ...state.moved };
    status.moved = true;
    for (const one of answer.moved) state.moved[one.resident] = { since: one.since, to: one.to };
    changes.push(await vault.boxed("moved", state.moved));
    for (const one of answer.moved) changes.push({ store: store.BOXES, key: `resident:${one.resident}` });
  }
  const lost = (counter) => answer.missing?.some(([first, last]) => counter >= first && counter <= last);
  for (const row of await records()) {
    if (row.state !== "waiting" && lost(row.counter)) {
      changes.push({ store: store.RECORDS, key: row.counter, value: { ...row, state: "waiting" } });
    }
  }
  await store.write(changes);
}

/** After the token has run out a sign-in at the desk gives a new one: enrol again with the same key and send. */
export async function signedInAgain() {
  if (status.problem?.code !== "signed out") return false;
  const who = await session();
  if (!(who?.may_assess || who?.may_care || who?.may_sign)) return false;
  try {
    const { token, receipt_keys: receiptKeys, courier_key: courierKey } = await enrol(who.csrf, state.device.name, state.device.public_key);
    state.device = { ...state.device, receipt_keys: receiptKeys, courier_key: courierKey };
    await store.write([{ store: store.PLAIN, key: "device", value: state.device }, await vault.boxed("token", token)]);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    status.problem = error;
    tell();
    return false;
  }
  return run();
}

/** Whatever can be done now: send, renew the token after a sign-in, hand in what is carried for others; was anybody reached? */
export async function connect() {
  if (!((await run()) || (await signedInAgain()))) return false;
  const { handIn } = await import("./screens/courier.js");
  await handIn();
  return true;
}

const BUNDLES = { care: "/tablet/api/care", contracts: "/tablet/api/contracts", sheets: "/tablet/api/bundle" };

/** Take along the residents of the chosen areas, the ones somebody cares for, or the contracts that wait for signatures. */
export async function download(areas, what = state.meta?.care ? "care" : (state.meta?.for ?? "sheets")) {
  const response = await ask(BUNDLES[what], { areas });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status === 401 ? "signed out" : "refused", answer.error?.message ?? String(response.status));
  await keepBundle(answer);
  tell();
}

/** Hand in a courier's file as it is; the answer, or null when the county was not reached. */
export async function handOver(text) {
  try {
    const token = await vault.read("token");
    const response = await fetch("/tablet/api/courier", {
      method: "POST", credentials: "same-origin", body: text, signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { "Content-Type": "application/json", Authorization: `Device ${token}` },
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Enrol this device for the account that is signed in. */
export async function enrol(csrf, name, key) {
  const response = await ask("/tablet/api/devices", { id: state.device.id, name, public_key: key }, { "X-CSRFToken": csrf });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal("refused", answer.error?.message ?? String(response.status));
  return answer;
}

/** Who is signed in at the server, or null without network. */
export async function session() {
  try {
    const response = await fetch("/tablet/api/session", { credentials: "same-origin", signal: AbortSignal.timeout(8000) });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
