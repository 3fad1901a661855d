// Encryption of what lies on the device: AES-256-GCM with a random key, which a PIN unlocks.
// PIN → PBKDF2 → HMAC with a key that this browser never hands out → key that wraps the data key. A copy of the database
// alone cannot be tried against all PINs: the inner key is not extractable.
import { BOXES, PLAIN, RECORDS, get, write } from "./store.js";

const ROUNDS = 310_000;
const FREE_TRIES = 5;
const WAIT_MS = 30_000;
const utf8 = new TextEncoder();
const text = new TextDecoder();
let key = null;
let signer = null;

export class WrongPin extends Error {}
export class MustWait extends Error {
  constructor(until) {
    super("wait");
    this.until = until;
  }
}

export const unlocked = () => key !== null;

async function wrapping(pin, salt, inner) {
  const base = await crypto.subtle.importKey("raw", utf8.encode(pin), "PBKDF2", false, ["deriveBits"]);
  const stretched = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, base, 256);
  const bits = await crypto.subtle.sign("HMAC", inner, stretched);
  return crypto.subtle.importKey("raw", bits, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function encrypt(under, bytes, about) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(about) }, under, bytes);
  return { iv, data: new Uint8Array(data) };
}

async function decrypt(under, box, about) {
  return crypto.subtle.decrypt({ name: "AES-GCM", iv: box.iv, additionalData: utf8.encode(about) }, under, box.data);
}

/** A fresh vault under `pin` with the device's signing key inside; returns the public half (JWK). */
export async function create(pin, device) {
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const inner = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  const secret = await encrypt(key, await crypto.subtle.exportKey("pkcs8", pair.privateKey), "signer");
  const wrapped = await encrypt(await wrapping(pin, salt, inner), raw, "vault");
  raw.fill(0);
  signer = pair.privateKey;
  const vault = { device, salt, inner, wrapped, signer: secret, tries: 0, wait: 0 };
  await write([{ store: PLAIN, key: "vault", value: vault }]);
  return crypto.subtle.exportKey("jwk", pair.publicKey);
}

/** Unlock with the PIN. Raises WrongPin, or MustWait after five wrong ones. */
export async function unlock(pin) {
  const vault = await get(PLAIN, "vault");
  if (vault.wait > Date.now()) throw new MustWait(vault.wait);
  try {
    const raw = await decrypt(await wrapping(pin, vault.salt, vault.inner), vault.wrapped, "vault");
    key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  } catch {
    const tries = vault.tries + 1;
    const wait = tries >= FREE_TRIES ? Date.now() + WAIT_MS * 2 ** Math.min(tries - FREE_TRIES, 7) : 0;
    await write([{ store: PLAIN, key: "vault", value: { ...vault, tries, wait } }]);
    throw wait ? new MustWait(wait) : new WrongPin();
  }
  const secret = await decrypt(key, vault.signer, "signer");
  signer = await crypto.subtle.importKey("pkcs8", secret, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  if (vault.tries) await write([{ store: PLAIN, key: "vault", value: { ...vault, tries: 0, wait: 0 } }]);
}

/** Another PIN for the same data; the old one is asked for first. */
export async function changePin(old, pin) {
  const vault = await get(PLAIN, "vault");
  const raw = await decrypt(await wrapping(old, vault.salt, vault.inner), vault.wrapped, "vault").catch(() => {
    throw new WrongPin();
  });
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const wrapped = await encrypt(await wrapping(pin, salt, vault.inner), raw, "vault");
  await write([{ store: PLAIN, key: "vault", value: { ...vault, salt, wrapped, tries: 0, wait: 0 } }]);
}

/** Forget the keys of this session; the data stays, encrypted. */
export function lock() {
  key = null;
  signer = null;
}

/** Encrypt any JSON value; `about` names what it is, so that two boxes cannot be swapped. */
export async function seal(value, about) {
  return encrypt(key, utf8.encode(JSON.stringify(value)), about);
}

export async function unseal(box, about) {
  return JSON.parse(text.decode(await decrypt(key, box, about)));
}

/** The device's signature over a text, base64url. */
export async function sign(words) {
  return base64url(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, signer, utf8.encode(words)));
}

/** Read a box, or null when there is none. */
export async function read(name) {
  const box = await get(BOXES, name);
  return box ? unseal(box, name) : null;
}

/** The change that writes a box; several go into one transaction. */
export async function boxed(name, value) {
  return { store: BOXES, key: name, value: value === undefined ? undefined : await seal(value, name) };
}

/** Keep one box. */
export async function keep(name, value) {
  await write([await boxed(name, value)]);
}

export function base64url(bytes) {
  return base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function base64(bytes) {
  let binary = "";
  const view = new Uint8Array(bytes);
  for (let n = 0; n < view.length; n += 0x8000) binary += String.fromCharCode(...view.subarray(n, n + 0x8000));
  return btoa(binary);
}

export function unbase64(words) {
  const binary = atob(words.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

export async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", typeof bytes === "string" ? utf8.encode(bytes) : bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export { BOXES, PLAIN, RECORDS };
