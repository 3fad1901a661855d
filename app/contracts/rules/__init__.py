"""A contract's life as a table: what is not in it is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum


class State(StrEnum):
    """Where a contract stands."""

    DRAFT = "draft"
    SIGNING = "signing"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    AMENDED = "amended"
    ENDED = "ended"
    ARCHIVED = "archived"
    VOID = "void"


class Act(StrEnum):
    """What may happen to it."""

    DRAFT = "draft"
    SEND = "send"
    SIGN = "sign"
    TAKE_BACK = "take_back"
    COMPLETE = "complete"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    SUSPEND = "suspend"
    RESUME = "resume"
    AMEND = "amend"
    END = "end"
    ARCHIVE = "archive"


NEXT: dict[tuple[State, Act], State] = {
    (State.DRAFT, Act.SEND): State.SIGNING,
    (State.DRAFT, Act.WITHDRAW): State.VOID,
    (State.SIGNING, Act.SIGN): State.SIGNING,
    (State.SIGNING, Act.TAKE_BACK): State.SIGNING,
    (State.SIGNING, Act.COMPLETE): State.IN_FORCE,
    (State.SIGNING, Act.REFUSE): State.VOID,
    (State.SIGNING, Act.WITHDRAW): State.VOID,
    (State.IN_FORCE, Act.SUSPEND): State.SUSPENDED,
    (State.IN_FORCE, Act.END): State.ENDED,
    (State.IN_FORCE, Act.AMEND): State.AMENDED,
    (State.SUSPENDED, Act.RESUME): State.IN_FORCE,
    (State.SUSPENDED, Act.END): State.ENDED,
    (State.ENDED, Act.ARCHIVE): State.ARCHIVED,
    (State.AMENDED, Act.ARCHIVE): State.ARCHIVED,
}


LIVE = frozenset({State.DRAFT, State.SIGNING, State.IN_FORCE, State.SUSPENDED})
"""States in which a contract occupies its dates for a resident."""

OVER = frozenset({State.ENDED, State.AMENDED, State.ARCHIVED})
"""States of a contract that was in force and covers its days up to the day it ended."""


class EndCause(StrEnum):
    """Why a contract ended."""

    DEATH = "death"
    MOVE = "move"
    WITHDRAWAL = "withdrawal"
    BREACH = "breach"
    RECOVERY = "recovery"
    CAREGIVER = "caregiver"
    TERM = "term"
    OTHER = "other"


REPLACED = frozenset({EndCause.BREACH, EndCause.CAREGIVER})
"""Causes after which the person still needs care: substitute care at once, another caregiver within ten working days."""

TIER_FOR_GRADE = {1: "T1", 2: "T2", 3: "T3"}
"""Training a caregiver needs for a care grade (domain.md 7.3)."""

ORGANISATION_MEANS = frozenset({"seal", "hand"})
MEANS_FOR_SLOT: dict[str, frozenset[str]] = {
    "P1": ORGANISATION_MEANS,
    "P2": ORGANISATION_MEANS,
    "P3": ORGANISATION_MEANS,
    "P4": ORGANISATION_MEANS,
    "P5": ORGANISATION_MEANS,
    "P6": frozenset({"hand", "fingerprint"}),
    "P7": frozenset({"hand", "fingerprint", "guardian", "witnessed_mark"}),
}
"""How each party may sign: a government or institution by seal or hand, a person never by seal."""

HANDWRITTEN = frozenset({"hand", "guardian"})
"""Means that need the handwriting itself, whoever signs."""

MAX_POINTS = 20_000


class NotAllowed(ValueError):
    """The act does not fit the state."""


def next_state(state: State, act: Act) -> State:
    """Where ``act`` leads from ``state``. Raises ``NotAllowed`` when the table has no such step."""
    try:
        return NEXT[state, act]
    except KeyError:
        raise NotAllowed(f"{act.value} from {state.value}") from None


def default_end(valid_from: dt.date) -> dt.date:
    """One year, to the day before (29 February counts to 28 February)."""
    try:
        return valid_from.replace(year=valid_from.year + 1) - dt.timedelta(days=1)
    except ValueError:
        return dt.date(valid_from.year + 1, 2, 28)


def overlap(a_from: dt.date, a_to: dt.date, b_from: dt.date, b_to: dt.date) -> bool:
    """Whether two closed ranges share a day."""
    return a_from <= b_to and b_from <= a_to


def covered_days(
    first: dt.date,
    last: dt.date,
    suspensions: Iterable[tuple[dt.date, dt.date | None]],
) -> set[dt.date]:
    """Days from ``first`` to ``last`` that are not suspended (an open suspension runs to the end)."""
    days = {first + dt.timedelta(days=n) for n in range((last - first).days + 1)}
    for start, end in suspensions:
        stop = end or last
        days -= {start + dt.timedelta(days=n) for n in range((stop - start).days + 1)}
    return days


def tier_missing(tier: str | None, valid_to: dt.date | None, grade: int, on: dt.date) -> bool:
    """Whether training for ``grade`` is missing or has run out on ``on``."""
    needed = TIER_FOR_GRADE[grade]
    return tier is None or tier < needed or valid_to is None or valid_to < on


def read_strokes(value: object) -> list[list[tuple[float, float, float, float]]]:
    """Handwriting as strokes of points (x, y 0–1, milliseconds, pressure 0–1). Raises ``ValueError`` in words."""
    if not isinstance(value, list) or not value:
        raise ValueError("empty")
    strokes: list[list[tuple[float, float, float, float]]] = []
    points = 0
    for stroke in value:
        if not isinstance(stroke, list) or not stroke:
            raise ValueError("stroke")
        line = []
        for point in stroke:
            if not isinstance(point, list) or len(point) != 4:
                raise ValueError("point")
            if any(
                isinstance(n, bool) or not isinstance(n, int | float) or not -1e9 <= n <= 1e9  # NaN and huge too
                for n in point
            ):
                raise ValueError("number")
            x, y, at, pressure = (float(n) for n in point)
            if not (0 <= x <= 1 and 0 <= y <= 1 and 0 <= pressure <= 1 and at >= 0):
                raise ValueError("range")
            line.append((x, y, at, pressure))
        points += len(line)
        strokes.append(line)
    if points < 3 or points > MAX_POINTS:
        raise ValueError("length")
    return strokes
