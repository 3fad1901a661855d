// Before the data can be read: no secure address, a fresh device, the lock.
import { ask, button, h, icon, link, notice, toast } from "../dom.js";
import { choose, t } from "../words.js";
import { plain } from "../frame.js";
import * as store from "../store.js";
import * as vault from "../vault.js";
import * as sync from "../sync.js";
import { load, state } from "../state.js";

const DIGITS = 6;
const CLAIM_MS = 5000;

/** Over plain http browsers give no worker, no encryption and no safe storage: say so instead of half working. */
export function insecure(root, render) {
  plain(root, render, t("insecure_title"), notice("bad", null, h("p", {}, t("insecure", { address: location.origin }))),
    h("p", {}, t("insecure_help")), h("p", {}, h("code", {}, `https://${location.host}/tablet/`)));
}

export function elsewhere(root, render) {
  plain(root, render, t("elsewhere_title"), h("p", {}, t("elsewhere")), h("div", { class: "buttons" }, button(t("try_again"), () => location.reload(), { tone: "primary" })));
}

/** Another PIN: the one that holds, then the new one twice. */
export async function pin(frame) {
  let [old, fresh] = [null, null];
  const show = (problem = "") => {
    const words = t(old === null ? "pin_ask" : fresh === null ? "pin_choose" : "pin_again");
    return frame({ title: t("pin_change"), here: "device", trail: ["#/device", t("device_title")], body: [problem ? notice("bad", null, h("p", {}, problem)) : null, h("div", { class: "panel" }, pinPad(words, taken))] });
  };
  const taken = async (digits) => {
    if (old === null) {
      old = digits;
    } else if (fresh === null) {
      if (EASY.test(digits)) return t("pin_easy");
      fresh = digits;
    } else {
      const [before, same] = [old, digits === fresh];
      [old, fresh] = [same ? null : old, null];
      if (!same) return show(t("pin_differ"));
      try {
        await vault.changePin(before, digits);
      } catch (error) {
        return show(t(error instanceof vault.WrongPin ? "pin_wrong" : "unexpected"));
      }
      toast(t("pin_changed"), "good");
      location.hash = "#/device";
      return null;
    }
    await show();
    return null;
  };
  await show();
}

/** Words, dots and ten large keys. `done(pin)` answers null, or what was wrong. */
function pinPad(words, done) {
  const dots = h("p", { class: "pin-dots", "aria-hidden": "true" });
  const problem = h("p", { class: "pin-problem", role: "alert" });
  const input = h("input", { class: "form-control pin-input", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: DIGITS, id: "pin", "aria-describedby": "pin-problem" });
  problem.id = "pin-problem";
  let busy = false;
  const show = () => dots.replaceChildren(...Array.from({ length: DIGITS }, (_, n) => h("span", { class: n < input.value.length ? "pin-dot full" : "pin-dot" })));
  const changed = async () => {
    input.value = input.value.replace(/\D/g, "").slice(0, DIGITS);
    show();
    if (input.value.length < DIGITS || busy) return;
    busy = true;
    const pin = input.value;
    const wrong = await done(pin);
    busy = false;
    input.value = "";
    show();
    problem.textContent = wrong ?? "";
    if (wrong) input.focus();
  };
  input.addEventListener("input", changed);
  const press = (digit) => () => {
    if (busy) return;
    input.value += digit;
    changed();
  };
  const key = (digit) => h("button", { type: "button", class: "btn btn-outline-secondary pin-key", onclick: press(digit) }, digit);
  const back = h("button", { type: "button", class: "btn btn-outline-secondary pin-key", "aria-label": t("delete_digit"), onclick: () => {
    input.value = input.value.slice(0, -1);
    show();
  } }, icon("arrow-left"));
  show();
  return h("div", { class: "pin" }, h("label", { class: "field-label", for: "pin" }, words), input, dots, problem,
    h("div", { class: "pin-keys" }, "123456789".split("").map(key), h("span"), key("0"), back));
}

/** The lock: the PIN opens the data. */
export function locked(root, render) {
  const pad = pinPad(t("pin_ask"), async (pin) => {
    try {
      await vault.unlock(pin);
      await load();
      render();
      return null;
    } catch (error) {
      if (error instanceof vault.MustWait) return t("pin_wait", { seconds: Math.ceil((error.until - Date.now()) / 1000) });
      if (error instanceof vault.WrongPin) return t("pin_wrong");
      throw error;
    }
  });
  plain(root, render, t("locked_title"), pad, h("details", { class: "disclosure" }, h("summary", {}, t("pin_lost")), h("div", { class: "disclosure-body" }, h("p", {}, t("pin_lost_help")), forgetButton(root, render))));
}

function forgetButton(root, render) {
  return button(t("forget"), async () => {
    const waiting = (await store.all(store.RECORDS)).filter((row) => row.state === "waiting").length + (await store.keys(store.BOXES, "draft:")).length;
    if (!(await ask(t("forget_sure", { count: waiting }), t("forget"), t("cancel")))) return;
    await store.forgetAll();
    render();
  }, { tone: "outline-danger", picture: "trash" });
}

const EASY = /^(\d)\1{5}$|^(012345|123456|234567|345678|456789|567890|987654|876543|765432|654321|543210)$/;

/** The language of the account, until somebody chooses another one here. */
async function speak(name) {
  if (await store.get(store.PLAIN, "language")) return;
  choose(name);
  if (name !== "zh") await store.write([{ store: store.PLAIN, key: "language", value: name }]);
}

/** A fresh device: sign in with network, choose a PIN, take residents along. */
export async function fresh(root, render) {
  const session = await sync.session();
  if (session?.language) await speak(session.language);
  if (!session) return plain(root, render, t("setup_title"), notice("warn", null, h("p", {}, t("setup_offline"))), h("div", { class: "buttons" }, button(t("try_again"), render, { tone: "primary" })));
  if (!session.signed_in) {
    return plain(root, render, t("setup_title"), h("p", {}, t("setup_sign_in")), h("div", { class: "buttons" }, link(t("sign_in"), "/sign-in?next=/tablet/", { tone: "primary" })));
  }
  if (!session.may_assess && !session.may_care && !session.may_sign) return plain(root, render, t("setup_title"), notice("warn", null, h("p", {}, t("setup_no_assessor", { name: session.name }))), h("div", { class: "buttons" }, link(t("to_desk"), "/")));
  let first = null;
  const step = (problem = null) => plain(root, render, t("setup_title"), problem ? notice("warn", null, h("p", {}, problem)) : h("p", {}, t("setup_hello", { name: session.name })),
    pinPad(first ? t("pin_again") : t("pin_choose"), async (pin) => {
      if (!first) {
        if (EASY.test(pin)) return t("pin_easy");
        first = pin;
        step();
        return null;
      }
      if (pin !== first) {
        first = null;
        step(t("pin_differ"));
        return null;
      }
      return setUp(root, render, session, pin);
    }), h("p", { class: "field-help" }, t("pin_help")));
  return step();
}

/** Whether the worker answers for this page: only then does every screen open without network. */
async function keptHere() {
  const container = navigator.serviceWorker;
  if (container.controller) return true;
  const taken = new Promise((done) => container.addEventListener("controllerchange", () => done(true), { once: true }));
  (await container.ready).active.postMessage("claim"); // it woke while this page was loading and does not know it yet
  return Promise.race([taken, new Promise((done) => setTimeout(() => done(Boolean(container.controller)), CLAIM_MS))]);
}

async function setUp(root, render, session, pin) {
  plain(root, render, t("setup_title"), h("p", { role: "status" }, t("setup_working")));
  try {
    state.device = { id: crypto.randomUUID() };
    const name = `${session.name} · ${navigator.userAgentData?.platform ?? "tablet"}`;
    const key = await vault.create(pin, state.device.id);
    const { token, receipt_keys: receiptKeys, courier_key: courierKey } = await sync.enrol(session.csrf, name, key);
    state.device = { ...state.device, receipt_keys: receiptKeys, courier_key: courierKey ?? null, name, public_key: key };
    await store.write([{ store: store.PLAIN, key: "device", value: state.device }, await vault.boxed("token", token)]);
    await sync.download([], session.may_assess ? "sheets" : session.may_care ? "care" : "contracts");
    await navigator.storage?.persist?.();
    if (!(await keptHere())) return location.reload(); // loaded around the worker: every screen would need the network
    render();
  } catch (error) {
    await store.forgetAll();
    vault.lock();
    plain(root, render, t("setup_title"), notice("bad", t("setup_failed"), h("p", {}, error instanceof sync.Refusal ? error.message : t("setup_offline"))), h("div", { class: "buttons" }, button(t("try_again"), render, { tone: "primary" })));
  }
  return null;
}
