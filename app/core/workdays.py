"""Working days in China: weekends, public holidays and make-up days as the State Council's office announces them.

The announced years are the files ``calendars/cn-<year>.toml``; a new year is a new file. For a year without one only
weekends are known: results say ``estimated`` then, and whoever shows a deadline shows that too.
The day of the event is not counted (民法典 art. 201).
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "calendars"
DAY = dt.timedelta(days=1)


class CalendarError(ValueError):
    """A calendar file is wrong; the words name the file and the entry."""


@dataclass(frozen=True)
class CalendarYear:
    """The announced exceptions of one year: days off with their festival, and weekend days that are worked."""

    year: int
    source: str
    holidays: dict[dt.date, str]
    workdays: dict[dt.date, str]


@dataclass(frozen=True)
class Deadline:
    """The last day of a period counted in working days; ``estimated`` when a year in it is not announced yet."""

    on: dt.date
    estimated: bool


def parse_calendar(name: str, text: str) -> CalendarYear:
    """Read one calendar file. Raises ``CalendarError``."""
    try:
        table = tomllib.loads(text)
        year, source = int(table["year"]), str(table["source"])
        holidays, workdays = (
            {dt.date.fromisoformat(day): str(festival) for day, festival in table[part].items()}
            for part in ("holidays", "workdays")
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CalendarError(f"{name}: {error}") from error
    for day in (*holidays, *workdays):
        if day.year != year:
            raise CalendarError(f"{name}: {day} is not in {year}")
    for day in workdays:
        if day in holidays or day.weekday() < 5:
            raise CalendarError(f"{name}: {day} is no weekend day to be worked")
    return CalendarYear(year, source, holidays, workdays)


@cache
def announced() -> dict[int, CalendarYear]:
    """The announced years, read once. Raises ``CalendarError``."""
    years = [parse_calendar(path.name, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("cn-*.toml"))]
    return {year.year: year for year in years}


def is_estimated(day: dt.date) -> bool:
    """Whether the year of ``day`` is not announced, so that only weekends are known."""
    return day.year not in announced()


def is_workday(day: dt.date) -> bool:
    """Whether offices work on ``day``; see ``is_estimated`` for how sure that is."""
    year = announced().get(day.year)
    if year is not None:
        if day in year.holidays:
            return False
        if day in year.workdays:
            return True
    return day.weekday() < 5


def holiday(day: dt.date) -> str | None:
    """The festival (in Chinese) for which ``day`` is off, or None."""
    year = announced().get(day.year)
    return year.holidays.get(day) if year else None


def add_workdays(start: dt.date, days: int) -> Deadline:
    """The ``days``-th working day after ``start``; 0 gives ``start`` itself. Raises ``ValueError`` for less than 0."""
    if days < 0:
        raise ValueError("working days are counted forward")
    day, left, estimated = start, days, False
    while left:
        day += DAY
        estimated = estimated or is_estimated(day)
        left -= is_workday(day)
    return Deadline(day, estimated)


def add_days(start: dt.date, days: int) -> Deadline:
    """The ``days``-th calendar day after ``start``, moved behind a weekend or holiday it falls on (民法典 art. 203).

    Raises ``ValueError`` for less than 0.
    """
    if days < 0:
        raise ValueError("days are counted forward")
    day = start + days * DAY
    estimated = is_estimated(day)
    while days and not is_workday(day):
        day += DAY
        estimated = estimated or is_estimated(day)
    return Deadline(day, estimated)


def workdays_between(start: dt.date, end: dt.date) -> int:
    """Working days after ``start`` up to and including ``end``; 0 when ``end`` is not later."""
    return sum(is_workday(start + n * DAY) for n in range(1, (end - start).days + 1))
