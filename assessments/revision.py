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
        for low, high in [_span(table, band_name(name, band.value))]
    )
    table.close()
    return bands


def band_name(name: str, value: int) -> str:
    """What the text calls a band: a care grade by name, a level by its number."""
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
        level = table.number(mix_name(mix))
        if level not in base.titles:
            raise InstrumentError(table.path(mix_name(mix)), "must be a level from 0 to 3")
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
    rulings = [_cell(f"R-{mix_name(mix)}", level, mix, RULING) for mix, level in sorted(changed.items())]
    return (*kept, *rulings)


def _cell(name: str, level: int, mix: Mixes, wording: Words) -> CombinationRule:
    return CombinationRule(name, level, tuple(frozenset({own}) for own in mix), (), wording)


def mix_name(mix: Mixes) -> str:
    """The four levels of a mix as the text names it, such as ``0003``."""
    return "".join(map(str, mix))


Values = Mapping[str, str]
"""Every value a revision sets, by its dotted place: ``cut_offs.score.half_care.from``, ``caps.1.1.A0``, ``rulings.0003``."""


def values_of(instrument: Instrument) -> dict[str, str]:
    """Every value a revision may set, as the instrument has it; an empty ``met`` takes no part in the judgement."""
    found: dict[str, str] = {}
    for scale in scales(instrument):
        for band in scale.bands:
            place = f"cut_offs.{scale.name}.{band_name(scale.name, band.value)}"
            found |= {f"{place}.from": str(band.low), f"{place}.to": str(band.high)}
    found["proposal.when_tiers_differ"] = instrument.grades.when_tiers_differ
    found["level_changes.raising"] = instrument.changes.raising
    found["level_changes.counting"] = instrument.changes.counting
    for item in instrument.items:
        for sub in item.subitems:
            found |= {f"caps.{sub.id}.{code}": str(cap) for code, cap in zip(LEVEL_CODES, sub.caps, strict=True)}
            found[f"met.{sub.id}"] = "" if sub.met is None else LEVEL_CODES[sub.met]
    for mix in unclear(instrument.combination):
        found[f"rulings.{mix_name(mix)}"] = str(ruling_of(instrument.combination, mix))
    return found


def text_of(header: Header, base: Instrument, values: Values | None = None) -> str:
    """The text of a revision of ``base`` that sets ``values``; without them it changes nothing yet."""
    values = values_of(base) if values is None else values
    differing = values["proposal.when_tiers_differ"]
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
        *_cut_lines(base, values),
        "[proposal]",
        f'when_tiers_differ = "{differing}" # 两种档次不一致时先选：statutory 法定档次，score 分数档次',
        "",
        "[level_changes]",
        f'raising = "{values["level_changes.raising"]}" # 多个原因：once 只提高一次，per_cause 每个原因提高一次',
        f'counting = "{values["level_changes.counting"]}" # 意外事件：total 各类合计，per_kind 同一类计次',
        "",
        "[caps] # 每个小项在五个等级（" + "、".join(LEVEL_CODES) + "）下大项最多得几分",
    ]
    for item in base.items:
        for sub in item.subitems:
            caps = ", ".join(values[f"caps.{sub.id}.{code}"] for code in LEVEL_CODES)
            lines.append(f'"{sub.id}" = [{caps}] # {item.title["zh"]}：{sub.title["zh"]}')
    lines += ["", "[met] # 到哪一等级仍算能自主完成；不列出的小项不参与判断"]
    for item in base.items:
        for sub in item.subitems:
            if met := values[f"met.{sub.id}"]:
                lines.append(f'"{sub.id}" = "{met}" # {item.title["zh"]}：{sub.title["zh"]}')
    lines += ["", "[rulings] # 原文未写清的组合：日常、精神、感知、社会四个等级 = 能力等级"]
    lines += [f'"{mix_name(mix)}" = {values[f"rulings.{mix_name(mix)}"]}' for mix in unclear(base.combination)]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_CUT_NOTES = {
    "score": "总分落在哪一段，得哪一档（分数档次）",
    "abilities": "六项自理能力中几项未达到，得哪一档（法定档次）",
    "adl": "日常生活活动：总分对应的等级",
}


class Scale(NamedTuple):
    """One set of bands a county may cut otherwise: its name in the text, its title, and the largest value there is."""

    name: str
    title: Words
    bands: tuple[Band, ...]
    largest: int


def scales(instrument: Instrument) -> list[Scale]:
    """Every set of bands of an instrument that a revision states, in the order of the text."""
    tiers: Words = {"zh": "分数档次", "en": "Grade by the score"}
    statutory: Words = {"zh": "法定档次（未达到几项）", "en": "Statutory grade (abilities not met)"}
    total = sum(item.max for item in instrument.items)
    return [
        Scale("score", tiers, instrument.grades.score_tiers, total),
        Scale("abilities", statutory, instrument.grades.statutory, len(instrument.grades.abilities)),
        Scale("adl", instrument.adl_title, instrument.adl_bands, total),
        *(
            Scale(
                domain.key,
                domain.title,
                domain.bands,
                sum(max(option.code for option in asked.options) for asked in domain.items),
            )
            for domain in instrument.domains
            if domain.method == "sum"
        ),
    ]


def _cut_lines(base: Instrument, values: Values) -> list[str]:
    lines = []
    for scale in scales(base):
        lines.append(f"[cut_offs.{scale.name}] # {_CUT_NOTES.get(scale.name, scale.title['zh'] + '：合计对应的等级')}")
        for band in sorted(scale.bands, key=lambda b: b.value):
            name = band_name(scale.name, band.value)
            place = f"cut_offs.{scale.name}.{name}"
            lines.append(f"{name} = [{values[f'{place}.from']}, {values[f'{place}.to']}] # {band.title['zh']}")
        lines.append("")
    return lines


VERSION = re.compile(r"[1-9][0-9]{0,3}")
"""A version a county may give: a whole number from 1."""
