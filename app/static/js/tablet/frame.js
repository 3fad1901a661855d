// The frame around every screen: mark, the four counters, connection, language, lock.
import { button, fill, h, icon, refill } from "./dom.js";
import { choose, current, instant, t } from "./words.js";
import { PLAIN, get, write } from "./store.js";
import { counters, state } from "./state.js";
import { untouched } from "./fingers.js";
import * as sync from "./sync.js";

const COUNTERS = [["saved", "save"], ["waiting", "hourglass-split"], ["accepted", "cloud-check"], ["refused", "exclamation-triangle"]];
let bar = null;
let line = null;
// What sticks below the counters has to know how high they are: they take two lines on a narrow screen.
const height = new ResizeObserver(([{ target }]) => document.documentElement.style.setProperty("--state-height", `${target.offsetHeight}px`));

function language(render) {
  const option = (name, words, tag) => h("button", { type: "button", lang: tag, "aria-current": current() === name ? "true" : null, onclick: async () => {
    choose(name);
    await write([{ store: PLAIN, key: "language", value: name }]);
    render();
  } }, words);
  return h("div", { class: "language" }, option("zh", "中文", "zh-CN"), option("en", "English", "en"));
}

function mark() {
  return h("a", { class: "brand", href: "#/", "aria-label": t("product") }, h("img", { src: "/static/img/mark.svg", alt: "", width: 36, height: 36 }), h("span", {}, t("product")));
}

/** A page before anything is unlocked: one card. */
export function plain(root, render, title, ...body) {
  bar = line = null;
  document.title = `${title} · ${t("product")}`;
  fill(root,
    h("header", { class: "top top-plain" }, mark(), language(render)),
    h("div", { class: "plain" }, h("main", { id: "main", tabindex: "-1" }, h("div", { class: "plain-card" }, h("div", { class: "page-title" }, h("h1", {}, title)), body))));
}

/** A page of the unlocked app. `acts` stand beside the title, `trail` leads back. */
export function page(root, { render, lock, title, subtitle = null, trail = null, acts = [], body = [], here = "", tabs = true }) {
  document.title = `${title} · ${t("product")}`;
  bar = h("ul", { class: "counters" });
  line = h("p", { class: "connection", role: "status" });
  const titles = { contracts: "contracts_title", care: "care_title" };
  const nav = [["#/", "list", titles[state.meta?.care ? "care" : state.meta?.for] ?? "list_title"], ["#/records", "records", "records_title"], ["#/device", "device", "device_title"]];
  refill(root,
    h("header", { class: "top tablet-top" }, mark(), language(render), button(t("lock"), lock, { picture: "lock" })),
    h("section", { class: "tablet-state", "aria-label": t("counters") }, bar, line),
    tabs && h("nav", { class: "tabs tablet-tabs", "aria-label": t("menu") }, h("ul", {}, nav.map(([href, name, words]) => h("li", {}, h("a", { href, "aria-current": here === name ? "page" : null }, t(words)))))),
    h("main", { id: "main", tabindex: "-1", class: "tablet-main" },
      trail && h("nav", { class: "trail", "aria-label": t("where") }, h("ol", {}, h("li", {}, h("a", { href: trail[0] }, trail[1])), h("li", {}, h("span", { "aria-current": "page" }, title)))),
      h("div", { class: "page-head" }, h("div", { class: "page-title" }, h("h1", {}, title), subtitle && h("p", { class: "subtitle" }, subtitle)), acts.length ? h("div", { class: "page-actions" }, acts) : null),
      body));
  height.disconnect();
  height.observe(root.querySelector(".tablet-state"));
  return refresh();
}

/** The counters and the state of the connection, read from the disk. */
export async function refresh() {
  const [figures, said] = [bar, line]; // the page may change while the disk is read
  if (!figures) return;
  const [numbers, contact] = [await counters(), await get(PLAIN, "contact")];
  await untouched();
  refill(figures, COUNTERS.map(([name, picture]) => h("li", { class: `counter counter-${name}`, "data-counter": name },
    h("a", { href: name === "saved" ? "#/records" : `#/records/${name}` }, icon(picture), h("span", { class: "counter-name" }, t(`counter_${name}`)), h("strong", {}, numbers[name])))));
  const { busy, reached, problem } = sync.status;
  const words = busy ? t("sending") : problem?.code === "signed out" ? t("signed_out") : problem ? t("send_refused", { words: problem.message }) : reached === false ? t("offline") : t("contact", { when: contact ? instant(new Date(contact).toISOString()) : "—" });
  const again = problem?.code === "signed out" && !busy ? h("a", { href: "/sign-in?next=/tablet/" }, t("sign_in")) : null;
  refill(said, icon(busy ? "arrow-repeat" : reached === false ? "wifi-off" : problem ? "exclamation-triangle" : "cloud-check"), h("span", {}, words), again);
  said.dataset.reached = String(reached);
}
