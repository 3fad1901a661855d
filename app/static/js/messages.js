// Messages: dismissing those of the server, showing short ones of our own.
import { text } from "./texts.js";

const SECONDS_SHOWN = 8;

function dismiss(message) {
  const region = message.parentElement;
  message.remove();
  if (region && !region.querySelector("[data-message]")) document.getElementById("main")?.focus({ preventScroll: true });
}

/** Show a short message at the bottom; tones: info, good, warn, bad. Bad ones stay until closed. */
export function toast(words, tone = "info") {
  const region = document.getElementById("toasts");
  const box = document.createElement("div");
  box.className = `notice tone-${tone}`;
  const body = document.createElement("div");
  body.className = "notice-body";
  body.textContent = words;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "notice-close";
  close.textContent = "×";
  close.setAttribute("aria-label", text("close"));
  close.addEventListener("click", () => box.remove());
  box.append(body, close);
  region.append(box);
  if (tone !== "bad") setTimeout(() => box.remove(), SECONDS_SHOWN * 1000);
}

export function startMessages() {
  for (const button of document.querySelectorAll("[data-dismiss]")) {
    button.hidden = false;
    button.addEventListener("click", () => dismiss(button.closest("[data-message]")));
  }
}
