"""When shifts begin and end: dated hours of a county or a house, and the shift that runs at an instant.

A version says at which hours shifts begin; each lasts until the next one begins, also across midnight and across the day on
which other hours take effect. So shifts never overlap and never leave a gap. Hours are those of the local day, 0 … 24.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SHIFTS = ("early", "late", "night")
"""The words for shifts; a house with two has ``early`` and ``night``."""
_DAY = dt.timedelta(days=1)


class BadHours(ValueError):
    """The hours make no shifts: fewer than two, two at one hour, an unknown word, no ``night`` or no whole hour."""


@dataclass(frozen=True)
class Hours:
    """One version: (hour, shift) in the order of a day, and what the version is called on a record."""

    begins: tuple[tuple[int, str], ...]
    key: str = ""


def read_hours(shifts: Iterable[tuple[Any, Any]], key: str = "") -> Hours:
    """Hours from pairs of an hour and a word. Raises ``BadHours``."""
    found = []
    for hour, shift in shifts:
        if isinstance(hour, bool) or not isinstance(hour, int) or not 0 <= hour <= 23 or shift not in SHIFTS:
            raise BadHours(f"{hour} {shift}")
        found.append((hour, str(shift)))
    words = [shift for _hour, shift in found]
    if len(found) < 2 or len({hour for hour, _shift in found}) < len(found) or len(set(words)) < len(found):
        raise BadHours("two or three shifts, each once and at an hour of its own")
    if not {"early", "night"} <= set(words):
        raise BadHours("an early and a night shift")
    return Hours(tuple(sorted(found)), key)


def hours_of_rule(body: Mapping[str, Any], key: str = "") -> Hours:
    """The hours of a rule ``shift_hours``. Raises ``BadHours``."""
    rows = body.get("shift")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadHours("shift")
    return read_hours([(row.get("begins"), row.get("id")) for row in rows], key)


@dataclass(frozen=True)
class Shift:
    """A shift that runs from one local instant to another; ``key`` names the version its beginning was taken from."""

    id: str
    begins: dt.datetime
    ends: dt.datetime
    key: str

    @property
    def day(self) -> dt.date:
        """The day it begins: with its word that names it."""
        return self.begins.date()

    def part(self, day: dt.date) -> tuple[int, int] | None:
        """First and last hour of the shift on a calendar day; None when it does not touch it."""
        midnight = dt.datetime.combine(day, dt.time(), tzinfo=self.begins.tzinfo)
        first, last = max(self.begins, midnight), min(self.ends, midnight + _DAY)
        if first >= last:
            return None
        return int((first - midnight) / dt.timedelta(hours=1)), int((last - midnight) / dt.timedelta(hours=1))

    @property
    def days(self) -> list[dt.date]:
        """The one or two calendar days it touches."""
        return [day for day in (self.day, self.day + _DAY) if self.part(day)]


HoursOn = Callable[[dt.date], Hours]
"""The hours in force on a day."""


def shift_at(at: dt.datetime, hours_on: HoursOn) -> Shift:
    """The shift that runs at a local instant."""
    marks = _marks(at.date(), at.tzinfo, hours_on)
    place = max(n for n, (begins, _shift, _key) in enumerate(marks) if begins <= at)
    begins, shift, key = marks[place]
    return Shift(shift, begins, marks[place + 1][0], key)


def shift_of(day: dt.date, shift: str, hours_on: HoursOn, zone: dt.tzinfo) -> Shift | None:
    """The shift of that word which begins on a day; None where there is none."""
    for hour, word in hours_on(day).begins:
        if word == shift:
            return shift_at(dt.datetime.combine(day, dt.time(hour), tzinfo=zone), hours_on)
    return None


def _marks(day: dt.date, zone: dt.tzinfo | None, hours_on: HoursOn) -> list[tuple[dt.datetime, str, str]]:
    """Beginnings of shifts on the day before, the day and the day after: each version has two or more a day."""
    marks = []
    for one in (day - _DAY, day, day + _DAY):
        hours = hours_on(one)
        midnight = dt.datetime.combine(one, dt.time(), tzinfo=zone)
        marks += [(midnight + dt.timedelta(hours=hour), shift, hours.key) for hour, shift in hours.begins]
    return marks
