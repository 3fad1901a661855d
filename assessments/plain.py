"""A scored sheet told to a lay reader: one sentence for each domain and for each step to the grade, in words only.

The trace beside it is for whoever checks the calculation; here no code, no bare level number appears.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from assessments.explain import Change, answer_words
from assessments.model import LEVEL_CODES, Band, Domain, DomainItem, Instrument, Item, Words

MOST = 4
"""So many causes are named in one sentence; the tables of the report show all."""


class Told(NamedTuple):
    """One sentence and what it is about: a domain key (``adl``, ``mental`` …), ``ability``, ``statutory``, ``score``
    or ``grade``.
    """

    about: str
    words: Words


def told(instrument: Instrument, answers: Mapping[str, Any], result: Mapping[str, Any]) -> list[Told]:
    """The sentences of a result as it was stored (``Result.as_dict()``), in the order of the forms."""
    found = [Told("adl", _adl(instrument, answers, result))]
    found += [
        Told(domain.key, _domain(domain, answers, result.get(f"{domain.key}_level"))) for domain in instrument.domains
    ]
    found += [
        Told("ability", _ability(instrument, result)),
        Told("statutory", _statutory(instrument, result)),
        Told("score", _score(instrument, result)),
        Told("grade", _grade(instrument, result)),
    ]
    return found


def _adl(instrument: Instrument, answers: Mapping[str, Any], result: Mapping[str, Any]) -> Words:
    title, total = instrument.adl_title, result.get("total")
    band = next((b for b in instrument.adl_bands if b.value == result.get("adl_level")), None)
    if total is None or band is None:
        return {
            "zh": f"{title['zh']}：没有评全，不计总分。",
            "en": f"{title['en']}: not complete, so there is no total.",
        }
    top = sum(item.max for item in instrument.items)
    lost = []
    for item in instrument.items:
        score = result["items"].get(item.id)
        if score is not None and score < item.max:
            lost.append((score - item.max, _lost(item, score, answers, result["reasons"][item.id]["deciding"])))
    lost.sort(key=lambda pair: pair[0])
    zh = f"{title['zh']}：{len(instrument.items)} 大项共得 {total} 分（满分 {top} 分），{_span(band)['zh']}分属{band.title['zh']}。"
    en = f"{title['en']}: {total} of {top} points; {_span(band)['en']} is {band.title['en']}."
    if not lost:
        return {"zh": f"{zh}每项都得满分。", "en": f"{en} Every item has full points."}
    causes = [words for _points, words in lost]
    return {
        "zh": f"{zh}扣分的是：{_listed([c['zh'] for c in causes], '；', '等共 {n} 项')}。",
        "en": f"{en} Points were lost at: {_listed([c['en'] for c in causes], '; ', ' … {n} items in all')}.",
    }


def _lost(item: Item, score: int, answers: Mapping[str, Any], deciding: list[str]) -> Words:
    zh, en = f"{item.title['zh']}得 {score} 分", f"{item.title['en']} {score} points"
    sub = next((sub for sub in item.subitems if sub.id in deciding), None)
    if sub is not None:
        label = sub.labels[answers[sub.id]]
        return {"zh": f"{zh}（{sub.title['zh']}“{label['zh']}”）", "en": f"{en} ({sub.title['en']}: {label['en']})"}
    option = next((o for o in item.options if o.code == score), None)
    if option is None:
        return {"zh": zh, "en": en}
    return {"zh": f"{zh}（“{option.label['zh']}”）", "en": f"{en} ({option.label['en']})"}


def _listed(parts: list[str], joint: str, rest: str) -> str:
    if len(parts) <= MOST:
        return joint.join(parts)
    return joint.join(parts[:MOST]) + rest.format(n=len(parts))


def _domain(domain: Domain, answers: Mapping[str, Any], level: int | None) -> Words:
    title = domain.title
    if level is None:
        return {
            "zh": f"{title['zh']}：没有评全，不定等级。",
            "en": f"{title['en']}: not complete, so there is no level.",
        }
    name = domain.level_title(level)
    given = [(item, answers[item.id]) for item in domain.items if answers.get(item.id) is not None]
    if domain.method == "worst":
        causes = [_said(item, code) for item, code in given if level and _level(item, code) == level]
        zh_why, en_why = "按最差的一项定，", "set by the worst answer; "
    else:
        causes = [_said(item, code) for item, code in given if code != _best(domain, item)]
        zh_why = en_why = ""
    if not causes:
        return {
            "zh": f"{title['zh']}：没有明显问题，属{name['zh']}。",
            "en": f"{title['en']}: no problem stands out; {name['en']}.",
        }
    return {
        "zh": f"{title['zh']}：{zh_why}属{name['zh']}，因为{_listed([c['zh'] for c in causes], '；', '等共 {n} 项')}。",
        "en": f"{title['en']}: {en_why}{name['en']}, because of {_listed([c['en'] for c in causes], '; ', ' … {n} in all')}.",
    }


def _best(domain: Domain, item: DomainItem) -> int:
    codes = [option.code for option in item.options]
    return max(codes) if domain.better == "high" else min(codes)


def _level(item: DomainItem, code: Any) -> int | None:
    return next((option.level for option in item.options if option.code == code), None)


def _said(item: DomainItem, code: Any) -> Words:
    label = next(option.label for option in item.options if option.code == code)
    return {"zh": f"{item.title['zh']}：{label['zh']}", "en": f"{item.title['en']}: {label['en']}"}


def _span(band: Band) -> Words:
    if band.low == band.high:
        return {"zh": f"{band.low} ", "en": f"{band.low}"}
    return {"zh": f"{band.low}–{band.high} ", "en": f"{band.low} to {band.high}"}


def _parts(instrument: Instrument) -> Words:
    """What the ability level is made of, as the subject of a sentence."""
    count = 1 + len(instrument.domains)
    if count == 1:
        return {"zh": "从总分", "en": "By the total"}
    zh, en = {2: ("两", "two"), 3: ("三", "three"), 4: ("四", "four")}.get(count, (f" {count} ", f"{count}"))
    return {"zh": f"{zh}个方面", "en": f"The {en} parts"}


def _ability(instrument: Instrument, result: Mapping[str, Any]) -> Words:
    titles, level = instrument.combination.titles, result.get("ability_level")
    if level is None:
        return {
            "zh": f"{_parts(instrument)['zh']}没有评全，不定能力等级。",
            "en": f"{_parts(instrument)['en']}: not complete, so there is no ability level.",
        }
    clauses = {clause.id: clause.title for clause in instrument.changes.clauses}
    together = {"zh": "合起来", "en": " together"} if instrument.domains else {"zh": "来看", "en": ""}
    zh = f"{_parts(instrument)['zh']}{together['zh']}，能力等级是{titles[level]['zh']}"
    en = f"{_parts(instrument)['en']}{together['en']}: {titles[level]['en']}"
    for change in result.get("level_changes", ()):
        named = [clauses[name] for name in change["clauses"] if name in clauses]
        before = change["from"]
        zh += f"（因为{'、'.join(c['zh'] for c in named)}，" + (
            "直接定为这一等级）" if before is None else f"由{titles[before]['zh']}改为{titles[change['to']]['zh']}）"
        )
        en += f" (because of {', '.join(c['en'] for c in named)}" + (
            ")" if before is None else f", changed from {titles[before]['en']} to {titles[change['to']]['en']})"
        )
    return {
        "zh": f"{zh}。它用来安排照护，不决定照料护理档次。",
        "en": f"{en}. It guides the care; it does not set the care grade.",
    }


def _statutory(instrument: Instrument, result: Mapping[str, Any]) -> Words:
    grades, grade = instrument.grades, result.get("statutory_grade")
    abilities = result.get("abilities", {})
    names = [words for key, words in grades.abilities.items() if abilities.get(key) is False]
    if grade is None:
        return {
            "zh": "六项自理能力中有的不能确定，所以按六项能力得不出档次。",
            "en": "Some of the six abilities cannot be determined, so they give no grade.",
        }
    all_six = len(grades.abilities)
    if not names:
        zh, en = f"{all_six} 项自理能力都能自己完成", f"All {all_six} abilities are managed unaided"
    else:
        zh = f"{all_six} 项自理能力中有 {len(names)} 项要靠别人（{'、'.join(w['zh'] for w in names)}）"
        en = f"{len(names)} of {all_six} abilities need another person ({', '.join(w['en'].lower() for w in names)})"
    title = grades.titles[grade]
    return {"zh": f"{zh}，按国家规定属{title['zh']}。", "en": f"{en}; by the national rule this is {title['en']}."}


def _score(instrument: Instrument, result: Mapping[str, Any]) -> Words:
    total, grade = result.get("total"), result.get("score_grade")
    band = next((b for b in instrument.grades.score_tiers if b.value == grade), None)
    if total is not None and not instrument.grades.score_tiers:
        return {
            "zh": "这种评估的总分不对应照料护理档次，档次只看六项自理能力。",
            "en": "The total of this instrument stands for no care grade; only the six abilities count.",
        }
    if total is None or band is None:
        return {"zh": "没有总分，所以按分数得不出档次。", "en": "There is no total, so the score gives no grade."}
    zh = "" if band.low == band.high else f"，在 {_span(band)['zh']}分这一段"
    en = "" if band.low == band.high else f" lies in the range {_span(band)['en']}"
    return {
        "zh": f"总分 {total} 分{zh}，按分数属{band.title['zh']}。",
        "en": f"The total of {total}{en}; by the score this is {band.title['en']}.",
    }


def _grade(instrument: Instrument, result: Mapping[str, Any]) -> Words:
    grade = result.get("proposed_grade")
    if grade is None:
        return {"zh": "因此提不出建议档次。", "en": "So no grade is proposed."}
    title = instrument.grades.titles[grade]
    if result.get("tiers_agree"):
        return {"zh": f"两种办法结果一致，建议{title['zh']}。", "en": f"Both ways agree: {title['en']} is proposed."}
    first = "法定档次" if instrument.grades.when_tiers_differ == "statutory" else "分数档次"
    first_en = "national rule" if instrument.grades.when_tiers_differ == "statutory" else "score"
    if result.get("tiers_agree") is None:
        return {
            "zh": f"只有一种办法有结果，先建议{title['zh']}；要经第二人复核并写明理由才能决定。",
            "en": f"Only one way has a result: {title['en']} is proposed; a second person reviews it and writes down why.",
        }
    return {
        "zh": f"两种办法结果不同：先按{first}建议{title['zh']}，要经第二人复核并写明理由才能决定。",
        "en": f"The two ways differ: {title['en']} is proposed by the {first_en}; a second person reviews it and writes down why.",
    }


class Since(NamedTuple):
    """One answer that differs from the sheet before, in words; ``worse`` tells the direction."""

    words: Words
    worse: bool


def since(instrument: Instrument, now: Mapping[str, Any], before: Mapping[str, Any]) -> list[Since]:
    """Every answer both sheets have and that differs, in the order of the forms."""
    found = []
    for item in instrument.items:
        for field in [sub.id for sub in item.subitems] or [item.code]:
            old, new = before.get(field), now.get(field)
            if old is None or new is None or old == new:
                continue
            words = answer_words(instrument, Change(field, item.title, old, new))
            worse = LEVEL_CODES.index(new) > LEVEL_CODES.index(old) if item.subitems else new < old
            found.append(Since(words, worse))
    for domain in instrument.domains:
        for asked in domain.items:
            old, new = before.get(asked.id), now.get(asked.id)
            if old is not None and new is not None and old != new:
                labels = {option.code: option.label for option in asked.options}
                zh = f"{asked.title['zh']}由“{labels[old]['zh']}”变为“{labels[new]['zh']}”"
                en = f"{asked.title['en']} went from “{labels[old]['en']}” to “{labels[new]['en']}”"
                found.append(Since({"zh": zh, "en": en}, new > old))
    return found
