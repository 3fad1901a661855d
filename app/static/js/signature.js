// Handwriting on the glass: points of x, y (0–1), milliseconds and pressure (0–1), kept in a hidden field as JSON.
const pad = document.querySelector("[data-signature-pad]");
const form = document.querySelector("[data-signature-form]");
const stored = document.querySelector("#strokes");
let strokes = [];
let line = null;
let began = 0;

function point(event) {
  const box = pad.getBoundingClientRect();
  const inside = (value) => Math.min(1, Math.max(0, value));
  const x = inside((event.clientX - box.left) / box.width);
  const y = inside((event.clientY - box.top) / box.height);
  const round = (value) => Math.round(value * 10000) / 10000;
  return [round(x), round(y), Math.round(event.timeStamp - began), round(event.pressure || 0.5)];
}

function draw() {
  const ink = pad.getContext("2d");
  ink.clearRect(0, 0, pad.width, pad.height);
  ink.lineCap = "round";
  ink.lineJoin = "round";
  ink.strokeStyle = getComputedStyle(pad).color;
  for (const one of strokes) {
    for (let n = 1; n < one.length; n += 1) {
      ink.lineWidth = 2 + 4 * one[n][3];
      ink.beginPath();
      ink.moveTo(one[n - 1][0] * pad.width, one[n - 1][1] * pad.height);
      ink.lineTo(one[n][0] * pad.width, one[n][1] * pad.height);
      ink.stroke();
    }
  }
}

function keep() {
  stored.value = strokes.length ? JSON.stringify(strokes) : "";
}

if (pad && form) {
  try {
    strokes = stored.value ? JSON.parse(stored.value) : [];
  } catch {
    strokes = [];
  }
  draw();
  pad.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    pad.setPointerCapture(event.pointerId);
    if (!strokes.length) began = event.timeStamp;
    line = [point(event)];
    strokes.push(line);
  });
  pad.addEventListener("pointermove", (event) => {
    if (!line) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) line.push(point(one));
    draw();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    pad.addEventListener(name, () => {
      line = null;
      keep();
    });
  }
  form.querySelector("[data-signature-clear]").addEventListener("click", () => {
    strokes = [];
    keep();
    draw();
  });
  form.addEventListener("submit", keep);
}
