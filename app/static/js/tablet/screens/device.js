// The device itself: what it holds, until when, taking residents along again, the PIN, a courier's file, forgetting.
import { ask, button, facts, h, icon, link, notice, section, toast } from "../dom.js";
import { day, instant, t } from "../words.js";
import { BOXES, PLAIN, forgetAll, get, keys } from "../store.js";
import { counters, state, timeLeft } from "../state.js";
import * as sync from "../sync.js";
import * as vault from "../vault.js";
import { carry } from "./courier.js";

const DAY = 86_400_000;

export async function device(frame) {
  const [left, contact, storage] = [await timeLeft(), await get(PLAIN, "contact"), await navigator.storage?.estimate?.()];
  const carried = await keys(BOXES, "carried:");
  const chosen = new Set(state.meta.taken);
  const areas = h("fieldset", { class: "field choice-set" }, h("legend", { class: "field-label" }, t("areas")), h("p", { class: "field-help" }, t("areas_help")),
    h("div", { class: "choices choices-row" }, state.meta.areas.map((area) => {
      const input = h("input", { class: "choice-input", type: "checkbox", id: `area-${area.code}`, checked: chosen.has(area.code), onchange: () => (input.checked ? chosen.add(area.code) : chosen.delete(area.code)) });
      return h("label", { class: "choice", for: input.id }, input, h("span", { class: "choice-text" }, area.name, h("small", {}, t("areas_due", { count: area.due }))));
    })));
  const take = button(t("take_along"), async () => {
    take.disabled = true;
    try {
      await sync.download([...chosen]);
      toast(state.meta.for === "contracts" ? t("contracts_count", { count: state.contracts.length }) : t("taken_along", { count: state.index.length }), "good");
    } catch (error) {
      toast(error instanceof sync.Refusal ? error.message : t("offline"), "bad");
    }
    frame.render();
  }, { tone: "primary", picture: "download" });
  const file = h("input", { type: "file", class: "visually-hidden", id: "courier", onchange: () => carry(file.files[0]).then(frame.render) });
  const body = [
    section(t("take_title"), h("p", { class: "part-note" }, t(state.meta.for === "contracts" ? "take_note_contracts" : "take_note", { count: state.meta.for === "contracts" ? state.contracts.length : state.index.length, when: instant(state.meta.issued_at) })), state.meta.areas.length ? areas : null, h("div", { class: "buttons" }, take)),
    section(t("device_facts"), facts([[t("account"), state.meta.me.name], [t("device_id"), state.device.id], [t("last_contact"), contact ? instant(new Date(contact).toISOString()) : "—"],
      [t("works_until"), left === null ? "—" : day(new Date(Date.now() + left).toISOString())], [t("days_left"), left === null ? null : String(Math.max(0, Math.ceil(left / DAY)))],
      [t("room"), storage ? t("room_mb", { used: (storage.usage / 1e6).toFixed(1), quota: Math.round(storage.quota / 1e6) }) : null]])),
    state.meta.care ? null : section(t("courier_title"), h("p", { class: "part-note" }, t("courier_note")), h("div", { class: "buttons file-picker" }, file, h("label", { class: "btn btn-outline-secondary", for: "courier" }, icon("file-earmark-arrow-up"), h("span", {}, t("courier_take"))), link(t("scan"), "#/scan", { picture: "qr-code-scan" }))),
    carried.length ? notice("info", null, h("p", {}, t("courier_carrying", { count: carried.length }))) : null,
    section(t("safety"), h("div", { class: "buttons" }, link(t("pin_change"), "#/pin", { picture: "key" }), link(t("desk"), "/", { picture: "laptop" }), button(t("forget"), async () => {
      const { waiting, saved, accepted, refused } = await counters();
      if (!(await ask(t("forget_sure", { count: waiting + (saved - waiting - accepted - refused) }), t("forget"), t("cancel")))) return;
      await forgetAll();
      vault.lock();
      location.hash = "#/";
      frame.render();
    }, { tone: "outline-danger", picture: "trash" }))),
  ];
  return frame({ title: t("device_title"), here: "device", body });
}

