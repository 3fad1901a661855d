"""A service asked so often a week, month, quarter or year is kept on any day of that period, not only on the day it is spread to.

The standard says how often, not when (domain.md 7.3): the days are our own spreading, so that a plan can be checked by hand.
Care on another day of the period therefore keeps a due day that was missed, the earliest first, each at most once. Its credit
belongs to the due day, so that every range of days adds up: planned less delivered stays what was missed.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping

WIDTHS = "dwmqy"
"""Periods from the narrowest to the widest."""


def period_of(period: str, day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the week (from Monday), month, quarter or year a day lies in; of ``d`` the day itself."""
    if period == "d":
        return day, day
    if period == "w":
        first = day - dt.timedelta(days=day.weekday())
        return first, first + dt.timedelta(days=6)
    if period == "m":
        return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])
    if period == "q":
        month = (day.month - 1) // 3 * 3 + 1
        return dt.date(day.year, month, 1), dt.date(day.year, month + 2, calendar.monthrange(day.year, month + 2)[1])
    return dt.date(day.year, 1, 1), dt.date(day.year, 12, 31)


def window(periods: Iterable[str], first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """The range widened to whole periods, so that nothing that may keep one of its days lies outside."""
    widths = [period for period in periods if period in WIDTHS] or ["d"]
    return min(period_of(p, first)[0] for p in widths), max(period_of(p, last)[1] for p in widths)


def kept(missed: Mapping[dt.date, int], beside: int) -> dict[dt.date, int]:
    """Which missed due days of one period are kept by ``beside`` services given on its other days."""
    found: dict[dt.date, int] = {}
    for day in sorted(missed):
        taken = min(missed[day], beside)
        if taken > 0:
            found[day] = taken
            beside -= taken
    return found
