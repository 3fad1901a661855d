// The sentences of the trace, in Chinese and English, word for word those of assessments/trace.py.
const step = (name, zh, en, values) => ({ step: name, zh, en, ...values });
const list = (values, words, mark) => values.map(words).join(mark);

export function observedItem(item, levels, score, deciding, rule) {
  const said = Object.fromEntries(item.subitems.map((sub, place) => [sub.id, sub.labels[levels[place]]]));
  const seen = item.subitems.map((sub, place) => ({ sub, level: levels[place] }));
  let zh = `${item.id} ${item.title.zh}：${list(seen, ({ sub, level }) => `${sub.title.zh} ${level}`, "、")}，得 ${score} 分（满分 ${item.max}）`;
  let en = `${item.id} ${item.title.en}: ${list(seen, ({ sub, level }) => `${sub.title.en} ${level}`, ", ")}; scores ${score} of ${item.max}`;
  if (rule) {
    zh += `；按 ${rule.id}：${rule.title.zh}`;
    en += `; by ${rule.id}: ${rule.title.en}`;
  } else if (deciding.length) {
    zh += `，取决于 ${list(deciding, (sub) => `${sub.id} ${sub.title.zh}（${said[sub.id].zh}）`, "、")}`;
    en += `; decided by ${list(deciding, (sub) => `${sub.id} ${sub.title.en} (${said[sub.id].en})`, ", ")}`;
  }
  return step(`item.${item.id}`, zh, en, {
    item: item.id,
    score,
    max: item.max,
    levels: Object.fromEntries(seen.map(({ sub, level }) => [sub.id, level])),
    deciding: deciding.map((sub) => sub.id),
    rule: rule?.id ?? null,
  });
}

export function directItem(item, option) {
  return step(
    `item.${item.id}`,
    `${item.id} ${item.title.zh}：${option.label.zh}，得 ${option.code} 分（满分 ${item.max}）`,
    `${item.id} ${item.title.en}: ${option.label.en}; scores ${option.code} of ${item.max}`,
    { item: item.id, score: option.code, max: item.max, deciding: option.code < item.max ? [item.code] : [], rule: null },
  );
}

export function itemsLeftOut(ids) {
  const zh = `昏迷，未评的大项：${ids.join("、")}；分数留空，不记为 0`;
  return step("items_left_out", zh, `coma; items not assessed: ${ids.join(", ")}; their scores stay empty and are not 0`, { items: ids });
}

export function subtotals(groups, points) {
  return step(
    "groups",
    list(groups, (group) => `${group.title.zh} ${points[group.id]} 分（满分 ${group.top}）`, "、"),
    list(groups, (group) => `${group.title.en} ${points[group.id]} of ${group.top}`, ", "),
    { groups: points },
  );
}

export function total(said, points, top) {
  return step("total", `${said.zh} ${points} 分（满分 ${top}）`, `${said.en} ${points} of ${top}`, { total: points });
}

export function adlLevel(title, points, band) {
  const span = band.low === band.high ? `${band.low}` : `${band.low}–${band.high}`;
  return step(
    "adl_level",
    `${title.zh}：${points} 分在 ${span} 分档，为 ${band.value} 级（${band.title.zh}）`,
    `${title.en}: ${points} is in ${span}, level ${band.value} (${band.title.en})`,
    { total: points, level: band.value },
  );
}

export function domainLevel(domain, codes, level, deciding) {
  let zh = list(domain.items, (item) => `${item.title.zh} ${codes[domain.items.indexOf(item)]}`, "、");
  let en = list(domain.items, (item) => `${item.title.en} ${codes[domain.items.indexOf(item)]}`, ", ");
  const sum = codes.reduce((left, right) => left + right, 0);
  if (domain.method === "sum") {
    zh += `，合计 ${sum}`;
    en += `; sum ${sum}`;
  } else if (deciding.length) {
    const titles = Object.fromEntries(domain.items.map((item) => [item.id, item.title]));
    zh += `，取最差一项：${list(deciding, (id) => titles[id].zh, "、")}`;
    en += `; the worst decides: ${list(deciding, (id) => titles[id].en, ", ")}`;
  }
  const words = domain.bands.find((band) => band.value === level).title;
  return step(
    `${domain.key}_level`,
    `${domain.title.zh}（${domain.id}）：${zh}，为 ${level} 级（${words.zh}）`,
    `${domain.title.en} (${domain.id}): ${en}; level ${level} (${words.en})`,
    { codes, level, deciding },
  );
}

export function domainLeftOut(domain, level) {
  const [zh, en] = level === null ? ["未评", "not assessed"] : [`昏迷即为 ${level} 级`, `coma alone is level ${level}`];
  return step(`${domain.key}_level`, `${domain.title.zh}（${domain.id}）：${zh}`, `${domain.title.en} (${domain.id}): ${en}`, { level });
}

export function outOfScope(any) {
  const [zh, en] = any ? ["；已填的其余各项未计入", "; other answers given were checked and not used"] : ["", ""];
  return step("scope", `本表只评表 B.1，不得出能力等级${zh}`, `this sheet assesses form B.1 only and gives no ability level${en}`, { scope: "B.1" });
}

export function preliminary(combination, mix, rule) {
  const { form, parts, titles } = combination;
  const [shown, title] = [mix.join("/"), titles[rule.level]];
  return step(
    "preliminary_level",
    `${form.zh}（${parts.zh} = ${shown}）：${rule.wording.zh}，初步等级 ${rule.level}（${title.zh}）`,
    `${form.en} (${parts.en} = ${shown}): ${rule.wording.en}; preliminary level ${rule.level} (${title.en})`,
    { levels: mix, rule: rule.id, level: rule.level },
  );
}

export function preliminaryUnknown({ open }) {
  return step("preliminary_level", open.zh, open.en, { level: null });
}

export function abilityLevel(level, title) {
  return step("ability_level", `最终能力等级 ${level}（${title.zh}）`, `final ability level ${level} (${title.en})`, { level });
}

export function ability(name, title, met, why, deciding) {
  const [zh, en] = met === null ? ["无法确定", "undetermined"] : met ? ["达到", "met"] : ["未达到", "not met"];
  return step(
    `ability.${name}`,
    `${name} ${title.zh}：${zh}${why.zh ? `，${why.zh}` : ""}`,
    `${name} ${title.en}: ${en}${why.en ? `; ${why.en}` : ""}`,
    { ability: name, met, deciding },
  );
}

export function statutory(unmet, grade, grades) {
  const [words, category] = [grades.titles[grade], grades.categories[grade]];
  return step(
    "statutory_grade",
    `六项中未达到 ${unmet} 项：${category.zh}，法定档次为${words.zh}`,
    `${unmet} of the six abilities not met: ${category.en}, statutory grade ${words.en}`,
    { unmet, grade },
  );
}

export function statutoryOpen(low, high, grade, grades) {
  const words = grades.titles[grade];
  const zh = grade === null ? "法定档次无法确定；需按三十小项观察" : `法定档次均为${words.zh}`;
  const en =
    grade === null
      ? "the statutory grade is undetermined; the thirty observations would tell"
      : `statutory grade ${words.en} in every case`;
  const values = { unmet: null, from: low, to: high, grade };
  return step("statutory_grade", `未达到的项数在 ${low} 到 ${high} 之间，${zh}`, `between ${low} and ${high} abilities not met: ${en}`, values);
}

export function scoreGrade(points, band) {
  if (points === null || !band) {
    return step("score_grade", "总分未评全，分数档次留空", "no total: the score grade stays empty", { grade: null });
  }
  return step(
    "score_grade",
    `以分定级：${points} 分，分数档次为${band.title.zh}`,
    `score decides: ${points} points, score grade ${band.title.en}`,
    { total: points, grade: band.value },
  );
}

export function noScoreTiers() {
  return step("score_grade", "本评估工具的总分不对应照料护理档次", "the total of this instrument stands for no care grade", { grade: null });
}

export function proposal(grade, agree, preferred, titles) {
  const values = { grade, tiers_agree: agree };
  const say = (zh, en) => step("proposed_grade", zh, en, values);
  if (grade === null) return say("两种档次均无法确定，不提出建议", "neither tier is known: nothing proposed");
  const { zh, en } = titles[grade];
  if (agree) return say(`两种档次一致，建议${zh}`, `both tiers agree: proposed ${en}`);
  if (agree === null) {
    return say(`只有一种档次可确定，建议${zh}，须由人确认`, `only one tier is known: proposed ${en}, to be confirmed by a person`);
  }
  const [tierZh, tierEn] = preferred === "statutory" ? ["法定档次", "statutory"] : ["分数档次", "score"];
  return say(
    `两种档次不一致，预选${tierZh}${zh}；须复核并书面说明理由`,
    `the tiers differ: pre-selected is the ${tierEn} one, ${en}; a second review and a written reason are required`,
  );
}

export function header(instrument) {
  const { key, sha256, title } = instrument;
  return step("instrument", `依据 ${title.zh}（${key}）`, `by ${title.en} (${key})`, { instrument: key, sha256 });
}

export function levelChange(ids, before, after, zh, en) {
  return step("level_change", zh, en, { clauses: ids, from: before, to: after });
}

export function levelStays(ids, title, level) {
  const zh = `${ids.join("、")}：${title.zh}，等级仍为 ${level}`;
  return levelChange(ids, level, level, zh, `${ids.join(", ")}: ${title.en}; the level stays ${level}`);
}

export function noChange(none) {
  return levelChange([], null, null, none.zh, none.en);
}

export function crossCheck(check) {
  return step(`check.${check.id}`, check.title.zh, check.title.en, { answer: check.answer, fact: check.fact });
}
