// Drafts that save themselves. The form carries data-autosave-url; its entries are posted there after each change.
//
// One request at a time; a change during a request is sent right after it. The server answers 2xx, optionally with
// JSON {"version": n}, which goes into the form's hidden field "version" and stops an older window from overwriting
// (the server answers 409). Nothing is written to the device: what could not be sent stays on the page and is retried.
import { markChanged } from "./forms.js";
import { text } from "./texts.js";

const PAUSE = 800;
const RETRIES = [2000, 5000, 10000, 30000];

class Draft {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.autosaveUrl;
    this.place = form.querySelector("[data-autosave-state]") ?? document.querySelector("[data-autosave-state]");
    this.waiting = false;
    this.sending = false;
    this.stopped = false;
    this.attempt = 0;
    this.timer = 0;
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel(`draft:${this.url}`) : null;
    this.channel?.addEventListener("message", () => {
      this.stopped = true;
      this.show("failed", text("changed_elsewhere"));
    });
    form.addEventListener("input", () => this.change());
    form.addEventListener("change", () => this.change());
    form.addEventListener("submit", () => clearTimeout(this.timer));
    window.addEventListener("online", () => this.waiting && this.send());
    document.addEventListener("visibilitychange", () => document.hidden && this.waiting && this.send());
  }

  show(state, words) {
    if (!this.place) return;
    this.place.dataset.state = state;
    this.place.textContent = words;
  }

  change() {
    if (this.stopped) return;
    this.waiting = true;
    this.attempt = 0;
    if (!this.sending) this.show("waiting", text("waiting"));
    this.plan(PAUSE);
  }

  plan(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), delay);
  }

  async send() {
    if (this.sending || this.stopped || !this.waiting || this.form.dataset.busy) return;
    clearTimeout(this.timer);
    this.sending = true;
    this.waiting = false;
    this.show("waiting", text("saving"));
    let answer = null;
    try {
      answer = await fetch(this.url, {
        method: "POST",
        body: new FormData(this.form),
        headers: { Accept: "application/json", "X-Requested-With": "fetch" },
        redirect: "manual",
        keepalive: document.hidden,
      });
    } catch {
      answer = null;
    }
    this.sending = false;
    await this.settle(answer);
  }

  async settle(answer) {
    if (answer?.ok) return this.saved(answer);
    if (answer?.type === "opaqueredirect" || answer?.status === 401) return this.retryLater("failed", text("signed_out"));
    if (answer?.status === 409) {
      this.stopped = true;
      return this.show("failed", text("changed_elsewhere"));
    }
    if (answer && [400, 403, 404, 413, 422].includes(answer.status)) {
      const body = await answer.json().catch(() => null);
      return this.show("refused", body?.error?.message || body?.message || text("refused"));
    }
    return this.retryLater("failed", text("failed"));
  }

  async saved(answer) {
    this.attempt = 0;
    const body = await answer.json().catch(() => null);
    const version = this.form.elements.namedItem("version");
    if (body?.version !== undefined && version) version.value = body.version;
    this.channel?.postMessage("saved");
    if (this.waiting) return this.send();
    markChanged(this.form, false);
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    this.show("saved", text("saved", { time }));
    this.form.dispatchEvent(new CustomEvent("autosaved", { detail: body, bubbles: true }));
  }

  retryLater(state, words) {
    this.waiting = true;
    this.show(state, words);
    this.plan(RETRIES[Math.min(this.attempt, RETRIES.length - 1)]);
    this.attempt += 1;
  }
}

export function startAutosave() {
  for (const form of document.querySelectorAll("form[data-autosave-url]")) new Draft(form);
}
