// The tablet app: one window, one vault, a page for every address after the #.
import { h, toast } from "./dom.js";
import { loadWords, t } from "./words.js";
import { PLAIN, get, write } from "./store.js";
import { untouched } from "./fingers.js";
import * as frame from "./frame.js";
import * as sync from "./sync.js";
import * as vault from "./vault.js";
import { forgetDownloads, timeLeft, unload } from "./state.js";
import { elsewhere, fresh, insecure, locked } from "./screens/entering.js";

const IDLE_MS = 10 * 60_000;
const SEND_EVERY_MS = 60_000;
const ONLINE_TRIES_MS = [0, 2000, 8000]; // a network that has just come up often carries nothing for its first seconds
// Read when they are needed: the lock is on the screen before the rest of the app is looked at.
const PAGES = [
  [/^#?\/?$/, () => import("./screens/home.js"), "home"],
  [/^#\/care\/([^/]+)\/([^/]+)$/, () => import("./screens/care_day.js"), "careDay"],
  [/^#\/round\/([^/]+)$/, () => import("./screens/home.js"), "home"],
  [/^#\/card\/([^/]+)\/([^/]+)$/, () => import("./screens/card.js"), "card"],
  [/^#\/handover(?:\/([^/]+))?$/, () => import("./screens/handover.js"), "handover"],
  [/^#\/contract\/([^/]+)$/, () => import("./screens/contracts.js"), "contract"],
  [/^#\/sign\/([^/]+)\/([^/]+?)(?:\/(anew))?$/, () => import("./screens/contract_sign.js"), "contractSign"],
  [/^#\/resident\/([^/]+)$/, () => import("./screens/resident.js"), "person"],
  [/^#\/sheet\/([^/]+)(?:\/([^/]+))?$/, () => import("./screens/sheet.js"), "sheet"],
  [/^#\/result\/([^/]+)$/, () => import("./screens/result.js"), "result"],
  [/^#\/records(?:\/(saved|waiting|accepted|refused))?$/, () => import("./screens/records.js"), "recordList"],
  [/^#\/record\/([^/]+)$/, () => import("./screens/records.js"), "recordPage"],
  [/^#\/codes\/([^/]+)$/, () => import("./screens/codes.js"), "codes"],
  [/^#\/device$/, () => import("./screens/device.js"), "device"],
  [/^#\/pin$/, () => import("./screens/entering.js"), "pin"],
  [/^#\/scan$/, () => import("./screens/codes.js"), "scan"],
];
const root = document.getElementById("tablet");
let touched = Date.now();
let turn = 0;

/** Show the page of the address, or what has to come before it. Of two that overlap, the later one is shown. */
async function render() {
  const mine = ++turn;
  if (!window.isSecureContext || !crypto.subtle || !navigator.serviceWorker) return insecure(root, render);
  if (!(await get(PLAIN, "device"))) {
    if (await get(PLAIN, "vault")) await write([{ store: PLAIN, key: "vault" }]); // set-up was cut off before the county knew the device
    return fresh(root, render);
  }
  if (!vault.unlocked()) return locked(root, async () => {
    await render();
    if (vault.unlocked()) connect(); // not waited for: the page is there at once
  });
  const [pattern, read, name] = PAGES.find(([one]) => one.test(location.hash)) ?? PAGES[0];
  const show = async (page) => {
    await untouched();
    return mine === turn ? frame.page(root, { render, lock, ...page }) : null;
  };
  show.render = render;
  const screen = (await read())[name];
  await screen(show, (pattern.exec(location.hash) ?? []).slice(1));
  if (mine === turn) document.documentElement.dataset.shown = location.hash || "#/";
  return null;
}

async function lock() {
  await (await import("./screens/voice.js")).stopped(); // what was spoken is on the disk before the key is forgotten
  vault.lock();
  unload();
  render();
}

async function watchIdle() {
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => (touched = Date.now()), { passive: true });
  setInterval(() => vault.unlocked() && Date.now() - touched > IDLE_MS && lock(), 5000);
}

/** What was downloaded is forgotten after the offline limit, locked or not. */
async function keepLimit() {
  const left = await timeLeft();
  if (left !== null && left <= 0) await forgetDownloads();
}

async function connect() {
  return vault.unlocked() && sync.connect();
}

async function online() {
  for (const wait of ONLINE_TRIES_MS) {
    await new Promise((done) => setTimeout(done, wait));
    if (await connect()) return;
  }
}

async function worker() {
  const registration = await navigator.serviceWorker.register("/tablet/sw.js", { scope: "/tablet/" });
  const offer = () => {
    if (!registration.waiting || !navigator.serviceWorker.controller) return;
    const place = h("button", { type: "button", class: "btn btn-primary update", onclick: () => registration.waiting.postMessage("take over") }, t("update"));
    document.querySelector(".update") ?? document.body.append(place);
  };
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", offer));
  offer();
  let controlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (controlled) location.reload(); // every tap is on the disk: nothing can be lost
    controlled = true;
  });
}

async function start() {
  await loadWords(window.indexedDB ? get(PLAIN, "language").catch(() => null) : null);
  if (!window.isSecureContext || !crypto.subtle || !navigator.serviceWorker) return insecure(root, render);
  worker().catch((error) => console.warn(error));
  await keepLimit();
  await render();
  performance.mark("shown"); // what the journey measures as the cold open
  addEventListener("hashchange", () => {
    scrollTo(0, 0);
    render().then(() => document.getElementById("main")?.focus({ preventScroll: true }));
  });
  addEventListener("online", online);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && connect());
  sync.watch(async () => {
    await frame.refresh();
    if (sync.status.busy) return;
    const closed = sync.status.moved && /^(#\/?|#\/(?:resident|contract|sign)\/.*)?$/.test(location.hash);
    sync.status.moved = false;
    if (closed || /^#\/records/.test(location.hash)) await render();
  });
  setInterval(connect, SEND_EVERY_MS);
  watchIdle();
  return null;
}

/** One window only: two would write into each other's drafts. */
navigator.locks ? navigator.locks.request("yiheng-tablet", { ifAvailable: true }, async (held) => {
  if (!held) {
    await loadWords(null);
    return elsewhere(root, () => location.reload());
  }
  await start();
  return new Promise(() => {});
}) : start();

addEventListener("unhandledrejection", (event) => {
  console.error(event.reason);
  toast(t("unexpected"), "bad");
});
