"""Care frequencies as arithmetic: how often, on which days, which of two is more."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

ITEMS = tuple(f"S{n:02d}" for n in range(1, 13))
"""The twelve care items in the order of their bits: S01 is bit 0."""

_FREQUENCY = re.compile(r"([1-9][0-9]?)/([dwmqy])")


class BadFrequency(ValueError):
    """The text is no frequency of the grammar in domain.md 7.3."""


@dataclass(frozen=True)
class Frequency:
    """``times`` per ``period`` (d, w, m, q, y), or as needed, or not required."""

    text: str
    times: int
    period: str

    @property
    def as_needed(self) -> bool:
        """prn: never due, each time recorded."""
        return self.period == "prn"

    @property
    def required(self) -> bool:
        """Whether some day is due at all."""
        return self.times > 0

    def per_day(self) -> Fraction:
        """Average times a day, for comparing two frequencies (a year counts 365 days)."""
        days = {"d": 1, "w": 7, "m": Fraction(365, 12), "q": Fraction(365, 4), "y": 365}
        return Fraction(self.times) / days[self.period] if self.required else Fraction(0)  # type: ignore[operator]  # inferred too narrowly


@functools.lru_cache(maxsize=512)
def parse_frequency(text: str) -> Frequency:
    """Read ``3/d``, ``q2h`` (12 a day), ``q2hD`` (8 a day), ``prn`` or ``-``. Raises ``BadFrequency``.

    Nothing is asked more often than every two hours: at most 12/d.
    """
    fixed = {"q2h": (12, "d"), "q2hD": (8, "d"), "prn": (0, "prn"), "-": (0, "-")}
    if text in fixed:
        times, period = fixed[text]
        return Frequency(text, times, period)
    match = _FREQUENCY.fullmatch(text)
    if match is None:
        raise BadFrequency(text)
    times, period = int(match[1]), match[2]
    if times > {"d": 12, "w": 7, "m": 28, "q": 90, "y": 99}[period]:
        raise BadFrequency(text)
    return Frequency(text, times, period)


def _spread(times: int, length: int) -> set[int]:
    """``times`` positions spread evenly over ``length`` days, counted from 0."""
    return {i * length // times for i in range(times)}


def due_on(frequency: Frequency, day: dt.date) -> bool:
    """Whether an item of this frequency is due on ``day``. In every whole week, month, quarter or year exactly
    ``times`` days are due (for n/d and q2h every day).
    """
    if not frequency.required:
        return False
    if frequency.period == "d":
        return True
    if frequency.period == "w":
        return day.weekday() in _spread(frequency.times, 7)
    if frequency.period == "m":
        return day.day - 1 in _spread(frequency.times, calendar.monthrange(day.year, day.month)[1])
    first_month = (day.month - 1) // 3 * 3 + 1 if frequency.period == "q" else 1
    months = 3 if frequency.period == "q" else 12
    length = sum(calendar.monthrange(day.year, first_month + n)[1] for n in range(months))
    return (day - dt.date(day.year, first_month, 1)).days in _spread(frequency.times, length)


@functools.lru_cache(maxsize=4096)
def due_days(frequency: str, first: dt.date, last: dt.date) -> int:
    """On how many of the days ``first`` … ``last`` an item of this frequency is due (0 for an empty range)."""
    parsed = parse_frequency(frequency)
    if not parsed.required or last < first:
        return 0
    length = (last - first).days + 1
    if parsed.period == "d":
        return length
    return sum(due_on(parsed, first + dt.timedelta(days=n)) for n in range(length))


@functools.lru_cache(maxsize=256)
def times_a_day(frequency: str) -> int:
    """How often an item of this frequency is due on a day on which it is due: 3 for 3/d, once for 2/w."""
    parsed = parse_frequency(frequency)
    return parsed.times if parsed.period == "d" else int(parsed.required)


@functools.lru_cache(maxsize=4096)
def services_due(frequency: str, first: dt.date, last: dt.date) -> int:
    """How many single services an item of this frequency makes due on ``first`` … ``last`` (3/d: three a day)."""
    return due_days(frequency, first, last) * times_a_day(frequency)


def services_a_week(lines: Iterable[Mapping[str, Any]]) -> int:
    """How many single services a plan asks in a week, rounded up; as-needed items are not counted."""
    return math.ceil(sum((parse_frequency(line["frequency"]).per_day() * 7 for line in lines), Fraction(0)))


def below_minimum(frequency: str, minimum: str) -> bool:
    """Whether a plan's frequency asks less than the standard's minimum."""
    wanted, least = parse_frequency(frequency), parse_frequency(minimum)
    if least.as_needed:
        return not (wanted.as_needed or wanted.required)
    return wanted.per_day() < least.per_day()
