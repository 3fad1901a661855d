"""Blind pairs and sheets of several devices: nobody sees the other's sheet, nothing is lost, a third person decides."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.core.transaction import transaction
from app.grading import operations, queries
from app.grading.models import GradeProposal, Sheet, SheetPair
from app.grading.queries import pairs
from app.grading.rules import ProposalState, SheetState
from app.grading.rules.pairing import PairKind, PairState
from tests.grading.sheets import answers, document, facts, head

CANARY = "只有本人知道的备注"


def opened(county: Any, name: str = "甲老人") -> SheetPair:
    return operations.open_pair(
        county.actor("county_officer_a"),
        county.resident(name).id,
        county.assessor(1).id,
        county.assessor(2).id,
        "抽取的双人评估",
    )


def scored(county: Any, who: str, case: str = "whole", name: str = "甲老人", **changed: Any) -> Sheet:
    """One assessor's own sheet of the pair, handed in."""
    actor: Actor = county.actor(who)
    row = operations.open_sheet(actor, county.resident(name).id)
    fields = {**head(county), "first_assessor_id": actor.assessor_id, "second_assessor_id": None}
    operations.save_draft(actor, row.id, answers={**answers(case), **changed}, facts=facts(), notes=CANARY, **fields)
    return operations.submit_sheet(actor, row.id)


def test_two_score_alone_and_equal_sheets_lead_to_one_proposal(county: Any) -> None:
    pair = opened(county)
    first = scored(county, "assessor_a", "a")
    assert (first.state, pair.state, queries.proposal_of(first.id)) == (SheetState.SEALED, PairState.OPEN, None)
    second = scored(county, "assessor_b", "a")
    assert (first.state, second.state, pair.state) == (SheetState.SUBMITTED, SheetState.SUBMITTED, PairState.AGREED)
    proposals = db.session.scalars(select(GradeProposal)).unique().all()
    assert [(p.sheet_id, p.state) for p in proposals] == [(first.id, ProposalState.PROPOSED)]


def test_what_differs_is_adjudicated_by_a_third_person_with_reasons_and_all_sheets_stay(county: Any) -> None:
    pair = opened(county)
    first = scored(county, "assessor_a", "a")
    second = scored(county, "assessor_b", "a", **{"1.1": "A2"})
    assert pair.state is PairState.DIFFERING
    assert db.session.scalars(select(GradeProposal)).first() is None
    with pytest.raises(Refused):
        operations.open_sheet(county.actor("assessor_a"), pair.resident_id)
    officer = county.actor("county_officer_a")
    for chosen, reasons, missing in (
        ({}, {"1": "当场再看"}, "answers.1.1"),
        ({"answers.1.1": "A4"}, {"1": "当场再看"}, "answers.1.1"),
        ({"answers.1.1": "A2"}, {}, "reasons.1"),
    ):
        with pytest.raises(Invalid) as wrong:
            operations.adjudicate_pair(officer, pair.id, chosen, reasons, "两名评估员都在场")
        assert missing in wrong.value.errors
    before = [(s.answers, s.facts, s.result) for s in (first, second)]
    result = operations.adjudicate_pair(officer, pair.id, {"answers.1.1": "A2"}, {"1": "当场再看"}, "两名评估员都在场")
    assert result.answers == {**answers("a"), "1.1": "A2"}
    assert {result.first_assessor_id, result.second_assessor_id} == {county.assessor(1).id, county.assessor(2).id}
    assert [(s.answers, s.facts, s.result) for s in (first, second)] == before
    proposal = queries.proposal_of(result.id)
    assert proposal is not None
    assert pair.state is PairState.ADJUDICATED
    assert (pair.choices["reasons"], pair.settled_by_person) == ({"1": "当场再看"}, officer.person_key)
    with pytest.raises(Refused):  # who adjudicated does not decide as well
        operations.decide_grade(officer, proposal.id, proposal.proposed_grade, "同意")
    with pytest.raises(Refused):
        operations.adjudicate_pair(
            county.actor("county_officer_b"), pair.id, {"answers.1.1": "A0"}, {"1": "不同意"}, "再看一次"
        )


def test_nobody_who_scored_adjudicates(county: Any) -> None:
    pair = opened(county)
    scored(county, "assessor_a")
    scored(county, "assessor_b", **{"1.1": "A2"})
    with transaction() as tx:
        tx.act = "test.same_person"
        county.user("county_officer_b").person_key = "person:assessor_b"
    with pytest.raises(Refused):
        operations.adjudicate_pair(
            county.actor("county_officer_b"), pair.id, {"answers.1.1": "A0"}, {"1": "看过"}, "看过"
        )


def test_only_the_two_named_score_and_each_once_and_alone(county: Any) -> None:
    pair = opened(county)
    with pytest.raises(Refused):
        opened(county)
    actor = county.actor("assessor_a")
    row = operations.open_sheet(actor, pair.resident_id)
    assert operations.open_sheet(actor, pair.resident_id).id == row.id
    operations.save_draft(actor, row.id, answers=answers(), facts=facts(), **head(county))
    with pytest.raises(Invalid) as two:
        operations.submit_sheet(actor, row.id)
    assert set(two.value.errors) == {"second_assessor_id"}
    operations.save_draft(actor, row.id, second_assessor_id=None)
    operations.submit_sheet(actor, row.id)
    with pytest.raises(Refused):
        operations.open_sheet(actor, pair.resident_id)
    with pytest.raises(Invalid):
        operations.open_pair(
            county.actor("county_officer_a"),
            county.resident("乙老人").id,
            county.assessor(1).id,
            county.assessor(1).id,
            "x" * 9,
        )


def test_a_pair_that_waits_can_be_given_up_and_what_is_in_stays_sealed(county: Any) -> None:
    pair = opened(county)
    first = scored(county, "assessor_a")
    operations.cancel_pair(county.actor("county_officer_a"), pair.id, "第二评估员生病")
    assert (pair.state, first.state) == (PairState.CANCELLED, SheetState.SEALED)
    with pytest.raises(NotFound):
        queries.sheet(county.actor("county_officer_a"), first.id)
    operations.open_sheet(county.actor("assessor_b"), pair.resident_id)


def test_the_database_keeps_seals_members_and_verdicts(county: Any) -> None:
    pair = opened(county)
    row = scored(county, "assessor_a")
    for statement in (
        f"UPDATE assessment_sheet SET state = 'submitted' WHERE id = {row.id}",
        f"UPDATE assessment_sheet SET answers = '{{}}' WHERE id = {row.id}",
        "UPDATE sheet_pair_member SET role = 'result'",
        "DELETE FROM sheet_pair_member",
        f"DELETE FROM sheet_pair WHERE id = {pair.id}",
        f"UPDATE sheet_pair SET first_assessor_id = {county.assessor(2).id}, second_assessor_id = {county.assessor(1).id}",
    ):
        with pytest.raises(DBAPIError), transaction():
            db.session.connection().exec_driver_sql(statement)
    operations.cancel_pair(county.actor("county_officer_a"), pair.id, "第二评估员生病")
    with pytest.raises(DBAPIError), transaction():
        db.session.connection().exec_driver_sql("UPDATE sheet_pair SET reason = '别的'")


def test_two_devices_that_did_not_know_of_each_other_are_kept_and_compared_in_any_order(county: Any) -> None:
    one = document(county, "device-1:0001")
    other = document(county, "device-2:0001", answers={**answers(), "1.1": "A2"})
    found = []
    for order, name in (((one, other), "甲老人"), ((other, one), "乙老人")):
        resident = county.resident(name).number
        for who, sent in zip(("assessor_a", "assessor_b"), order, strict=True):
            key = f"{sent['client_key']}:{name}"
            key = key.replace(name, resident)
            document_ = {**sent, "resident": resident, "client_key": key}
            operations.submit_version(county.actor(who), document_, last_sheet=None)
            again = operations.submit_version(county.actor(who), document_, last_sheet=None)
            assert again.sheet.client_key == key
        pair = pairs.unsettled_pair(county.resident(name).id)
        assert pair is not None
        assert (pair.kind, pair.state) == (PairKind.CONFLICT, PairState.DIFFERING)
        states = {p.state for p in db.session.scalars(select(GradeProposal)).unique()}
        assert states == {ProposalState.SET_ASIDE}
        found.append(sorted(row.client_key.split(":R")[0] for row in pairs.members(pair.id)))
        result = operations.adjudicate_pair(
            county.actor("county_reviewer"), pair.id, {"answers.1.1": "A2"}, {"1": "视频复核"}, "以现场视频为准"
        )
        assert queries.last_sheet(county.resident(name).id) == result
        third = document(county, f"device-3:{resident}", resident=resident)
        late = operations.submit_version(county.actor("assessor_a"), third, last_sheet=None)
        assert late.pair is not None
        assert {row.id for row in pairs.members(late.pair.id)} == {result.id, late.sheet.id}
        with transaction() as tx:
            tx.act = "test.clear"
            for proposal in db.session.scalars(select(GradeProposal)).unique():
                proposal.state = ProposalState.SET_ASIDE
    assert found[0] == found[1] == ["device-1:0001", "device-2:0001"]


def test_a_known_last_sheet_that_is_decided_makes_no_conflict(county: Any) -> None:
    first = operations.submit_version(county.actor("assessor_a"), document(county, "device-1:0001"), last_sheet=None)
    proposal = queries.proposal_of(first.sheet.id)
    assert proposal is not None
    assert first.pair is None
    operations.decide_grade(county.actor("county_officer_a"), proposal.id, proposal.proposed_grade)
    with clock.at(clock.now()):
        following = operations.submit_version(
            county.actor("assessor_a"), document(county, "device-1:0002"), last_sheet=first.sheet.number
        )
    assert following.pair is None
    assert queries.proposal_of(following.sheet.id) is not None


def test_a_stranger_s_sheet_joins_a_running_blind_pair_sealed(county: Any) -> None:
    pair = opened(county)
    late = operations.submit_version(county.actor("assessor_b"), document(county, "device-9:0001"), last_sheet=None)
    assert (late.sheet.state, late.pair) == (SheetState.SEALED, pair)
    scored(county, "assessor_a")
    assert pair.state is PairState.OPEN
    scored(county, "assessor_b", **{"1.1": "A2"})
    assert pair.state is PairState.DIFFERING
    assert len(pairs.members(pair.id)) == 3


def test_a_device_scores_blind_with_one_name(county: Any) -> None:
    pair = opened(county)
    for who, number in (("assessor_a", 1), ("assessor_b", 2)):
        alone = document(county, f"device-{number}:0001", assessors=[county.assessor(number).id])
        with pytest.raises(Invalid):
            operations.submit_version(county.actor(who), alone, last_sheet=None)
        operations.submit_version(county.actor(who), alone, last_sheet=None, pair_token=pair.token)
    assert pair.state is PairState.AGREED
    with pytest.raises(Refused):
        operations.submit_version(
            county.actor("assessor_a"), {**alone, "client_key": "device-1:0009"}, last_sheet=None, pair_token="0" * 32
        )
