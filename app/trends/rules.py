"""Pure: what weights, falls, skin and the daily record say about a resident, by the marks of a dated rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

Reading = tuple[dt.date, int]
"""Day and whole grams."""


class Sign(StrEnum):
    """What is seen."""

    WEIGHT = "weight"
    FALLS = "falls"
    SKIN = "skin"
    GONE = "gone"
    CAME = "came"


@dataclass(frozen=True)
class Loss:
    """A loss of weight: from a reading to a later one, in grams, and hundredths of the first."""

    first: Reading
    last: Reading
    days: int

    @property
    def grams(self) -> int:
        """Grams lost."""
        return self.first[1] - self.last[1]

    @property
    def percent(self) -> int:
        """Whole hundredths lost, rounded down."""
        return self.grams * 100 // self.first[1]


def weight_loss(readings: Sequence[Reading], marks: Iterable[Mapping[str, Any]], on: dt.date) -> Loss | None:
    """The heaviest reading within the days of a mark before the latest one, when the loss since then reaches the mark.

    The latest reading must lie within the days of the mark too: an old one says nothing about today. The shortest mark first.
    """
    known = sorted(reading for reading in readings if reading[0] <= on)
    if len(known) < 2:
        return None
    last = known[-1]
    for mark in sorted(marks, key=lambda one: int(one["days"])):
        days = dt.timedelta(days=int(mark["days"]))
        near = [one for one in known[:-1] if last[0] - days <= one[0]]
        if last[0] < on - days or not near:
            continue
        heaviest = max(near, key=lambda one: (one[1], one[0]))
        if Fraction(heaviest[1] - last[1], heaviest[1]) * 100 >= int(mark["percent"]):
            return Loss(heaviest, last, int(mark["days"]))
    return None


@dataclass(frozen=True)
class Drift:
    """An item whose need is gone (``gone``: done alone, of due) or came unplanned (``came``: times)."""

    sign: Sign
    item: str
    times: int
    due: int


def drifts(
    due: Mapping[str, int], alone: Mapping[str, int], unplanned: Mapping[str, int], marks: Mapping[str, Any]
) -> list[Drift]:
    """Items that no longer fit the plan, by item: ``due`` services in the window, ``alone`` recorded as not needed because the
    person did it, ``unplanned`` given although nothing was due.
    """
    found = []
    for item in sorted({*due, *alone, *unplanned}):
        wanted, did = due.get(item, 0), alone.get(item, 0)
        if wanted >= int(marks["at_least_due"]) and did * 100 >= wanted * int(marks["alone_percent"]):
            found.append(Drift(Sign.GONE, item, did, wanted))
        if unplanned.get(item, 0) >= int(marks["unplanned"]):
            found.append(Drift(Sign.CAME, item, unplanned[item], wanted))
    return found


def check(body: Mapping[str, Any]) -> list[str]:
    """Fields that are missing or no whole number in their range, as ``table.key``."""
    wanted = {
        ("falls", "days"): 366, ("falls", "at_least"): 20, ("skin", "days"): 366, ("drift", "days"): 92,
        ("drift", "at_least_due"): 400, ("drift", "alone_percent"): 100, ("drift", "unplanned"): 400, ("drift", "quiet_days"): 366,
    }  # fmt: skip
    wrong = [
        f"{table}.{key}" for (table, key), most in wanted.items() if not _whole(body.get(table, {}).get(key), most)
    ]
    marks = body.get("weight", [])
    if not marks or any(not _whole(m.get("days"), 366) or not _whole(m.get("percent"), 50) for m in marks):
        wrong.append("weight")
    return wrong


def _whole(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most
