// Photos as evidence: shrunk on a canvas, which leaves place, time and camera (EXIF) behind; named by their hash.
import { badge, bytesOf, h, icon, toast } from "../dom.js";
import { t } from "../words.js";
import * as store from "../store.js";
import * as vault from "../vault.js";

const LONGEST = 1280;
const MOST_BYTES = 700_000;
const TRIES = 40;

/** The shrunk picture as JPEG; nothing of the original file but its pixels. */
export async function shrink(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale))];
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  for (const quality of [0.8, 0.6, 0.4]) {
    const bytes = bytesOf(canvas, "image/jpeg", quality);
    if (bytes.length <= MOST_BYTES) return bytes;
  }
  throw new Error("too large");
}

/** Keep bytes as an attachment of a draft; the draft names it by hash in the same transaction. */
export async function attach(writing, bytes, mime, of) {
  const sha256 = await vault.sha256(bytes);
  if (writing.draft.attachments.some((one) => one.sha256 === sha256)) return;
  const one = { sha256, mime, bytes: bytes.length, of, taken_at: new Date().toISOString() };
  await store.write([await vault.boxed(`photo:${sha256}`, vault.base64(bytes))]);
  for (let tries = 0; tries < TRIES; tries += 1) { // a tap may be on its way to the disk just now
    if (await writing.save({ attachments: [...writing.draft.attachments, one] })) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("not stored");
}

/** A button for the camera, and what was taken for this part. */
export function photoBar(writing, of) {
  const taken = writing.draft.attachments.filter((one) => one.of === of && one.mime.startsWith("image/"));
  const input = h("input", { type: "file", accept: "image/*", capture: "environment", class: "visually-hidden", id: "photo", onchange: async () => {
    const [file] = input.files;
    if (!file) return;
    try {
      await attach(writing, await shrink(file), "image/jpeg", of);
      writing.show(writing.part, false);
    } catch {
      toast(t("photo_failed"), "bad");
    }
  } });
  return h("div", { class: "photos" }, input, h("label", { class: "btn btn-outline-secondary", for: "photo" }, icon("camera"), h("span", {}, t("photo"))),
    taken.length ? badge(t("photos_taken", { count: taken.length }), "info", "image") : null);
}
