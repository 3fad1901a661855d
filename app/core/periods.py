"""Quarters, months and closed date ranges. All dates are dates in China; nothing here reads the clock."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
DAY = dt.timedelta(days=1)


def local_date(instant: dt.datetime) -> dt.date:
    """The date in China at an instant (16:00 UTC is midnight). Raises ``ValueError`` without a time zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(ZONE).date()


def first_of_next_month(day: dt.date) -> dt.date:
    """First day of the month after ``day``: from then on a new grade counts (cf. TK21 art. 17, 26)."""
    return Month.of(day).next().first


def age_on(born_on: dt.date, on: dt.date) -> int:
    """Full years of age on a day; born on 29 February, a year is full on 1 March of a common year."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month; as text ``2026-03``."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (dt.MINYEAR <= self.year <= dt.MAXYEAR and 1 <= self.number <= 12):
            raise ValueError(f"no month: {self.year}-{self.number}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """``2026-03``. Raises ``ValueError``."""
        if not re.fullmatch(r"\d{4}-\d{2}", text, re.ASCII):
            raise ValueError(f"not a month like 2026-03: {text!r}")
        return cls(int(text[:4]), int(text[5:]))

    @classmethod
    def of(cls, day: dt.date) -> Self:
        """The month a day lies in."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @cached_property
    def first(self) -> dt.date:
        """First day."""
        return dt.date(self.year, self.number, 1)

    @cached_property
    def last(self) -> dt.date:
        """Last day."""
        return dt.date(self.year, self.number, self.days)

    @cached_property
    def days(self) -> int:
        """Number of days, 28 to 31."""
        return calendar.monthrange(self.year, self.number)[1]

    @property
    def range(self) -> DateRange:
        """All days of it."""
        return DateRange(self.first, self.last)

    @property
    def label_zh(self) -> str:
        """``2026年3月``."""
        return f"{self.year}年{self.number}月"

    def plus(self, months: int) -> Self:
        """The month that many later (or earlier). Raises ``ValueError`` outside the years 1 to 9999."""
        year, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return type(self)(year, index + 1)

    def next(self) -> Self:
        """The month after."""
        return self.plus(1)

    def previous(self) -> Self:
        """The month before."""
        return self.plus(-1)


@dataclass(frozen=True, order=True)
class Quarter:
    """A calendar quarter; as text ``2026-Q1``."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (dt.MINYEAR <= self.year <= dt.MAXYEAR and 1 <= self.number <= 4):
            raise ValueError(f"no quarter: {self.year}-Q{self.number}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """``2026-Q1``. Raises ``ValueError``."""
        if not re.fullmatch(r"\d{4}-Q[1-4]", text, re.ASCII):
            raise ValueError(f"not a quarter like 2026-Q1: {text!r}")
        return cls(int(text[:4]), int(text[6]))

    @classmethod
    def of(cls, day: dt.date) -> Self:
        """The quarter a day (in China) lies in."""
        return cls(day.year, (day.month + 2) // 3)

    def __str__(self) -> str:
        return f"{self.year:04d}-Q{self.number}"

    @cached_property
    def months(self) -> tuple[Month, Month, Month]:
        """Its three months."""
        start = Month(self.year, self.number * 3 - 2)
        return start, start.plus(1), start.plus(2)

    @cached_property
    def first(self) -> dt.date:
        """First day."""
        return self.months[0].first

    @cached_property
    def last(self) -> dt.date:
        """Last day."""
        return self.months[2].last

    @cached_property
    def days(self) -> int:
        """Number of days, 90 to 92."""
        return sum(month.days for month in self.months)

    @property
    def range(self) -> DateRange:
        """All days of it."""
        return DateRange(self.first, self.last)

    @property
    def label_zh(self) -> str:
        """``2026年第1季度``."""
        return f"{self.year}年第{self.number}季度"

    def plus(self, quarters: int) -> Self:
        """The quarter that many later (or earlier). Raises ``ValueError`` outside the years 1 to 9999."""
        year, index = divmod(self.year * 4 + self.number - 1 + quarters, 4)
        return type(self)(year, index + 1)

    def next(self) -> Self:
        """The quarter after."""
        return self.plus(1)

    def previous(self) -> Self:
        """The quarter before."""
        return self.plus(-1)


@dataclass(frozen=True)
class DateRange:
    """The days from ``from_on`` to ``to_on``, both included; ``to_on`` None means until further notice."""

    from_on: dt.date
    to_on: dt.date | None = None

    def __post_init__(self) -> None:
        if self.to_on is not None and self.to_on < self.from_on:
            raise ValueError(f"{self.to_on} is before {self.from_on}")

    def __contains__(self, day: dt.date) -> bool:
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)

    def __iter__(self) -> Iterator[dt.date]:
        """Day by day; without end the iteration stops at the calendar's last day."""
        last = self.to_on or dt.date.max
        for ordinal in range(self.from_on.toordinal(), last.toordinal() + 1):
            yield dt.date.fromordinal(ordinal)

    @property
    def days(self) -> int:
        """Number of days, at least 1. Raises ``ValueError`` for a range without end."""
        if self.to_on is None:
            raise ValueError("a range without end has no number of days")
        return (self.to_on - self.from_on).days + 1

    def intersection(self, other: DateRange) -> DateRange | None:
        """The days in both, or None."""
        ends = [end for end in (self.to_on, other.to_on) if end is not None]
        start, end = max(self.from_on, other.from_on), min(ends, default=None)
        return DateRange(start, end) if end is None or start <= end else None

    def overlaps(self, other: DateRange) -> bool:
        """Whether a day lies in both."""
        return self.intersection(other) is not None

    def days_in(self, other: DateRange) -> int:
        """How many of these days lie in ``other`` (0 when none). Raises ``ValueError`` when both have no end."""
        shared = self.intersection(other)
        return shared.days if shared else 0
