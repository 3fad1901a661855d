// Handwriting on the glass: points of x, y (0–1), milliseconds and pressure (0–1), kept in hidden fields as JSON.
const round = (value) => Math.round(value * 10000) / 10000;

function pad(canvas) {
  const name = canvas.dataset.signaturePad;
  const stored = document.getElementById(name);
  let strokes = [];
  let line = null;
  let began = 0;

  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    const inside = (value) => Math.min(1, Math.max(0, value));
    const x = inside((event.clientX - box.left) / box.width);
    const y = inside((event.clientY - box.top) / box.height);
    return [round(x), round(y), Math.round(event.timeStamp - began), round(event.pressure || 0.5)];
  };
  const draw = () => {
    const ink = canvas.getContext("2d");
    ink.clearRect(0, 0, canvas.width, canvas.height);
    ink.lineCap = "round";
    ink.lineJoin = "round";
    ink.strokeStyle = getComputedStyle(canvas).color;
    for (const one of strokes) {
      for (let n = 1; n < one.length; n += 1) {
        ink.lineWidth = 2 + 4 * one[n][3];
        ink.beginPath();
        ink.moveTo(one[n - 1][0] * canvas.width, one[n - 1][1] * canvas.height);
        ink.lineTo(one[n][0] * canvas.width, one[n][1] * canvas.height);
        ink.stroke();
      }
    }
  };
  const keep = () => {
    stored.value = strokes.length ? JSON.stringify(strokes) : "";
  };

  try {
    strokes = stored.value ? JSON.parse(stored.value) : [];
  } catch {
    strokes = [];
  }
  draw();
  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    if (!strokes.length) began = event.timeStamp;
    line = [point(event)];
    strokes.push(line);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!line) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) line.push(point(one));
    draw();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      line = null;
      keep();
    });
  }
  document.querySelector(`[data-signature-clear="${name}"]`).addEventListener("click", () => {
    strokes = [];
    keep();
    draw();
  });
  canvas.closest("form").addEventListener("submit", keep);
}

for (const canvas of document.querySelectorAll("[data-signature-pad]")) pad(canvas);
