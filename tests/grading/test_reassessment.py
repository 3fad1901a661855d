"""Each trigger of a re-assessment, its days of grace by the calendar of the State Council, and what is overdue too long."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from app.auth.roles import system_actor
from app.care.operations import report_incident
from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden
from app.grading import operations
from app.grading.jobs import JOBS
from app.grading.models import ReassessmentDue
from app.grading.queries import due as due_queries
from app.people import operations as people
from tests.factories import County
from tests.grading.sheets import noon, proposed, submitted

D = dt.date
JOB = {job.name: job.run for job in JOBS}


def graded(county: County) -> int:
    """A resident assessed and graded on 5 January, so that nothing is due."""
    with clock.at(noon(D(2026, 1, 5))):
        operations.decide_grade(county.actor("county_officer_a"), proposed(county).id, 1)
    return county.resident().id


def notes() -> list[tuple[str, dt.date]]:
    """Open notes: cause and last day."""
    rows = db.session.scalars(
        select(ReassessmentDue).where(ReassessmentDue.closed_by_sheet_id.is_(None)).order_by(ReassessmentDue.id)
    ).unique()
    return [(row.cause, row.due_on) for row in rows]


def names(county: County, cause: str) -> list[str]:
    """Who stands on the due list for a cause."""
    return [r.name for r in db.session.scalars(due_queries.due_list(county.actor("assessor_a"), cause=cause)).unique()]


def test_a_reported_change_is_due_in_ten_working_days_over_the_festival(county: County) -> None:
    person = graded(county)
    with clock.at(noon(D(2026, 2, 12))):  # spring festival 15 to 23 February, worked on 14 and 28 February
        operations.report_change(county.actor("village_officer_a"), person, "change", "起不了床")
        operations.report_change(county.actor("village_officer_a"), person, "change", "吃不下饭")
        assert notes() == [("change", D(2026, 3, 4))]
        assert names(county, "change") == ["甲老人"]
        assert names(county, "overdue") == []
    with clock.at(noon(D(2026, 3, 5))):
        assert names(county, "overdue") == ["甲老人"]
        sheet = submitted(county, reason_code="3")
        assert sheet.reason_code == "3"
        assert notes() == []


def test_a_return_from_hospital_is_noticed_once_and_counts_from_the_day_back(county: County) -> None:
    person = graded(county)
    township = county.actor("township_officer_a")
    with clock.at(noon(D(2026, 3, 10))):
        absence = people.record_absence(township, person, "hospital", D(2026, 3, 2))
        assert JOB["discharges"](D(2026, 3, 10)).startswith("0 ")
        people.close_absence(township, absence.id, D(2026, 3, 8))
        assert JOB["discharges"](D(2026, 3, 10)).startswith("1 ")
        assert JOB["discharges"](D(2026, 3, 11)).startswith("0 ")
        assert notes() == [("hospital", D(2026, 3, 23))]  # ten working days after Monday, 9 March
        assert names(county, "hospital") == ["甲老人"]
    with clock.at(noon(D(2026, 3, 12))):
        submitted(county, reason_code="3")
        assert JOB["discharges"](D(2026, 3, 12)).startswith("0 ")
        assert notes() == []


def test_leave_is_no_hospital_and_a_discharge_reported_by_hand_is_not_noted_again(county: County) -> None:
    person = graded(county)
    township = county.actor("township_officer_a")
    with clock.at(noon(D(2026, 3, 10))):
        away = people.record_absence(township, person, "leave", D(2026, 3, 1))
        people.close_absence(township, away.id, D(2026, 3, 3))
        stay = people.record_absence(township, person, "hospital", D(2026, 3, 5))
        people.close_absence(township, stay.id, D(2026, 3, 9))
        operations.report_change(county.actor("village_officer_a"), person, "hospital", "骨折出院")
        assert JOB["discharges"](D(2026, 3, 10)).startswith("0 ")
        assert len(notes()) == 1


@pytest.mark.parametrize(
    ("kinds", "days", "due"),
    [
        (("fall", "fall"), (D(2026, 3, 1), D(2026, 3, 30)), True),
        (("fall", "choking"), (D(2026, 3, 1), D(2026, 3, 30)), True),
        (("fall", "fall"), (D(2026, 3, 1), D(2026, 3, 31)), False),
        (("fall", "pressure_sore"), (D(2026, 3, 20), D(2026, 3, 30)), False),
        (("fall", "fall"), (D(2026, 3, 30), D(2026, 3, 1)), True),  # the earlier one was told later
        (("fall",), (D(2026, 3, 30),), False),
    ],
)
def test_two_accidents_in_thirty_days(county: County, kinds: tuple[str, ...], days: tuple[Any, ...], due: bool) -> None:
    person = graded(county)
    worker = county.actor("village_officer_a")
    with clock.at(noon(D(2026, 4, 1))):
        for kind, day in zip(kinds, days, strict=True):
            report_incident(worker, person, kind=kind, happened_on=day, severity="minor", note="已处理")
        assert notes() == ([("accidents", D(2026, 4, 16))] if due else [])  # 清明: 4–6 April are off
        assert names(county, "accidents") == (["甲老人"] if due else [])


def test_six_months_are_opened_before_they_are_over(county: County) -> None:
    graded(county)
    with clock.at(noon(D(2026, 6, 10))):
        assert JOB["reassessments-due"](D(2026, 6, 10)).startswith("1 ")
        assert notes() == [("regular", D(2026, 7, 5))]


def test_what_is_overdue_for_too_long_goes_to_the_county_once(county: County) -> None:
    person = graded(county)
    with clock.at(noon(D(2026, 3, 2))):
        operations.report_change(county.actor("village_officer_a"), person, "change", "起不了床")
        assert notes() == [("change", D(2026, 3, 16))]
    with clock.at(noon(D(2026, 3, 23))):  # five working days late
        assert JOB["assessments-overdue"](D(2026, 3, 23)).startswith("0 ")
        assert names(county, "escalated") == []
    with clock.at(noon(D(2026, 3, 24))):
        assert JOB["assessments-overdue"](D(2026, 3, 24)).startswith("1 ")
        assert JOB["assessments-overdue"](D(2026, 3, 24)).startswith("0 ")
        assert names(county, "escalated") == ["甲老人"]
        submitted(county, reason_code="3")
        assert names(county, "escalated") == []


def test_jobs_are_for_the_system_only_and_say_what_they_did(county: County) -> None:
    assert operations.escalate(system_actor(), D(2026, 1, 1)) == 0
    with pytest.raises(Forbidden):
        operations.escalate(county.actor("county_officer_a"), D(2026, 1, 1))
