"""Visits and incidents: unanswered stays unanswered, a problem is told in words, avoidable is judged by a person."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from app.care import operations, queries, rules
from app.core import clock
from app.core.errors import Forbidden, Invalid, NotFound, Refused
from app.grading.queries.due import open_causes
from tests.care.test_pages import post
from tests.care.world import DAY, TODAY


def _visit(
    county: Any, who: str = "village_officer_a", name: str = "甲老人", on: dt.date = TODAY, **answers: Any
) -> Any:
    return operations.record_visit(county.actor(who), county.resident(name).id, on, **answers)


def _incident(county: Any, who: str = "caregiver_a", name: str = "甲老人", **fields: Any) -> Any:
    given = {"kind": "fall", "happened_on": TODAY, "severity": "minor", "note": "起身时跌倒", **fields}
    return operations.report_incident(county.actor(who), county.resident(name).id, **given)


def test_questions_nobody_answered_stay_open(county: Any) -> None:
    """No default satisfaction, no default clean bed."""
    row = _visit(county, talked=True)
    assert (row.satisfaction, row.neighbour_view, row.clean, row.skin, row.steady) == (None,) * 5
    assert (row.talked, row.ate_together, row.problem) == (True, False, False)


@pytest.mark.parametrize(
    "answers",
    [{"problem": True}, {"satisfaction": 6}, {"neighbour_view": -1}, {"on": TODAY + DAY}, {"on": TODAY - 93 * DAY}],
)
def test_a_wrong_visit_is_refused(county: Any, answers: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        _visit(county, **answers)


def test_one_visit_a_day_and_only_of_ones_own_people(county: Any) -> None:
    _visit(county)
    with pytest.raises(Invalid):
        _visit(county)
    _visit(county, "volunteer_a")
    with pytest.raises(NotFound):
        _visit(county, "village_officer_b")
    with pytest.raises(Forbidden):
        _visit(county, "caregiver_a")


def test_those_longest_without_a_visit_come_first(county: Any) -> None:
    """Never visited, then the longest ago."""
    actor = county.actor("village_officer_a")
    _visit(county, on=TODAY - 3 * DAY)
    assert [(r.name, last) for r, last in queries.to_visit(actor, TODAY)] == [
        ("丙老人", None),
        ("甲老人", TODAY - 3 * DAY),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "x"},
        {"severity": ""},
        {"note": " "},
        {"happened_on": TODAY + DAY},
        {"happened_on": dt.date(2023, 12, 31)},
    ],
)
def test_a_wrong_report_names_the_field(county: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        _incident(county, **fields)
    assert set(refused.value.errors) == set(fields)


def test_whether_it_was_avoidable_is_judged_once_with_a_reason(county: Any) -> None:
    row = _incident(county)
    assert row.avoidable is None
    with pytest.raises(Forbidden):
        operations.judge_incident(county.actor("township_officer_a"), row.id, avoidable=False, reason="不可避免")
    with pytest.raises(Invalid):
        operations.judge_incident(county.actor("county_officer_a"), row.id, avoidable=True, reason=" ")
    judged = operations.judge_incident(county.actor("county_officer_a"), row.id, avoidable=True, reason="地面湿滑")
    assert (judged.avoidable, judged.judgement) == (True, "地面湿滑")
    with pytest.raises(Refused):
        operations.judge_incident(county.actor("county_officer_b"), row.id, avoidable=False, reason="改判")


def test_incidents_stay_in_their_township(county: Any) -> None:
    row = _incident(county)
    with pytest.raises(NotFound):
        queries.incident(county.actor("township_officer_b"), row.id)
    assert queries.incidents_of_day(county.actor("township_officer_b"), TODAY) == []
    assert [i.id for i in queries.incidents_of_day(county.actor("township_officer_a"), TODAY)] == [row.id]


def test_an_incident_is_closed_once_somebody_was_told_and_something_was_done(county: Any) -> None:
    """Steps are written once; a new assessment is asked for; the clock runs from the time of day when it is known."""
    officer = county.actor("village_officer_a")
    row = operations.report_incident(
        officer,
        county.resident().id,
        kind="fall",
        happened_on=TODAY - DAY,
        severity="medium",
        note="院内滑倒",
        time=dt.time(11),
    )
    assert row.happened_at is not None
    assert not rules.reported_in_time(row.happened_on, row.happened_at, row.reported_at, clock.ZONE)
    assert rules.reported_in_time(row.happened_on, None, row.reported_at, clock.ZONE)
    with pytest.raises(Invalid) as refused:
        operations.add_step(officer, row.id, kind="closed", text="处理完毕")
    assert set(refused.value.errors) == {"step"}
    with pytest.raises(Invalid):
        operations.add_step(officer, row.id, kind="follow_up", text="再去看看")
    for kind, text in (("notified", "已告知镇民政办"), ("measure", "院内铺防滑垫"), ("reassess", "行走明显变差")):
        operations.add_step(officer, row.id, kind=kind, text=text)
    operations.add_step(officer, row.id, kind="follow_up", text="一周后复查", due_on=TODAY + 7 * DAY)
    operations.add_step(officer, row.id, kind="closed", text="处理完毕")
    with pytest.raises(Refused):
        operations.add_step(officer, row.id, kind="measure", text="又做了一件")
    assert [one.kind for one in queries.steps_of(row.id)] == ["notified", "measure", "reassess", "follow_up", "closed"]
    assert open_causes(county.resident().id) == ["change"]
    with pytest.raises(NotFound):
        operations.add_step(county.actor("village_officer_b"), row.id, kind="measure", text="不是本村")


YES = dict.fromkeys(rules.VOICE, True)


def test_the_residents_own_voice_counts_for_the_scorecard_only_when_all_was_answered_alone(county: Any) -> None:
    officer, resident = county.actor("village_officer_a"), county.resident().id
    with pytest.raises(Invalid) as refused:
        operations.hear_resident(officer, resident, YES, alone=False)
    assert refused.value.field == "alone"
    with pytest.raises(Invalid):
        operations.hear_resident(officer, resident, {}, alone=True)
    row = operations.hear_resident(officer, resident, YES | {"kind": None, "stay": False}, alone=True, words="想家")
    assert (row.satisfaction, row.caregiver_present, row.note) == (None, False, "想家")
    assert row.voice == YES | {"kind": None, "stay": False}
    with pytest.raises(Invalid):
        operations.hear_resident(officer, resident, YES, alone=True)  # once a visit: nobody asks until it fits
    other = operations.hear_resident(county.actor("volunteer_a"), resident, YES | {"food": False}, alone=True)
    assert other.satisfaction == 4
    with pytest.raises(NotFound):
        operations.hear_resident(county.actor("village_officer_b"), resident, YES, alone=True)


def test_a_visit_of_the_same_day_takes_the_voice_in_unless_the_caregiver_was_there(county: Any) -> None:
    officer, resident = county.actor("village_officer_a"), county.resident().id
    first = operations.record_visit(officer, resident, clock.today(), ate_together=True, note="一起吃饭")
    heard = operations.hear_resident(officer, resident, YES, alone=True, words="都好")
    assert (heard.id, heard.satisfaction, heard.ate_together, heard.note) == (first.id, 5, True, "一起吃饭\n都好")
    volunteer = county.actor("volunteer_a")
    operations.record_visit(volunteer, resident, clock.today(), caregiver_present=True)
    with pytest.raises(Invalid):
        operations.hear_resident(volunteer, resident, YES, alone=True)


def test_the_form_of_the_voice_is_large_and_reads_aloud(county: Any, sign_in: Any) -> None:
    browser = sign_in("village_officer_a")
    address = f"/residents/{county.resident().id}/voice"
    page = browser.get(address).get_data(as_text=True)
    assert page.count("data-speak=") == len(rules.VOICE)
    posted = post(browser, address, alone="y", food="1", clean="0")
    assert posted.status_code == 302
    assert "不想说" in browser.get(posted.location).get_data(as_text=True)
