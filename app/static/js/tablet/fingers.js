// A button that is replaced between touch and release never hears of its tap: what redraws by itself waits for this.
let down = false;

/** Resolved when no finger (or mouse button) is down. */
export async function untouched() {
  while (down) await new Promise((done) => addEventListener("fingersup", done, { once: true }));
}

addEventListener("pointerdown", () => (down = true), { passive: true, capture: true });
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => setTimeout(() => {
  down = false; // the click has been heard by now
  dispatchEvent(new Event("fingersup"));
}), { passive: true, capture: true });
