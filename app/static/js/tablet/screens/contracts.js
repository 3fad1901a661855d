// Contracts at a kitchen table: which ones wait for a signature, and one to be read aloud before anybody signs.
import { badge, banner, facts, h, link, notice, section } from "../dom.js";
import { day, instant, say, t } from "../words.js";
import { records, state, timeLeft } from "../state.js";
import { STATES } from "./list.js";

const DAY = 86_400_000;
const TRAIL = () => ["#/", t("contracts_title")];

/** The key of one party's signature: one thing on this tablet, corrected under the same key. */
export const keyOf = (number, slot) => `${number}.${slot}`;

/** By key the newest record of each signature given here. */
export async function givenHere() {
  const found = new Map();
  for (const row of await records()) if (row.kind === "contract_signature" && !row.replaced) found.set(row.key, row);
  return found;
}

/** Contracts that may be shown: those of people who moved out of the area are closed. */
const shown = () => state.contracts.filter((one) => !state.moved[one.resident]);

export const contractOf = (number) => shown().find((one) => one.number === number) ?? null;

export async function contracts(frame) {
  const [given, left] = [await givenHere(), await timeLeft()];
  const count = (one) => one.parties.filter((party) => party.signed || counts(standing(party, given.get(keyOf(one.number, party.slot))))).length;
  const body = [
    left !== null && left <= 0 ? notice("bad", t("limit_over_title"), h("p", {}, t("limit_over"))) : null,
    left !== null && left > 0 && left < 5 * DAY ? notice("warn", null, h("p", {}, t("limit_near", { days: Math.ceil(left / DAY) }))) : null,
    h("p", { class: "count", role: "status" }, t("contracts_count", { count: shown().length })),
    h("div", { class: "people" }, shown().length ? shown().map((one) => h("article", { class: "person", "data-contract": one.number },
      h("div", { class: "person-who" }, h("h2", {}, h("a", { href: `#/contract/${one.number}` }, one.name)), h("p", {}, `${one.number} · ${one.village}`)),
      h("div", { class: "person-why" }, h("p", {}, t("contract_signed", { count: count(one) })), h("p", { class: "marks" }, states(one, given))),
      h("div", { class: "person-act" }, link(t("contract_open"), `#/contract/${one.number}`, { tone: "primary" })))) : h("p", { class: "nobody" }, t("contracts_none"))),
  ];
  await frame({ title: t("contracts_title"), here: "list", body });
}

/** What was given here, unless the county took the party's signature back since: then the place is open again. */
export function standing(party, row) {
  const over = row && !party.signed && party.taken_back && row.state !== "waiting" && row.at <= Date.parse(party.taken_back.at);
  return over ? null : row;
}

const counts = (row) => row && (row.state === "waiting" || row.state === "accepted");

/** What became of the signatures given here, each kind once. */
function states(one, given) {
  const mine = one.parties.map((party) => given.get(keyOf(one.number, party.slot))?.state).filter(Boolean);
  return [...new Set(mine)].map((name) => badge(t(STATES[name][1]), STATES[name][0]));
}

export async function contract(frame, [number]) {
  const one = contractOf(number);
  if (!one) return frame({ title: t("gone_title"), here: "list", trail: TRAIL(), body: [notice("warn", null, h("p", {}, t("gone")))] });
  const given = await givenHere();
  const body = [
    banner(one.name, [[t("number"), one.number], [t("village"), one.village], [t("grade_now"), t(`grade_${one.grade}`)], [t("contract_caregiver"), one.caregiver]]),
    one.amends ? notice("info", null, h("p", {}, t("contract_amends", { number: one.amends }))) : null,
    facts([
      [t("contract_term"), t("contract_from_to", { from: day(one.valid_from), to: day(one.valid_to) })],
      [t("contract_money"), one.monthly ? t("contract_money_words", { sum: one.monthly, capitals: one.monthly_capitals }) : t("contract_no_money")],
      [t("contract_guardian"), one.guardian],
      [t("contract_mark"), `${one.body_sha256.slice(0, 16)}…`],
    ]),
    section(t("contract_points"), h("ol", { class: "contract-points" }, one.points.map((text) => h("li", {}, say(text))))),
    section(t("contract_parties"), h("p", { class: "part-note" }, t("contract_order")), h("div", { class: "people" }, one.parties.map((party) => place(one, party, given.get(keyOf(number, party.slot)))))),
    section(t("contract_text"), h("h3", {}, say(one.title)), h("p", {}, say(one.preamble)), one.general.map((text) => h("p", {}, say(text))),
      h("ol", { class: "contract-clauses" }, one.clauses.map((clause) => h("li", { value: clause.number }, h("strong", {}, t(`party_${clause.party}`)), " ", say(clause)))), h("p", {}, say(one.closing))),
  ];
  return frame({ title: t("contract_of", { name: one.name }), here: "list", trail: TRAIL(), body });
}

/** One of the seven at the table. */
function place(one, party, newest) {
  const row = standing(party, newest);
  const open = !party.signed && party.here && (!row || row.state === "refused");
  const mark = party.signed ? badge(t("contract_party_signed"), "good") : row ? badge(t(STATES[row.state][1]), STATES[row.state][0]) : badge(t(party.here ? "contract_party_open" : "contract_party_elsewhere"), "neutral");
  return h("article", { class: "person", "data-party": party.slot, "data-state": party.signed ? "signed" : row?.state ?? "open" },
    h("div", { class: "person-who" }, h("h3", {}, t(`party_${party.slot}`)), h("p", {}, party.name)),
    h("div", { class: "person-why" }, h("p", {}, mark), party.signed ? h("p", { class: "soft" }, `${party.signer} · ${day(party.signed)}`) : null,
      party.taken_back && !party.signed ? h("p", { class: "soft" }, t("contract_taken_back", { when: instant(party.taken_back.at), why: party.taken_back.reason })) : null),
    h("div", { class: "person-act" }, open ? link(t("contract_sign"), `#/sign/${one.number}/${party.slot}`, { tone: "primary" }) : row ? link(t("contract_look"), `#/record/${keyOf(one.number, party.slot)}`) : null));
}
