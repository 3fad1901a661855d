"""A weekly or monthly service is kept on any day of its period; every range still adds up, and pay follows it."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.care import queries, rules
from app.care.queries import Wanted
from app.core import clock
from app.people import operations as people
from app.people.models import AbsenceKind
from tests.care.world import DAY, FIRST, planned, record
from tests.grading.sheets import noon

MONDAY = dt.date(2026, 3, 2)
LAST = dt.date(2026, 3, 31)


@given(st.dictionaries(st.dates(dt.date(2026, 3, 2), dt.date(2026, 3, 8)), st.integers(0, 1)), st.integers(0, 5))
def test_credits_never_exceed_what_was_missed_nor_what_was_given(missed: dict[dt.date, int], beside: int) -> None:
    found = rules.kept(missed, beside)
    assert sum(found.values()) == min(sum(missed.values()), beside)
    assert all(0 < count <= missed[day] for day, count in found.items())
    open_days = [day for day in sorted(missed) if missed[day]]
    assert list(found) == open_days[: len(found)]  # the earliest first


@given(st.dates(dt.date(2023, 12, 25), dt.date(2028, 1, 5)), st.sampled_from("dwmqy"))
def test_a_day_lies_in_one_period_whose_days_all_name_it(day: dt.date, period: str) -> None:
    first, last = rules.period_of(period, day)
    assert first <= day <= last
    assert {rules.period_of(period, one) for one in (first, last, day)} == {(first, last)}
    assert rules.period_of(period, last + DAY)[0] == last + DAY


def _item(county: Any, item: str, first: dt.date, last: dt.date, group: str = "item") -> tuple[int, int]:
    rows = queries.completion(county.actor("township_officer_a"), Wanted(first, last, item=item), group)
    return sum(row.done for row in rows), sum(row.due for row in rows)


@pytest.mark.parametrize("group", queries.GROUPS)
def test_a_bath_on_wednesday_keeps_the_monday_it_was_due(county: Any, group: str) -> None:
    planned(county, case="whole", S03="1/w")
    with clock.at(noon(LAST)):
        record(county, MONDAY + 2 * DAY, {"S03": "done"})
        assert _item(county, "S03", MONDAY, MONDAY + 6 * DAY, group) == (1, 1)
        assert _item(county, "S03", MONDAY, MONDAY, group) == (1, 1)  # the credit stands on the due day
        assert _item(county, "S03", MONDAY + DAY, MONDAY + 6 * DAY, group) == (0, 0)
        assert _item(county, "S03", MONDAY + 7 * DAY, MONDAY + 13 * DAY, group) == (0, 1)  # the next week is its own
        record(county, MONDAY + 3 * DAY, {"S03": "done"})
        assert _item(county, "S03", MONDAY, MONDAY + 6 * DAY, group) == (1, 1)  # once, however often
        record(county, MONDAY + 2 * DAY, {"S03": {"outcome": "done", "times": "0"}}, reason="记错人")
        record(county, MONDAY + 3 * DAY, {"S03": {"outcome": "done", "times": "0"}}, reason="记错人")
        assert _item(county, "S03", MONDAY, MONDAY + 6 * DAY, group) == (0, 1)


def test_what_was_given_early_is_not_asked_for_again_and_no_day_away_is_kept(county: Any) -> None:
    planned(county, case="whole", S12="2/w")  # Monday and Thursday
    resident = county.resident()
    with clock.at(noon(MONDAY + 3 * DAY)):
        record(county, MONDAY, {"S12": "done"})
        record(county, MONDAY + DAY, {"S12": "done"})
        today = queries.day_states([resident], MONDAY + 3 * DAY)[0].items["S12"]
        assert (today.due, today.kept, today.open) == (1, 1, 0)
        record(county, MONDAY + 3 * DAY, {"S12": "done"})  # done after all: the other one stands beside the plan
        assert _item(county, "S12", MONDAY, MONDAY + 6 * DAY) == (2, 2)
    with clock.at(noon(LAST)):
        week = MONDAY + 7 * DAY
        people.record_absence(county.actor("township_officer_a"), resident.id, AbsenceKind.HOSPITAL, week, week)
        record(county, week + DAY, {"S12": "done"})
        assert _item(county, "S12", week, week + 6 * DAY) == (
            1,
            1,
        )  # Monday away is nobody's; Thursday is kept by Tuesday
        record(county, week + 3 * DAY, {"S12": {"outcome": "not_needed", "reason": "ill"}})
        assert _item(county, "S12", week, week + 6 * DAY) == (0, 0)


def test_a_month_across_its_end_and_a_daily_service_are_kept_by_nothing_else(county: Any) -> None:
    planned(county, case="whole", S08="2/m", S01="3/d")
    with clock.at(noon(dt.date(2026, 4, 20))):
        record(county, dt.date(2026, 4, 2), {"S08": "done"})  # April's own, its first day is missed
        assert _item(county, "S08", FIRST, LAST) == (0, 2)
        assert _item(county, "S08", dt.date(2026, 4, 1), dt.date(2026, 4, 30)) == (1, 2)
        record(county, FIRST, {"S01": {"outcome": "done", "times": "3"}})
        assert _item(county, "S01", FIRST, FIRST + DAY) == (3, 6)


def test_planned_less_delivered_is_missed_for_every_split_of_a_range(county: Any) -> None:
    """Random care on due and other days, with corrections and days away: sums of parts are the sums of the whole, by
    every way of counting, and nothing is delivered beyond what was due.
    """
    planned(county, case="whole", S03="2/w", S07="3/w", S08="2/m", S12="7/w")
    made, end = random.Random(5), FIRST + 27 * DAY
    resident = county.resident()
    with clock.at(noon(LAST)):
        people.record_absence(
            county.actor("township_officer_a"), resident.id, AbsenceKind.LEAVE, FIRST + 9 * DAY, FIRST + 11 * DAY
        )
        for n in made.sample(range(28), 20):
            item = made.choice(["S03", "S07", "S08", "S12"])
            record(county, FIRST + n * DAY, {item: "done"})
            if made.random() < 0.2:
                record(county, FIRST + n * DAY, {item: {"outcome": "done", "times": "0"}}, reason="更正")
        actor = county.actor("township_officer_a")
        whole = queries.completion(actor, Wanted(FIRST, end), "item")
        parts = [queries.completion(actor, Wanted(FIRST + n * DAY, FIRST + n * DAY), "item") for n in range(28)]
        for place, row in enumerate(whole):
            assert (row.done, row.due) == (sum(p[place].done for p in parts), sum(p[place].due for p in parts)), row.key
            assert 0 <= row.missed <= row.due
        for group in queries.GROUPS:
            rows = queries.completion(actor, Wanted(FIRST, end), group)
            assert (sum(r.done for r in rows), sum(r.due for r in rows)) == (
                sum(r.done for r in whole), sum(r.due for r in whole),
            )  # fmt: skip
