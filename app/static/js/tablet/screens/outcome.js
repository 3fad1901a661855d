// What a result says, whatever instrument made it: grades and total, the level of each part, abilities, the reasons step by step.
import { badge, facts, h, notice, section } from "../dom.js";
import { say, t } from "../words.js";

const TONES = { 1: "neutral", 2: "info", 3: "warn" };

function tile(name, value, why, proposed = false) {
  return h("div", { class: `tier${proposed ? " tier-proposed" : ""}` }, h("p", { class: "tier-name" }, name), h("p", { class: "tier-grade" }, value ?? "—"), h("p", { class: "tier-why" }, why));
}

const grade = (number) => (number ? badge(t(`grade_${number}`), TONES[number]) : null);

/** Whether a total of this instrument stands for a care grade; what is not known here speaks for itself. */
const scoreCounts = (form) => !form || Boolean(form.grades?.score_tiers.length);

function total(result, form) {
  if (result.total === null) return t("undetermined");
  return form ? t("points_of", { score: result.total, top: form.items.reduce((sum, item) => sum + item.max, 0) }) : t("points", { points: result.total });
}

function levelOf(result, form) {
  if (result.ability_level === null) return null;
  const title = form?.combination.titles[result.ability_level];
  return title ? say(title) : t("level", { level: result.ability_level });
}

function tiles(result, form) {
  const agree = result.tiers_agree === null ? "tiers_unknown" : result.tiers_agree ? "tiers_agree" : "tiers_differ";
  const graded = !form || form.grades;
  return h("div", { class: "tiers" },
    graded ? tile(t("by_abilities"), grade(result.statutory_grade), result.unmet === null ? t("undetermined") : t("unmet", { count: result.unmet })) : null,
    scoreCounts(form) ? tile(t("by_score"), grade(result.score_grade), total(result, form)) : tile(t("ability_level"), levelOf(result, form), total(result, form)),
    graded ? tile(t("proposed"), grade(result.proposed_grade), result.proposed_grade === null ? t("no_grade") : scoreCounts(form) ? t(agree) : t("total_no_grade"), true) : null);
}

/** The level of the items and of each other part in the words of the instrument, subtotals, and the level they give. */
function parts(result, form) {
  const levels = result.levels ?? { adl: result.adl_level };
  const title = (bands, level) => (level === null || level === undefined ? "—" : say(bands.find((band) => band.value === level)?.title) || t("level", { level }));
  const last = levelOf(result, form) ?? "—";
  if (!form) return [[t("ability_level"), last]];
  const own = form.domains.length ? [[say(form.adl_title), title(form.adl_bands, levels.adl)], ...form.domains.map((domain) => [say(domain.title), title(domain.bands, levels[domain.key])])] : [];
  const groups = form.groups.map((group) => [say(group.title), result.groups?.[group.id] === null || !result.groups ? "—" : t("points_of", { score: result.groups[group.id], top: group.top })]);
  const raised = result.preliminary_level !== null && result.preliminary_level !== result.ability_level;
  return [...groups, ...own, raised ? [t("preliminary"), say(form.combination.titles[result.preliminary_level])] : [], [t("ability_level"), last]].filter((pair) => pair.length);
}

/** A result document of the engine for a reader; `form` names its parts (null: an instrument that is not on this tablet). */
export function outcome(result, form, explanation = null) {
  const abilities = Object.entries(result.abilities);
  return [
    section(t("result"), tiles(result, form),
      explanation ? [h("h3", {}, t("what_moves")), h("ul", { class: "explanation" }, explanation.lines.map((line) => h("li", {}, say(line))))] : null),
    section(t(abilities.length ? "levels" : "levels_only"),
      facts(parts(result, form)),
      result.level_changes.map((change) => notice("info", null, h("p", {}, say(change)))),
      result.checks.map((check) => notice("warn", null, h("p", {}, say(check)))),
      h("ul", { class: "abilities" }, abilities.map(([name, met]) => h("li", {}, badge(form ? say(form.grades.abilities[name]) : name, met ? "good" : met === false ? "bad" : "neutral"), " ", h("span", {}, t(met ? "met" : met === false ? "not_met" : "undetermined")))))),
    h("details", { class: "disclosure trace-part" }, h("summary", {}, t("trace")), h("ol", { class: "trace" }, result.trace.map((step) => h("li", {}, say(step)))),
      h("p", { class: "rule-version" }, `${form ? say(form.title) : ""} · ${result.instrument} · SHA-256 `, h("code", {}, `${result.sha256.slice(0, 16)}…`))),
  ];
}
