// Building what is on the screen: elements without HTML text, so that nothing stored can become markup.
const SVG = "http://www.w3.org/2000/svg";

/** An element; attributes that begin with "on" are listeners, `null` and `false` leave an attribute or child out. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked" || key === "disabled" || key === "hidden") element[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** A picture of the product's own set; decoration only. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/img/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

const TONE_ICONS = { neutral: "circle", info: "info-circle-fill", good: "check-circle-fill", warn: "exclamation-triangle-fill", bad: "x-circle-fill" };

/** A state in words with its tone. */
export function badge(words, tone = "neutral", picture = null) {
  return h("span", { class: `badge-state tone-${tone}` }, icon(picture ?? TONE_ICONS[tone]), h("span", {}, words));
}

/** Words that belong to the page. */
export function notice(tone, title, ...body) {
  return h("div", { class: `notice tone-${tone}`, role: tone === "bad" || tone === "warn" ? "alert" : null },
    icon(TONE_ICONS[tone]),
    h("div", { class: "notice-body" }, title && h("p", { class: "notice-title" }, title), body));
}

/** A button; `act` runs at a tap and at the keyboard. */
export function button(words, act, { tone = "outline-secondary", picture = null, main = false, ...attributes } = {}) {
  return h("button", { type: "button", class: `btn btn-${tone}${main ? " btn-main" : ""}`, onclick: act, ...attributes },
    picture && icon(picture), h("span", {}, words));
}

/** A link that looks like a button. */
export function link(words, href, { tone = "outline-secondary", picture = null, ...attributes } = {}) {
  return h("a", { class: `btn btn-${tone}`, href, ...attributes }, picture && icon(picture), h("span", {}, words));
}

/** A part of the page with its own heading. */
export function section(title, ...body) {
  return h("section", { class: "part" }, h("div", { class: "part-head" }, h("h2", {}, title)), body);
}

/** Pairs of a name and what stands there. */
export function facts(pairs) {
  return h("dl", { class: "facts" }, pairs.filter((pair) => pair[1] !== null && pair[1] !== undefined && pair[1] !== "")
    .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

/** Who the page is about. */
export function banner(name, pairs) {
  return h("div", { class: "banner" },
    h("div", { class: "banner-initial", "aria-hidden": "true" }, [...name][0]),
    h("div", { class: "banner-body" },
      h("p", { class: "banner-name" }, name),
      h("dl", { class: "banner-facts" }, pairs.filter(([, value]) => value).map(([key, value]) => h("div", {}, h("dt", {}, key), h("dd", {}, value))))));
}

/** Put `children` in place of what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

const sameThing = (one) => [one.tagName, one.closest("article[data-record], article[data-draft]")?.textContent && Object.values(one.closest("article").dataset)[0], one.id || one.getAttribute("href") || one.textContent].join("|");

/** Like `fill`, for what redraws by itself: the keyboard stays on what is there again (a link, a button, a field). */
export function refill(element, ...children) {
  const held = element.contains(document.activeElement) ? document.activeElement : null;
  const [what, tag] = held ? [sameThing(held), held.tagName] : [];
  fill(element, ...children);
  if (held) [...element.querySelectorAll(tag)].find((one) => sameThing(one) === what)?.focus({ preventScroll: true });
}

/** A short message at the foot of the screen. */
export function toast(words, tone = "info") {
  const place = document.getElementById("toasts");
  const message = h("div", { class: `notice tone-${tone}` }, icon(TONE_ICONS[tone]), h("div", { class: "notice-body" }, h("p", {}, words)));
  place.append(message);
  setTimeout(() => message.remove(), tone === "bad" ? 12000 : 5000);
}

/** What is on a canvas as the bytes of a file. At once: `toBlob` waits for an idle browser, a second for each picture. */
export function bytesOf(canvas, mime, quality) {
  const [, data] = canvas.toDataURL(mime, quality).split(",");
  return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
}

/** Ask before something that cannot be undone; resolves to whether it was agreed to. */
export function ask(words, act, cancel, tone = "danger") {
  return new Promise((resolve) => {
    const close = (answer) => () => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const dialog = h("dialog", { class: "ask", "aria-labelledby": "ask-words", oncancel: close(false) },
      h("p", { id: "ask-words" }, words),
      h("div", { class: "buttons" }, button(act, close(true), { tone }), button(cancel, close(false))));
    document.body.append(dialog);
    dialog.showModal();
  });
}
