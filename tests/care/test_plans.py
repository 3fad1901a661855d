"""A plan follows grade, setting and standard, is approved by a second person and never changes what was recorded."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from app.care import operations, queries
from app.care.models import CarePlan, PlanState
from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Invalid, NotFound, Refused
from app.core.models import AuditEntry
from app.core.transaction import transaction
from app.people import operations as people
from app.people.models import Setting
from tests.care.world import DAY, FIRST, PLAIN, TODAY, at_night, drafter, graded, planned, profiled, record
from tests.grading.sheets import noon


def _draft(county: Any, name: str = "甲老人", first: dt.date = TODAY) -> CarePlan:
    return operations.draft_plan(drafter(county, name), county.resident(name).id, valid_from=first)


def _frequencies(plan: CarePlan) -> dict[str, str]:
    return {line["item"]: line["frequency"] for line in plan.lines}


@pytest.mark.parametrize(
    ("name", "case", "item", "frequency"),
    [
        ("甲老人", "whole", "S01", "2/w"),
        ("甲老人", "a", "S05", "2/d"),
        ("甲老人", "d", "S06", "q2hD"),
        ("丙老人", "d", "S06", "q2h"),
    ],
)
def test_the_plan_is_drawn_from_grade_and_setting(county: Any, name: str, case: str, item: str, frequency: str) -> None:
    graded(county, name, case)
    plan = _draft(county, name)
    assert (plan.state, len(plan.lines)) == (PlanState.DRAFT, 12)
    assert _frequencies(plan)[item] == frequency


def test_without_a_grade_in_force_there_is_no_plan(county: Any) -> None:
    """The grade counts from 1 March; a plan from February cannot lean on it."""
    graded(county)
    with pytest.raises(Invalid) as refused:
        _draft(county, first=dt.date(2026, 2, 28))
    assert refused.value.field == "valid_from"
    assert "2026年2月28日" in refused.value.message


def test_nobody_approves_a_plan_of_ones_own(county: Any) -> None:
    """Neither the drafter nor whoever changed the draft last."""
    graded(county)
    plan = _draft(county)
    at_night(county, plan)
    with pytest.raises(Forbidden):
        operations.approve_plan(county.actor("township_officer_a"), plan.id)
    with transaction() as tx:
        tx.act = "test.drafter"
        db.session.get_one(CarePlan, plan.id).drafted_by_person = "person:county_officer_a"
    with pytest.raises(Refused):
        operations.approve_plan(county.actor("county_officer_a"), plan.id)
    assert operations.approve_plan(county.actor("county_officer_b"), plan.id).state is PlanState.APPROVED


def test_a_new_plan_ends_the_one_before_it_the_day_before(county: Any) -> None:
    """No day without and no day with two plans."""
    old = planned(county)
    record(county, TODAY, {"S01": "done"})
    new = operations.approve_plan(county.actor("county_officer_a"), _draft(county, first=TODAY + DAY).id)
    db.session.expire_all()
    assert (old.state, old.valid_to) == (PlanState.REPLACED, TODAY)
    covering = [queries.plan_on(old.resident_id, TODAY + n * DAY) for n in (-9, 0, 1, 400)]
    assert [plan.id if plan else None for plan in covering] == [old.id, old.id, new.id, new.id]


def test_a_plan_never_reaches_back_over_recorded_days(county: Any) -> None:
    """What was due on a recorded day stays what it was."""
    planned(county)
    record(county, TODAY - DAY, {"S01": "done"})
    for first in (FIRST, TODAY - DAY):
        with pytest.raises(Invalid, match="2026年3月9日"):
            _draft(county, first=first)
    draft = _draft(county, first=TODAY)
    record(county, TODAY, {"S01": "done"})
    with pytest.raises(Invalid, match="2026年3月10日"):
        operations.approve_plan(county.actor("county_officer_a"), draft.id)
    with pytest.raises(Invalid):
        operations.update_plan(county.actor("township_officer_a"), draft.id, {}, valid_from=TODAY)


def test_a_plan_from_an_old_grade_is_not_approved(county: Any) -> None:
    """Between draft and approval another grade came into force: the plan would give the wrong care."""
    graded(county, case="a", on=dt.date(2026, 1, 10))
    draft = _draft(county)
    graded(county, case="d", on=dt.date(2026, 2, 10))
    with pytest.raises(Refused):
        operations.approve_plan(county.actor("county_officer_a"), draft.id)
    again = _draft(county)
    assert again.id == draft.id
    assert _frequencies(again)["S06"] == "q2hD"
    at_night(county, again)
    assert operations.approve_plan(county.actor("county_officer_a"), draft.id).state is PlanState.APPROVED


def test_drawing_up_again_keeps_what_people_wrote(county: Any) -> None:
    """One draft a resident; notes and a higher frequency stay, a frequency now too low gives way."""
    graded(county, case="a")
    draft = _draft(county)
    actor = county.actor("township_officer_a")
    lines = {"S01": {"frequency": "2/d", "note": "软食"}, "S12": {"frequency": "1/d", "note": ""}}
    operations.update_plan(actor, draft.id, lines, valid_from=TODAY)
    with clock.at(noon(dt.date(2026, 3, 20))):
        graded(county, case="d", on=dt.date(2026, 3, 20))
    with clock.at(noon(dt.date(2026, 4, 2))):
        again = _draft(county, first=dt.date(2026, 4, 2))
    assert again.id == draft.id
    assert {k: v for k, v in _frequencies(again).items() if k in {"S01", "S12"}} == {"S01": "3/d", "S12": "1/d"}
    assert next(line["note"] for line in again.lines if line["item"] == "S01") == "软食"
    assert db.session.scalars(select(CarePlan)).unique().all() == [again]


def test_a_line_below_the_standard_or_unreadable_is_named(county: Any) -> None:
    graded(county)
    draft = _draft(county)
    lines = {"S01": {"frequency": "2/d"}, "S02": {"frequency": "often"}, "S03": {"frequency": "2/w"}}
    with pytest.raises(Invalid) as refused:
        operations.update_plan(county.actor("township_officer_a"), draft.id, lines, valid_from=TODAY)
    assert set(refused.value.errors) == {"S01", "S02"}
    db.session.refresh(draft)
    assert _frequencies(draft)["S03"] == "1/w"


def test_an_approved_plan_does_not_change(county: Any) -> None:
    plan = planned(county)
    with pytest.raises(Refused):
        operations.update_plan(county.actor("township_officer_a"), plan.id, {}, valid_from=TODAY)
    with pytest.raises(Refused):
        operations.approve_plan(county.actor("county_officer_b"), plan.id)


def test_a_plan_belongs_to_the_own_township(county: Any) -> None:
    """Somebody else's resident and plan are not found."""
    plan = planned(county)
    with pytest.raises(NotFound):
        operations.draft_plan(county.actor("township_officer_b"), county.resident().id)
    with pytest.raises(NotFound):
        operations.update_plan(county.actor("township_officer_b"), plan.id, {}, valid_from=TODAY)


def test_who_needs_a_plan_or_another_one_is_listed(county: Any) -> None:
    """Never planned; planned from a grade that is no longer in force."""
    actor = county.actor("township_officer_a")
    planned(county, case="a")
    names = [r.name for r in db.session.scalars(queries.without_plan(actor, TODAY)).unique()]
    assert "丙老人" in names
    assert "甲老人" not in names
    assert list(db.session.scalars(queries.outdated(actor, TODAY))) == []
    graded(county, case="d", on=TODAY)
    april = dt.date(2026, 4, 1)
    assert [r.name for r in db.session.scalars(queries.outdated(actor, april)).unique()] == ["甲老人"]


def test_a_plan_of_somebody_who_moved_no_longer_fits(county: Any) -> None:
    """Home care became institutional care."""
    planned(county)
    with transaction() as tx:
        tx.act = "test.move"
        resident = county.resident()
        resident.institution_id = county.organisation("institution_a").id
        resident.setting = Setting.INSTITUTIONAL
    actor = county.actor("township_officer_a")
    assert [r.name for r in db.session.scalars(queries.outdated(actor, TODAY)).unique()] == ["甲老人"]


def test_the_end_of_support_ends_planning(county: Any) -> None:
    graded(county)
    draft = _draft(county)
    people.end_support(county.actor("township_officer_a"), county.resident().id, TODAY, True, "去世")
    with pytest.raises(Refused):
        operations.approve_plan(county.actor("county_officer_a"), draft.id)
    with pytest.raises(Refused):
        _draft(county)


def test_each_step_of_a_plan_stands_in_the_audit_log(county: Any) -> None:
    planned(county, S01="4/d")
    acts = list(
        db.session.scalars(select(AuditEntry.act).where(AuditEntry.act.like("plan.%")).order_by(AuditEntry.seq))
    )
    assert list(dict.fromkeys(act.split(":")[0] for act in acts)) == ["plan.draft", "plan.change", "plan.approve"]


def test_the_database_itself_refuses_two_plans_on_one_day_and_changes_to_an_approved_one(county: Any) -> None:
    """Whatever the program does: one plan a day, and what was approved stays."""
    plan = planned(county)
    copy = {c.name: getattr(plan, c.name) for c in CarePlan.__table__.columns if c.name != "id"}
    for change in (
        insert(CarePlan).values(copy | {"number": "JH-TEST", "valid_from": TODAY}),
        update(CarePlan).where(CarePlan.id == plan.id).values(lines=[]),
        update(CarePlan).where(CarePlan.id == plan.id).values(valid_from=TODAY),
    ):
        with pytest.raises(DBAPIError, match="care plan"), transaction() as tx:  # noqa: PT012  # the whole act fails
            tx.act = "test.tamper"
            db.session.execute(change)
    assert db.session.scalars(select(CarePlan)).unique().one().lines


def test_night_care_at_home_without_a_second_helper_is_not_approved(county: Any) -> None:
    """q2hD at home by somebody who lives elsewhere: a named helper, or a note on support in an institution."""
    graded(county)
    plan, officer = _draft(county), county.actor("county_officer_a")
    for night in ({"lives_in": None}, {"lives_in": False}):
        at_night(county, plan, **night)
        with pytest.raises(Refused, match="第二帮手"):
            operations.approve_plan(officer, plan.id)
    at_night(county, plan, lives_in=False, institution="3月9日村干部征询，本人愿意留在家里")
    assert operations.approve_plan(officer, plan.id).state is PlanState.APPROVED


def test_a_suggested_texture_waits_for_a_qualified_person(county: Any) -> None:
    """Never automatic: the suggestion stands in the plan, a nurse confirms it, harder food needs a reason."""
    graded(county)
    profiled(county, teeth="all", denture="none", swallow="2")
    plan, officer, nurse = _draft(county), county.actor("county_officer_a"), county.actor("assessor_a")
    at_night(county, plan, lives_in=True)
    assert (plan.texture["food"], plan.texture["drink"], plan.confirmed) == ("5", "0-1", None)
    with pytest.raises(Refused):
        operations.approve_plan(officer, plan.id)
    with pytest.raises(Forbidden):
        operations.confirm_texture(county.actor("township_officer_a"), plan.id, food="5", drink="0-1")
    with pytest.raises(Invalid) as refused:
        operations.confirm_texture(nurse, plan.id, food="6", drink="0-1")
    assert set(refused.value.errors) == {"reason"}
    operations.confirm_texture(nurse, plan.id, food="4", drink="0")
    assert operations.approve_plan(officer, plan.id).state is PlanState.APPROVED
    assert plan.confirmed is not None
    assert (plan.confirmed["food"], plan.confirmed["by"]) == ("4", county.assessor(1).name)
    with pytest.raises(Refused):
        operations.confirm_texture(nurse, plan.id, food="5", drink="0")


def test_another_profile_asks_for_another_draft(county: Any) -> None:
    """A confirmation holds for the suggestion it was given to; a new water test makes the draft out of date."""
    graded(county)
    profiled(county, teeth="all", denture="none", swallow="2")
    plan, officer, nurse = _draft(county), county.actor("county_officer_a"), county.actor("assessor_a")
    at_night(county, plan, lives_in=True)
    operations.confirm_texture(nurse, plan.id, food="5", drink="0-1")
    assert _draft(county).confirmed is not None
    profiled(county, teeth="all", denture="none", swallow="4")
    with pytest.raises(Refused):
        operations.approve_plan(officer, plan.id)
    assert _draft(county).confirmed is None


def test_wishes_are_stored_encrypted_and_versions_stay(county: Any) -> None:
    profiled(county, wishes={"faith": "不吃猪肉，礼拜五不安排外出", "objects": " "})
    profiled(county, wishes={}, orders="低盐")
    first, second = (queries.profile_facts(row.id) for row in reversed(queries.profiles_of(county.resident().id)))
    assert first is not None
    assert second is not None
    assert (first.row.version, first.wishes) == (1, {"faith": "不吃猪肉，礼拜五不安排外出"})
    assert (second.row.version, second.wishes, second.orders) == (2, {}, "低盐")
    assert "礼拜" not in str(first.row.wishes_enc)
    with pytest.raises(NotFound):
        operations.record_profile(county.actor("township_officer_b"), county.resident().id, **PLAIN)


def test_an_approved_plan_is_signed_once(county: Any) -> None:
    """By the person, a guardian, or a mark before a named witness."""
    plan, actor = planned(county), county.actor("township_officer_a")
    with pytest.raises(Invalid) as refused:
        operations.sign_plan(actor, plan.id, name="甲老人", signed_as="mark", signed_on=TODAY)
    assert set(refused.value.errors) == {"witness"}
    operations.sign_plan(actor, plan.id, name="甲老人", signed_as="mark", signed_on=TODAY, witness="李会计")
    with pytest.raises(Refused):
        operations.sign_plan(actor, plan.id, name="甲老人", signed_as="self", signed_on=TODAY)


def test_a_new_grade_shows_what_changes_before_it_is_confirmed(county: Any, sign_in: Any) -> None:
    """From half to full care: the draft stands beside the plan in force, line by line, with the services a week."""
    planned(county, case="a")
    with clock.at(noon(dt.date(2026, 3, 20))):
        graded(county, case="d", on=dt.date(2026, 3, 20))
    with clock.at(noon(dt.date(2026, 4, 2))):
        draft = _draft(county, first=dt.date(2026, 4, 2))
        page = sign_in("county_officer_a").get(f"/care-plans/{draft.id}").get_data(as_text=True)
    assert "与计划" in page
    assert "增加" in page
    assert "每周" in page
