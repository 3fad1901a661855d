"""Quarters, months, ranges: closed at both ends, in China's dates."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.periods import DateRange, Month, Quarter, age_on, first_of_next_month, local_date

DAYS = st.dates(dt.date(1901, 1, 1), dt.date(2199, 12, 31))


@st.composite
def ranges(draw: st.DrawFn) -> DateRange:
    start = draw(st.dates(dt.date(2026, 1, 1), dt.date(2026, 3, 31)))
    length = draw(st.none() | st.integers(0, 40))
    return DateRange(start, None if length is None else start + dt.timedelta(days=length))


@pytest.mark.parametrize(
    ("text", "first", "last", "days"),
    [
        ("2026-Q1", dt.date(2026, 1, 1), dt.date(2026, 3, 31), 90),
        ("2028-Q1", dt.date(2028, 1, 1), dt.date(2028, 3, 31), 91),
        ("2026-Q2", dt.date(2026, 4, 1), dt.date(2026, 6, 30), 91),
        ("2026-Q4", dt.date(2026, 10, 1), dt.date(2026, 12, 31), 92),
    ],
)
def test_a_quarter_has_its_days(text: str, first: dt.date, last: dt.date, days: int) -> None:
    quarter = Quarter.parse(text)
    assert (quarter.first, quarter.last, quarter.days, quarter.range.days) == (first, last, days, days)
    assert str(quarter) == text


@given(DAYS)
def test_a_day_lies_in_its_quarter_and_month_and_in_no_neighbour(day: dt.date) -> None:
    quarter, month = Quarter.of(day), Month.of(day)
    assert day in quarter.range
    assert day not in quarter.next().range
    assert day not in quarter.previous().range
    assert month in quarter.months
    assert day in month.range
    assert Quarter.parse(str(quarter)) == quarter
    assert Month.parse(str(month)) == month
    assert quarter.next().first == quarter.last + dt.timedelta(days=1)
    assert quarter.previous() < quarter < quarter.next()
    assert month.next().previous() == month
    assert quarter.months[0].plus(3) == quarter.next().months[0]


@pytest.mark.parametrize(
    "text", ["", "2026Q1", "2026-q1", "2026-Q0", "2026-Q5", "26-Q1", "0000-Q1", "２０２６-Q1", "2026-Q1\n"]
)
def test_other_texts_are_no_quarter(text: str) -> None:
    with pytest.raises(ValueError, match="quarter"):
        Quarter.parse(text)


@pytest.mark.parametrize("text", ["2026-00", "2026-13", "2026-1", "0000-01", "２０２６-01", "2026-01-01"])
def test_other_texts_are_no_month(text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Month.parse(text)


def test_labels_are_chinese() -> None:
    assert Quarter(2026, 1).label_zh == "2026年第1季度"
    assert Month(2026, 3).label_zh == "2026年3月"


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (dt.date(2026, 1, 31), dt.date(2026, 2, 1)),
        (dt.date(2026, 12, 1), dt.date(2027, 1, 1)),
        (dt.date(2028, 2, 29), dt.date(2028, 3, 1)),
    ],
)
def test_a_grade_counts_from_the_next_month(day: dt.date, first: dt.date) -> None:
    assert first_of_next_month(day) == first


def test_midnight_in_china_is_sixteen_hours_utc() -> None:
    before = dt.datetime(2028, 3, 31, 15, 59, 59, tzinfo=dt.UTC)
    assert local_date(before) == dt.date(2028, 3, 31)
    assert Quarter.of(local_date(before + dt.timedelta(seconds=1))) == Quarter(2028, 2)
    with pytest.raises(ValueError, match="time zone"):
        local_date(dt.datetime(2028, 3, 31))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (dt.date(1966, 11, 24), dt.date(2026, 11, 23), 59),
        (dt.date(1966, 11, 24), dt.date(2026, 11, 24), 60),
        (dt.date(1948, 2, 29), dt.date(2027, 2, 28), 78),
        (dt.date(1948, 2, 29), dt.date(2027, 3, 1), 79),
        (dt.date(1948, 2, 29), dt.date(2028, 2, 29), 80),
    ],
)
def test_age_in_full_years(born: dt.date, on: dt.date, age: int) -> None:
    assert age_on(born, on) == age


def test_a_range_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before"):
        DateRange(dt.date(2026, 1, 2), dt.date(2026, 1, 1))
    assert DateRange(dt.date(2026, 1, 1), dt.date(2026, 1, 1)).days == 1


@given(ranges(), ranges())
def test_intersection_is_exactly_the_days_in_both(one: DateRange, other: DateRange) -> None:
    window = Quarter(2026, 1).range
    shared = one.intersection(other)
    assert {d for d in window if d in one and d in other} == {d for d in window if shared and d in shared}
    assert one.overlaps(other) == other.overlaps(one) == (shared is not None)
    assert shared == other.intersection(one)
    assert one.days_in(window) == sum(d in one for d in window)


def test_an_open_range_has_no_number_of_days() -> None:
    with pytest.raises(ValueError, match="without end"):
        _ = DateRange(dt.date(2026, 1, 1)).days


def test_a_range_walks_its_days() -> None:
    assert list(DateRange(dt.date(2028, 2, 28), dt.date(2028, 3, 1))) == [
        dt.date(2028, 2, 28),
        dt.date(2028, 2, 29),
        dt.date(2028, 3, 1),
    ]
