"""Delivered of due: what nobody recorded is missed, what was not needed is not due, and every way of counting agrees."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
from typing import Any

import pytest

from app.care import operations, queries, rules
from app.care.queries import CompletionRow, Wanted
from app.core import clock
from app.core.errors import Invalid
from app.core.transaction import transaction
from app.people import operations as people
from app.people.models import AbsenceKind
from tests.care.world import DAY, FIRST, TODAY, drafter, due, planned, record, said
from tests.factories import VILLAGE_A, caregiver
from tests.grading.sheets import noon

WEEK = Wanted(FIRST, FIRST + 6 * DAY)
"""Sunday 1 March to Saturday 7 March 2026."""
HOSPITAL = {"outcome": "not_needed", "reason": "hospital"}
REFUSED = {"outcome": "not_done", "reason": "refused"}


def _sums(rows: list[CompletionRow]) -> tuple[int, int, int]:
    return sum(r.done for r in rows), sum(r.due for r in rows), sum(r.late for r in rows)


def _due(plan: Any, first: dt.date, last: dt.date, *items: str) -> int:
    return sum(
        rules.services_due(line["frequency"], first, last) for line in plan.lines if not items or line["item"] in items
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
    asked = due(plan, FIRST)
    record(county, FIRST, dict.fromkeys(asked, "done"))
    record(county, FIRST + DAY, dict.fromkeys(rules.items_of(rules.due_mask(plan.lines, FIRST + DAY)), HOSPITAL))
    record(county, FIRST + 2 * DAY, {"S01": REFUSED, "S02": "done"})
    rows = queries.completion(county.actor("township_officer_a"), WEEK, group)
    other = _due(planned_of(county, "丙老人"), FIRST, FIRST + 6 * DAY)
    excused = due(plan, FIRST + DAY)
    wanted = _due(plan, FIRST, FIRST + 6 * DAY) - sum(excused.values()) + (0 if group == "caregiver" else other)
    done = sum(asked.values()) + due(plan, FIRST + 2 * DAY)["S02"]
    assert _sums(rows) == (done, wanted, len(asked) + len(excused) + 2)


def planned_of(county: Any, name: str) -> Any:
    """The plan of a resident today."""
    return queries.plan_on(county.resident(name).id, TODAY)


def test_one_item_one_person_one_day(county: Any) -> None:
    """Each figure opens the list behind it, and that list adds up to the figure."""
    plan = planned(county)
    record(county, FIRST, {"S01": "done", "S02": REFUSED})
    actor, resident = county.actor("township_officer_a"), county.resident().id
    meals = Wanted(WEEK.first, WEEK.last, item="S01")
    assert [(r.key, r.done, r.due) for r in queries.completion(actor, meals, "item")] == [("S01", 3, 21)]
    assert [(r.key, r.done, r.due) for r in queries.completion(actor, meals, "resident")] == [(resident, 3, 21)]
    days = queries.completion(actor, Wanted(WEEK.first, WEEK.last, resident_id=resident, item="S01"), "day")
    assert [(r.key, r.done, r.due) for r in days] == [(FIRST + n * DAY, 3 if n == 0 else 0, 3) for n in range(7)]
    village = Wanted(WEEK.first, WEEK.last, area=VILLAGE_A)
    assert _sums(queries.completion(actor, village, "village")) == (3, _due(plan, WEEK.first, WEEK.last), 2)


def test_recorded_days_stay_with_who_recorded_them(county: Any) -> None:
    """The caregiver changed: the old one keeps the days recorded, silence falls to the one responsible now."""
    plan = planned(county)
    asked = due(plan, FIRST)
    record(county, FIRST, dict.fromkeys(asked, "done"))
    record(county, FIRST + DAY, {"S01": {"outcome": "done", "times": 2}})
    old = county.caregiver().id
    new = caregiver("新护理员").id
    with transaction() as tx:
        tx.act = "test.hand_over"
        county.resident().caregiver_id = new
    rows = queries.completion(county.actor("township_officer_a"), WEEK, "caregiver")
    found = {row.key: (row.done, row.due) for row in rows}
    services, second = sum(asked.values()), sum(due(plan, FIRST + DAY).values())
    rest = _due(plan, FIRST, FIRST + 6 * DAY) - services - second
    assert found == {old: (services + 2, services + second), new: (0, rest)}
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


@pytest.mark.parametrize("group", queries.GROUPS)
def test_days_in_hospital_are_nobodys_miss(county: Any, group: str) -> None:
    """What is open on a day away is not due; what was done in the morning before counts."""
    plan = planned(county)
    away = {FIRST + n * DAY for n in (2, 3, 4)}
    record(county, FIRST + 2 * DAY, {"S01": {"outcome": "done", "times": 1}})
    people.record_absence(
        county.actor("township_officer_a"), county.resident().id, AbsenceKind.HOSPITAL, min(away), max(away)
    )
    rows = queries.completion(county.actor("township_officer_a"), WEEK, group)
    asked = sum(sum(due(plan, FIRST + n * DAY).values()) for n in range(7) if FIRST + n * DAY not in away)
    assert _sums(rows)[:2] == (1, asked + 1)


def test_reasons_of_what_was_not_delivered(county: Any) -> None:
    """Refused, hospital; what a correction took back is not told."""
    planned(county)
    record(county, FIRST, {"S01": {"outcome": "not_done", "times": 2, "reason": "refused"}, "S02": HOSPITAL})
    record(county, FIRST, {"S01": {"outcome": "done", "times": 2}}, reason="后来吃了")
    found = queries.reasons(county.actor("township_officer_a"), WEEK)
    assert found == [("not_needed", "hospital", 2), ("not_done", "refused", 1)]
    assert queries.reasons(county.actor("township_officer_b"), WEEK) == []


@pytest.mark.parametrize("seed", range(200 if os.environ.get("LONG_RUNS") else 5))
def test_planned_less_delivered_is_missed_whatever_happens(county: Any, seed: int) -> None:
    """Any entries and corrections under a plan that changes, with days away: counted slowly and counted by the product."""
    chance = random.Random(seed)
    first = planned(county)
    change = FIRST + chance.randint(1, 8) * DAY
    _some_days(county, chance, FIRST, change - DAY)
    with clock.at(noon(change)):
        draft = operations.draft_plan(drafter(county, "甲老人"), first.resident_id, valid_from=change)
        lines = {"S01": {"frequency": "5/d"}, "S12": {"frequency": "q2hD"}}
        operations.update_plan(drafter(county, "甲老人"), draft.id, lines, valid_from=change)
        second = operations.approve_plan(county.actor("county_officer_a"), draft.id)
    _some_days(county, chance, FIRST, TODAY)
    start = FIRST + chance.randint(0, 6) * DAY
    gone = {start + n * DAY for n in range(chance.randint(1, 3))}
    people.record_absence(
        county.actor("township_officer_a"), first.resident_id, AbsenceKind.HOSPITAL, min(gone), max(gone)
    )
    wanted_times = delivered = missed = 0
    for n in range(10):
        day = FIRST + n * DAY
        stands = said(county, day)
        left = due(second if day >= change else first, day)
        done, excused = (sum(stands[kind].values()) for kind in ("done", "excused"))
        rest = sum(left.values()) - done - excused
        wanted_times += done + (0 if day in gone else rest)
        delivered += done
        missed += 0 if day in gone else rest
    kept = _kept_slowly(
        county, {FIRST + n * DAY: second if FIRST + n * DAY >= change else first for n in range(38)}, gone
    )
    delivered, missed = delivered + kept, missed - kept
    wanted = Wanted(FIRST, FIRST + 9 * DAY, resident_id=first.resident_id)
    for group in queries.GROUPS:
        rows = queries.completion(county.actor("township_officer_a"), wanted, group)
        assert _sums(rows)[:2] == (delivered, wanted_times)
        assert sum(row.missed for row in rows) == missed


def _kept_slowly(county: Any, plans: dict[dt.date, Any], gone: set[dt.date]) -> int:
    """Due days of FIRST … TODAY that were kept on another day of their week or month, counted period by period."""
    found = 0
    states = {day: queries.day_states([county.resident()], day)[0] for day in plans}
    for item in rules.ITEMS:
        groups: dict[Any, list[dt.date]] = {}
        for day, plan in plans.items():
            text = next(line["frequency"] for line in plan.lines if line["item"] == item)
            if text.endswith(("/w", "/m")):
                name = day.isocalendar()[:2] if text.endswith("/w") else (day.year, day.month)
                groups.setdefault((text[-1], name), []).append(day)
        for days in groups.values():
            extras, missing = 0, []
            for day in days:
                state = states[day]
                extras += state.extras.get(item, 0)
                open_ = rules.times(state.due, item) - rules.times(state.said.done + state.said.excused, item)
                missing += [day] * (open_ if day not in gone else 0)
            found += sum(1 for day in missing[:extras] if day <= TODAY)
    return found


def _some_days(county: Any, chance: random.Random, first: dt.date, last: dt.date) -> None:
    """Entries, corrections and double taps on days of a range; what is refused is refused."""
    for _n in range(8):
        entry = {
            "outcome": chance.choice(["done", "done", "not_done", "not_needed"]),
            "times": chance.choice(["", 0, 1, 2, 3, 5]),
            "reason": "ill",
        }
        day = first + chance.randint(0, (last - first).days) * DAY
        for _twice in range(2):
            with contextlib.suppress(Invalid):
                record(county, day, {chance.choice(["S01", "S02", "S03", "S06", "S12"]): entry}, reason="核对")
