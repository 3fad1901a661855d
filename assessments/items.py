"""Score one item of daily living and say what it means for the six abilities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from assessments import trace
from assessments.model import LEVEL_CODES, CountRule, Instrument, Item, Words
from assessments.result import ItemReason, Step

MET, UNDETERMINED, NOT_MET = 0, 1, 2
"""States of an ability; the worse of two verdicts is the larger one."""


class Verdict(NamedTuple):
    """What one item says about one ability: its state, and the answers behind it."""

    ability: str
    state: int
    zh: str
    en: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An item's score, its sentence (``None`` when not fully assessed) and its verdicts."""

    reason: ItemReason
    step: Step | None
    verdicts: tuple[Verdict, ...]
    about: dict[str, Verdict] = field(init=False)
    """The verdicts by ability; an item has one at most on each."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "about", {verdict.ability: verdict for verdict in self.verdicts})


def observed_score(item: Item, levels: tuple[int, ...]) -> tuple[int, CountRule | None]:
    """The item score from observed levels 0..4: the least cap, unless a count rule lowers it further."""
    score = min(sub.caps[level] for sub, level in zip(item.subitems, levels, strict=True))
    for rule in item.rules:
        if rule.score < score and sum(level >= rule.from_level for level in levels) >= rule.at_least:
            return rule.score, rule
    return score, None


def observed_entry(item: Item, given: tuple[str, ...]) -> Entry:
    """The entry of an item observed through sub-items."""
    levels = tuple(LEVEL_CODES.index(code) for code in given)
    score, rule = observed_score(item, levels)
    pairs = list(zip(item.subitems, levels, strict=True))
    if rule is not None:
        deciding = [sub for sub, level in pairs if level >= rule.from_level]
    else:
        deciding = [sub for sub, level in pairs if sub.caps[level] == score and score < item.max]
    reason = ItemReason(score, item.max, tuple(sub.id for sub in deciding), rule.id if rule else None)
    step = trace.observed_item(item, given, score, deciding, rule)
    return Entry(reason, step, _observed_verdicts(item, given))


def part_entry(instrument: Instrument, item: Item, given: tuple[Any, ...]) -> Entry:
    """The entry of an item that coma left partly or wholly unassessed: no score, verdicts as far as seen."""
    reason = ItemReason(None, item.max, (), None)
    if item.subitems:
        return Entry(reason, None, _observed_verdicts(item, given))
    verdicts = tuple(
        _unseen(ability, item.code, item.title)
        for ability, sources in instrument.verdicts.items()
        if any(source.item == item.id for source in sources)
    )
    return Entry(reason, None, verdicts)


def _unseen(ability: str, field: str, title: Words) -> Verdict:
    zh, en = f"{field} {title['zh']} 未评", f"{field} {title['en']} not assessed"
    return Verdict(ability, UNDETERMINED, zh, en, (field,))


def merged(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Verdicts on one ability as one: the worst state, with all that have it."""
    found = list(verdicts)
    if len(found) < 2:
        return found[0] if found else None
    state = max(verdict.state for verdict in found)
    worst = [verdict for verdict in found if verdict.state == state]
    zh, en = "、".join(verdict.zh for verdict in worst), ", ".join(verdict.en for verdict in worst)
    return Verdict(worst[0].ability, state, zh, en, tuple(field for verdict in worst for field in verdict.fields))


def _observed_verdicts(item: Item, given: tuple[Any, ...]) -> tuple[Verdict, ...]:
    verdicts: dict[str, list[Verdict]] = {}
    for sub, code in zip(item.subitems, given, strict=True):
        if sub.met is None or (code is not None and LEVEL_CODES.index(code) <= sub.met):
            continue
        if code is None:
            verdict = _unseen(sub.indicator, sub.id, sub.title)
        else:
            limit = LEVEL_CODES[sub.met]
            zh = f"{sub.id} {sub.title['zh']} {code}（须不差于 {limit}）"
            en = f"{sub.id} {sub.title['en']} {code} (must be no worse than {limit})"
            verdict = Verdict(sub.indicator, NOT_MET, zh, en, (sub.id,))
        verdicts.setdefault(sub.indicator, []).append(verdict)
    return tuple(one for one in map(merged, verdicts.values()) if one is not None)


def criterion_entry(instrument: Instrument, item: Item, score: int) -> Entry:
    """The entry of an item given as one of the ten criteria."""
    option = next(option for option in item.options if option.code == score)
    deciding = (item.code,) if score < item.max else ()
    verdicts = []
    for ability, sources in instrument.verdicts.items():
        for source in sources:
            if source.item != item.id or score in source.met:
                continue
            name_zh, name_en = f"{item.code} {item.title['zh']} {score} 分", f"{item.code} {item.title['en']} {score}"
            if score in source.not_met:
                verdicts.append(Verdict(ability, NOT_MET, name_zh, name_en, (item.code,)))
            else:
                zh, en = f"{name_zh}不能说明是否需要他人", f"{name_en} does not tell whether another person is needed"
                verdicts.append(Verdict(ability, UNDETERMINED, zh, en, (item.code,)))
    return Entry(ItemReason(score, item.max, deciding, None), trace.direct_item(item, option), tuple(verdicts))
