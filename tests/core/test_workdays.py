"""Working days: the State Council's own dates, nothing counted on the day of the event, guesses marked."""

from __future__ import annotations

import datetime as dt

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.workdays import (
    CalendarError,
    Deadline,
    add_days,
    add_workdays,
    announced,
    holiday,
    is_estimated,
    is_workday,
    parse_calendar,
    workdays_between,
)

# 国办发明电〔2025〕7号, typed off the notice: (first day off, last day off) and the weekend days that are worked.
OFF_2026 = [("01-01", "01-03"), ("02-15", "02-23"), ("04-04", "04-06"), ("05-01", "05-05"), ("06-19", "06-21"),
            ("09-25", "09-27"), ("10-01", "10-07")]  # fmt: skip
WORKED_2026 = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
DAYS = st.dates(dt.date(2019, 12, 1), dt.date(2027, 3, 31))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_2026_is_as_the_notice_says() -> None:
    off = {
        dt.date.fromordinal(n)
        for first, last in OFF_2026
        for n in range(day(f"2026-{first}").toordinal(), day(f"2026-{last}").toordinal() + 1)
    }
    worked = {day(f"2026-{d}") for d in WORKED_2026}
    for n in range(365):
        today = dt.date(2026, 1, 1) + dt.timedelta(days=n)
        expected = today in worked or (today.weekday() < 5 and today not in off)
        assert is_workday(today) is expected, today


def test_all_announced_years_agree_with_the_calendar_they_were_made_from() -> None:
    assert sorted(announced()) == [2020, 2021, 2022, 2023, 2024, 2025, 2026]
    today = dt.date(2020, 1, 1)
    while today.year < 2027:
        assert is_workday(today) == chinese_calendar.is_workday(today), today
        today += dt.timedelta(days=1)


def test_every_file_names_its_source() -> None:
    assert all("国办发明电" in year.source for year in announced().values())
    assert holiday(day("2026-02-17")) == "春节"
    assert holiday(day("2026-02-24")) is None


@pytest.mark.parametrize(
    ("start", "days", "end", "estimated"),
    [
        ("2026-03-02", 0, "2026-03-02", False),
        ("2026-03-02", 1, "2026-03-03", False),
        ("2026-03-06", 1, "2026-03-09", False),
        ("2026-02-13", 1, "2026-02-14", False),
        ("2026-02-13", 2, "2026-02-24", False),
        ("2026-09-18", 10, "2026-10-09", False),
        ("2020-01-23", 1, "2020-02-03", False),
        ("2026-12-31", 1, "2027-01-01", True),
        ("2026-12-30", 1, "2026-12-31", False),
        ("2026-12-25", 15, "2027-01-15", True),
    ],
)
def test_deadlines(start: str, days: int, end: str, estimated: bool) -> None:
    assert add_workdays(day(start), days) == Deadline(day(end), estimated)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-02", 7, "2026-03-09"),
        ("2026-03-02", 5, "2026-03-09"),
        ("2026-02-10", 7, "2026-02-24"),
        ("2026-03-07", 0, "2026-03-07"),
    ],
)
def test_a_period_in_days_does_not_end_on_a_day_off(start: str, days: int, end: str) -> None:
    assert add_days(day(start), days) == Deadline(day(end), estimated=False)


@given(DAYS, st.integers(0, 60))
def test_counting_there_and_back_agrees(start: dt.date, days: int) -> None:
    deadline = add_workdays(start, days)
    assert workdays_between(start, deadline.on) == days
    assert days == 0 or is_workday(deadline.on)
    assert deadline.estimated == any(
        is_estimated(start + dt.timedelta(days=n)) for n in range(1, (deadline.on - start).days + 1)
    )


def test_nothing_is_counted_backward() -> None:
    assert workdays_between(day("2026-03-09"), day("2026-03-02")) == 0
    for count in (add_workdays, add_days):
        with pytest.raises(ValueError, match="forward"):
            count(day("2026-03-02"), -1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("year = 2027", "source"),
        ("nonsense", "x.toml"),
        ('year = 2027\nsource = "s"\n[holidays]\n2026-01-01 = "元旦"\n[workdays]', "is not in 2027"),
        ('year = 2027\nsource = "s"\n[holidays]\n[workdays]\n2027-01-04 = "元旦"', "no weekend day"),
        (
            'year = 2027\nsource = "s"\n[holidays]\n2027-01-02 = "元旦"\n[workdays]\n2027-01-02 = "元旦"',
            "no weekend day",
        ),
        ('year = 2027\nsource = "s"\n[holidays]\n2027-02-30 = "春节"\n[workdays]', "x.toml"),
    ],
)
def test_a_wrong_calendar_says_where(text: str, words: str) -> None:
    with pytest.raises(CalendarError, match=words):
        parse_calendar("x.toml", text)
