// One sheet as a sequence of QR codes for another device's camera, and reading such a sequence.
import { button, fill, h, notice } from "../dom.js";
import { t } from "../words.js";
import { paint } from "../qr.js";
import { watch } from "../camera.js";
import { Collector, cut } from "../pieces.js";
import { payload, records } from "../state.js";
import { keepCarried, sealed } from "./courier.js";

const EVERY_MS = 900;
const SIDE = 640;

/** Show the codes of a finished sheet, one after the other, round and round. Pictures go as a file or over the network. */
export async function codes(frame, [key]) {
  const rows = (await records()).filter((row) => row.group === key && row.kind !== "attachment" && !row.replaced);
  const trail = ["#/records", t("records_title")];
  if (!rows.length) return frame({ title: t("gone_title"), here: "records", trail, body: [notice("warn", null, h("p", {}, t("gone")))] });
  const [pieces, about] = [await cut(await sealed(rows)), await payload(rows[0].counter)];
  const canvas = h("canvas", { class: "code", width: SIDE, height: SIDE, role: "img" });
  const count = h("p", { class: "count", role: "status" });
  let [place, timer] = [0, null];
  const show = (to) => {
    place = (to + pieces.length) % pieces.length;
    paint(canvas, pieces[place]);
    canvas.setAttribute("aria-label", t("code_of", { number: place + 1, count: pieces.length }));
    canvas.dataset.piece = String(place + 1);
    count.textContent = t("code_of", { number: place + 1, count: pieces.length });
  };
  const pause = button(t("pause"), () => run(!timer), { picture: "clock" });
  const run = (on) => {
    clearInterval(timer);
    timer = on ? setInterval(() => (canvas.isConnected ? show(place + 1) : run(false)), EVERY_MS) : null;
    pause.lastChild.textContent = t(on ? "pause" : "go_on");
  };
  const step = (by) => () => {
    run(false);
    show(place + by);
  };
  const body = [h("p", {}, t("codes_note")), h("div", { class: "codes" }, canvas, count, h("div", { class: "buttons" }, button(t("back"), step(-1), { picture: "chevron-left" }), pause, button(t("next"), step(1), { picture: "chevron-right" })))];
  await frame({ title: t("codes_of", { name: about.name }), here: "records", trail, body });
  show(0);
  run(true);
  return null;
}

/** Read another tablet's codes with the camera. */
export async function scan(frame) {
  const trail = ["#/device", t("device_title")];
  if (!navigator.mediaDevices?.getUserMedia) {
    return frame({ title: t("scan"), here: "device", trail, body: [notice("warn", null, h("p", {}, t("scan_cannot")))] });
  }
  const video = h("video", { class: "code", playsinline: true, muted: true, "aria-label": t("scan") });
  const said = h("p", { class: "count", role: "status" }, t("scan_note"));
  await frame({ title: t("scan"), here: "device", trail, body: [h("div", { class: "codes" }, video, said)] });
  const collector = new Collector();
  const problem = await watch(video, async (text) => {
    const now = await collector.take(text);
    if (now && !now.file) fill(said, t("scan_have", { have: now.have, count: now.count }));
    if (!now?.file) return false;
    await keepCarried(now.file);
    location.hash = "#/device";
    return true;
  });
  if (problem) fill(said, t(problem));
  return null;
}
