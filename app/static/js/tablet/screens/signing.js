// Handwriting on the glass: strokes with place, pressure and time are what is kept; the picture is made from them.
import { bytesOf, h } from "../dom.js";
import { t } from "../words.js";

const PLACES = 10_000;

function draw(ink, strokes, width, height) {
  ink.clearRect(0, 0, width, height);
  ink.lineCap = "round";
  ink.lineJoin = "round";
  for (const one of strokes) {
    const stroke = one.length === 1 ? [one[0], one[0]] : one; // a dot is a line too
    for (let n = 1; n < stroke.length; n += 1) {
      ink.lineWidth = 1.5 + 3.5 * stroke[n][2];
      ink.beginPath();
      ink.moveTo(stroke[n - 1][0] * width, stroke[n - 1][1] * height);
      ink.lineTo(stroke[n][0] * width, stroke[n][1] * height);
      ink.stroke();
    }
  }
}

/** The picture of a signature as PNG bytes, black on white. */
export function picture(strokes, width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const ink = canvas.getContext("2d");
  ink.fillStyle = "#fff";
  const own = document.createElement("canvas");
  [own.width, own.height] = [width, height];
  const lines = own.getContext("2d");
  lines.strokeStyle = "#111";
  draw(lines, strokes, width, height);
  ink.fillRect(0, 0, width, height);
  ink.drawImage(own, 0, 0);
  return bytesOf(canvas, "image/png");
}

/** A place to sign. `changed(strokes, width, height)` is called after every stroke: points are [x, y, pressure, ms]. */
export class Pad {
  constructor(strokes, changed) {
    this.strokes = strokes;
    this.changed = changed;
    this.stroke = null;
    this.began = 0;
    this.element = h("canvas", { class: "signature-pad", width: 600, height: 200, role: "img", "aria-label": t("sign_here") });
    this.element.addEventListener("pointerdown", (event) => this.down(event));
    this.element.addEventListener("pointermove", (event) => this.moved(event));
    for (const name of ["pointerup", "pointercancel"]) this.element.addEventListener(name, () => this.up());
    requestAnimationFrame(() => this.show());
  }

  point(event) {
    const box = this.element.getBoundingClientRect();
    const inside = (value) => Math.round(Math.min(1, Math.max(0, value)) * PLACES) / PLACES;
    const pressure = Math.round((event.pressure || 0.5) * 1000) / 1000;
    return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height), pressure, Math.round(event.timeStamp - this.began)];
  }

  down(event) {
    event.preventDefault();
    this.element.setPointerCapture(event.pointerId);
    if (!this.began) this.began = event.timeStamp - (this.strokes.at(-1)?.at(-1)[3] ?? 0);
    this.stroke = [this.point(event)];
    this.strokes = [...this.strokes, this.stroke];
    this.show();
  }

  moved(event) {
    if (!this.stroke) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) this.stroke.push(this.point(one));
    this.show();
  }

  up() {
    if (!this.stroke) return;
    this.stroke = null;
    this.changed(this.strokes, this.element.width, this.element.height);
  }

  clear() {
    this.strokes = [];
    this.began = 0;
    this.show();
    this.changed([], this.element.width, this.element.height);
  }

  show() {
    const ink = this.element.getContext("2d");
    ink.strokeStyle = getComputedStyle(this.element).color;
    draw(ink, this.strokes, this.element.width, this.element.height);
  }
}
