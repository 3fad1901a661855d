// The sheet on the screen: one part at a time, its standing after every saved tap. Without this file it is one long form.
const sheet = document.querySelector("[data-sheet]");
const form = sheet?.querySelector("form");
const steps = [...(form?.querySelectorAll("[data-step]") ?? [])];

function show(name, focus) {
  const chosen = steps.find((step) => step.dataset.step === name) ?? steps[0];
  for (const step of steps) step.hidden = step !== chosen;
  const look = form.querySelector("[data-look]");
  look.classList.toggle("btn-primary", chosen === steps.at(-1)); // before the last part, "next" is the main act
  look.classList.toggle("btn-outline-secondary", chosen !== steps.at(-1));
  for (const link of sheet.querySelectorAll("[data-rail]")) {
    const current = link.dataset.rail === chosen.dataset.step;
    if (current) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
    if (current && focus) link.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  if (!focus) return;
  history.replaceState(null, "", `#step-${chosen.dataset.step}`);
  chosen.querySelector("h2").focus({ preventScroll: true });
  form.scrollIntoView({ block: "start" });
}

/** The part an address points to: a part itself, or the one that holds the field. */
function pointed() {
  const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  return target?.closest("[data-step]")?.dataset.step;
}

function follow(event) {
  const link = event.target.closest("a[href^='#']");
  const target = link && document.getElementById(link.getAttribute("href").slice(1));
  const step = target?.closest("[data-step]");
  if (!step) return;
  event.preventDefault();
  show(step.dataset.step, true);
  if (target !== step) (target.querySelector("input") ?? target).focus();
}

function update(texts, running) {
  for (const [name, step] of Object.entries(texts.steps)) {
    const link = sheet.querySelector(`[data-rail="${name}"]`);
    link.dataset.state = step.state;
    link.querySelector("[data-rail-words]").textContent = step.words;
    sheet.querySelector(`[data-score="${name}"]`).textContent = step.words;
  }
  sheet.querySelector("[data-running]").textContent = texts.line;
  sheet.querySelector("[data-coma]").hidden = !running.coma;
}

if (form && steps.length) {
  form.classList.add("stepped");
  for (const foot of form.querySelectorAll("[data-step-foot]")) foot.hidden = false;
  const wrong = form.querySelector(".field-wrong")?.closest("[data-step]")?.dataset.step;
  const open = sheet.querySelector("[data-rail]:not([data-state='done'])")?.dataset.rail;
  show(pointed() ?? wrong ?? open ?? "1", false);
  sheet.addEventListener("click", follow);
  window.addEventListener("hashchange", () => pointed() && show(pointed(), true));
  form.addEventListener("autosaved", (event) => event.detail?.texts && update(event.detail.texts, event.detail.running));
}
