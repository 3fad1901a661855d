// The courier: without any network, what waits leaves as a file that only the county can open; any device hands it in.
import { toast } from "../dom.js";
import { t } from "../words.js";
import * as store from "../store.js";
import * as sync from "../sync.js";
import * as vault from "../vault.js";
import { payload, records, state } from "../state.js";

const ABOUT = "yiheng courier 1";
const utf8 = new TextEncoder();

/** The text of a courier file with the given records, sealed to the county's key and signed by this device. */
export async function sealed(rows) {
  const wire = await Promise.all(rows.map(async (row) => {
    const { text, signature } = await payload(row.counter);
    return { text, signature };
  }));
  const county = state.device.courier_key;
  const their = await crypto.subtle.importKey("jwk", county.jwk, { name: "ECDH", namedCurve: "P-256" }, false, []);
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: their }, pair.privateKey, 256);
  const [salt, iv] = [crypto.getRandomValues(new Uint8Array(16)), crypto.getRandomValues(new Uint8Array(12))];
  const base = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const key = await crypto.subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt, info: utf8.encode(ABOUT) }, base, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const box = vault.base64url(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(ABOUT) }, key, utf8.encode(JSON.stringify({ records: wire }))));
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return JSON.stringify({
    v: 1, device: state.device.id, made_at: new Date().toISOString(), to: county.key_id, epk: { kty, crv, x, y },
    salt: vault.base64url(salt), iv: vault.base64url(iv), box, signature: await vault.sign(box),
  });
}

/** Offer everything that waits as a file. */
export async function exported() {
  const text = await sealed((await records()).filter((row) => row.state === "waiting"));
  const address = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${new Date().toISOString().slice(0, 10)}-${state.device.id.slice(0, 8)}.yiheng`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  toast(t("courier_made"), "info");
}

/** Take another device's file along; it is handed in unopened at the next contact. */
export async function carry(file) {
  if (file) await keepCarried(await file.text());
}

/** Keep the text of a courier's file, from a file or from QR codes. */
export async function keepCarried(text) {
  let made = null;
  try {
    made = JSON.parse(text);
  } catch {
    made = null;
  }
  if (made?.v !== 1 || typeof made.box !== "string" || typeof made.device !== "string") {
    toast(t("courier_wrong"), "bad");
    return;
  }
  await vault.keep(`carried:${await vault.sha256(text)}`, { text, device: made.device, made_at: made.made_at });
  toast(t("courier_kept"), "info");
  await handIn();
}

let handing = null;

/** Hand in what is carried for others, one at a time; a file stays until the county has answered for it. */
export function handIn() {
  handing ??= handAll().finally(() => (handing = null));
  return handing;
}

async function handAll() {
  for (const name of await store.keys(store.BOXES, "carried:")) {
    const { text } = await vault.read(name);
    const answer = await sync.handOver(text);
    if (answer === null) return;
    await store.write([{ store: store.BOXES, key: name }]);
    toast(t("courier_handed", { count: answer.receipts?.length ?? 0 }), "good");
  }
}
