// Who and when: offered, so that nothing has to be typed; names can be typed where nobody offered fits.
import { h } from "../dom.js";
import { localDay, t } from "../words.js";
import { state } from "../state.js";

const RELATIONS = ["1", "2", "3", "4", "5"];

/** The part of a sheet about assessors, informant, day and reason. */
export function head(writing) {
  const { draft, row } = writing;
  const saved = async (changes) => {
    const was = writing.next(null);
    if (!(await writing.save(changes))) return;
    writing.show(writing.part, false);
    if (was === writing.part && !writing.next(null)) location.hash = `#/result/${draft.key}`;
  };
  const people = state.meta.colleagues;
  const assessor = (place, label) => {
    const id = `assessor-${place}`;
    const select = h("select", { class: "form-select", id, onchange: () => {
      const chosen = [...writing.draft.assessors];
      chosen[place] = Number(select.value) || null;
      saved({ assessors: chosen });
    } }, h("option", { value: "" }, t("choose")), people.filter((one) => one.id !== draft.assessors[1 - place]).map((one) => h("option", { value: one.id }, one.name)));
    select.value = draft.assessors[place] ?? "";
    return h("div", { class: "field" }, h("label", { class: "field-label", for: id }, label), select);
  };
  const offered = [...(row?.informants ?? []), { name: draft.name, relation: "5", self: true }];
  const chips = h("fieldset", { class: "field choice-set", id: "informant" }, h("legend", { class: "field-label" }, t("informant")),
    h("div", { class: "choices choices-row" }, offered.map((one, place) => {
      const id = `informant-${place}`;
      const input = h("input", { class: "choice-input", type: "radio", name: "informant", id, checked: draft.informant?.name === one.name, onclick: (event) => {
        event.preventDefault();
        saved({ informant: { name: one.name, relation: one.relation } });
      } });
      return h("label", { class: "choice", for: id }, input, h("span", { class: "choice-text" }, one.name, h("small", {}, one.self ? t("resident_self") : t(`relation_${one.relation}`))));
    })));
  const other = h("input", { class: "form-control", id: "informant-name", autocomplete: "off", maxlength: 80, value: draft.informant?.name ?? "", onchange: () => saved({ informant: { name: other.value.trim(), relation: relation.value } }) });
  const relation = h("select", { class: "form-select", id: "informant-relation", onchange: () => saved({ informant: { name: other.value.trim(), relation: relation.value } }) }, RELATIONS.map((code) => h("option", { value: code }, t(`relation_${code}`))));
  relation.value = draft.informant?.relation ?? "5";
  const on = h("input", { class: "form-control input-short", type: "date", id: "assessed-on", value: draft.assessed_on, max: localDay(), onchange: () => on.value && saved({ assessed_on: on.value }) });
  const reason = h("select", { class: "form-select", id: "reason", onchange: () => saved({ reason: reason.value }) }, ["1", "2", "3", "4"].map((code) => h("option", { value: code }, t(`reason_${code}`))));
  reason.value = draft.reason;
  const notes = h("textarea", { class: "form-control", id: "notes", rows: 3, maxlength: 4000, onchange: () => saved({ notes: notes.value }) });
  notes.value = draft.notes;
  const field = (id, label, control) => h("div", { class: "field" }, h("label", { class: "field-label", for: id }, label), control);
  return h("div", { class: "form" }, assessor(0, t("first_assessor")), draft.pair ? h("p", { class: "field-help" }, t("pair_blind")) : assessor(1, t("second_assessor")), chips,
    h("details", { class: "disclosure" }, h("summary", {}, t("informant_other")), h("div", { class: "disclosure-body" }, field("informant-name", t("informant_name"), other), field("informant-relation", t("informant_relation"), relation))),
    field("assessed-on", t("assessed_on"), on), field("reason", t("reason"), reason), field("notes", t("notes"), notes));
}
