"""Recording a day: nothing guessed, nothing overwritten in silence, lateness marked, a round in one act."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select

from app.care import operations, queries, rules
from app.care.models import ChecklistDay, ChecklistNote
from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Invalid, NotFound, Refused
from app.core.models import AuditEntry
from app.people import operations as people
from app.people.models import AbsenceKind
from tests.care.world import DAY, FIRST, TODAY, due, planned, record, said, stored
from tests.grading.sheets import noon

REFUSED = {"outcome": "not_done", "reason": "refused"}


def _notes() -> list[ChecklistNote]:
    db.session.rollback()
    return list(db.session.scalars(select(ChecklistNote).order_by(ChecklistNote.id)))


def test_what_was_done_is_on_record(county: Any) -> None:
    """Who, for whom, which plan, what was due that day."""
    plan = planned(county)
    record(county, TODAY, {"S01": "done", "S02": "done"})
    row = stored(county, TODAY)
    assert row is not None
    assert rules.counts(row.done) == {"S01": 3, "S02": 2}
    assert (row.plan_id, row.late_mask, row.excused, row.not_done_mask) == (plan.id, 0, 0, 0)
    assert row.recorded_by == county.user("caregiver_a").id
    assert row.caregiver_id == county.caregiver().id
    assert _notes() == []


@pytest.mark.parametrize(
    ("entry", "item"),
    [
        ({"outcome": "not_done"}, "S01"),
        ({"outcome": "not_needed", "reason": "nonsense"}, "S01"),
        ({"outcome": "not_done", "reason": "other"}, "S01"),
        ({"outcome": "maybe"}, "S01"),
        ({"outcome": "done"}, "S99"),
    ],
)
def test_an_exception_without_its_reason_stores_nothing(county: Any, entry: dict[str, str], item: str) -> None:
    """Not done and not needed say why; "another reason" says it in words; other items than the plan's are refused."""
    planned(county)
    with pytest.raises(Invalid) as refused:
        record(county, TODAY, {"S02": "done", item: entry})
    assert set(refused.value.errors) == {item}
    assert stored(county, TODAY) is None


def test_an_item_the_plan_does_not_ask_is_refused(county: Any) -> None:
    """A self-caring person is not turned in bed."""
    planned(county, case="whole")
    with pytest.raises(Invalid) as refused:
        record(county, TODAY, {"S06": "done"})
    assert set(refused.value.errors) == {"S06"}


def test_as_needed_care_is_recorded_without_being_due(county: Any) -> None:
    planned(county)
    record(county, TODAY, {"S10": {"outcome": "done", "note": "陪同复诊"}})
    row = stored(county, TODAY)
    assert row is not None
    assert row.done == 0
    record(county, TODAY, {"S10": {"outcome": "done", "times": 2}})
    with pytest.raises(Invalid):
        record(county, TODAY, {"S10": {"outcome": "done", "times": 2}})
    assert [(note.note, note.times, note.extra) for note in _notes()] == [("陪同复诊", 1, True), (None, 1, True)]
    assert queries.day_states([county.resident()], TODAY)[0].items["S10"].extra == 2


def test_a_correction_needs_a_reason_and_is_another_entry(county: Any) -> None:
    """The first word stays in the log, the new one stands beside it with who, when and why."""
    planned(county)
    record(county, TODAY, {"S01": "done"})
    with pytest.raises(Invalid) as refused:
        record(county, TODAY, {"S01": REFUSED})
    assert refused.value.field == "reason"
    record(county, TODAY, {"S01": REFUSED}, reason="记错了人")
    assert said(county, TODAY) == {"done": {}, "not_done": {"S01": 3}, "excused": {}}
    (note,) = _notes()
    assert (note.correction, note.outcome, note.reason_code, note.note) == (True, "not_done", "refused", "记错了人")
    assert (note.before, note.times) == ("done", 3)
    acts = list(db.session.scalars(select(AuditEntry).where(AuditEntry.act == "checklist.record")))
    assert len(acts) == 2
    assert acts[-1].reason == "记错了人"


def test_saying_the_same_again_adds_nothing(county: Any) -> None:
    """A double tap is no correction."""
    planned(county)
    record(county, TODAY, {"S01": "done"})
    with pytest.raises(Invalid):
        record(county, TODAY, {"S01": "done"})
    assert _notes() == []


def test_late_entries_are_marked_for_ever(county: Any) -> None:
    """More than 24 hours after the day; a correction in words does not wash it off."""
    planned(county)
    record(county, TODAY - 2 * DAY, {"S01": "done"})
    record(county, TODAY - 1 * DAY, {"S01": "done"})
    late, in_time = stored(county, TODAY - 2 * DAY), stored(county, TODAY - DAY)
    assert late is not None
    assert in_time is not None
    assert (rules.items_of(late.late_mask), in_time.late_mask) == (["S01"], 0)
    record(county, TODAY - 2 * DAY, {"S01": REFUSED}, reason="核对后更正")
    late = stored(county, TODAY - 2 * DAY)
    assert late is not None
    assert rules.items_of(late.late_mask) == ["S01"]


@pytest.mark.parametrize("shift", [1, -9, -93])
def test_days_to_come_before_the_plan_and_long_past_are_refused(county: Any, shift: int) -> None:
    """Tomorrow; a day without plan; more than three months back."""
    planned(county)
    with pytest.raises((Invalid, Refused)):
        record(county, TODAY + (shift if shift != -9 else -10) * DAY, {"S01": "done"})
    assert db.session.scalar(select(func.count()).select_from(ChecklistDay)) == 0


def test_nothing_is_recorded_after_the_end_of_support(county: Any) -> None:
    """The last day itself counts."""
    planned(county)
    people.end_support(county.actor("township_officer_a"), county.resident().id, TODAY - DAY, True, "去世")
    record(county, TODAY - DAY, {"S01": "done"})
    with pytest.raises(Invalid):
        record(county, TODAY, {"S01": "done"})


def test_only_those_who_care_record(county: Any) -> None:
    """The own caregiver; not a neighbour's, not an officer."""
    planned(county)
    with pytest.raises(NotFound):
        record(county, TODAY, {"S01": "done"}, who="caregiver_b")
    for role in ("township_officer_a", "county_officer_a", "auditor", "village_officer_a"):
        with pytest.raises(Forbidden):
            record(county, TODAY, {"S01": "done"}, who=role)


def test_the_whole_round_as_planned_leaves_exceptions_alone(county: Any) -> None:
    """Two minutes for the ward: exceptions first, the rest in one act, and a second tap adds nothing."""
    plan = planned(county, "丙老人")
    worker = county.actor("care_worker_a")
    record(county, TODAY, {"S04": REFUSED}, "丙老人", "care_worker_a")
    asked = due(plan, TODAY)
    done = operations.record_round(worker, TODAY, [county.resident("丙老人").id])
    frequencies = {line["item"]: line["frequency"] for line in plan.lines}
    by_two = {i: n for i in asked if (n := rules.expected_by(frequencies[i], asked[i], 14)) and i != "S04"}
    assert (done.residents, done.done, done.away, done.without_plan) == (1, sum(by_two.values()), 0, 0)
    assert said(county, TODAY, "丙老人") == {
        "done": by_two,
        "not_done": {"S04": 2},
        "excused": {},
    }
    with pytest.raises(Invalid):
        operations.record_round(worker, TODAY, [county.resident("丙老人").id])
    rounds = db.session.scalar(select(func.count()).where(AuditEntry.act == "checklist.round"))
    assert rounds == 1


def test_who_is_away_is_recorded_as_not_needed(county: Any) -> None:
    """Nobody was washed who lies in hospital; and it does not count as missed."""
    plan = planned(county, "丙老人")
    resident = county.resident("丙老人")
    people.record_absence(county.actor("institution_manager_a"), resident.id, AbsenceKind.HOSPITAL, TODAY - 3 * DAY)
    done = operations.record_round(county.actor("care_worker_a"), TODAY, [resident.id])
    asked = due(plan, TODAY)
    assert (done.done, done.away) == (0, sum(asked.values()))
    assert said(county, TODAY, "丙老人") == {"done": {}, "not_done": {}, "excused": asked}
    assert {note.reason_code for note in _notes()} == {"hospital"}


def test_a_round_with_somebody_elses_resident_records_nothing(county: Any) -> None:
    planned(county, "丙老人")
    ids = [county.resident("丙老人").id, county.resident("丁老人").id]
    with pytest.raises(NotFound):
        operations.record_round(county.actor("care_worker_a"), TODAY, ids)
    assert stored(county, TODAY, "丙老人") is None


def test_a_late_round_is_marked_late(county: Any) -> None:
    planned(county, "丙老人")
    operations.record_round(county.actor("care_worker_a"), FIRST, [county.resident("丙老人").id])
    row = stored(county, FIRST, "丙老人")
    assert row is not None
    assert row.late_mask == rules.mask(row.done) != 0


def test_the_handover_tells_the_last_word_on_each_exception(county: Any) -> None:
    """Refused, then done after all: the correction is told; plain work is not."""
    planned(county, "丙老人")
    actor = county.actor("care_worker_a")
    record(county, TODAY, {"S01": REFUSED, "S02": REFUSED, "S04": "done"}, "丙老人", "care_worker_a")
    with clock.at(noon(TODAY) + dt.timedelta(hours=1)):
        record(county, TODAY, {"S01": "done"}, "丙老人", "care_worker_a", reason="后来吃了")
    found = [(r.name, note.item, note.outcome) for r, note in queries.exceptions(actor, TODAY)]
    assert found == [("丙老人", "S01", "done"), ("丙老人", "S02", "not_done")]
    assert queries.exceptions(county.actor("institution_manager_b"), TODAY) == []


def test_three_meals_are_three(county: Any) -> None:
    """Breakfast refused, hospital at noon, supper done; the same batch twice changes nothing."""
    planned(county)
    batch = {"S01": {"outcome": "not_done", "times": 1, "reason": "refused"}}
    record(county, TODAY, batch)
    with pytest.raises(Invalid):
        record(county, TODAY, batch)
    record(county, TODAY, {"S01": {"outcome": "not_needed", "times": 1, "reason": "hospital"}})
    record(county, TODAY, {"S01": {"outcome": "done", "times": 1}})
    assert said(county, TODAY) == {"done": {"S01": 1}, "not_done": {"S01": 1}, "excused": {"S01": 1}}
    with pytest.raises(Invalid) as refused:
        record(county, TODAY, {"S01": {"outcome": "done", "times": 4}})
    assert set(refused.value.errors) == {"S01"}
    with pytest.raises(Invalid) as refused:
        record(county, TODAY, {"S01": {"outcome": "done", "times": 2}})
    assert refused.value.field == "reason"
    record(county, TODAY, {"S01": {"outcome": "done", "times": 2}}, reason="早饭后来吃了")
    assert said(county, TODAY) == {"done": {"S01": 2}, "not_done": {}, "excused": {"S01": 1}}


def test_a_wrong_tap_is_taken_back_with_a_reason_and_stays_visible(county: Any) -> None:
    planned(county)
    record(county, TODAY, {"S01": {"outcome": "done", "times": 2}})
    record(county, TODAY, {"S01": {"outcome": "done", "times": 1}}, reason="多点了一次")
    assert said(county, TODAY)["done"] == {"S01": 1}
    (note,) = _notes()
    assert (note.outcome, note.before, note.times, note.note) == ("open", "done", 1, "多点了一次")


def test_each_shift_records_its_share_of_the_round(county: Any) -> None:
    """q2h: three turns before six, four by day, four until ten at night, one before midnight."""
    planned(county, "丙老人")
    worker, resident, found = county.actor("care_worker_a"), county.resident("丙老人").id, []
    for hour in (3, 9, 17, 23):
        with clock.at(dt.datetime.combine(TODAY, dt.time(hour), tzinfo=clock.ZONE)):
            operations.record_round(worker, TODAY, [resident])
        found.append(said(county, TODAY, "丙老人")["done"].get("S06", 0))
    assert found == [3, 7, 11, 12]
