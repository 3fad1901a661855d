// What a result says: two scales and the proposal, levels, abilities, the reasons step by step.
import { badge, facts, h, notice, section } from "../dom.js";
import { say, t } from "../words.js";

const TONES = { 1: "neutral", 2: "info", 3: "warn" };

function tier(name, grade, why, proposed = false) {
  return h("div", { class: `tier${proposed ? " tier-proposed" : ""}` }, h("p", { class: "tier-name" }, name),
    h("p", { class: "tier-grade" }, grade ? badge(t(`grade_${grade}`), TONES[grade]) : "—"), h("p", { class: "tier-why" }, why));
}

/** A result document of the engine for a reader; `form` names the abilities. */
export function outcome(result, form, explanation = null) {
  const agree = result.tiers_agree === null ? "tiers_unknown" : result.tiers_agree ? "tiers_agree" : "tiers_differ";
  const level = (number) => (number === null ? "—" : t("level", { level: number }));
  return [
    section(t("result"),
      h("div", { class: "tiers" },
        tier(t("by_abilities"), result.statutory_grade, result.unmet === null ? t("undetermined") : t("unmet", { count: result.unmet })),
        tier(t("by_score"), result.score_grade, result.total === null ? t("undetermined") : t("of_hundred", { points: result.total })),
        tier(t("proposed"), result.proposed_grade, t(agree), true)),
      explanation ? [h("h3", {}, t("what_moves")), h("ul", { class: "explanation" }, explanation.lines.map((line) => h("li", {}, say(line))))] : null),
    section(t("levels"),
      facts([[t("adl"), level(result.adl_level)], [t("mental"), level(result.mental_level)], [t("sensory"), level(result.sensory_level)], [t("social"), level(result.social_level)],
        [t("ability_level"), result.ability_level === null ? "—" : t(`ability_${result.ability_level}`)]]),
      result.level_changes.map((change) => notice("info", null, h("p", {}, say(change)))),
      result.checks.map((check) => notice("warn", null, h("p", {}, say(check)))),
      h("ul", { class: "abilities" }, Object.entries(result.abilities).map(([name, met]) => h("li", {}, badge(form ? say(form.grades.abilities[name]) : name, met ? "good" : met === false ? "bad" : "neutral"), " ", h("span", {}, t(met ? "met" : met === false ? "not_met" : "undetermined")))))),
    h("details", { class: "disclosure trace-part" }, h("summary", {}, t("trace")), h("ol", { class: "trace" }, result.trace.map((step) => h("li", {}, say(step)))),
      h("p", { class: "rule-version" }, `${form ? say(form.title) : ""} · ${result.instrument} · SHA-256 `, h("code", {}, `${result.sha256.slice(0, 16)}…`))),
  ];
}
