"""The duties of the seven parties as a ledger: what was due by when, when it was done, whether that is kept. Pure.

A clause names its trigger and its days (``contract-template``); the trigger becomes dated occasions out of the evidence.
What nobody can know from records is not judged: a duty without an occasion is neither kept nor missed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.core.periods import Month, Quarter
from app.core.workdays import add_days, add_workdays

DAY = dt.timedelta(days=1)


class Kept(StrEnum):
    """How one occasion stands."""

    KEPT = "kept"
    LATE = "late"
    MISSED = "missed"
    AHEAD = "ahead"


BREACHES = (Kept.LATE, Kept.MISSED)


@dataclass(frozen=True)
class Occasion:
    """One time a duty was due: ``what`` is a quarter, a month or a day. Where days are counted, ``done`` of ``required``
    were done in time and ``late`` more afterwards.
    """

    party: str
    clause: str
    what: str
    due_on: dt.date
    done_on: dt.date | None = None
    done: int | None = None
    required: int | None = None
    late: int = 0
    seen: bool = False
    """Somebody saw it and noted it; no record of the system's own."""

    def standing(self, today: dt.date) -> Kept:
        """Kept on or before the due day, late after it, missed when the day passed without it, ahead until then."""
        if self.required is not None:
            if self.due_on >= today:
                return Kept.AHEAD
            if (self.done or 0) >= self.required:
                return Kept.KEPT
            return Kept.LATE if (self.done or 0) + self.late >= self.required else Kept.MISSED
        if self.done_on is not None:
            return Kept.KEPT if self.done_on <= self.due_on else Kept.LATE
        return Kept.AHEAD if self.due_on >= today else Kept.MISSED


@dataclass(frozen=True)
class Duty:
    """One clause with its occasions, newest first."""

    clause: Mapping[str, Any]
    occasions: tuple[Occasion, ...]

    @property
    def party(self) -> str:
        """Whose duty it is."""
        return str(self.clause["party"])

    @property
    def trigger(self) -> str:
        """Where its occasions come from."""
        return str(self.clause["trigger"])

    def count(self, today: dt.date, *standings: Kept) -> int:
        """Occasions that stand so."""
        return sum(o.standing(today) in standings for o in self.occasions)


@dataclass(frozen=True)
class Quarterly:
    """The days on which a quarter of one contract was scored, confirmed, released and paid; ``payable`` while there is
    anything to pay, ``veto`` when the score is nought for what was done to the person, ``failed`` below the last band.
    """

    scored_on: dt.date | None = None
    confirmed_on: dt.date | None = None
    released_on: dt.date | None = None
    paid_on: dt.date | None = None
    payable: bool = True
    veto: bool = False
    failed: bool = False


Since = tuple[dt.date, dt.date | None]
"""A day something became due from, and the day it was done."""


@dataclass(frozen=True)
class Noted:
    """What somebody saw of one clause."""

    clause: str
    day: dt.date
    kept: bool
    reference: str


@dataclass
class Evidence:
    """What the records hold about one contract."""

    quarters: dict[str, Quarterly] = field(default_factory=dict)
    township_visits: list[dt.date] = field(default_factory=list)
    village_visits: list[dt.date] = field(default_factory=list)
    problems: list[Since] = field(default_factory=list)
    changes: list[Since] = field(default_factory=list)
    objections: list[Since] = field(default_factory=list)
    incidents: list[Since] = field(default_factory=list)
    replacements: list[Since] = field(default_factory=list)
    substitutes: list[Since] = field(default_factory=list)
    """Days on which a caregiver failed or left, and the day substitute care was named."""
    sheets: list[dt.date] = field(default_factory=list)
    recorded: dict[dt.date, bool] = field(default_factory=dict)
    """Days on record; True when recorded within 24 hours."""
    away: set[dt.date] = field(default_factory=set)
    training_to: dt.date | None = None
    noted: list[Noted] = field(default_factory=list)


@dataclass(frozen=True)
class Span:
    """The days a contract covers, and the day on which it is looked at."""

    first: dt.date
    last: dt.date
    today: dt.date

    @property
    def past(self) -> dt.date:
        """The last covered day that is over."""
        return min(self.last, self.today - DAY)

    def holds(self, day: dt.date) -> bool:
        """Whether a day is covered and not ahead."""
        return self.first <= day <= min(self.last, self.today)


Clause = Mapping[str, Any]
Finder = Callable[[Clause, Span, Evidence], Iterator[Occasion]]


def deadline(start: dt.date, days: int, calendar: str) -> dt.date:
    """The last day of ``days`` after ``start``, in working days or calendar days as the clause says (start not counted)."""
    return (add_workdays if calendar == "working" else add_days)(start, days).on


def id_of(clause: Clause) -> str:
    """The name of a clause that its occasions carry; contracts of the first template have none of their own."""
    return str(clause.get("id") or f"{clause['party']}.{clause['trigger']}")


def _due(clause: Clause, start: dt.date) -> dt.date:
    return deadline(start, int(clause["due_days"]), str(clause["calendar"]))


def _made(clause: Clause, what: str, due_on: dt.date, done_on: dt.date | None) -> Occasion:
    return Occasion(str(clause["party"]), id_of(clause), what, due_on, done_on)


def quarters(span: Span, away: set[dt.date]) -> Iterator[Quarter]:
    """Quarters that are over and have a day of care under the contract."""
    quarter = Quarter.of(span.first)
    while quarter.first <= span.last and quarter.last < span.today:
        day, until = max(quarter.first, span.first), min(quarter.last, span.last)
        if any(day + n * DAY not in away for n in range((until - day).days + 1)):
            yield quarter
        quarter = quarter.next()


def _by_quarter(begin: str | None, done: str) -> Finder:
    """``begin`` names what the days are counted from (None: the quarter's last day), ``done`` what ends them."""

    def find(clause: Clause, span: Span, evidence: Evidence) -> Iterator[Occasion]:
        for quarter in quarters(span, evidence.away):
            known = evidence.quarters.get(str(quarter), Quarterly())
            start = quarter.last if begin is None else getattr(known, begin)
            if start is None or (done == "paid_on" and not known.payable):
                continue  # not due yet: whoever had to act before is late, not this party
            yield _made(clause, str(quarter), _due(clause, start), getattr(known, done))

    return find


def months(clause: Clause, span: Span, visited: Iterable[dt.date]) -> Iterator[Occasion]:
    """One visit in each calendar month that lies wholly within the contract; the first of several counts."""
    earliest: dict[Month, dt.date] = {}
    for day in sorted(visited):
        if day <= span.today:
            earliest.setdefault(Month.of(day), day)
    month = Month.of(span.first) if span.first.day == 1 else Month.of(span.first).next()
    while month.last <= span.last and month.first <= span.today:
        yield _made(clause, str(month), month.last, earliest.get(month))
        month = month.next()


def _since(name: str) -> Finder:
    """One occasion for each entry of a list of ``Since``."""

    def find(clause: Clause, span: Span, evidence: Evidence) -> Iterator[Occasion]:
        for begun, done in getattr(evidence, name):
            if span.holds(begun):
                due = begun + DAY if "due_hours" in clause else _due(clause, begun)
                yield _made(clause, begun.isoformat(), due, done)

    return find


def _replaced(clause: Clause, span: Span, evidence: Evidence) -> Iterator[Occasion]:
    """Substitute care the same day, another caregiver within the clause's days."""
    for begun, named in evidence.substitutes:
        if span.holds(begun):
            yield _made(clause, f"{SUBSTITUTE}{begun.isoformat()}", begun, named)
    yield from _since("replacements")(clause, span, evidence)


SUBSTITUTE = "substitute-"
"""How the occasion of substitute care is named, before the day."""


def days_recorded(clause: Clause, span: Span, evidence: Evidence) -> Iterator[Occasion]:
    """Days recorded within 24 hours, counted by month; days away and days outside the contract are not required."""
    by_month: dict[Month, list[int]] = {}
    day = span.first
    while day <= span.past:
        if day not in evidence.away:
            sums = by_month.setdefault(Month.of(day), [0, 0, 0])
            in_time = evidence.recorded.get(day)
            sums[0] += in_time is True
            sums[1] += in_time is False
            sums[2] += 1
        day += DAY
    for month, (done, late, required) in by_month.items():
        yield Occasion(
            str(clause["party"]),
            id_of(clause),
            str(month),
            min(month.last, span.last),
            done=done,
            required=required,
            late=late,
        )


def _yearly(clause: Clause, span: Span, evidence: Evidence) -> Iterator[Occasion]:
    """One sheet in each full year under the contract."""
    first = span.first
    while (last := _year_on(first) - DAY) <= span.last and first <= span.today:
        done = min((day for day in evidence.sheets if first <= day <= min(last, span.today)), default=None)
        yield _made(clause, last.isoformat(), last, done)
        first = last + DAY


def _year_on(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return dt.date(day.year + 1, 3, 1)


def _training(clause: Clause, span: Span, evidence: Evidence) -> Iterator[Occasion]:
    """Training that ran out while the contract goes on."""
    until = evidence.training_to or span.first - DAY
    if until < span.past:
        yield _made(clause, until.isoformat(), until, None)


def _conduct(clause: Clause, span: Span, evidence: Evidence) -> Iterator[Occasion]:
    """Each confirmed quarter says that nothing of the kind happened, or that it did."""
    for quarter in quarters(span, evidence.away):
        known = evidence.quarters.get(str(quarter))
        if known and known.confirmed_on:
            yield _made(clause, str(quarter), known.confirmed_on, None if known.veto else known.confirmed_on)


def _promise(clause: Clause, span: Span, evidence: Evidence) -> Iterator[Occasion]:
    """Nothing the records could tell; only what somebody notes counts."""
    yield from ()


TRIGGERS: dict[str, Finder] = {
    "quarter_released": _by_quarter(None, "released_on"),
    "quarter_scored": _by_quarter(None, "scored_on"),
    "quarter_confirmed": _by_quarter("scored_on", "confirmed_on"),
    "quarter_paid": _by_quarter("released_on", "paid_on"),
    "quarter_closed": _by_quarter(None, "paid_on"),
    "monthly_township": lambda clause, span, e: months(clause, span, e.township_visits),
    "monthly": lambda clause, span, e: months(clause, span, e.township_visits),
    "monthly_village": lambda clause, span, e: months(clause, span, e.village_visits),
    "change_reported": _since("changes"),
    "problem_seen": _since("problems"),
    "objection": _since("objections"),
    "incident": _since("incidents"),
    "caregiver_failed": _replaced,
    "daily": days_recorded,
    "yearly": _yearly,
    "training": _training,
    "conduct": _conduct,
    "promise": _promise,
    "change_seen": _promise,
    "any": _promise,
}
"""Everything a clause may name; the last two and ``monthly``, ``quarter_closed`` are of the first template."""


def ledger(clauses: Sequence[Clause], span: Span, evidence: Evidence) -> list[Duty]:
    """One duty per clause in the order of the contract, with what was due under it, newest first."""
    found = []
    for clause in clauses:
        occasions = list(TRIGGERS[str(clause["trigger"])](clause, span, evidence))
        occasions += [
            Occasion(str(clause["party"]), id_of(clause), n.reference, n.day, n.day if n.kept else None, seen=True)
            for n in evidence.noted
            if n.clause == id_of(clause) and span.holds(n.day)
        ]
        occasions = _distinct(sorted(occasions, key=lambda o: (o.due_on, o.what)))
        found.append(Duty(clause, tuple(reversed(occasions))))
    return found


def _distinct(occasions: Iterable[Occasion]) -> list[Occasion]:
    """Two of one day get a number each, so that what was found about one stays with it."""
    counted: dict[str, int] = {}
    found = []
    for occasion in occasions:
        counted[occasion.what] = number = counted.get(occasion.what, 0) + 1
        if number > 1:
            occasion = Occasion(**{**vars(occasion), "what": f"{occasion.what}#{number}"})
        found.append(occasion)
    return found
