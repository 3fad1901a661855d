// Everything written here: drafts, what waits, what the county accepted or refused, with its own words.
import { badge, button, h, icon, link, notice, section, toast } from "../dom.js";
import { day, instant, say, t } from "../words.js";
import { correct, drafts, payload, receiptOf, sheets, state } from "../state.js";
import * as sync from "../sync.js";
import { outcome } from "./outcome.js";
import { answers } from "./resident.js";
import { STATES } from "./list.js";
import { exported } from "./courier.js";
import { careRecord, correctCare, roundsBegun, subjectOf } from "./care_records.js";

export async function recordList(frame, [wanted]) {
  const [writing, finished] = [[...(await drafts()), ...(await roundsBegun())], await sheets()];
  const shown = finished.filter((one) => !wanted || one.state === wanted || (wanted === "refused" && one.state === "conflict"));
  const rows = await Promise.all(shown.map(row));
  const waiting = finished.filter((one) => one.state === "waiting").length;
  const acts = [button(t("send_now"), () => {
    if (sync.status.busy) toast(t("send_queued"), "info");
    sync.connect();
  }, { tone: "primary", picture: "send", "data-send": true })];
  if (waiting) acts.push(button(t("courier_make"), exported, { picture: "file-earmark-lock" }));
  const body = [
    wanted ? h("p", {}, link(t("show_all"), "#/records")) : null,
    !wanted && writing.length ? section(t("counter_drafts"), h("div", { class: "people" }, writing.map((one) => h("article", { class: "person", "data-draft": one.key },
      h("div", { class: "person-who" }, h("h3", {}, one.name), h("p", {}, one.about ? `${one.about} · ` : null, t("changed_at", { when: instant(one.updated_at) }))),
      h("div", { class: "person-why" }, badge(t("state_draft"), "info", "pencil")),
      h("div", { class: "person-act" }, link(t("go_on"), one.place ?? `#/sheet/${one.key}`, { tone: "primary" })))))) : null,
    section(t(wanted ? `counter_${wanted}` : "finished_here"), rows.length ? h("div", { class: "people" }, rows) : h("p", { class: "nobody" }, t("nothing_here"))),
  ];
  await frame({ title: t("records_title"), here: "records", acts, body });
}

/** The record a group is about: of a signature that was given anew, the newest. */
const mainOf = (one) => one.rows.findLast((each) => each.kind === "contract_signature") ?? one.rows.find((each) => each.kind !== "attachment");

async function row(one) {
  const main = mainOf(one) ?? one.rows[0];
  const [about, said] = [await payload(main.counter), await receiptOf(main.counter)];
  const others = one.rows.filter((each) => each !== main && each.kind !== "contract_signature").length;
  const refused = await Promise.all(one.rows.filter((each) => each.state === "refused" && each !== main).map((each) => receiptOf(each.counter)));
  return h("article", { class: "person", "data-record": one.key, "data-state": one.state },
    h("div", { class: "person-who" }, h("h3", {}, h("a", { href: `#/record/${one.key}` }, about.name)), h("p", {}, subjectOf(main, about), t("finished_at", { when: instant(new Date(main.at).toISOString()) }), others ? ` · ${t("with_pictures", { count: others })}` : "")),
    h("div", { class: "person-why" }, h("p", {}, badge(t(STATES[one.state][1]), STATES[one.state][0])), words(said), refused.map(words)),
    h("div", { class: "person-act" }, one.state === "refused" && main.state === "refused" ? (main.kind === "contract_signature" ? link(t("correct"), `#/record/${one.key}`, { tone: "primary" }) : correctButton(one.key, main.kind)) : null));
}

/** What the county said, never more than that. */
export function words(said) {
  if (!said) return null;
  const more = Object.values(said.fields ?? {}).map(say).filter((one) => !say(said.reason).includes(one));
  return [
    said.reference && said.verdict !== "refused" ? h("p", { class: "soft" }, t("reference", { number: said.reference, when: instant(said.received_at) })) : null,
    said.routed_to ? h("p", {}, t("routed", { area: said.routed_to })) : null,
    said.reason ? h("p", {}, say(said.reason)) : null,
    more.length ? h("ul", {}, more.map((one) => h("li", {}, one))) : null,
    said.clock && said.clock !== "plausible" ? h("p", { class: "soft" }, icon("clock"), " ", t(`clock_${said.clock}`)) : null,
  ];
}

export function correctButton(key, kind = "sheet") {
  if (kind === "care_handover") return link(t("handover_again"), `#/handover/${key}`, { tone: "primary", picture: "pencil-square" });
  return button(t("correct"), async () => {
    if (kind === "sheet") await correct(key);
    location.hash = kind === "sheet" ? `#/sheet/${key}` : await correctCare(key);
  }, { tone: "primary", picture: "pencil-square" });
}

export async function recordPage(frame, [key]) {
  const one = (await sheets()).find((each) => each.key === key);
  const main = one && mainOf(one);
  if (main?.kind === "contract_signature") return (await import("./contract_sign.js")).signatureRecord(frame, one, main, words);
  if (main && main.kind !== "sheet") return careRecord(frame, one, main);
  if (!main) return frame({ title: t("gone_title"), here: "records", trail: ["#/records", t("records_title")], body: [notice("warn", null, h("p", {}, t("gone")))] });
  const [about, said] = [await payload(main.counter), await receiptOf(main.counter)];
  const { content } = JSON.parse(about.text);
  const form = state.instruments.get(content.instrument);
  const body = [
    h("p", {}, badge(t(STATES[one.state][1]), STATES[one.state][0]), " ", t("assessed", { day: day(content.assessed_on) })),
    h("div", { class: "said" }, words(said)),
    one.state === "refused" ? h("div", { class: "buttons" }, correctButton(key)) : null,
    one.state === "waiting" ? h("div", { class: "buttons" }, link(t("as_codes"), `#/codes/${key}`, { picture: "qr-code" })) : null,
    one.state === "conflict" ? notice("warn", t("conflict_title"), h("p", {}, t("conflict_words"))) : null,
    state.moved[content.resident] ? notice("warn", t("moved_title"), h("p", {}, t("moved_words"))) : outcome(content.result, form),
    form && !state.moved[content.resident] ? answers(form, content.answers, content.facts) : null,
    h("p", { class: "rule-version" }, t("record_mark", { counter: main.counter }), " SHA-256 ", h("code", {}, `${main.hash.slice(0, 16)}…`)),
  ];
  return frame({ title: t("sheet_of", { name: about.name }), here: "records", trail: ["#/records", t("records_title")], body });
}
