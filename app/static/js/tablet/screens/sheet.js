// Writing a sheet: one part on the screen, every tap on the disk before the next one counts.
import { ask, button, fill, h, icon, link, notice } from "../dom.js";
import { day, say, t } from "../words.js";
import { coma, nameOf, parts, runningLine, standing } from "../form.js";
import { discard, draft as readDraft, keepDraft, resident, state } from "../state.js";
import { photoBar } from "./photos.js";
import { recovered, stopped, voiceBar } from "./voice.js";
import { head } from "./head.js";
import { another, newer } from "./versions.js";

const PAUSE_MS = 200; // so that the last tap of a part is seen before the next part comes

export async function sheet(frame, [key, wanted]) {
  await stopped();
  const draft = await recovered(await readDraft(key));
  const form = draft && state.instruments.get(draft.instrument);
  if (!form) return frame({ title: t("gone_title"), here: "list", trail: ["#/", t("list_title")], body: [notice("warn", null, h("p", {}, t("gone")))] });
  return new Writing(frame, draft, form, await resident(draft.resident)).open(wanted);
}

class Writing {
  constructor(frame, draft, form, row) {
    Object.assign(this, { frame, draft, form, row, busy: false });
    this.parts = parts(form);
    this.last = row?.sheets.find((one) => one.instrument === draft.instrument) ?? null;
    this.rail = h("ol", {});
    this.line = h("p", { class: "running", role: "status", "data-running": true });
    this.place = h("div", { class: "sheet-form" });
  }

  async open(wanted) {
    const { draft } = this;
    const body = [
      draft.refusal ? notice("bad", t("refused_because"), h("p", {}, say(draft.refusal.reason)), h("ul", {}, Object.values(draft.refusal.fields ?? {}).map((words) => h("li", {}, say(words))))) : null,
      await newer(draft, () => this.frame.render()),
      this.choice = another(draft, () => this.frame.render()),
      h("div", { class: "sheet", "data-sheet": draft.key }, h("nav", { class: "rail", "aria-label": t("parts") }, this.rail), h("div", {}, this.line, this.place)),
      h("div", { class: "buttons sheet-end" }, button(t("discard"), () => this.giveUp(), { tone: "outline-danger", picture: "trash" })),
    ];
    await this.frame({ title: t("sheet_of", { name: draft.name }), subtitle: this.about(), here: "list", tabs: false, trail: ["#/", t("list_title")], acts: [link(t("look_result"), `#/result/${draft.key}`)], body });
    this.show(this.parts.find((part) => part.id === wanted) ?? this.next(null) ?? this.parts[0], false);
  }

  about() {
    if (!this.row) return null;
    const { number, born_on: born, village } = this.row;
    return [number, day(born), village, this.last ? t("last_marked") : null].filter(Boolean).join(" · ");
  }

  /** The next part that is not complete, after `part` and then from the beginning. */
  next(part) {
    const from = part ? this.parts.indexOf(part) + 1 : 0;
    const round = [...this.parts.slice(from), ...this.parts.slice(0, from)];
    return round.find((one) => standing(this.form, one, this.draft).state !== "done") ?? null;
  }

  show(part, move = true) {
    this.part = part;
    const place = this.parts.indexOf(part);
    const [before, after] = [this.parts[place - 1], this.parts[place + 1]];
    this.score = h("p", { class: "step-score" });
    const title = h("h2", { id: "part-title", tabindex: "-1" }, part.number ? `${part.number} ` : "", nameOf(part));
    const body = part.id === "head" ? head(this) : part.questions.map((one) => this.question(one));
    fill(this.place,
      h("section", { class: "step", "data-step": part.id, "aria-labelledby": "part-title" },
        h("div", { class: "step-head" }, title, this.score),
        coma(this.form, this.draft) ? notice("warn", null, h("p", {}, t("coma"))) : null,
        part.id === "facts" ? h("p", {}, button(t("none_of_all"), () => this.noneOfAll(part), { picture: "check-lg" })) : null,
        body,
        part.item ? h("div", { class: "evidence-bar" }, photoBar(this, part.id), voiceBar(this, part.id)) : null,
        h("p", { class: "step-foot" },
          before ? button(t("back"), () => this.show(before), { picture: "chevron-left" }) : null,
          after ? button(t("next"), () => this.show(after), { tone: "primary" }) : link(t("look_result"), `#/result/${this.draft.key}`, { tone: "primary" }))));
    this.update();
    history.replaceState(null, "", `#/sheet/${this.draft.key}/${part.id}`);
    if (!move) return;
    title.focus({ preventScroll: true });
    this.line.scrollIntoView({ block: "start" });
  }

  question(asked) {
    const name = `${asked.bag}.${asked.id}`;
    const before = this.last?.[asked.bag]?.[asked.id];
    const chosen = this.draft[asked.bag][asked.id];
    const numbered = this.part.item && this.part.questions.length > 1;
    return h("fieldset", { class: "field choice-set observation", id: name, "data-answered": chosen === undefined ? null : String(chosen) },
      h("legend", { class: "field-label" }, numbered ? h("span", { class: "observation-number" }, asked.id, " ") : null, say(asked.title)),
      asked.observe ? h("p", { class: "field-help" }, say(asked.observe)) : null,
      h("div", { class: asked.options.length === 5 ? "choices choices-five" : "choices" }, asked.options.map(([code, words], place) => {
        const id = `${name}-${place}`;
        const input = h("input", { class: "choice-input", type: "radio", id, name, value: code, checked: chosen === code, onclick: (event) => this.tapped(event, asked, code) });
        return h("label", { class: "choice", for: id }, input, h("span", { class: "choice-text" }, say(words), before === code ? h("small", { class: "before" }, t("last_time")) : null));
      })));
  }

  /** One tap: on the disk first, then shown. Taps that come before that are not taken. */
  async tapped(event, asked, code) {
    event.preventDefault();
    if (this.busy || this.draft[asked.bag][asked.id] === code) return;
    const [input, part, set] = [event.target, this.part, event.target.closest("fieldset")];
    const was = standing(this.form, part, this.draft).state;
    if (!(await this.save({ [asked.bag]: { ...this.draft[asked.bag], [asked.id]: code } }))) return;
    this.choice?.remove();
    input.checked = true;
    set.dataset.answered = String(code);
    this.update();
    if (was !== "done") this.goOn(part, set);
  }

  goOn(part, set) {
    if (standing(this.form, part, this.draft).state !== "done") {
      const open = [...this.place.querySelectorAll("fieldset.observation:not([data-answered])")];
      const after = open.find((one) => set.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) ?? open[0];
      after?.scrollIntoView({ block: "nearest" });
      return;
    }
    const following = this.next(part);
    setTimeout(() => {
      if (this.part !== part) return;
      if (following) this.show(following);
      else location.hash = `#/result/${this.draft.key}`;
    }, PAUSE_MS);
  }

  /** Write what changes into the draft; the draft in memory follows the disk, never the other way round. */
  async save(changes) {
    if (this.busy) return false;
    this.busy = true;
    this.place.setAttribute("aria-busy", "true");
    try {
      const changed = { ...this.draft, ...changes };
      await keepDraft(changed);
      this.draft = changed;
      return true;
    } catch (error) {
      fill(this.line, icon("exclamation-triangle-fill"), " ", t("disk_failed"));
      console.error(error);
      return false;
    } finally {
      this.busy = false;
      this.place.removeAttribute("aria-busy");
    }
  }

  /** One tap says that none of the listed events happened; each can still be changed. */
  async noneOfAll(part) {
    const facts = { ...this.draft.facts };
    for (const one of part.questions) facts[one.id] ??= one.options[0][0];
    if (!(await this.save({ facts }))) return;
    this.choice?.remove();
    this.show(part, false);
    this.goOn(part, this.place.querySelector("fieldset"));
  }

  update() {
    fill(this.rail, this.parts.map((part) => {
      const now = standing(this.form, part, this.draft);
      return h("li", {}, h("a", { href: `#/sheet/${this.draft.key}/${part.id}`, "data-rail": part.id, "data-state": now.state, "aria-current": part === this.part ? "step" : null, onclick: (event) => {
        event.preventDefault();
        this.show(part);
      } }, h("span", { class: "rail-name" }, part.number ? `${part.number} ` : "", nameOf(part)), h("span", { class: "rail-state" }, now.words)));
    }));
    this.rail.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    fill(this.line, runningLine(this.form, this.parts, this.draft));
    fill(this.score, standing(this.form, this.part, this.draft).words);
  }

  async giveUp() {
    const count = Object.keys(this.draft.answers).length + Object.keys(this.draft.facts).length;
    if (!(await ask(t("discard_sure", { name: this.draft.name, count }), t("discard"), t("cancel")))) return;
    await discard(this.draft);
    location.hash = "#/";
  }
}

