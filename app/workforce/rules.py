"""Pure: who passed a course, how long a certificate holds, how many workers a house needs, what runs out when."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from app.care.rules import ITEMS, SHIFTS

GRADE_KEYS = {1: "self_care", 2: "half_care", 3: "full_care"}
TIER_FOR_GRADE = {1: "T1", 2: "T2", 3: "T3"}
"""Who cares for a grade needs this tier or a higher one (domain.md 7.3)."""


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the last of that month when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def valid_to(issued_on: dt.date, months: int) -> dt.date:
    """Last day of what is valid for so many months from its day on."""
    return add_months(issued_on, months) - dt.timedelta(days=1)


def passed(parts: int, attended: int | None, points: int | None, training: Mapping[str, Any]) -> bool | None:
    """Whether attendance (parts of the course) and test (0–100 points) are enough; None while one of them is missing.

    A missing entry is never counted as zero: it is no failure, only not known yet.
    """
    if attended is None or points is None:
        return None
    return attended * 100 >= parts * int(training["attendance_percent"]) and points >= int(training["pass_points"])


@dataclass(frozen=True)
class Training:
    """A certificate of tiered training: what it is for and its first and last day."""

    tier: str
    issued_on: dt.date
    valid_to: dt.date


def best(held: Iterable[Training], on: dt.date) -> Training | None:
    """The highest tier that holds on a day, the longest of it; when none does, the one that ended last."""
    known = list(held)
    holding = [one for one in known if one.issued_on <= on <= one.valid_to]
    if holding:
        return max(holding, key=lambda one: (one.tier, one.valid_to))
    return max(known, key=lambda one: (one.valid_to, one.tier), default=None)


def load(grades: Mapping[int, int], ratio: Mapping[str, Any]) -> Fraction:
    """Workers that so many residents of each grade ask for, unrounded (1 for 3 in full care is a third each)."""
    return sum((Fraction(count, int(ratio[GRADE_KEYS[grade]])) for grade, count in grades.items()), Fraction(0))


def needed(workers: Fraction, percent: int = 100) -> int:
    """Whole workers for a share of a load in hundredths; somebody is there as soon as anybody lives there."""
    return ceil(workers * percent / 100)


def standing(last_day: dt.date | None, on: dt.date, notice_days: int) -> str:
    """``valid``, ``soon`` from ``notice_days`` before the last day on, ``over`` after it; ``none`` without a day."""
    if last_day is None:
        return "none"
    if last_day < on:
        return "over"
    return "soon" if (last_day - on).days <= notice_days else "valid"


def weak_items(delivered: Mapping[str, tuple[int, int]], weak: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Items of which less than ``percent`` of what was due was delivered, with the percent, weakest first.

    ``delivered`` is (done, due) by item; what was due fewer than ``at_least`` times says nothing about a person.
    """
    found = [
        (item, done * 100 // due)
        for item, (done, due) in delivered.items()
        if due >= int(weak["at_least"]) and done * 100 < due * int(weak["percent"])
    ]
    return sorted(found, key=lambda one: (one[1], one[0]))


def lessons_for(items: Iterable[str], lessons: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Lessons that practise one of the items, those of the first (weakest) item first, each once."""
    listed, found = list(lessons), []
    for item in items:
        for lesson in listed:
            if item in lesson["items"] and lesson not in found:
                found.append(lesson)
    return found


def items_for(cause: str, causes: Mapping[str, Sequence[str]]) -> list[str]:
    """The care items that a cause other than care left out asks to practise; none for a cause the county does not name."""
    return list(causes.get(cause, ()))


def override_fault(from_on: dt.date, until_on: dt.date, on: dt.date, longest_days: int) -> str | None:
    """What is wrong with the days of an exception: ``order``, ``past``, ``long``; None when nothing is."""
    if until_on < from_on:
        return "order"
    if until_on < on:
        return "past"
    return "long" if (until_on - from_on).days + 1 > longest_days else None


def check(body: Mapping[str, Any]) -> list[str]:
    """Fields that are missing or no whole number in their range, as ``table.key``."""
    wanted = {
        ("training", "attendance_percent"): (1, 100), ("training", "pass_points"): (1, 100),
        ("training", "valid_months"): (1, 120), ("training", "notice_days"): (1, 366),
        ("health_check", "valid_months"): (1, 120), ("health_check", "notice_days"): (1, 366),
        ("other", "notice_days"): (1, 366), ("override", "longest_days"): (1, 366),
        ("override", "notice_days"): (1, 366), ("weak", "days"): (7, 366), ("weak", "at_least"): (1, 1000),
        ("weak", "percent"): (1, 100), ("ratio", "self_care"): (1, 100), ("ratio", "half_care"): (1, 100),
        ("ratio", "full_care"): (1, 100),
    }  # fmt: skip
    wrong = [
        f"{table}.{key}" for (table, key), span in wanted.items() if not _whole(body.get(table, {}).get(key), span)
    ]
    courses = {course.get("id") for course in body.get("course", []) if course.get("tier") in TIER_FOR_GRADE.values()}
    wrong += ["course"] if not courses else []
    wrong += [f"lesson.{one.get('id')}" for one in body.get("lesson", []) if one.get("course") not in courses]
    causes = body.get("cause", {})
    wrong += [f"cause.{name}" for name, items in causes.items() if not items or not set(items) <= set(ITEMS)]
    shifts = body.get("shift", [])
    wrong += ["shift"] if not shifts else []
    wrong += [f"shift.{one.get('id')}" for one in shifts if not _whole(one.get("percent"), (1, 100))]
    wrong += ["shift"] if {one.get("id") for one in shifts} != set(SHIFTS) else []  # their hours: rule `shift_hours`
    return wrong


def _whole(value: Any, span: tuple[int, int]) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and span[0] <= value <= span[1]
