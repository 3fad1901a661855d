"""What may happen to a controlled rule document, and what a draft would change for whom. Pure."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from app.core.money import round_half_up


def publishable(in_force_from: dt.date, today: dt.date, *, first: bool) -> bool:
    """A rule begins today or later; only the first of its kind may begin in the past (there is nothing to change)."""
    return first or in_force_from >= today


@dataclass(frozen=True)
class Person:
    """Somebody under contract, as a preview needs it: where, and the care grade on the draft's first day."""

    contract_id: int
    area_code: str
    setting: str
    grade: int | None


@dataclass(frozen=True)
class GradeEffect:
    """One care grade: people, and fen a month before and after (None: no figure, or figures that differ by township)."""

    grade: int
    people: int
    before: int | None
    after: int | None
    change: int
    """Fen a month for all of them together."""


@dataclass(frozen=True)
class MoneyEffect:
    """What a pay table would change in a month, in fen; people without a grade are counted apart."""

    grades: tuple[GradeEffect, ...]
    townships: tuple[tuple[str, int, int], ...]
    people: int
    ungraded: int
    blocked: int

    @property
    def month(self) -> int:
        """Change of one month."""
        return sum(g.change for g in self.grades)

    @property
    def year(self) -> int:
        """Change of twelve months."""
        return 12 * self.month


def money_effect(
    people: Iterable[Person],
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    figure: Callable[[Mapping[str, Any], str, int], int | None],
) -> MoneyEffect:
    """Who and how many yuan: ``figure`` is the settlement's own reading of a pay table (table, area, grade) → fen.

    ``blocked`` are people of a paid grade (half, full care) for whom the new table has no figure: nothing could be paid.
    """
    known = list(people)
    by_grade: dict[int, list[tuple[str, int | None, int | None]]] = defaultdict(list)
    for person in known:
        if person.grade is not None:
            old = figure(before, person.area_code, person.grade) if before is not None else None
            by_grade[person.grade].append((person.area_code[:9], old, figure(after, person.area_code, person.grade)))
    grades, townships = [], defaultdict[str, list[int]](lambda: [0, 0])
    blocked = 0
    for grade, rows in sorted(by_grade.items()):
        change = 0
        for township, old, new in rows:
            blocked += new is None and grade > 1
            change += (new or 0) - (old or 0)
            townships[township][0] += 1
            townships[township][1] += (new or 0) - (old or 0)
        olds, news = {old for _t, old, _n in rows}, {new for _t, _o, new in rows}
        grades.append(
            GradeEffect(
                grade,
                len(rows),
                olds.pop() if len(olds) == 1 else None,
                news.pop() if len(news) == 1 else None,
                change,
            )
        )
    return MoneyEffect(
        tuple(grades),
        tuple((code, count, fen) for code, (count, fen) in sorted(townships.items())),
        len(known),
        sum(p.grade is None for p in known),
        blocked,
    )


@dataclass(frozen=True)
class BandEffect:
    """One band: how many of last quarter's cards fell into it and how many would."""

    band: str
    before: int
    after: int


def band_effect(
    cards: Iterable[tuple[int, int, int]],
    old: Callable[[int], tuple[str, int]],
    new: Callable[[int], tuple[str, int]],
) -> tuple[list[BandEffect], int, int]:
    """Last quarter's cards as (score in hundredths, due fen, paid fen) under the new bands.

    Returns the bands, how many cards would get another ratio, and the change of the quarter's pay in fen (each card
    rounded by itself, half up).
    """
    before, after = Counter[str](), Counter[str]()
    moved = change = 0
    for score, due, paid in cards:
        (name, ratio), (new_name, new_ratio) = old(score), new(score)
        before[name] += 1
        after[new_name] += 1
        if ratio != new_ratio:
            moved += 1
            change += round_half_up(Fraction(due * new_ratio, 10000)) - paid
    return [BandEffect(b, before[b], after[b]) for b in dict.fromkeys([*before, *after])], moved, change


@dataclass(frozen=True)
class FrequencyEffect:
    """One service whose frequency changes for a setting and grade, and how many people that is."""

    item: str
    setting: str
    grade: int
    before: str
    after: str
    people: int


def frequency_effects(
    people: Iterable[Person], before: Mapping[str, Any], after: Mapping[str, Any], keys: Mapping[int, str]
) -> list[FrequencyEffect]:
    """Services of the care standard that come more or less often, with the people of that setting and grade."""
    count = Counter((p.setting, p.grade) for p in people)
    old = {item["id"]: item for item in before.get("item", ())}
    found = []
    for item in after.get("item", ()):
        for setting in ("home", "institutional"):
            for grade, key in keys.items():
                was = str(old.get(item["id"], {}).get(setting, {}).get(key, "-"))
                will = str(item[setting][key])
                if was != will:
                    found.append(FrequencyEffect(item["id"], setting, grade, was, will, count[setting, grade]))
    return found


def pay_table_text(
    *, version: int, title: str, in_force_from: dt.date, status: str, source: str, figures: Mapping[str, int]
) -> str:
    """A pay table as TOML from the fields of its form; ``figures`` are fen a month by grade key."""
    quoted = {name: json.dumps(value, ensure_ascii=False) for name, value in (("title", title), ("source", source))}
    lines = [f"{key} = {fen}" for key, fen in figures.items()]
    return (
        f'kind = "pay_table"\ncode = "county"\nversion = {version}\nin_force_from = {in_force_from.isoformat()}\n'
        f'status = "{status}"\nsource = {quoted["source"]}\n\n'
        f"[title]\nzh = {quoted['title']}\nen = {quoted['title']}\n\n[monthly_fen]\n" + "\n".join(lines) + "\n"
    )
