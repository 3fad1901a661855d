"""Delivered of due: what nobody recorded is missed, what was not needed is not due, and every way of counting agrees."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from app.care import queries, rules
from app.care.queries import CompletionRow, Wanted
from app.core.transaction import transaction
from app.people import operations as people
from tests.care.world import DAY, FIRST, TODAY, planned, record
from tests.factories import VILLAGE_A, caregiver

WEEK = Wanted(FIRST, FIRST + 6 * DAY)
"""Sunday 1 March to Saturday 7 March 2026."""
HOSPITAL = {"outcome": "not_needed", "reason": "hospital"}
REFUSED = {"outcome": "not_done", "reason": "refused"}


def _sums(rows: list[CompletionRow]) -> tuple[int, int, int]:
    return sum(r.done for r in rows), sum(r.due for r in rows), sum(r.late for r in rows)


def _due(plan: Any, first: dt.date, last: dt.date, *items: str) -> int:
    return sum(
        rules.due_days(line["frequency"], first, last) for line in plan.lines if not items or line["item"] in items
    )


@pytest.mark.parametrize("group", queries.GROUPS)
def test_a_week_nobody_recorded_is_a_week_missed(county: Any, group: str) -> None:
    """Silence is not success, whichever way one counts."""
    plan = planned(county)
    rows = queries.completion(county.actor("township_officer_a"), WEEK, group)
    assert _sums(rows) == (0, _due(plan, FIRST, FIRST + 6 * DAY), 0)
    assert {r.percent for r in rows if r.due} == {0}


@pytest.mark.parametrize("group", queries.GROUPS)
def test_every_way_of_counting_gives_the_same_sums(county: Any, group: str) -> None:
    """One day done, one excused, one with a refusal, one late, the rest silent; a second person in the next village."""
    plan = planned(county)
    planned(county, "丙老人", "a")
    due = rules.items_of(rules.due_mask(plan.lines, FIRST))
    record(county, FIRST, dict.fromkeys(due, "done"))
    record(county, FIRST + DAY, dict.fromkeys(rules.items_of(rules.due_mask(plan.lines, FIRST + DAY)), HOSPITAL))
    record(county, FIRST + 2 * DAY, {"S01": REFUSED, "S02": "done"})
    rows = queries.completion(county.actor("township_officer_a"), WEEK, group)
    other = _due(planned_of(county, "丙老人"), FIRST, FIRST + 6 * DAY)
    excused = rules.due_mask(plan.lines, FIRST + DAY).bit_count()
    wanted = _due(plan, FIRST, FIRST + 6 * DAY) - excused + (0 if group == "caregiver" else other)
    done = len(due) + 1
    assert _sums(rows) == (done, wanted, done + excused + 1)


def planned_of(county: Any, name: str) -> Any:
    """The plan of a resident today."""
    return queries.plan_on(county.resident(name).id, TODAY)


def test_one_item_one_person_one_day(county: Any) -> None:
    """Each figure opens the list behind it, and that list adds up to the figure."""
    plan = planned(county)
    record(county, FIRST, {"S01": "done", "S02": REFUSED})
    actor, resident = county.actor("township_officer_a"), county.resident().id
    meals = Wanted(WEEK.first, WEEK.last, item="S01")
    assert [(r.key, r.done, r.due) for r in queries.completion(actor, meals, "item")] == [("S01", 1, 7)]
    assert [(r.key, r.done, r.due) for r in queries.completion(actor, meals, "resident")] == [(resident, 1, 7)]
    days = queries.completion(actor, Wanted(WEEK.first, WEEK.last, resident_id=resident, item="S01"), "day")
    assert [(r.key, r.done, r.due) for r in days] == [(FIRST + n * DAY, int(n == 0), 1) for n in range(7)]
    village = Wanted(WEEK.first, WEEK.last, area=VILLAGE_A)
    assert _sums(queries.completion(actor, village, "village")) == (1, _due(plan, WEEK.first, WEEK.last), 2)


def test_recorded_days_stay_with_who_recorded_them(county: Any) -> None:
    """The caregiver changed: the old one keeps the days recorded, silence falls to the one responsible now."""
    plan = planned(county)
    due = rules.items_of(rules.due_mask(plan.lines, FIRST))
    record(county, FIRST, dict.fromkeys(due, "done"))
    old = county.caregiver().id
    new = caregiver("新护理员").id
    with transaction() as tx:
        tx.act = "test.hand_over"
        county.resident().caregiver_id = new
    rows = queries.completion(county.actor("township_officer_a"), WEEK, "caregiver")
    found = {row.key: (row.done, row.due) for row in rows}
    rest = _due(plan, FIRST, FIRST + 6 * DAY) - len(due)
    assert found == {old: (len(due), len(due)), new: (0, rest)}
    only = Wanted(WEEK.first, WEEK.last, caregiver_id=new)
    for group in queries.GROUPS:
        assert _sums(queries.completion(county.actor("township_officer_a"), only, group))[:2] == (0, rest)


def test_days_without_a_plan_and_after_the_end_of_support_ask_for_nothing(county: Any) -> None:
    plan = planned(county)
    people.end_support(county.actor("township_officer_a"), county.resident().id, FIRST + 2 * DAY, False, "迁出")
    actor = county.actor("township_officer_a")
    wide = Wanted(FIRST - 20 * DAY, TODAY)
    for group in queries.GROUPS:
        assert _sums(queries.completion(actor, wide, group))[1] == _due(plan, FIRST, FIRST + 2 * DAY)
    assert queries.completion(actor, Wanted(FIRST - 20 * DAY, FIRST - DAY), "day") == []


def test_nobody_sees_the_completion_of_others(county: Any) -> None:
    """Scope by township, institution and caregiver."""
    planned(county)
    for who in ("township_officer_b", "village_officer_b", "institution_manager_a", "caregiver_b"):
        for group in queries.GROUPS:
            assert _sums(queries.completion(county.actor(who), WEEK, group)) == (0, 0, 0)
    assert _sums(queries.completion(county.actor("caregiver_a"), WEEK, "resident"))[1] > 0


def test_the_heat_map_shows_silence_as_missed_and_no_duty_as_empty(county: Any) -> None:
    plan = planned(county, case="whole")
    quiet = next(FIRST + n * DAY for n in range(7) if not rules.due_mask(plan.lines, FIRST + n * DAY))
    busy = next(FIRST + n * DAY for n in range(7) if rules.due_mask(plan.lines, FIRST + n * DAY))
    ((row, cells),) = queries.heat(county.actor("township_officer_a"), WEEK)
    assert row.key == county.resident().id
    assert (cells[quiet], cells[busy]) == (None, 0)
    record(county, busy, dict.fromkeys(rules.items_of(rules.due_mask(plan.lines, busy)), "done"))
    ((_row, cells),) = queries.heat(county.actor("township_officer_a"), WEEK)
    assert cells[busy] == 100


def test_percent_is_rounded_down() -> None:
    """100 % means all of it."""
    assert CompletionRow("x", "", 0, 999, 1000, 0).percent == 99
    assert CompletionRow("x", "", 0, 0, 0, 0).percent is None
