"""The sentences of the trace, in Chinese and English. Wording of the instruments themselves comes from their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assessments.model import (
    Band,
    CareGrades,
    Combination,
    CombinationRule,
    CountRule,
    Domain,
    Group,
    Instrument,
    Item,
    Option,
    Subitem,
    Words,
)
from assessments.result import Step


def observed_item(
    item: Item, levels: Sequence[str], score: int, deciding: Sequence[Subitem], rule: CountRule | None
) -> Step:
    """The score of an item from its observed sub-items."""
    seen = list(zip(item.subitems, levels, strict=True))
    said = {sub.id: sub.labels[level] for sub, level in seen}
    seen_zh = "、".join(f"{sub.title['zh']} {level}" for sub, level in seen)
    seen_en = ", ".join(f"{sub.title['en']} {level}" for sub, level in seen)
    zh = f"{item.id} {item.title['zh']}：{seen_zh}，得 {score} 分（满分 {item.max}）"
    en = f"{item.id} {item.title['en']}: {seen_en}; scores {score} of {item.max}"
    if rule is not None:
        zh += f"；按 {rule.id}：{rule.title['zh']}"
        en += f"; by {rule.id}: {rule.title['en']}"
    elif deciding:
        zh += "，取决于 " + "、".join(f"{s.id} {s.title['zh']}（{said[s.id]['zh']}）" for s in deciding)
        en += "; decided by " + ", ".join(f"{s.id} {s.title['en']} ({said[s.id]['en']})" for s in deciding)
    return Step(
        f"item.{item.id}",
        zh,
        en,
        {
            "item": item.id,
            "score": score,
            "max": item.max,
            "levels": {sub.id: level for sub, level in seen},
            "deciding": [sub.id for sub in deciding],
            "rule": rule.id if rule else None,
        },
    )


def direct_item(item: Item, option: Option) -> Step:
    """The score of an item given as one of the ten criteria."""
    return Step(
        f"item.{item.id}",
        f"{item.id} {item.title['zh']}：{option.label['zh']}，得 {option.code} 分（满分 {item.max}）",
        f"{item.id} {item.title['en']}: {option.label['en']}; scores {option.code} of {item.max}",
        {
            "item": item.id,
            "score": option.code,
            "max": item.max,
            "deciding": [item.code] if option.code < item.max else [],
            "rule": None,
        },
    )


def items_left_out(ids: Sequence[str]) -> Step:
    """Items not assessed because of coma."""
    return Step(
        "items_left_out",
        f"昏迷，未评的大项：{'、'.join(ids)}；分数留空，不记为 0",
        f"coma; items not assessed: {', '.join(ids)}; their scores stay empty and are not 0",
        {"items": list(ids)},
    )


def subtotals(groups: Sequence[Group], points: Mapping[str, int | None]) -> Step:
    """The sums under the headings."""
    return Step(
        "groups",
        "、".join(f"{group.title['zh']} {points[group.id]} 分（满分 {group.top}）" for group in groups),
        ", ".join(f"{group.title['en']} {points[group.id]} of {group.top}" for group in groups),
        {"groups": dict(points)},
    )


def total(said: Words, points: int, top: int) -> Step:
    """The sum of the items."""
    return Step(
        "total",
        f"{said['zh']} {points} 分（满分 {top}）",
        f"{said['en']} {points} of {top}",
        {"total": points},
    )


def adl_level(title: Words, points: int, band: Band) -> Step:
    """The band of the total."""
    span = f"{band.low}–{band.high}" if band.low != band.high else f"{band.low}"
    return Step(
        "adl_level",
        f"{title['zh']}：{points} 分在 {span} 分档，为 {band.value} 级（{band.title['zh']}）",
        f"{title['en']}: {points} is in {span}, level {band.value} ({band.title['en']})",
        {"total": points, "level": band.value},
    )


def domain_level(domain: Domain, codes: Sequence[int], level: int, deciding: Sequence[str]) -> Step:
    """The level of one of forms B.2 to B.4."""
    zh = "、".join(f"{item.title['zh']} {code}" for item, code in zip(domain.items, codes, strict=True))
    en = ", ".join(f"{item.title['en']} {code}" for item, code in zip(domain.items, codes, strict=True))
    if domain.method == "sum":
        zh += f"，合计 {sum(codes)}"
        en += f"; sum {sum(codes)}"
    elif deciding:
        names = {item.id: item.title for item in domain.items}
        zh += "，取最差一项：" + "、".join(names[i]["zh"] for i in deciding)
        en += "; the worst decides: " + ", ".join(names[i]["en"] for i in deciding)
    words = domain.level_title(level)
    return Step(
        f"{domain.key}_level",
        f"{domain.title['zh']}（{domain.id}）：{zh}，为 {level} 级（{words['zh']}）",
        f"{domain.title['en']} ({domain.id}): {en}; level {level} ({words['en']})",
        {"codes": list(codes), "level": level, "deciding": list(deciding)},
    )


def domain_left_out(domain: Domain, level: int | None) -> Step:
    """A domain that was not fully assessed because of coma."""
    if level is None:
        zh, en = "未评", "not assessed"
    else:
        zh, en = f"昏迷即为 {level} 级", f"coma alone is level {level}"
    return Step(
        f"{domain.key}_level",
        f"{domain.title['zh']}（{domain.id}）：{zh}",
        f"{domain.title['en']} ({domain.id}): {en}",
        {"level": level},
    )


def out_of_scope(given: bool) -> Step:
    """The sheet asks for form B.1 only."""
    zh = "；已填的其余各项未计入" if given else ""
    en = "; other answers given were checked and not used" if given else ""
    return Step(
        "scope",
        f"本表只评表 B.1，不得出能力等级{zh}",
        f"this sheet assesses form B.1 only and gives no ability level{en}",
        {"scope": "B.1"},
    )


def preliminary(combination: Combination, mix: Sequence[int], rule: CombinationRule) -> Step:
    """Form C."""
    shown, title = "/".join(str(level) for level in mix), combination.titles[rule.level]
    form, parts = combination.form, combination.parts
    return Step(
        "preliminary_level",
        f"{form['zh']}（{parts['zh']} = {shown}）：{rule.wording['zh']}，初步等级 {rule.level}（{title['zh']}）",
        f"{form['en']} ({parts['en']} = {shown}): {rule.wording['en']}; preliminary level {rule.level} ({title['en']})",
        {"levels": list(mix), "rule": rule.id, "level": rule.level},
    )


def preliminary_unknown(combination: Combination) -> Step:
    """Form C cannot be applied."""
    return Step("preliminary_level", combination.open["zh"], combination.open["en"], {"level": None})


def ability_level(level: int, title: Words) -> Step:
    """The final ability level."""
    return Step(
        "ability_level",
        f"最终能力等级 {level}（{title['zh']}）",
        f"final ability level {level} ({title['en']})",
        {"level": level},
    )


def ability(name: str, title: Words, met: bool | None, why: Words, blockers: Sequence[str] = ()) -> Step:
    """One of the six national abilities, and why it has this state (no reason when it is met)."""
    zh = {True: "达到", False: "未达到", None: "无法确定"}[met]
    en = {True: "met", False: "not met", None: "undetermined"}[met]
    return Step(
        f"ability.{name}",
        f"{name} {title['zh']}：{zh}" + (f"，{why['zh']}" if why["zh"] else ""),
        f"{name} {title['en']}: {en}" + (f"; {why['en']}" if why["en"] else ""),
        {"ability": name, "met": met, "deciding": list(blockers)},
    )


def statutory(unmet: int, grade: int, grades: CareGrades) -> Step:
    """The statutory grade from the number of abilities not met."""
    words, category = grades.titles[grade], grades.categories[grade]
    return Step(
        "statutory_grade",
        f"六项中未达到 {unmet} 项：{category['zh']}，法定档次为{words['zh']}",
        f"{unmet} of the six abilities not met: {category['en']}, statutory grade {words['en']}",
        {"unmet": unmet, "grade": grade},
    )


def statutory_open(low: int, high: int, grade: int | None, grades: CareGrades) -> Step:
    """The count is not known exactly; the grade is stated only when every possible count gives the same."""
    if grade is None:
        return Step(
            "statutory_grade",
            f"未达到的项数在 {low} 到 {high} 之间，法定档次无法确定；需按三十小项观察",
            f"between {low} and {high} abilities not met: the statutory grade is undetermined; the thirty observations "
            "would tell",
            {"unmet": None, "from": low, "to": high, "grade": None},
        )
    words = grades.titles[grade]
    return Step(
        "statutory_grade",
        f"未达到的项数在 {low} 到 {high} 之间，法定档次均为{words['zh']}",
        f"between {low} and {high} abilities not met: statutory grade {words['en']} in every case",
        {"unmet": None, "from": low, "to": high, "grade": grade},
    )


def score_grade(points: int | None, band: Band | None) -> Step:
    """The grade from the total."""
    if points is None or band is None:
        return Step("score_grade", "总分未评全，分数档次留空", "no total: the score grade stays empty", {"grade": None})
    return Step(
        "score_grade",
        f"以分定级：{points} 分，分数档次为{band.title['zh']}",
        f"score decides: {points} points, score grade {band.title['en']}",
        {"total": points, "grade": band.value},
    )


def no_score_tiers() -> Step:
    """The total of this instrument says nothing about the grade."""
    zh, en = "本评估工具的总分不对应照料护理档次", "the total of this instrument stands for no care grade"
    return Step("score_grade", zh, en, {"grade": None})


def proposal(grade: int | None, agree: bool | None, preferred: str, titles: Mapping[int, Words]) -> Step:
    """The proposed care grade."""
    values = {"grade": grade, "tiers_agree": agree}
    if grade is None:
        en = "neither tier is known: nothing proposed"
        return Step("proposed_grade", "两种档次均无法确定，不提出建议", en, values)
    zh, en = titles[grade]["zh"], titles[grade]["en"]
    if agree:
        return Step("proposed_grade", f"两种档次一致，建议{zh}", f"both tiers agree: proposed {en}", values)
    if agree is None:
        return Step(
            "proposed_grade",
            f"只有一种档次可确定，建议{zh}，须由人确认",
            f"only one tier is known: proposed {en}, to be confirmed by a person",
            values,
        )
    tier = ("法定档次", "statutory") if preferred == "statutory" else ("分数档次", "score")
    return Step(
        "proposed_grade",
        f"两种档次不一致，预选{tier[0]}{zh}；须复核并书面说明理由",
        f"the tiers differ: pre-selected is the {tier[1]} one, {en}; a second review and a written reason are required",
        values,
    )


def header(instrument: Instrument) -> Step:
    """Which rules are applied."""
    return Step(
        "instrument",
        f"依据 {instrument.title['zh']}（{instrument.key}）",
        f"by {instrument.title['en']} ({instrument.key})",
        {"instrument": instrument.key, "sha256": instrument.sha256},
    )
