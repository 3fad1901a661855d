"""An appeal against a care grade: within the publicity, two other assessors, clocks in working days, pay waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Invalid, Refused
from app.core.transaction import transaction
from app.grading import operations, queries
from app.grading.models import CareGrade, GradeAppeal, GradeProposal
from app.grading.queries import appeals
from app.grading.queries import due as due_queries
from app.grading.rules.appeals import NEXT, AppealAct, AppealBy, AppealState, Deadlines, pay_grade
from app.people.models import Assessor
from tests.factories import COUNTY, County
from tests.grading.sheets import proposed, submitted

SignIn = Callable[[str], FlaskClient]
DECIDED = dt.datetime(2026, 1, 12, 2, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def others(county: County) -> dict[str, int]:
    """Two assessors of the same agency who scored nobody yet."""
    with transaction() as tx:
        tx.act = "test.assessors"
        for number in (3, 4):
            db.session.add(
                Assessor(
                    name=f"评估员{number}",
                    search=f"评估员{number}",
                    organisation_id=county.organisation("agency").id,
                    area_code=COUNTY,
                    qualification="medical",
                    certificate_number=f"T-{number}",
                    certificate_valid_to=dt.date(2099, 12, 31),
                )
            )
    return {"first_assessor_id": county.assessor(3).id, "second_assessor_id": county.assessor(4).id}


def decided(county: County, case: str = "d") -> CareGrade:
    """A grade decided on 12 January 2026, in force from 1 February."""
    proposal = proposed(county, case)
    return operations.decide_grade(county.actor("county_officer_a"), proposal.id, proposal.proposed_grade, "同意")


def filed(county: County, grade: CareGrade, who: str = "village_officer_a") -> GradeAppeal:
    """An appeal of the resident entered by the village officer."""
    return operations.file_appeal(
        county.actor(who), grade.id, by=AppealBy.RESIDENT, by_name="甲老人", reason="实际能自己走路"
    )


def second(county: County, case: str, pair: dict[str, int]) -> GradeProposal:
    """The proposal of the second sheet, reviewed where the tiers disagree."""
    found = queries.proposal_of(submitted(county, case, reason_code="4", **pair).id)
    assert found is not None
    return found


def test_the_table_of_an_appeal_is_complete() -> None:
    for state, act in product(AppealState, AppealAct):
        after = NEXT.get((state, act))
        assert (after is None) == (
            (state, act)
            not in {
                (AppealState.OPEN, AppealAct.ASSESS),
                (AppealState.OPEN, AppealAct.WITHDRAW),
                (AppealState.ASSESSED, AppealAct.RETURN),
                (AppealState.ASSESSED, AppealAct.CONFIRM),
                (AppealState.ASSESSED, AppealAct.CHANGE),
            }
        )


def test_clocks_count_working_days_of_the_state_council_and_publicity_calendar_days() -> None:
    days = Deadlines(7, 10, 10, 2, 30, 5, {"selfcare30": 6})
    assert days.published_until(dt.date(2026, 1, 12)).on == dt.date(2026, 1, 19)
    # 12 February 2026 (Thursday): spring festival 15–23 February, worked on 14 and 28 February
    assert days.decide_by(dt.date(2026, 2, 12)).on == dt.date(2026, 3, 4)
    assert not days.decide_by(dt.date(2026, 2, 12)).estimated
    assert days.decide_by(dt.date(2031, 2, 12)).estimated


@pytest.mark.parametrize(
    ("state", "before", "outcome", "paid"),
    [
        (AppealState.OPEN, 2, None, 2),
        (AppealState.OPEN, None, None, None),
        (AppealState.ASSESSED, 1, None, 1),
        (AppealState.CONFIRMED, 2, 3, 3),
        (AppealState.CHANGED, 2, 1, 1),
        (AppealState.WITHDRAWN, 2, None, 3),
    ],
)
def test_pay_waits_and_then_follows_the_outcome(
    state: AppealState, before: int | None, outcome: int | None, paid: int | None
) -> None:
    assert pay_grade(3, before, state, outcome) == paid


def test_an_appeal_is_filed_within_the_publicity_and_once(county: County) -> None:
    with clock.at(DECIDED):
        grade = decided(county)
        with pytest.raises(Forbidden):
            filed(county, grade, "volunteer_a")
        with pytest.raises(Invalid) as caught:
            operations.file_appeal(
                county.actor("village_officer_a"), grade.id, by=AppealBy.GUARDIAN, by_name=" ", reason=""
            )
        assert set(caught.value.errors) == {"by_name", "reason"}
    with clock.at(DECIDED + 8 * DAY), pytest.raises(Refused):
        filed(county, grade)
    with clock.at(DECIDED + 7 * DAY):
        row = filed(county, grade)
        assert (row.filed_on, row.decide_by) == (dt.date(2026, 1, 19), dt.date(2026, 2, 2))
        assert due_queries.open_causes(grade.resident_id) == ["objection"]
        with pytest.raises(Refused):
            filed(county, grade)


def test_a_second_pair_scores_and_both_sheets_stay(county: County) -> None:
    with clock.at(DECIDED):
        grade, pair = decided(county), others(county)
    first = grade.proposal.sheet
    with clock.at(DECIDED + 2 * DAY):
        row = filed(county, grade)
        with pytest.raises(Invalid) as caught:
            submitted(county, "whole", reason_code="4")
        assert set(caught.value.errors) == {"first_assessor_id", "second_assessor_id"}
        with pytest.raises(Invalid):
            submitted(county, "whole", reason_code="4", **{**pair, "second_assessor_id": county.assessor(2).id})
    with clock.at(DECIDED + 4 * DAY):
        proposal = second(county, "whole", pair)
        assert (row.state, row.second_sheet_id) == (AppealState.ASSESSED, proposal.sheet_id)
        with pytest.raises(Refused):
            operations.withdraw_appeal(county.actor("village_officer_a"), row.id, "不要了")
        with pytest.raises(Refused):  # who decided the first time does not decide the appeal
            operations.decide_grade(county.actor("county_officer_a"), proposal.id, 1)
        new = operations.decide_grade(county.actor("county_officer_b"), proposal.id, 1)
    assert (row.state, row.outcome_grade) == (AppealState.CHANGED, 1)
    assert (grade.valid_from, grade.valid_to) == (dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    assert new.valid_from == dt.date(2026, 3, 1)
    assert appeals.first_sheet(row).answers == first.answers != proposal.sheet.answers


def paid(county: County, person: int) -> list[tuple[dt.date, int]]:
    """First days and the grades they are paid by."""
    return [(start, grade) for _r, start, _end, grade in appeals.paid_grades([person], dt.date(2026, 12, 31))]


def test_the_pay_effect_waits_for_the_decision(county: County) -> None:
    february, march = dt.date(2026, 2, 1), dt.date(2026, 3, 1)
    with clock.at(DECIDED - 40 * DAY):
        before, pair = decided(county, "whole"), others(county)
    with clock.at(DECIDED):
        grade = decided(county, "d")
    person = grade.resident_id
    assert paid(county, person) == [(before.valid_from, 1), (february, 3)]
    with clock.at(DECIDED + DAY):
        row = filed(county, grade)
        assert paid(county, person) == [(before.valid_from, 1), (february, 1)]
        proposal = second(county, "d", pair)
        assert paid(county, person) == [(before.valid_from, 1), (february, 1)]
        assert operations.decide_grade(county.actor("county_officer_b"), proposal.id, 3, "维持") is grade
    assert row.state is AppealState.CONFIRMED
    assert paid(county, person) == [(before.valid_from, 1), (february, 3)]
    assert march not in {start for start, _grade in paid(county, person)}


def test_a_returned_second_sheet_reopens_the_appeal_and_withdrawing_restores_the_grade(county: County) -> None:
    with clock.at(DECIDED):
        grade, pair = decided(county), others(county)
    with clock.at(DECIDED + DAY):
        row = filed(county, grade)
        assert paid(county, grade.resident_id) == []
        proposal = second(county, "whole", pair)
        operations.return_proposal(county.actor("county_officer_b"), proposal.id, "缺签名")
        assert (row.state, row.second_sheet_id) == (AppealState.OPEN, None)
        operations.withdraw_appeal(county.actor("township_officer_a"), row.id, "已说明")
    assert paid(county, grade.resident_id) == [(dt.date(2026, 2, 1), 3)]


def test_the_pages_show_clock_and_both_sheets_and_print_the_outcome(county: County, sign_in: SignIn) -> None:
    with clock.at(DECIDED):
        grade, pair = decided(county), others(county)
    with clock.at(DECIDED + DAY):
        village: Any = sign_in("village_officer_a")
        assert "提出异议" in village.get(f"/residents/{grade.resident_id}/grades").text
        assert "2026年1月19日" in village.get(f"/grades/{grade.id}/appeals/new").text
        row = filed(county, grade)
        page = village.get(f"/grade-appeals/{row.id}").text
        assert "还有 10 个工作日" in page
        assert "评估员1" not in page  # who may not read sheets sees none
        assert village.get(f"/grade-appeals/{row.id}/outcome.pdf").status_code == 404
        proposal = second(county, "whole", pair)
        operations.decide_grade(county.actor("county_officer_b"), proposal.id, 1)
        officer = sign_in("county_officer_a")
        page = officer.get(f"/grade-appeals/{row.id}").text
        for words in ("评估员1、评估员2", "评估员3、评估员4", "改变档次"):
            assert words in page
        assert officer.get(f"/grade-appeals/{row.id}/outcome.pdf").data.startswith(b"%PDF")
    with clock.at(DECIDED + 30 * DAY):
        assert "没有异议" in sign_in("county_officer_b").get("/grade-appeals").text
    assert db.session.scalar(select(GradeAppeal.id)) == row.id
