"""The duties of the seven parties as a ledger: what was due by when, when it was done, whether that is kept. Pure.

A clause names its trigger and its days (``contract-template``); here the trigger becomes dated occasions. What nobody can
know from records is not judged: a duty without an occasion is neither kept nor missed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.periods import Month, Quarter
from app.core.workdays import add_days, add_workdays

DAY = dt.timedelta(days=1)


class Kept(StrEnum):
    """How one occasion stands."""

    KEPT = "kept"
    LATE = "late"
    MISSED = "missed"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Occasion:
    """One time a duty was due: ``what`` is a quarter, a month or a day; ``done`` of ``required`` where days are counted."""

    party: str
    trigger: str
    what: str
    due_on: dt.date
    done_on: dt.date | None = None
    done: int | None = None
    required: int | None = None

    def standing(self, today: dt.date) -> Kept:
        """Kept on or before the due day, late after it, missed when the day passed without it, ahead until then."""
        if self.required is not None:
            if self.due_on >= today:
                return Kept.AHEAD
            return Kept.KEPT if (self.done or 0) >= self.required else Kept.MISSED
        if self.done_on is not None:
            return Kept.KEPT if self.done_on <= self.due_on else Kept.LATE
        return Kept.AHEAD if self.due_on >= today else Kept.MISSED


@dataclass(frozen=True)
class Duty:
    """One clause with its occasions, newest first."""

    party: str
    trigger: str
    occasions: tuple[Occasion, ...]

    def count(self, today: dt.date, *standings: Kept) -> int:
        """Occasions that stand so."""
        return sum(o.standing(today) in standings for o in self.occasions)


def deadline(start: dt.date, days: int, calendar: str) -> dt.date:
    """The last day of ``days`` after ``start``, in working days or calendar days as the clause says (start not counted)."""
    return (add_workdays if calendar == "working" else add_days)(start, days).on


def quarters(
    party: str, first: dt.date, last: dt.date, days: int, calendar: str, paid: Mapping[str, dt.date]
) -> list[Occasion]:
    """Money of each quarter that ended within first … last, due ``days`` after its end; ``paid`` says when it was."""
    found, quarter = [], Quarter.of(first)
    while quarter.last <= last:
        due = deadline(quarter.last, days, calendar)
        found.append(Occasion(party, "quarter_closed", str(quarter), due, paid.get(str(quarter))))
        quarter = quarter.next()
    return found


def months(party: str, first: dt.date, last: dt.date, visited: Iterable[dt.date]) -> list[Occasion]:
    """One visit in each calendar month that lies wholly within first … last; the first of several counts."""
    earliest: dict[Month, dt.date] = {}
    for day in sorted(visited):
        earliest.setdefault(Month.of(day), day)
    found = []
    month = Month.of(first) if first.day == 1 else Month.of(first).next()
    while month.last <= last:
        found.append(Occasion(party, "monthly", str(month), month.last, earliest.get(month)))
        month = month.next()
    return found


def days_recorded(
    party: str, first: dt.date, last: dt.date, in_time: Iterable[dt.date], away: set[dt.date]
) -> list[Occasion]:
    """Days recorded within 24 hours, counted by month; days away and days outside first … last are not required."""
    recorded = set(in_time)
    by_month: dict[Month, list[int]] = {}
    day = first
    while day <= last:
        if day not in away:
            sums = by_month.setdefault(Month.of(day), [0, 0])
            sums[0] += day in recorded
            sums[1] += 1
        day += DAY
    return [
        Occasion(party, "daily", str(month), min(month.last, last), done=done, required=required)
        for month, (done, required) in by_month.items()
    ]


def ledger(clauses: Sequence[Mapping[str, object]], occasions: Iterable[Occasion]) -> list[Duty]:
    """One duty per clause in the order of the contract, with what was due under it, newest first."""
    known: dict[tuple[str, str], list[Occasion]] = {}
    for occasion in occasions:
        known.setdefault((occasion.party, occasion.trigger), []).append(occasion)
    return [
        Duty(
            str(clause["party"]),
            str(clause["trigger"]),
            tuple(
                sorted(
                    known.get((str(clause["party"]), str(clause["trigger"])), ()),
                    key=lambda o: (o.due_on, o.what),
                    reverse=True,
                )
            ),
        )
        for clause in clauses
    ]
