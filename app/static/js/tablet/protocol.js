// Records and receipts (docs/rules/sync.md): one text, one hash, one signature; nobody re-serialises.
import { sha256, sign, unbase64 } from "./vault.js";

const utf8 = new TextEncoder();
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const HASH = { name: "ECDSA", hash: "SHA-256" };

/** A signed record as it goes over the wire, with its hash. */
export async function record({ device, counter, kind, key, version, replaces, content }) {
  const text = JSON.stringify({
    v: 1, device, counter, kind, schema: 1, key, version, replaces: replaces ?? null, written_at: new Date().toISOString(), content,
  });
  return { text, signature: await sign(text), hash: await sha256(text) };
}

async function genuine(signed, keys) {
  const known = keys.find((one) => one.key_id === signed?.key_id);
  if (!known || typeof signed.text !== "string" || typeof signed.signature !== "string") return null;
  try {
    const key = await crypto.subtle.importKey("jwk", known.jwk, CURVE, false, ["verify"]);
    if (!(await crypto.subtle.verify(HASH, key, unbase64(signed.signature), utf8.encode(signed.text)))) return null;
    return JSON.parse(signed.text);
  } catch {
    return null;
  }
}

/** What a receipt says, or null unless the county signed it for this device. */
export async function receipt(signed, keys, device) {
  const said = await genuine(signed, keys);
  return said && said.v === 1 && said.device === device && Number.isInteger(said.counter) ? said : null;
}

/** Whether this is the county's own order to this device to forget its data. */
export async function forgetting(signed, keys, device) {
  const said = await genuine(signed, keys);
  return Boolean(said && said.order === "forget" && said.device === device);
}

/** The state a receipt gives a record: accepted, refused or conflict. */
export function stateOf(said) {
  const verdict = said.verdict === "duplicate" ? said.was : said.verdict;
  return ["accepted", "refused", "conflict"].includes(verdict) ? verdict : null;
}
