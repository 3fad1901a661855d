// A JSON document as the one text that is hashed: names sorted by code point, no blanks (assessments/export.py).
import { byCodePoint } from "./sheet.js";

export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const names = Object.keys(value).sort(byCodePoint);
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** SHA-256 of a text, in hexadecimal. Needs a secure context (HTTPS, or this machine itself). */
export async function sha256(text) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The instrument's data out of what the server exported; throws when its hash is not the one it came with. */
export async function opened(exported) {
  const { data, export_sha256: wanted } = exported;
  if ((await sha256(canonical(data))) !== wanted) throw new Error(`the data of ${exported.key} is damaged`);
  return data;
}
