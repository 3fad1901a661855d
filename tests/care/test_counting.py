"""Counts of a day and of many days: planned less delivered is missed, whatever is said in whatever order."""

from __future__ import annotations

import calendar
import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.care import rules
from app.care.rules import Outcome, Said

DUE = st.fixed_dictionaries({"S01": st.integers(1, 4), "S06": st.integers(0, 12), "S12": st.just(1)}).map(rules.pack)
"""Few items, so that entries meet each other often."""
ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(["S01", "S06", "S12", "S03"]),
        st.sampled_from(list(Outcome)),
        st.none() | st.integers(0, 5),
        st.booleans(),
    ),
    max_size=25,
)
FREQUENCIES = ["q2h", "q2hD", "prn", "-", *(f"{n}/d" for n in range(1, 13)), "1/w", "3/w", "7/w", "2/m", "1/q", "4/y"]


@given(st.lists(st.integers(0, 12), min_size=12, max_size=12))
def test_packed_counts_come_back(counts: list[int]) -> None:
    packed = rules.pack(dict(zip(rules.ITEMS, counts, strict=True)))
    assert [rules.times(packed, item) for item in rules.ITEMS] == counts
    assert rules.total(packed) == sum(counts)
    assert rules.items_of(rules.mask(packed)) == [item for item, n in zip(rules.ITEMS, counts, strict=True) if n]
    assert packed <= 281474976710655


@given(DUE, ENTRIES)
def test_planned_less_delivered_is_missed(due: int, entries: list[tuple[str, Outcome, int | None, bool]]) -> None:
    """For any sequence of entries and corrections: nothing beyond what is due, the same entry twice changes nothing, and
    every due time is done, not needed or missed; lateness stays.
    """
    said, log = Said(), []
    for item, outcome, wanted, late in entries:
        asked = rules.times(due, item)
        if wanted is not None and wanted > asked:
            with pytest.raises(rules.TooMany):
                rules.with_entry(due, said, item, outcome, wanted, late=late)
            continue
        before = said
        entered = rules.with_entry(due, said, item, outcome, wanted, late=late)
        said = entered.said
        log += [(item, move) for move in entered.moves]
        again = rules.with_entry(due, said, item, outcome, said.of(item, outcome), late=late)
        assert (again.said, again.moves) == (said, [])
        if wanted is not None:
            assert said.of(item, outcome) == wanted
        assert before.late & said.late == before.late
        assert bool(entered.moves) == (
            (before.done, before.excused, before.not_done) != (said.done, said.excused, said.not_done)
        )
    for item in rules.ITEMS:
        assert 0 <= sum(said.of(item, one) for one in Outcome) <= rules.times(due, item)
        for outcome in Outcome:
            came = sum(move.times for name, move in log if name == item and move.outcome is outcome)
            went = sum(move.times for name, move in log if name == item and move.before is outcome)
            assert came - went == said.of(item, outcome), "the entries alone tell where the day stands"
    assert rules.total(due) - rules.total(said.done) - rules.total(said.excused) == rules.missed(due, said) >= 0


def test_without_a_number_an_entry_is_about_what_is_open_and_then_about_all() -> None:
    due = rules.pack({"S01": 3})
    first = rules.with_entry(due, Said(), "S01", Outcome.NOT_DONE, 1, late=False).said
    rest = rules.with_entry(due, first, "S01", Outcome.DONE, late=False)
    assert (rest.said.of("S01", Outcome.DONE), rest.corrects) == (2, False)
    all_of_it = rules.with_entry(due, rest.said, "S01", Outcome.DONE, late=False)
    assert (all_of_it.said.of("S01", Outcome.DONE), all_of_it.corrects) == (3, True)


@pytest.mark.parametrize("year", [2026, 2027, 2028])
@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_every_frequency_counts_right_over_months_years_and_leap_days(frequency: str, year: int) -> None:
    """Day by day and in one go, across month ends, New Year and 29 February."""
    first, last = dt.date(year, 1, 1), dt.date(year + 1, 1, 10)
    asked = rules.parse_frequency(frequency)
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    counted = {day: rules.times_due(asked, day) for day in days}
    for month in range(1, 13):
        end = dt.date(year, month, calendar.monthrange(year, month)[1])
        start = end.replace(day=1)
        inside = sum(n for day, n in counted.items() if start <= day <= end)
        assert rules.services_due(frequency, start, end) == inside
        if asked.period == "d":
            assert inside == asked.times * (end - start).days + asked.times
        if asked.period == "m":
            assert inside == asked.times
    whole = sum(n for day, n in counted.items() if day.year == year)
    if asked.period in {"y", "q"}:
        assert whole == asked.times * (4 if asked.period == "q" else 1)
    leap = dt.date(2028, 2, 29)
    if year == 2028 and asked.period == "d":
        assert counted[leap] == asked.times


@pytest.mark.parametrize(
    ("frequency", "due", "by"),
    [
        ("q2h", 12, {0: 0, 6: 3, 14: 7, 22: 11, 24: 12}),
        ("q2hD", 8, {0: 0, 6: 0, 14: 4, 22: 8, 24: 8}),
        ("3/d", 3, {6: 0, 14: 2, 22: 3, 24: 3}),
        ("6/d", 6, {6: 0, 14: 3, 22: 6, 24: 6}),
        ("1/w", 1, {6: 0, 14: 1, 22: 1, 24: 1}),
        ("1/w", 0, {6: 0, 14: 0, 24: 0}),
    ],
)
def test_what_belongs_before_the_end_of_a_shift(frequency: str, due: int, by: dict[int, int]) -> None:
    assert {hour: rules.expected_by(frequency, due, hour) for hour in by} == by


@settings(max_examples=30)
@given(st.sampled_from(FREQUENCIES), st.integers(0, 23))
def test_expectation_grows_with_the_clock_and_ends_with_all(frequency: str, hour: int) -> None:
    due = rules.times_due(rules.parse_frequency(frequency), dt.date(2026, 3, 10))
    assert 0 <= rules.expected_by(frequency, due, hour) <= rules.expected_by(frequency, due, hour + 1) <= due
    assert rules.expected_by(frequency, due, 0) == 0
    assert rules.expected_by(frequency, due, 24) == due


def test_a_turn_at_two_in_the_morning_belongs_to_its_own_day() -> None:
    """q2h across midnight: three before six o'clock, twelve on every calendar day, also on 28 and 29 February 2028."""
    for day in (dt.date(2028, 2, 28), dt.date(2028, 2, 29), dt.date(2028, 12, 31)):
        assert rules.times_due(rules.parse_frequency("q2h"), day) == 12
    assert rules.expected_by("q2h", 12, 2) == 1
