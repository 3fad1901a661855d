"""Rules of sheets, proposals and care grades; facts in, decisions out.

Sources: MZ/T 039-2013 (two assessors, again after the months the rule of deadlines gives, at once after a change), 民发〔2021〕43号 art. 21–22 (six
abilities give the statutory category). Disagreeing tiers need a second review with a written reason (county rule D1).
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.periods import DAY, DateRange, Month, first_of_next_month

NOTICE_DAYS = 30
"""So many days before the due date a resident stands on the due list."""
GRADES = (1, 2, 3)
"""Care grades: 1 全自理, 2 半护理, 3 全护理."""


class SheetState(StrEnum):
    """A draft may change; a submitted sheet never does (a correction is a new sheet). A sealed one is handed in too,
    but nobody except its author sees it before the other assessor of the blind pair has handed in.
    """

    DRAFT = "draft"
    SEALED = "sealed"
    SUBMITTED = "submitted"
    DISCARDED = "discarded"


class ProposalState(StrEnum):
    """Way of a proposal: disagreeing tiers pass a second review before the decision (county rule D1). It is set aside
    when another version of the same assessment arrives that a person must compare first.
    """

    REVIEW = "review"
    PROPOSED = "proposed"
    DECIDED = "decided"
    RETURNED = "returned"
    SET_ASIDE = "set_aside"


class Act(StrEnum):
    """What people do with a proposal."""

    REVIEW = "review"
    DECIDE = "decide"
    RETURN = "return"
    SET_ASIDE = "set_aside"


NEXT: dict[tuple[ProposalState, Act], ProposalState] = {
    (ProposalState.REVIEW, Act.REVIEW): ProposalState.PROPOSED,
    (ProposalState.REVIEW, Act.RETURN): ProposalState.RETURNED,
    (ProposalState.PROPOSED, Act.DECIDE): ProposalState.DECIDED,
    (ProposalState.PROPOSED, Act.RETURN): ProposalState.RETURNED,
    (ProposalState.REVIEW, Act.SET_ASIDE): ProposalState.SET_ASIDE,
    (ProposalState.PROPOSED, Act.SET_ASIDE): ProposalState.SET_ASIDE,
}
"""The life of a proposal; what is not in it is refused."""

OPEN = (ProposalState.REVIEW, ProposalState.PROPOSED)
"""States in which a proposal waits for somebody."""


class NotAllowed(ValueError):
    """The act is not possible in this state."""


def next_state(state: ProposalState, act: Act) -> ProposalState:
    """The state after an act. Raises ``NotAllowed``."""
    try:
        return NEXT[state, act]
    except KeyError:
        raise NotAllowed(f"{act} is not possible in state {state}") from None


def first_state(tiers_agree: bool | None) -> ProposalState:
    """Where a proposal begins: only tiers that are both known and equal skip the second review."""
    return ProposalState.PROPOSED if tiers_agree is True else ProposalState.REVIEW


def suggested_grade(proposed: int, reviewed: int | None) -> int:
    """The grade pre-selected for the decision: the review's, else the sheet's."""
    return proposed if reviewed is None else reviewed


def reason_needed(tiers_agree: bool | None, suggested: int, grade: int) -> bool:
    """Whether a decision must give a written reason: tiers that do not agree, or a grade other than suggested."""
    return tiers_agree is not True or grade != suggested


class Bar(StrEnum):
    """Why a person may not act on a proposal."""

    ASSESSED = "assessed"
    REVIEWED = "reviewed"


def barred(person: str, act: Act, sheet_people: Collection[str], reviewer: str | None) -> Bar | None:
    """Separation of duties by person, not by account: who worked on the sheet neither reviews nor decides it, and the
    reviewer does not decide. ``person`` and the others are person keys. Returning a sheet is open to the reviewer.
    """
    if person in sheet_people:
        return Bar.ASSESSED
    if act is Act.DECIDE and reviewer is not None and person == reviewer:
        return Bar.REVIEWED
    return None


class Regrade(StrEnum):
    """What a new version of the instrument does to a care grade in force."""

    KEPT = "kept"
    MOVED = "moved"
    REVIEW = "review"
    WAITING = "waiting"
    UNSCORED = "unscored"
    OTHER = "other"


def regrade(
    *, decided: int, old: int | None, new: int | None, agree: bool | None, waiting: bool, fits: bool, begins: bool
) -> Regrade:
    """What happens to a grade when its sheet is scored by a new version.

    ``decided`` is the grade in force, ``old`` and ``new`` what the sheet proposed and proposes, ``agree`` whether the
    new tiers agree, ``waiting`` whether another proposal is open, ``begins`` whether the grade begins on the day of the
    new version (it was decided by the old one, and two grades cannot begin on one day). A grade moves by itself only where nobody has to
    judge: people followed the old proposal and the new tiers agree (county rule D1). Everything else goes to people.
    """
    if not fits:
        return Regrade.OTHER
    if new is None:
        return Regrade.UNSCORED
    if new in (old, decided):
        return Regrade.KEPT
    if waiting:
        return Regrade.WAITING
    return Regrade.MOVED if decided == old and agree is True and not begins else Regrade.REVIEW


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or that month's last day when it is shorter (31 August: 28 or 29 February)."""
    month = Month.of(day).plus(months)
    return month.first.replace(day=min(day.day, month.days))


def due_on(assessed_on: dt.date, months: int) -> dt.date:
    """The day by which the next assessment is due, ``months`` after the last."""
    return add_months(assessed_on, months)


def last_assessment_due_by(day: dt.date, months: int) -> dt.date:
    """The latest assessment day whose next one is due on or before ``day`` (``due_on`` never falls back)."""
    guess = add_months(day, -months)
    while due_on(guess + DAY, months) <= day:
        guess += DAY
    return guess


class BadDay(StrEnum):
    """What is wrong with the day of an assessment."""

    FUTURE = "future"
    TOO_OLD = "too_old"
    BEFORE_LAST = "before_last"
    BEFORE_BIRTH = "before_birth"


def check_day(
    assessed_on: dt.date, *, today: dt.date, born_on: dt.date, last_assessed_on: dt.date | None, months: int
) -> BadDay | None:
    """Whether a sheet may carry this day: not ahead, not already due again (``months`` of its instrument), not before
    the sheet in force. A day before support began is right: the first assessment comes before the service (MZ/T 039-2013).
    """
    if assessed_on > today:
        return BadDay.FUTURE
    if assessed_on < born_on:
        return BadDay.BEFORE_BIRTH
    if due_on(assessed_on, months) < today:
        return BadDay.TOO_OLD
    if last_assessed_on is not None and assessed_on < last_assessed_on:
        return BadDay.BEFORE_LAST
    return None


class Overlap(ValueError):
    """A new care grade would share a day with one that cannot be closed before it."""


@dataclass(frozen=True)
class Placement:
    """Where a new grade goes: its first day, and which earlier period ends on which day (none when nothing is open)."""

    valid_from: dt.date
    close_index: int | None
    close_on: dt.date | None


def place(existing: Sequence[DateRange], decided_on: dt.date) -> Placement:
    """A grade decided on a day counts from the first of the next month; the period before ends the day before.

    ``existing`` are the periods of the resident in any order. Raises ``Overlap`` when one begins on or after that
    first day (a second decision in one month), since a period that was given out is never taken back.
    """
    start = first_of_next_month(decided_on)
    close: int | None = None
    for index, period in enumerate(existing):
        if period.from_on >= start:
            raise Overlap(f"a grade from {period.from_on} exists")
        if start in period:
            if period.to_on is not None:
                raise Overlap(f"a grade until {period.to_on} exists")
            close = index
    return Placement(start, close, None if close is None else start - DAY)


def overlapping(periods: Sequence[DateRange]) -> bool:
    """Whether any two of the periods share a day."""
    ordered = sorted(periods, key=lambda p: p.from_on)
    return any(a.overlaps(b) for a, b in itertools.pairwise(ordered))


def end_of_period(valid_from: dt.date, support_ended_on: dt.date) -> dt.date:
    """Last day of a grade when support ends; a grade that had not begun keeps its one first day and never counts,
    because nothing is owed after the end of support.
    """
    return max(valid_from, support_ended_on)
