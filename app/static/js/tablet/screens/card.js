// The household's card: scan it, or type its twelve signs; four of its hash tell a mistyped one at once.
import { button, fill, h, notice, toast } from "../dom.js";
import { t } from "../words.js";
import { state } from "../state.js";
import { watch } from "../camera.js";
import * as care from "../care.js";
import * as vault from "../vault.js";

const MARK = "YHK1.";

export async function card(frame, [number, day]) {
  const row = care.rowOf(number);
  if (!row || state.moved[number]) return frame({ title: t("gone_title"), here: "list", trail: ["#/", t("care_title")], body: [notice("warn", null, h("p", {}, t("gone")))] });
  const problem = h("p", { class: "pin-problem", role: "alert" });
  const input = h("input", { class: "form-control card-code", id: "card-code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 20 });
  const take = async (text) => {
    const code = text.trim().toUpperCase().replace(MARK, "").replace(/[\s\-·]/g, "");
    if (!row.cards.includes((await vault.sha256(code)).slice(0, 4))) {
      fill(problem, t("card_wrong", { name: row.name }));
      return false;
    }
    await care.keepCard(row, day, code);
    toast(t("card_seen"), "good");
    location.hash = "#/";
    return true;
  };
  const eye = h("div", { class: "codes" });
  const body = [h("p", {}, t("card_note")), eye, h("form", { onsubmit: (event) => {
    event.preventDefault();
    take(input.value);
  } }, h("div", { class: "field" }, h("label", { class: "field-label", for: "card-code" }, t("card_type")), input), problem, h("div", { class: "buttons" }, h("button", { type: "submit", class: "btn btn-primary btn-main" }, t("card_take"))))];
  await frame({ title: t("card_of", { name: row.name }), here: "list", trail: ["#/", t("care_title")], body: [h("div", { class: "large" }, body)] });
  if (navigator.mediaDevices?.getUserMedia) fill(eye, button(t("card_camera"), () => look(eye, take, problem), { picture: "camera", "data-camera": true }));
}

async function look(eye, take, problem) {
  const video = h("video", { class: "code", playsinline: true, muted: true, "aria-label": t("card_camera") });
  fill(eye, video);
  const wrong = await watch(video, async (text) => text.startsWith(MARK) && (await take(text)));
  if (!wrong) return;
  fill(eye);
  fill(problem, t(wrong));
}
