"""A county's next version of an instrument: cut-offs, caps and rulings, on top of a version that is pinned by hash.

A revision is a small TOML file that states every value it may set, changed or not, so two versions compare line by
line. What it may not touch (questions, options, the order of the steps) stays that of the base; with the base pinned,
the hash of the file's bytes fixes the whole instrument. Pure: how a base is found is passed in.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Literal, NamedTuple

from assessments.errors import InstrumentError
from assessments.loader import load, split_key
from assessments.model import (
    LEVEL_CODES,
    Band,
    CareGrades,
    Changes,
    Combination,
    CombinationRule,
    Domain,
    Instrument,
    Note,
    Option,
    Words,
)
from assessments.reading import STATUSES, Table

Mixes = tuple[int, ...]
MIXES: tuple[Mixes, ...] = tuple(product(range(4), repeat=4))
"""The mixes of the four levels of MZ/T 039, which alone has a wording that needs rulings."""
Find = Callable[[str], Instrument]
"""Gives the instrument of a key such as ``selfcare30@1``; raises ``UnknownInstrument``."""

GRADE_NAMES: Mapping[int, str] = {1: "self_care", 2: "half_care", 3: "full_care"}
RULING: Words = {"zh": "县级裁定", "en": "ruling of the county"}


@dataclass(frozen=True)
class Header:
    """What stands at the top of a revision. ``in_force_from`` is an ISO date."""

    code: str
    version: int
    title: Words
    in_force_from: str
    status: str
    source: str


def parse(data: bytes, find: Find) -> Instrument:
    """The whole instrument a revision stands for.

    Raises :class:`InstrumentError` naming the place of what is wrong, also when the base is not the one pinned.
    """
    try:
        parsed = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InstrumentError("", f"not readable as TOML: {error}") from None
    root = Table(parsed, "")
    root.text("kind", one_of=("instrument",))
    pinned = root.table("base")
    base = find(pinned.text("instrument"))
    if pinned.text("sha256") != base.sha256:
        raise InstrumentError("base.sha256", f"{base.key} has the hash {base.sha256}, not the one named here")
    pinned.close()
    code, version = root.text("code"), str(root.number("version"))
    if code != base.code:
        raise InstrumentError("code", f"a revision of {base.key} keeps its code")
    split_key(f"{code}@{version}")
    title, source = root.words("title"), root.text("source")
    status = root.text("status", one_of=STATUSES)
    note = Note("revision", status, source, {"zh": f"在 {base.key} 的基础上修订", "en": f"a revision of {base.key}"})
    cuts, caps, met = root.table("cut_offs"), root.table("caps"), root.table("met")
    instrument = replace(
        base,
        version=version,
        title=title,
        in_force_from=root.date("in_force_from"),
        source=source,
        status=status,
        sha256=hashlib.sha256(data).hexdigest(),
        notes=(*base.notes, note),
        adl_bands=_bands(cuts, "adl", base.adl_bands),
        domains=tuple(_domain(cuts, domain) for domain in base.domains),
        items=tuple(
            replace(
                item,
                subitems=tuple(
                    replace(
                        sub, caps=_caps(caps, sub.id, item.options), met=_met(met, sub.id) if sub.id in met else None
                    )
                    for sub in item.subitems
                ),
            )
            for item in base.items
        ),
        changes=_changes(root, base),
        combination=_ruled(root, base.combination),
        grades=_grades(root, cuts, base.grades),
    )
    for table in (cuts, caps, met, root):
        table.close()
    return instrument


def _span(table: Table, key: str) -> tuple[int, int]:
    numbers = table.numbers(key)
    if len(numbers) != 2 or numbers[0] > numbers[1]:
        raise InstrumentError(table.path(key), "must be [from, to], the smaller first")
    return numbers[0], numbers[1]


def _bands(cuts: Table, name: str, before: tuple[Band, ...]) -> tuple[Band, ...]:
    table = cuts.table(name)
    bands = tuple(
        replace(band, low=low, high=high)
        for band in before
        for low, high in [_span(table, _band_name(name, band.value))]
    )
    table.close()
    return bands


def _band_name(name: str, value: int) -> str:
    return GRADE_NAMES[value] if name in ("score", "abilities") else str(value)


def _domain(cuts: Table, domain: Domain) -> Domain:
    return replace(domain, bands=_bands(cuts, domain.key, domain.bands)) if domain.method == "sum" else domain


def _caps(caps: Table, name: str, options: Sequence[Option]) -> tuple[int, ...]:
    numbers = caps.numbers(name)
    legal = sorted(option.code for option in options)
    if len(numbers) != len(LEVEL_CODES) or any(number not in legal for number in numbers):
        raise InstrumentError(caps.path(name), f"must be five scores out of {legal}")
    return numbers


def _met(met: Table, name: str) -> int:
    text = met.text(name, one_of=LEVEL_CODES)
    return LEVEL_CODES.index(text)


def _changes(root: Table, base: Instrument) -> Changes:
    table = root.table("level_changes")
    each = table.text("raising", one_of=("once", "per_cause")) == "per_cause"
    by_kind = table.text("counting", one_of=("total", "per_kind")) == "per_kind"
    table.close()
    return replace(base.changes, raising="per_cause" if each else "once", counting="per_kind" if by_kind else "total")


def _grades(root: Table, cuts: Table, base: CareGrades) -> CareGrades:
    table = root.table("proposal")
    wanted = table.text("when_tiers_differ", one_of=("statutory", "score"))
    preferred: Literal["statutory", "score"] = "score" if wanted == "score" else "statutory"
    table.close()
    return replace(
        base,
        statutory=_bands(cuts, "abilities", base.statutory),
        score_tiers=_bands(cuts, "score", base.score_tiers),
        when_tiers_differ=preferred,
    )


@cache
def _unclear(wording: str) -> tuple[Mixes, ...]:
    written = load(*split_key(wording)).combination if wording else None
    if written is None:
        return ()
    return tuple(mix for mix in MIXES if len({rule.level for rule in written.matching(mix)}) != 1)


def unclear(combination: Combination) -> tuple[Mixes, ...]:
    """The mixes of form C that the wording of the standard leaves open (no level, or several): each needs a ruling."""
    return _unclear(combination.wording)


def ruling_of(combination: Combination, mix: Mixes) -> int | None:
    """The one level of a mix; None when there is none or several."""
    levels = {rule.level for rule in combination.matching(mix)}
    return levels.pop() if len(levels) == 1 else None


def _ruled(root: Table, base: Combination) -> Combination:
    """The combination with the county's rulings; only mixes the wording leaves open may be ruled, and all are."""
    table = root.table("rulings")
    changed: dict[Mixes, int] = {}
    for mix in unclear(base):
        level = table.number(_mix_name(mix))
        if level not in base.titles:
            raise InstrumentError(table.path(_mix_name(mix)), "must be a level from 0 to 3")
        if level != ruling_of(base, mix):
            changed[mix] = level
    table.close()
    return replace(base, rules=_with_rulings(base.rules, changed)) if changed else base


def _with_rulings(rules: tuple[CombinationRule, ...], changed: Mapping[Mixes, int]) -> tuple[CombinationRule, ...]:
    """Rules that say the same as before except for the mixes ruled otherwise.

    A rule that covers such a mix is replaced by its other cells, one rule each: a rule has no way to name exceptions.
    """
    kept: list[CombinationRule] = []
    for rule in rules:
        if not any(rule.holds(mix) for mix in changed):
            kept.append(rule)
            continue
        kept += [
            _cell(rule.id, rule.level, mix, rule.wording) for mix in MIXES if rule.holds(mix) and mix not in changed
        ]
    rulings = [_cell(f"R-{_mix_name(mix)}", level, mix, RULING) for mix, level in sorted(changed.items())]
    return (*kept, *rulings)


def _cell(name: str, level: int, mix: Mixes, wording: Words) -> CombinationRule:
    return CombinationRule(name, level, tuple(frozenset({own}) for own in mix), (), wording)


def _mix_name(mix: Mixes) -> str:
    return "".join(map(str, mix))


def text_of(header: Header, base: Instrument) -> str:
    """The text of a revision that changes nothing yet: every value of the base in place, ready to be edited."""
    lines = [
        "# 修订标准：只改数字和选项；每一行都写明现行数值，改动后与现行版逐行比较。",
        'kind = "instrument"',
        f'code = "{header.code}"',
        f"version = {header.version}",
        f"in_force_from = {header.in_force_from}",
        f'status = "{header.status}"',
        f"source = {_quoted(header.source)}",
        "",
        "[title]",
        f"zh = {_quoted(header.title['zh'])}",
        f"en = {_quoted(header.title['en'])}",
        "",
        "[base] # 在哪一版上修订",
        f'instrument = "{base.key}"',
        f'sha256 = "{base.sha256}"',
        "",
        *_cut_lines(base),
        "[proposal]",
        f'when_tiers_differ = "{base.grades.when_tiers_differ}" # 两种档次不一致时先选：statutory 法定档次，score 分数档次',
        "",
        "[level_changes]",
        f'raising = "{base.changes.raising}" # 多个原因：once 只提高一次，per_cause 每个原因提高一次',
        f'counting = "{base.changes.counting}" # 意外事件：total 各类合计，per_kind 同一类计次',
        "",
        "[caps] # 每个小项在五个等级（" + "、".join(LEVEL_CODES) + "）下大项最多得几分",
    ]
    for item in base.items:
        for sub in item.subitems:
            lines.append(f'"{sub.id}" = [{", ".join(map(str, sub.caps))}] # {item.title["zh"]}：{sub.title["zh"]}')
    lines += ["", "[met] # 到哪一等级仍算能自主完成；不列出的小项不参与判断"]
    for item in base.items:
        for sub in item.subitems:
            if sub.met is not None:
                lines.append(f'"{sub.id}" = "{LEVEL_CODES[sub.met]}" # {item.title["zh"]}：{sub.title["zh"]}')
    lines += ["", "[rulings] # 原文未写清的组合：日常、精神、感知、社会四个等级 = 能力等级"]
    lines += [f'"{_mix_name(mix)}" = {ruling_of(base.combination, mix)}' for mix in unclear(base.combination)]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_CUT_NOTES = {
    "score": "总分落在哪一段，得哪一档（分数档次）",
    "abilities": "六项自理能力中几项未达到，得哪一档（法定档次）",
    "adl": "日常生活活动：总分对应的等级",
}


def _cuts(base: Instrument) -> list[tuple[str, Words, tuple[Band, ...]]]:
    tiers: Words = {"zh": "分数档次", "en": "Grade by the score"}
    statutory: Words = {"zh": "法定档次（未达到几项）", "en": "Statutory grade (abilities not met)"}
    return [
        ("score", tiers, base.grades.score_tiers),
        ("abilities", statutory, base.grades.statutory),
        ("adl", base.adl_title, base.adl_bands),
        *((domain.key, domain.title, domain.bands) for domain in base.domains if domain.method == "sum"),
    ]


def _cut_lines(base: Instrument) -> list[str]:
    lines = []
    for name, title, bands in _cuts(base):
        lines.append(f"[cut_offs.{name}] # {_CUT_NOTES.get(name, title['zh'] + '：合计对应的等级')}")
        for band in sorted(bands, key=lambda b: b.value):
            lines.append(f"{_band_name(name, band.value)} = [{band.low}, {band.high}] # {band.title['zh']}")
        lines.append("")
    return lines


class Difference(NamedTuple):
    """One value that two versions set differently, in words."""

    what: Words
    before: Words
    after: Words


def differences(old: Instrument, new: Instrument) -> list[Difference]:
    """Every value of a revision that differs between two versions, in the order of the text."""
    found: list[Difference] = []
    for (_name, title, before), (_n, _t, after) in zip(_cuts(old), _cuts(new), strict=True):
        later = {band.value: band for band in after}
        for band in sorted(before, key=lambda b: b.value):
            other = later[band.value]
            if (band.low, band.high) != (other.low, other.high):
                found.append(Difference(_joined(title, band.title), _range(band), _range(other)))
    for name, words in _CHOICES.items():
        holder_old = old.grades if name == "when_tiers_differ" else old.changes
        holder_new = new.grades if name == "when_tiers_differ" else new.changes
        was, will = getattr(holder_old, name), getattr(holder_new, name)
        if was != will:
            found.append(Difference(words["what"], words[was], words[will]))
    for item, later_item in zip(old.items, new.items, strict=True):
        for sub, other_sub in zip(item.subitems, later_item.subitems, strict=True):
            title = _joined(item.title, sub.title)
            for code, was, will in zip(LEVEL_CODES, sub.caps, other_sub.caps, strict=True):
                if was != will:
                    found.append(Difference(_joined(title, sub.labels[code]), _points(was), _points(will)))
            if sub.met != other_sub.met:
                found.append(
                    Difference(_met_title(title), _level(sub.labels, sub.met), _level(sub.labels, other_sub.met))
                )
    for mix in unclear(old.combination):
        before_level, after_level = ruling_of(old.combination, mix), ruling_of(new.combination, mix)
        if before_level != after_level:
            found.append(
                Difference(
                    _mix_words(old, mix), _titled(old.combination, before_level), _titled(new.combination, after_level)
                )
            )
    return found


_CHOICES: Mapping[str, Mapping[str, Words]] = {
    "when_tiers_differ": {
        "what": {"zh": "两种档次不一致时先选", "en": "When the two tiers differ, first choice"},
        "statutory": {"zh": "法定档次", "en": "statutory grade"},
        "score": {"zh": "分数档次", "en": "grade by the score"},
    },
    "raising": {
        "what": {"zh": "多个原因同时成立时提高能力等级", "en": "Raising the ability level when several causes hold"},
        "once": {"zh": "只提高一次", "en": "once"},
        "per_cause": {"zh": "每个原因各提高一次", "en": "once for each cause"},
    },
    "counting": {
        "what": {"zh": "意外事件的计次", "en": "Counting of accidents"},
        "total": {"zh": "各类合计", "en": "all kinds together"},
        "per_kind": {"zh": "同一类才计", "en": "each kind by itself"},
    },
}


def _joined(first: Words, second: Words) -> Words:
    return {"zh": f"{first['zh']}：{second['zh']}", "en": f"{first['en']}: {second['en']}"}


def _range(band: Band) -> Words:
    text = str(band.low) if band.low == band.high else f"{band.low}–{band.high}"
    return {"zh": text, "en": text}


def _points(score: int) -> Words:
    return {"zh": f"最多 {score} 分", "en": f"at most {score} points"}


def _met_title(title: Words) -> Words:
    return {"zh": f"{title['zh']}：仍算能自主完成", "en": f"{title['en']}: still counts as able"}


def _level(labels: Mapping[str, Words], met: int | None) -> Words:
    return {"zh": "不参与判断", "en": "not decisive"} if met is None else labels[LEVEL_CODES[met]]


def _titled(combination: Combination, level: int | None) -> Words:
    return {"zh": "—", "en": "—"} if level is None else combination.titles[level]


def _mix_words(instrument: Instrument, mix: Mixes) -> Words:
    parts = [(instrument.adl_title, instrument.adl_bands, mix[0])]
    parts += [(d.title, d.bands, level) for d, level in zip(instrument.domains, mix[1:], strict=True)]
    words = [_joined(title, next(b.title for b in bands if b.value == level)) for title, bands, level in parts]
    return {"zh": "组合：" + "，".join(w["zh"] for w in words), "en": "Mix: " + ", ".join(w["en"] for w in words)}


VERSION = re.compile(r"[1-9][0-9]{0,3}")
"""A version a county may give: a whole number from 1."""
