"""From a sheet to a care grade on a real database."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Invalid, NotFound, Refused
from app.core.models import AuditEntry
from app.core.transaction import transaction
from app.grading import operations, queries
from app.grading.models import CareGrade, GradeProposal, ReassessmentDue, Sheet
from app.grading.operations.sheets import version_of
from app.grading.queries import due as due_queries
from app.grading.rules import ProposalState, SheetState
from app.people.models import ResidentStatus
from tests.grading.sheets import answers, facts, head, noon, proposed, submitted

D = dt.date


def test_the_whole_way_when_both_tiers_agree(county: Any) -> None:
    with clock.at(noon(D(2026, 3, 20))):
        proposal = proposed(county, "a")
        assert (proposal.state, proposal.proposed_grade, proposal.sheet.total) == (ProposalState.PROPOSED, 2, 95)
        grade = operations.decide_grade(county.actor("county_officer_a"), proposal.id, 2)
    assert (grade.grade, grade.valid_from, grade.valid_to) == (2, D(2026, 4, 1), None)
    assert queries.grade_on(proposal.resident_id, D(2026, 3, 31)) is None
    assert queries.grade_on(proposal.resident_id, D(2026, 4, 1)) is grade


@pytest.mark.parametrize(
    ("case", "total", "statutory", "score", "proposed_grade", "agree"),
    [("a", 95, 2, 2, 2, True), ("b", 75, 3, 2, 3, False), ("c", 85, 1, 2, 1, False), ("d", 30, 3, 3, 3, True)],
)
def test_the_four_cases_of_the_county_rule(
    county: Any, case: str, total: int, statutory: int, score: int, proposed_grade: int, agree: bool
) -> None:
    sheet = submitted(county, case)
    assert (sheet.total, sheet.statutory_grade, sheet.score_grade) == (total, statutory, score)
    assert (sheet.proposed_grade, sheet.tiers_agree) == (proposed_grade, agree)


def test_disagreeing_tiers_need_a_review_with_a_reason_and_a_reasoned_decision(county: Any) -> None:
    proposal = proposed(county, "b")
    officer, reviewer = county.actor("county_officer_a"), county.actor("county_reviewer")
    assert proposal.state is ProposalState.REVIEW
    with pytest.raises(Refused):
        operations.decide_grade(officer, proposal.id, 3, "六项中五项未达到")
    with pytest.raises(Invalid) as no_reason:
        operations.review_proposal(reviewer, proposal.id, 3, "  ")
    assert "reason" in no_reason.value.errors
    assert queries.proposal(reviewer, proposal.id).state is ProposalState.REVIEW
    operations.review_proposal(reviewer, proposal.id, 3, "法定档次为照料护理档次的依据")
    with pytest.raises(Invalid):
        operations.decide_grade(officer, proposal.id, 3)
    grade = operations.decide_grade(officer, proposal.id, 3, "同意复核意见")
    assert grade.grade == 3
    kept = queries.proposal(officer, proposal.id)
    assert (kept.reviewed_grade, kept.review_reason) == (3, "法定档次为照料护理档次的依据")


def test_missing_answers_are_refused_by_name_and_nothing_is_stored(county: Any) -> None:
    actor = county.actor("assessor_a")
    row = operations.open_sheet(actor, county.resident().id)
    given = answers()
    del given["4.2"], given["B.3.3"]
    operations.save_draft(actor, row.id, answers=given, facts={"falls": 0}, first_assessor_id=county.assessor(1).id)
    with pytest.raises(Invalid) as refused:
        operations.submit_sheet(actor, row.id)
    missing = set(refused.value.errors)
    assert {"answers.4.2", "answers.B.3.3", "facts.dementia", "second_assessor_id", "informant_name"} <= missing
    assert "answers.4.1" not in missing
    assert queries.sheet(actor, row.id).state is SheetState.DRAFT
    assert db.session.scalars(select(GradeProposal)).first() is None


def test_coma_alone_is_enough_and_goes_to_the_second_review(county: Any) -> None:
    actor = county.actor("assessor_a")
    row = operations.open_sheet(actor, county.resident().id)
    operations.save_draft(actor, row.id, answers={"B.3.1": 3}, **head(county))
    sheet = operations.submit_sheet(actor, row.id)
    assert (sheet.ability_level, sheet.statutory_grade, sheet.total) == (3, 3, None)
    found = queries.proposal_of(sheet.id)
    assert found is not None
    assert found.state is ProposalState.REVIEW


def test_a_draft_survives_and_keeps_what_was_not_sent_again(county: Any) -> None:
    actor = county.actor("assessor_a")
    row = operations.open_sheet(actor, county.resident().id)
    operations.save_draft(actor, row.id, answers={"1.1": "A1", "1.2": "A0"}, notes="饭后")
    operations.save_draft(actor, row.id, answers={"1.2": None, "1.3": "A2"})
    sheet_id = row.id
    db.session.remove()
    again = operations.open_sheet(county.actor("assessor_b"), county.resident().id)
    assert again.id == sheet_id
    assert again.answers == {"1.1": "A1", "1.3": "A2"}
    assert again.notes == "饭后"


def test_an_older_window_does_not_overwrite_a_newer_draft(county: Any) -> None:
    actor = county.actor("assessor_a")
    row = operations.open_sheet(actor, county.resident().id)
    seen = version_of(row)
    operations.save_draft(actor, row.id, version=seen, answers={"1.1": "A1"})
    with pytest.raises(Refused):
        operations.save_draft(actor, row.id, version=seen, answers={"1.1": "A4"})
    assert queries.sheet(actor, row.id).answers == {"1.1": "A1"}


def test_a_saved_tap_names_only_what_changed_in_the_audit_log(county: Any) -> None:
    actor = county.actor("assessor_a")
    row = operations.open_sheet(actor, county.resident().id)
    operations.save_draft(actor, row.id, answers=answers())
    operations.save_draft(actor, row.id, answers={"7.1": "A3"})
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.act, entry.changes) == ("sheet.save", '{"answers.7.1":["A0","A3"]}')


@pytest.mark.parametrize(
    "wrong",
    [
        {"answers": {"1.1": "A9"}},
        {"answers": {"1.1": 0}},
        {"answers": {"B.2.1": True}},
        {"answers": {"11.1": "A0"}},
        {"answers": ["A0"]},
        {"facts": {"falls": 9}},
        {"reason_code": "9"},
        {"informant_relation": "0"},
        {"informant_name": "长" * 81},
    ],
)
def test_what_is_not_on_the_form_is_refused(county: Any, wrong: dict[str, Any]) -> None:
    actor = county.actor("assessor_a")
    row = operations.open_sheet(actor, county.resident().id)
    with pytest.raises(Invalid):
        operations.save_draft(actor, row.id, **wrong)
    assert queries.sheet(actor, row.id).answers == {}


def test_the_two_assessors_are_two_people_with_valid_certificates(county: Any) -> None:
    actor = county.actor("assessor_a")
    row = operations.open_sheet(actor, county.resident().id)
    one = county.assessor(1)
    with pytest.raises(Invalid):
        operations.save_draft(actor, row.id, first_assessor_id=one.id, second_assessor_id=one.id)
    with transaction() as tx:
        tx.act = "test.expire"
        county.assessor(2).certificate_valid_to = clock.today() - dt.timedelta(days=1)
    operations.save_draft(actor, row.id, answers=answers(), facts=facts(), **head(county))
    with pytest.raises(Invalid) as refused:
        operations.submit_sheet(actor, row.id)
    assert list(refused.value.errors) == ["second_assessor_id"]


def test_a_day_in_the_future_is_refused(county: Any) -> None:
    with pytest.raises(Invalid) as refused:
        submitted(county, assessed_on=clock.today() + dt.timedelta(days=1))
    assert "assessed_on" in refused.value.errors


def test_a_submitted_sheet_changes_no_more(county: Any) -> None:
    sheet = submitted(county)
    actor = county.actor("assessor_a")
    for act in (operations.submit_sheet, operations.discard_sheet):
        with pytest.raises(Refused):
            act(actor, sheet.id)
    with pytest.raises(Refused):
        operations.save_draft(actor, sheet.id, answers={"1.1": "A4"})


def test_one_waiting_proposal_at_a_time(county: Any) -> None:
    proposed(county)
    with pytest.raises(Refused):
        operations.open_sheet(county.actor("assessor_a"), county.resident().id)


def test_a_returned_sheet_leads_to_a_new_assessment(county: Any) -> None:
    proposal = proposed(county)
    operations.return_proposal(county.actor("county_officer_a"), proposal.id, "进食观察与病历不符")
    actor = county.actor("assessor_a")
    due = db.session.scalars(due_queries.due_list(actor, cause="returned")).unique().all()
    assert [r.id for r in due] == [proposal.resident_id]
    again = submitted(county, "a")
    assert again.id != proposal.sheet_id
    assert db.session.scalars(select(ReassessmentDue)).unique().one().closed_by_sheet_id == again.id


def test_the_same_person_with_two_accounts_cannot_decide_or_review(county: Any) -> None:
    proposal = proposed(county, "b")
    officer, reviewer = county.actor("county_officer_a"), county.actor("county_reviewer")
    assessor, second = county.actor("assessor_a"), county.actor("assessor_b")
    for key in (assessor.person_key, second.person_key):
        with pytest.raises(Refused):
            operations.review_proposal(dataclasses.replace(reviewer, person_key=key), proposal.id, 3, "理由充分")
    operations.review_proposal(reviewer, proposal.id, 3, "理由充分")
    for key in (assessor.person_key, second.person_key, reviewer.person_key):
        with pytest.raises(Refused):
            operations.decide_grade(dataclasses.replace(officer, person_key=key), proposal.id, 3, "理由充分")
    assert operations.decide_grade(officer, proposal.id, 3, "理由充分").grade == 3


def test_grades_follow_each_other_without_overlap(county: Any) -> None:
    officer = county.actor("county_officer_a")
    with clock.at(noon(D(2026, 1, 10))):
        operations.decide_grade(officer, proposed(county, "a").id, 2)
    with clock.at(noon(D(2026, 1, 20))):
        second = proposed(county, "d", reason_code="3")
        with pytest.raises(Refused):
            operations.decide_grade(officer, second.id, 3)
    with clock.at(noon(D(2026, 2, 28))):
        operations.decide_grade(officer, second.id, 3)
    first, last = queries.grades_of(officer, second.resident_id)
    assert (first.valid_from, first.valid_to) == (D(2026, 2, 1), D(2026, 2, 28))
    assert (last.valid_from, last.valid_to) == (D(2026, 3, 1), None)


def test_the_database_itself_refuses_overlapping_grades(county: Any) -> None:
    operations.decide_grade(county.actor("county_officer_a"), proposed(county).id, 1)
    row = db.session.scalars(select(CareGrade)).unique().one()
    other = proposed(county, name="乙老人")
    twin = {
        "proposal_id": other.id,
        "grade": 3,
        "instrument": row.instrument,
        "instrument_sha256": row.instrument_sha256,
        "decided_at": clock.now(),
    }

    def add(**fields: Any) -> None:
        with transaction() as tx:
            tx.act = "test.overlap"
            db.session.add(CareGrade(**fields))

    with pytest.raises(DBAPIError, match="overlap"):
        add(resident_id=row.resident_id, valid_from=row.valid_from + dt.timedelta(days=40), valid_to=None, **twin)


def test_nothing_is_in_force_after_the_end_of_support(county: Any) -> None:
    with clock.at(noon(D(2026, 1, 10))):
        grade = operations.decide_grade(county.actor("county_officer_a"), proposed(county).id, 1)
    with transaction() as tx:
        tx.act = "test.death"
        resident = county.resident()
        resident.status, resident.ended_on = ResidentStatus.DECEASED, D(2026, 3, 5)
    assert queries.grade_on(resident.id, D(2026, 3, 5)) is not None
    assert queries.grade_on(resident.id, D(2026, 3, 6)) is None
    from app.auth.roles import system_actor

    assert operations.close_ended_grades(system_actor()) == 1
    assert operations.close_ended_grades(system_actor()) == 0
    assert db.session.get(CareGrade, grade.id).valid_to == D(2026, 3, 5)  # type: ignore[union-attr]  # it exists


def test_due_list_shows_never_assessed_regular_and_reported_changes(county: Any) -> None:
    actor = county.actor("assessor_a")

    def names(cause: str = "", on: dt.date | None = None) -> set[str]:
        return {r.name for r in db.session.scalars(due_queries.due_list(actor, cause=cause, on=on)).unique()}

    assert names("never") == {"甲老人", "乙老人", "丙老人", "丁老人"}
    with clock.at(noon(D(2026, 1, 15))):
        operations.decide_grade(county.actor("county_officer_a"), proposed(county).id, 1)
        assert "甲老人" not in names()
    assert "甲老人" not in names(on=D(2026, 6, 14))
    assert names("regular", on=D(2026, 6, 15)) == {"甲老人"}
    with clock.at(noon(D(2026, 2, 1))):
        operations.report_change(county.actor("village_officer_a"), county.resident().id, "hospital", "骨折出院")
        assert names("hospital") == {"甲老人"}
        (row,) = due_queries.due_rows(actor, [county.resident()])
        assert (row.causes, row.due_on, row.overdue) == (("hospital",), D(2026, 2, 13), False)


def test_the_nightly_job_runs_twice_and_adds_nothing(county: Any) -> None:
    from app.grading.jobs import JOBS

    job = next(job for job in JOBS if job.name == "reassessments-due")
    with clock.at(noon(D(2026, 1, 15))):
        operations.decide_grade(county.actor("county_officer_a"), proposed(county).id, 1)
    with clock.at(noon(D(2026, 6, 20))):
        assert job.run(D(2026, 6, 14)).startswith("0 ")
        assert job.run(D(2026, 6, 20)).startswith("1 ")
        assert job.run(D(2026, 6, 20)).startswith("0 ")
    note = db.session.scalars(select(ReassessmentDue)).unique().one()
    assert (note.cause, note.due_on) == ("regular", D(2026, 7, 15))


def test_rights_and_strangers(county: Any) -> None:
    sheet = submitted(county)
    proposal = queries.proposal_of(sheet.id)
    assert proposal is not None
    with pytest.raises(Forbidden):
        operations.open_sheet(county.actor("township_officer_a"), county.resident("乙老人").id)
    with pytest.raises(Forbidden):
        operations.decide_grade(county.actor("county_reviewer"), proposal.id, 1)
    for stranger in ("township_officer_b", "institution_manager_a"):
        with pytest.raises(NotFound):
            queries.sheet(county.actor(stranger), sheet.id)
        with pytest.raises(NotFound):
            queries.proposal(county.actor(stranger), proposal.id)
    with pytest.raises(NotFound):
        queries.grades_of(county.actor("caregiver_b"), sheet.resident_id)
    assert queries.sheet(county.actor("township_officer_a"), sheet.id) is not None


def test_drafts_stay_with_the_agency(county: Any) -> None:
    row = operations.open_sheet(county.actor("assessor_a"), county.resident().id)
    assert queries.sheet(county.actor("assessor_b"), row.id).id == row.id
    with pytest.raises(NotFound):
        queries.sheet(county.actor("county_officer_a"), row.id)
    stranger = dataclasses.replace(county.actor("assessor_b"), organisation_id=None)
    with pytest.raises(NotFound):
        queries.sheet(stranger, row.id)
    assert db.session.scalars(select(Sheet)).unique().one().number == f"A{clock.today().year}-{row.id:06d}"


@pytest.mark.parametrize(("cause", "reason"), [("change", "3"), ("hospital", "3")])
def test_an_objection_or_a_change_leads_to_a_sheet_with_its_own_reason(county: Any, cause: str, reason: str) -> None:
    """MZ/T 039-2013 A.1.3: 3 at once after a change, 4 repeated because the result is doubted; the assessor may choose
    another one.
    """
    with clock.at(noon(D(2026, 1, 15))):
        operations.decide_grade(county.actor("county_officer_a"), proposed(county).id, 1)
    with clock.at(noon(D(2026, 2, 3))):
        operations.report_change(county.actor("village_officer_a"), county.resident().id, cause, "本人认为评低了")
        row = operations.open_sheet(county.actor("assessor_a"), county.resident().id)
        assert row.reason_code == reason
        assert due_queries.open_causes(county.resident().id) == [cause]
        submitted(county)
        assert due_queries.open_causes(county.resident().id) == []


def test_only_those_whose_months_are_over_are_overdue(county: Any) -> None:
    """Due on 15 July: that day is still in time; scope holds."""
    with clock.at(noon(D(2026, 1, 15))):
        operations.decide_grade(county.actor("county_officer_a"), proposed(county).id, 1)
    officer = county.actor("county_officer_a")
    assert due_queries.overdue(officer, D(2026, 7, 15)) == []
    assert due_queries.overdue(officer, D(2026, 7, 16)) == [D(2026, 7, 15)]
    assert due_queries.overdue(county.actor("township_officer_b"), D(2026, 7, 16)) == []
