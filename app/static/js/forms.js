// Forms: errors first, nothing lost by leaving, nothing sent twice, filters that apply themselves.
import { text } from "./texts.js";

const changed = new WeakSet();
let leaving = false;

/** Whether the form holds entries that are not stored yet. */
export function markChanged(form, isChanged) {
  if (isChanged) changed.add(form);
  else changed.delete(form);
}

function guardLeaving() {
  const guarded = [...document.querySelectorAll("form[data-guard]")];
  for (const form of guarded) {
    form.addEventListener("input", () => markChanged(form, true));
    form.addEventListener("change", () => markChanged(form, true));
    if (form.querySelector("[data-error-summary]")) markChanged(form, true);
  }
  for (const link of document.querySelectorAll("a[data-leave]")) link.addEventListener("click", () => (leaving = true));
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && guarded.some((form) => changed.has(form))) event.preventDefault();
  });
}

function release(form) {
  delete form.dataset.busy;
  for (const button of form.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll("button[data-was-enabled]")) {
    button.disabled = false;
    delete button.dataset.wasEnabled;
  }
}

/** Disable the buttons only after the browser collected the entries: the pressed button's name and value are sent. */
function guardTwice() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.busy) {
      event.preventDefault();
      return;
    }
    leaving = true;
    if ("download" in form.dataset || form.target === "_blank") {
      setTimeout(() => (leaving = false), 0);
      return;
    }
    form.dataset.busy = "1";
    setTimeout(() => {
      for (const button of form.querySelectorAll("button[type=submit]:enabled")) {
        button.dataset.wasEnabled = "1";
        button.disabled = true;
      }
      event.submitter?.setAttribute("aria-busy", "true");
    }, 0);
  });
  window.addEventListener("pageshow", () => {
    leaving = false;
    document.querySelectorAll("form[data-busy]").forEach(release);
  });
}

function showPasswords() {
  for (const button of document.querySelectorAll("[data-show-password]")) {
    const input = document.getElementById(button.dataset.showPassword);
    if (!input) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = input.type === "password";
      input.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
      button.textContent = text(shown ? "hide_password" : "show_password");
    });
    input.form?.addEventListener("submit", () => (input.type = "password"));
  }
}

/** A filter that is chosen applies at once; typed ones wait for Enter or the button. */
function submitFilters() {
  for (const form of document.querySelectorAll("form[data-autosubmit]")) {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
    });
    form.addEventListener("formdata", (event) => {
      for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
    });
  }
}

export function startForms() {
  guardLeaving();
  guardTwice();
  showPasswords();
  submitFilters();
  document.querySelector("[data-error-summary]")?.focus();
}
