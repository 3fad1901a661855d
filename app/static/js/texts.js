// Words for messages made in the browser, translated by the server into the page.
const element = document.getElementById("texts");
const texts = element ? JSON.parse(element.textContent) : {};

/** The translated text of `name`, with `{place}` filled from `values`. */
export function text(name, values = {}) {
  return Object.entries(values).reduce((words, [place, value]) => words.replace(`{${place}}`, value), texts[name] ?? name);
}
