// A spoken note as evidence: recorded on the tablet, encrypted like a photo, named by its hash. At most two minutes.
import { ask, badge, button, fill, h, notice } from "../dom.js";
import { t } from "../words.js";
import * as store from "../store.js";
import * as vault from "../vault.js";
import { attach } from "./photos.js";

export const MIME = "audio/webm";
const LONGEST_MS = 120_000;
const MOST_BYTES = 700_000;
const MOST_KEPT = 1_000_000; // the county takes one megabyte
const BITS = 24_000;
let now = null; // the one recording under way: of whichever part it was begun in

const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia) && Boolean(window.MediaRecorder?.isTypeSupported(MIME));
const clock = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
const WHY = { NotAllowedError: "voice_denied", SecurityError: "voice_denied", NotFoundError: "voice_none", NotReadableError: "voice_busy" };

/** Start and stop, what was said about it, and the notes of this part to listen to or give up. */
export function voiceBar(writing, of) {
  const place = h("div", { class: "voice", "data-voice": of });
  const draw = (problem = null) => fill(place, problem ? notice("bad", null, h("p", {}, t(problem))) : null,
    now ? running(draw) : canRecord() ? button(t("voice"), () => start(writing, of, place, draw), { picture: "mic" }) : h("p", { class: "soft" }, t("voice_cannot")),
    notes(writing, of, draw));
  draw();
  return place;
}

function running(draw) {
  const time = h("span", { class: "voice-time" }, clock(Date.now() - now.began));
  const tick = setInterval(() => (time.isConnected ? (time.textContent = clock(Date.now() - now.began)) : clearInterval(tick)), 500);
  now.draw = draw; // the part shown last hears when it is over
  return h("p", { class: "buttons", role: "status" }, badge(t("voice_running"), "bad", "mic"), time, button(t("voice_stop"), () => now?.recorder.stop(), { tone: "primary", picture: "stop-fill" }));
}

async function start(writing, of, place, draw) {
  let stream = null;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    return draw(WHY[error.name] ?? "voice_failed");
  }
  const silence = () => stream.getTracks().forEach((track) => track.stop());
  if (now || !place.isConnected) return silence(); // the question was answered after the sheet was left
  const recorder = new MediaRecorder(stream, { mimeType: MIME, audioBitsPerSecond: BITS });
  const [chunks, pieces, began] = [[], [], Date.now()];
  let over = null;
  now = { recorder, began, draw, disk: Promise.resolve(), over: new Promise((done) => (over = done)) };
  recorder.ondataavailable = ({ data }) => {
    if (data.size) {
      pieces.push(`${piecesOf(writing.draft.key)}${of}:${began}:${String(chunks.push(data)).padStart(4, "0")}`);
      now.disk = now.disk.then(keepPiece.bind(null, pieces.at(-1), data));
    }
    const tooMuch = chunks.reduce((sum, one) => sum + one.size, 0) > MOST_BYTES || Date.now() - now.began > LONGEST_MS;
    if (tooMuch && recorder.state === "recording") recorder.stop();
  };
  recorder.onstop = async () => {
    silence();
    await now.disk;
    const [again, problem] = [now.draw, await kept(writing, chunks, of)];
    await store.write(pieces.map((key) => ({ store: store.BOXES, key })));
    now = null;
    over();
    again(problem);
  };
  recorder.start(1000);
  return draw();
}

/** Whoever reads the draft anew waits for this: a recording under way ends and is on the disk first. */
export async function stopped() {
  if (now?.recorder.state === "recording") now.recorder.stop();
  await now?.over;
}

const piecesOf = (draft) => `voice:${draft}:`;

/** Each second goes to the disk as it is spoken. Without room for it the recording itself goes on. */
async function keepPiece(name, data) {
  try {
    await vault.keep(name, vault.base64(new Uint8Array(await data.arrayBuffer())));
  } catch (error) {
    console.error(error);
  }
}

/** A draft with what was spoken until the app died: the pieces of a recording that never ended become its note. */
export async function recovered(draft) {
  const recordings = new Map();
  for (const name of draft && !now ? await store.keys(store.BOXES, piecesOf(draft.key)) : []) {
    const recording = name.slice(0, name.lastIndexOf(":"));
    recordings.set(recording, [...(recordings.get(recording) ?? []), name]);
  }
  for (const [recording, names] of recordings) {
    const [of, began] = recording.slice(piecesOf(draft.key).length).split(":");
    const chunks = await Promise.all(names.map(async (name) => vault.unbase64(await vault.read(name))));
    const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
    const sha256 = await vault.sha256(bytes);
    draft.attachments = [...draft.attachments.filter((one) => one.sha256 !== sha256),
      { sha256, mime: MIME, bytes: bytes.length, of, taken_at: new Date(Number(began)).toISOString() }];
    await store.write([await vault.boxed(`photo:${sha256}`, vault.base64(bytes)), await vault.boxed(`draft:${draft.key}`, draft),
      ...names.map((key) => ({ store: store.BOXES, key }))]);
  }
  return draft;
}

/** Store what was recorded; null when it is on the disk, else why nothing was kept. */
async function kept(writing, chunks, of) {
  const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
  if (!bytes.length || bytes.length > MOST_KEPT) return "voice_failed";
  try {
    await attach(writing, bytes, MIME, of);
    return null;
  } catch (error) {
    console.error(error);
    return "voice_failed";
  }
}

function notes(writing, of, draw) {
  const own = writing.draft.attachments.filter((one) => one.of === of && one.mime === MIME);
  return own.length ? h("ul", { class: "voice-notes" }, own.map((one, place) => h("li", {}, badge(t("voice_note", { number: place + 1, kb: Math.ceil(one.bytes / 1024) }), "info", "mic"),
    button(t("voice_listen"), () => listen(one).catch(() => draw("voice_unplayable")), { picture: "play" }),
    button(t("voice_drop"), async () => {
      if (!(await ask(t("voice_drop_sure"), t("voice_drop"), t("cancel")))) return;
      await writing.save({ attachments: writing.draft.attachments.filter((each) => each.sha256 !== one.sha256) });
      await store.write([{ store: store.BOXES, key: `photo:${one.sha256}` }]);
      draw();
    }, { picture: "trash" })))) : null;
}

/** Decrypted in memory and played without an address, which the page's rules do not allow. */
async function listen(one) {
  const context = new AudioContext();
  const source = context.createBufferSource();
  source.buffer = await context.decodeAudioData(vault.unbase64(await vault.read(`photo:${one.sha256}`)).buffer);
  source.connect(context.destination);
  source.onended = () => context.close();
  source.start();
}
