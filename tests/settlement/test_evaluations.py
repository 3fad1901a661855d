"""Evaluations and objections on a real database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.care.models import ChecklistDay, ChecklistNote, Incident
from app.contracts.models import Contract
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.core.rulebook import rule_in_force
from app.core.transaction import transaction
from app.people.models import Absence, AbsenceKind
from app.settlement import operations, queries
from app.settlement.models import Clock, DisputeState, Evaluation, EvaluationState, LineKind
from app.settlement.queries.teaching import points_lost
from app.workforce.queries import lessons
from tests.settlement import conftest
from tests.settlement.conftest import AFTER_Q2, GOOD, Q1, Q2, Quarter

D = dt.date
FIRST, LAST = D(2026, 1, 1), D(2026, 3, 31)
GIVEN = {k: {"points": v, "reason": "走访记录"} for k, v in GOOD.items()}


def test_the_delivered_part_counts_due_days_even_when_nobody_recorded_them(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, D(2026, 1, 31))  # February and March: no record at all
    quarter.fill()
    found = quarter.evaluation(row)
    assert found.parts["records"]["items"]["S01"] == [31, 90]
    assert found.scorecard_sha256 == row.scorecard_sha256


def test_a_bath_on_another_day_of_its_week_counts_for_pay(quarter: Quarter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Due on Mondays by our spreading; one was given on a Wednesday, another week's twice."""
    line = {**conftest.LINES[0], "item": "S03", "frequency": "1/w"}
    monkeypatch.setattr(conftest, "LINES", [*(one for one in conftest.LINES if one["item"] != "S03"), line])
    row = quarter.contract()
    with transaction() as tx:
        tx.act = "test.bath"
        for day in (D(2026, 2, 4), D(2026, 2, 10), D(2026, 2, 12)):
            note = ChecklistNote(day=day, resident_id=row.resident_id, item="S03", outcome="done", extra=True)
            note.times, note.recorded_at = 1, clock.now()
            db.session.add(note)
    quarter.fill()
    assert quarter.evaluation(row).parts["records"]["items"]["S03"] == [2, 13]


def test_days_in_hospital_beyond_the_free_days_are_not_required(quarter: Quarter) -> None:
    row = quarter.contract()
    with transaction() as tx:
        tx.act = "test.absence"
        db.session.add(
            Absence(
                resident_id=row.resident_id,
                kind=AbsenceKind.HOSPITAL,
                from_on=D(2026, 2, 1),
                to_on=D(2026, 2, 20),
                recorded_at=clock.now(),
            )
        )
    quarter.fill()
    assert quarter.evaluation(row).parts["records"]["items"]["S01"] == [0, 90 - 13]


def test_filling_again_brings_drafts_up_to_date_and_leaves_scored_ones(quarter: Quarter) -> None:
    one, two = quarter.contract(), quarter.contract()
    quarter.records(one, FIRST, LAST)
    quarter.records(two, FIRST, LAST)
    quarter.fill()
    quarter.scored(one)
    with transaction() as tx:
        tx.act = "test.change"
        for row in (one, two):
            day = db.session.get(ChecklistDay, (FIRST, row.resident_id))
            assert day is not None
            day.done, day.not_done_mask = 0, 1
    assert quarter.fill() == (0, 1)
    assert quarter.evaluation(two).parts["records"]["items"]["S01"] == [89, 90]
    assert quarter.evaluation(one).parts["records"]["items"]["S01"] == [90, 90]


def test_nothing_missing_counts_as_zero(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.fill()
    found = quarter.evaluation(row)
    with pytest.raises(Invalid) as error:
        operations.score_evaluation(quarter.township, found.id, {})
    assert set(error.value.errors) == {"B1", "B2", "B3", "C2", "C3", "D1", "D2"}
    assert quarter.evaluation(row).state is EvaluationState.DRAFT


def test_an_incident_must_be_judged_before_the_card_is_scored(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    reporter = quarter.county.user("village_officer_a")
    with transaction() as tx:
        tx.act = "test.incident"
        event = Incident(
            resident_id=row.resident_id,
            kind="fall",
            happened_on=D(2026, 2, 3),
            reported_at=clock.now(),
            reported_by=reporter.id,
            severity="minor",
        )
        db.session.add(event)
    quarter.fill()
    found = quarter.evaluation(row)
    with pytest.raises(Invalid) as error:
        operations.score_evaluation(quarter.township, found.id, GIVEN)
    assert set(error.value.errors) == {"B4"}
    with transaction() as tx:
        tx.act = "test.judged"
        event.avoidable, event.judgement = True, "地面湿滑"
    assert operations.score_evaluation(quarter.township, found.id, GIVEN).score == 9500


def test_less_than_the_maximum_needs_a_reason(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    found = quarter.evaluation(row)
    with pytest.raises(Invalid) as error:
        operations.score_evaluation(quarter.township, found.id, {**GIVEN, "B1": {"points": 300, "reason": ""}})
    assert set(error.value.errors) == {"B1"}
    with pytest.raises(Invalid):
        operations.score_evaluation(quarter.township, found.id, {**GIVEN, "B1": {"points": 501, "reason": "x"}})


def test_a_veto_sets_the_score_to_zero_and_needs_a_reason(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    found = quarter.evaluation(row)
    with pytest.raises(Invalid):
        operations.score_evaluation(quarter.township, found.id, GIVEN, veto="abuse", veto_reason=" ")
    with pytest.raises(Invalid):
        operations.score_evaluation(quarter.township, found.id, GIVEN, veto="rain", veto_reason="下雨了")
    operations.score_evaluation(quarter.township, found.id, {}, veto="forged_record", veto_reason="签名系代签")
    operations.agree_evaluation(quarter.payer, found.id, "签收单")
    operations.confirm_evaluation(quarter.officer, found.id)
    settled = quarter.to_approved()
    assert (settled.due_fen, settled.pay_fen, settled.withheld_fen) == (155100, 0, 155100)


def test_nobody_confirms_what_he_or_she_scored_and_a_return_keeps_the_points(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    found = quarter.evaluation(row)
    with pytest.raises(Refused):
        operations.confirm_evaluation(quarter.officer, found.id)  # not scored yet
    operations.score_evaluation(quarter.township, found.id, GIVEN)
    with pytest.raises(Refused):
        operations.confirm_evaluation(replace(quarter.officer, person_key=quarter.township.person_key), found.id)
    operations.return_evaluation(quarter.officer, found.id, "补充走访依据")
    assert quarter.evaluation(row).parts["given"]["B1"]["points"] == 500
    operations.score_evaluation(quarter.township, found.id, GIVEN)
    operations.agree_evaluation(quarter.payer, found.id, "签收单")
    assert operations.confirm_submitted(quarter.officer, Q1, "150422100") == 1
    with pytest.raises(Refused):
        operations.score_evaluation(quarter.township, found.id, GIVEN)


def test_a_score_counts_only_after_the_time_to_object(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    found = quarter.evaluation(row)
    operations.score_evaluation(quarter.township, found.id, GIVEN)
    with pytest.raises(Refused):
        operations.confirm_evaluation(quarter.officer, found.id)
    assert operations.confirm_submitted(quarter.officer, Q1, "150422100") == 0
    with clock.at(dt.datetime(2026, 4, 13, 2, tzinfo=dt.UTC)), pytest.raises(Refused):  # the tenth day still counts
        operations.confirm_evaluation(quarter.officer, found.id)
    with clock.at(dt.datetime(2026, 4, 14, 2, tzinfo=dt.UTC)):
        assert operations.confirm_submitted(quarter.officer, Q1, "150422100") == 1
    assert quarter.evaluation(row).clock is Clock.EXPIRED


def test_the_caregiver_agrees_and_the_rest_of_the_time_is_given_up(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    found, carer = quarter.evaluation(row), own(quarter, row)
    with pytest.raises(Refused):
        operations.agree_evaluation(carer, found.id)  # nothing to agree to yet
    operations.score_evaluation(quarter.township, found.id, GIVEN)
    with pytest.raises(Invalid):
        operations.agree_evaluation(quarter.payer, found.id)  # an officer says which paper it was
    assert (queries.own_running(carer), queries.own_running(quarter.payer)) == (1, 0), "on the caregiver's home page"
    with clock.at(dt.datetime(2026, 4, 14, 2, tzinfo=dt.UTC)):
        assert queries.own_running(carer) == 0  # the time is over
    operations.agree_evaluation(carer, found.id)
    assert queries.own_running(carer) == 0
    with pytest.raises(Refused):
        operations.raise_dispute(carer, "不同意", evaluation_id=found.id)
    operations.return_evaluation(quarter.officer, found.id, "补充走访依据")
    operations.score_evaluation(quarter.township, found.id, {**GIVEN, "B1": {"points": 400, "reason": "更正"}})
    with pytest.raises(Refused):  # another score asks again
        operations.confirm_evaluation(quarter.officer, found.id)
    operations.agree_evaluation(carer, found.id)
    assert operations.confirm_evaluation(quarter.officer, found.id).clock is Clock.AGREED


def test_who_scored_neither_records_the_caregivers_paper_nor_confirms_and_who_recorded_does_not_confirm(
    quarter: Quarter,
) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    found = quarter.evaluation(row)
    operations.score_evaluation(quarter.township, found.id, GIVEN)
    for same in (quarter.township, replace(quarter.officer, person_key=quarter.township.person_key)):
        with pytest.raises(Refused):  # another account of the same person is the same person
            operations.agree_evaluation(same, found.id, "签收单")
    operations.agree_evaluation(quarter.officer, found.id, "签收单")
    with pytest.raises(Refused):
        operations.confirm_evaluation(quarter.officer, found.id)
    assert operations.confirm_submitted(quarter.officer, Q1, "150422100") == 0
    with pytest.raises(IntegrityError), transaction():  # the database says so too
        db.session.execute(update(Evaluation).values(agreed_by_person=quarter.township.person_key))
    assert operations.confirm_evaluation(quarter.payer, found.id).clock is Clock.AGREED


def test_an_objection_holds_the_score_until_it_is_answered(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    found, carer = quarter.evaluation(row), own(quarter, row)
    operations.score_evaluation(quarter.township, found.id, GIVEN)
    dispute = operations.raise_dispute(carer, "那一周封路", evaluation_id=found.id)
    with clock.at(dt.datetime(2026, 5, 14, 2, tzinfo=dt.UTC)):
        for act in (
            lambda: operations.confirm_evaluation(quarter.officer, found.id),
            lambda: operations.agree_evaluation(carer, found.id),
        ):
            with pytest.raises(Refused):
                act()
        operations.answer_dispute(quarter.reviewer, dispute.id, upheld=False, answer="已按记录计算")
        assert operations.confirm_evaluation(quarter.officer, found.id).clock is Clock.ANSWERED


def own(quarter: Quarter, row: Contract) -> Actor:
    """The account of the contract's caregiver."""
    return replace(quarter.county.actor("caregiver_a"), caregiver_id=row.caregiver_id)


def test_a_quarter_that_still_runs_is_not_scored(quarter: Quarter) -> None:
    row = quarter.contract()
    with clock.at(dt.datetime(2026, 3, 20, tzinfo=dt.UTC)):
        quarter.fill()
        with pytest.raises(Refused):
            operations.score_evaluation(quarter.township, quarter.evaluation(row).id, GIVEN)


def test_the_contracts_own_scorecard_counts(quarter: Quarter) -> None:
    row = quarter.contract()
    with transaction() as tx:
        tx.act = "test.card"
        row.scorecard_sha256 = "f" * 64
    quarter.fill()
    with pytest.raises(Refused):
        operations.score_evaluation(quarter.township, quarter.evaluation(row).id, GIVEN)


class TestObjections:
    def prepared(self, quarter: Quarter, *, agreed: bool = True) -> tuple[object, object, object]:
        carer = quarter.county.caregiver("护理员1")
        mine, other = quarter.contract(carer=carer), quarter.contract()
        for row in (mine, other):
            quarter.records(row, FIRST, LAST)
        quarter.fill()
        quarter.scored(mine, agreed=agreed, B1=0)
        quarter.scored(other)
        with transaction() as tx:
            tx.act = "test.link"
            carer.user_id = quarter.county.user("caregiver_a").id
        return mine, other, replace(quarter.county.actor("caregiver_a"), caregiver_id=carer.id)

    def test_an_open_objection_holds_only_its_own_line(self, quarter: Quarter) -> None:
        mine, _other, me = self.prepared(quarter)
        settled = quarter.to_approved()
        (line,) = db.session.scalars(queries.visible_lines(me)).unique().all()  # type: ignore[arg-type]  # an actor
        operations.raise_dispute(me, "皮肤完好,走访当天已说明", line_id=line.id)  # type: ignore[arg-type]  # an actor
        with pytest.raises(Refused):
            operations.raise_dispute(me, "再提一次", line_id=line.id)  # type: ignore[arg-type]  # an actor
        first = operations.pay(quarter.payer, settled.id, clock.today(), "B-1")
        assert (first.lines, first.complete) == (1, False)
        assert [x.contract_id for x, _why in first.held] == [mine.id]  # type: ignore[attr-defined]  # a contract

    def test_upheld_after_approval_is_scored_again_and_corrected_next_quarter(self, quarter: Quarter) -> None:
        mine, _other, me = self.prepared(quarter)
        settled = quarter.to_approved()
        (line,) = db.session.scalars(queries.visible_lines(me)).unique().all()  # type: ignore[arg-type]  # an actor
        dispute = operations.raise_dispute(me, "皮肤完好", line_id=line.id)  # type: ignore[arg-type]  # an actor
        scorer = replace(quarter.reviewer, person_key=quarter.township.person_key)
        with pytest.raises(Refused):
            operations.answer_dispute(scorer, dispute.id, upheld=True, answer="同意")
        answered = operations.answer_dispute(quarter.reviewer, dispute.id, upheld=True, answer="走访记录支持")
        assert answered.state is DisputeState.UPHELD
        operations.pay(quarter.payer, settled.id, clock.today(), "B-1")
        operations.close(quarter.reviewer, settled.id)
        versions = (
            db.session.scalars(
                select(Evaluation).where(Evaluation.contract_id == mine.id).order_by(Evaluation.version)  # type: ignore[attr-defined]  # a contract
            )
            .unique()
            .all()
        )
        assert [(v.version, v.state, v.score) for v in versions] == [(1, "confirmed", 9500), (2, "draft", None)]
        with clock.at(AFTER_Q2):
            pending = operations.calculate(quarter.township, quarter.settlement(Q2).id)
            shown = db.session.scalars(queries.lines(quarter.township, settlement_id=pending.id)).unique().all()
            assert [x.kind for x in shown] == [LineKind.QUARTER] * 2  # nothing is taken back while it is scored again
            quarter.scored(mine, B1=0, B2=0)  # type: ignore[arg-type]  # a contract
            again = operations.calculate(quarter.township, pending.id)
            shown = db.session.scalars(queries.lines(quarter.township, settlement_id=again.id)).unique().all()
            fixed = [x for x in shown if x.kind is LineKind.CORRECTION]
            # 90.00 points are still excellent: ratio 1.00 as before, nothing to correct
            assert fixed == []

    def test_the_time_to_object_to_a_score_is_shown_and_ends(self, quarter: Quarter) -> None:
        mine, _other, me = self.prepared(quarter, agreed=False)
        row = quarter.evaluation(mine)  # type: ignore[arg-type]  # a contract
        assert queries.objection_until(row) == dt.date(2026, 4, 13), "scored on 3 April, ten days, that day not counted"
        with clock.at(dt.datetime(2026, 4, 13, 16, tzinfo=dt.UTC)), pytest.raises(Refused):
            operations.raise_dispute(me, "太晚", evaluation_id=row.id)  # type: ignore[arg-type]  # an actor
        with clock.at(dt.datetime(2026, 4, 13, 15, tzinfo=dt.UTC)):
            operations.raise_dispute(me, "还来得及", evaluation_id=row.id)  # type: ignore[arg-type]  # an actor

    def test_upheld_before_approval_blocks_until_it_is_scored_again(self, quarter: Quarter) -> None:
        mine, _other, me = self.prepared(quarter, agreed=False)
        row = quarter.evaluation(mine)  # type: ignore[arg-type]  # a contract
        dispute = operations.raise_dispute(me, "记录有误", evaluation_id=row.id)  # type: ignore[arg-type]  # an actor
        operations.answer_dispute(quarter.reviewer, dispute.id, upheld=True, answer="重新评分")
        settled = operations.calculate(quarter.township, quarter.settlement().id)
        assert settled.blocked_count == 1
        quarter.scored(mine)  # type: ignore[arg-type]  # a contract
        assert operations.calculate(quarter.township, settled.id).blocked_count == 0

    def test_a_dismissed_objection_lets_the_line_go(self, quarter: Quarter) -> None:
        _mine, _other, me = self.prepared(quarter)
        settled = quarter.to_approved()
        (line,) = db.session.scalars(queries.visible_lines(me)).unique().all()  # type: ignore[arg-type]  # an actor
        dispute = operations.raise_dispute(me, "不同意", line_id=line.id)  # type: ignore[arg-type]  # an actor
        with pytest.raises(Invalid):
            operations.answer_dispute(quarter.reviewer, dispute.id, upheld=False, answer="")
        operations.answer_dispute(quarter.reviewer, dispute.id, upheld=False, answer="有走访照片为证")
        with pytest.raises(Refused):
            operations.answer_dispute(quarter.reviewer, dispute.id, upheld=True, answer="改判")
        assert operations.pay(quarter.payer, settled.id, clock.today(), "B-1").complete

    def test_nobody_objects_to_another_persons_line(self, quarter: Quarter) -> None:
        _mine, other, me = self.prepared(quarter)
        settled = quarter.to_approved()
        line = next(
            x
            for x in db.session.scalars(queries.lines(quarter.township, settlement_id=settled.id)).unique()
            if x.contract_id == other.id  # type: ignore[attr-defined]  # a contract
        )
        with pytest.raises(NotFound):
            operations.raise_dispute(me, "别人的", line_id=line.id)  # type: ignore[arg-type]  # an actor
        with pytest.raises(NotFound):
            operations.raise_dispute(me, "别人的", evaluation_id=quarter.evaluation(other).id)  # type: ignore[arg-type]  # as above

    def test_a_slip_shows_sums_arithmetic_and_what_was_deducted(self, quarter: Quarter) -> None:
        mine, _other, me = self.prepared(quarter)
        settled = quarter.to_approved()
        slip = queries.slip(me, settled.id, mine.caregiver_id)  # type: ignore[arg-type, attr-defined]  # actor, contract
        assert (slip.due_fen, slip.pay_fen, slip.withheld_fen, slip.paid) == (155100, 155100, 0, False)
        (line,) = slip.lines
        assert [d.line for d in line.deductions] == ["B1"]
        assert line.band is not None
        assert line.band["id"] == "excellent"
        with pytest.raises(NotFound):
            queries.slip(me, settled.id, mine.caregiver_id + 1)  # type: ignore[arg-type, attr-defined]  # actor, contract


def test_points_an_evaluation_cost_propose_the_lesson(quarter: Quarter) -> None:
    """Observations by their line, care delivered by item; each names its evaluation. All points cost nothing."""
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    scored = quarter.scored(row, B1=300)
    (found,) = points_lost(quarter.officer, FIRST, LAST)[row.caregiver_id]
    assert (found.name, found.page) == ("record_skin", "settlement.evaluation")
    assert "3 of 5" in found.why or "3/5" in found.why
    assert dict(found.values) == {"evaluation_id": scored.id}
    assert points_lost(quarter.officer, LAST + dt.timedelta(days=1), LAST + dt.timedelta(days=9)) == {}
    assert points_lost(quarter.officer, FIRST, LAST, [row.caregiver_id + 1]) == {}


def test_an_item_that_cost_points_proposes_its_lesson(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, FIRST + dt.timedelta(days=59))
    quarter.fill()
    quarter.scored(row)
    rule = rule_in_force("workforce", LAST).body
    found = points_lost(quarter.officer, FIRST, LAST, None, rule)[row.caregiver_id]
    assert [(one.name, one.items) for one in found] == [("delivered", ("S01",))]
    assert "60" in found[0].why
    proposed = lessons.proposal(quarter.officer, row.caregiver_id, LAST + dt.timedelta(days=1))
    assert [(item, [cause.name for cause in why]) for item, _percent, why in proposed.weak] == [("S01", ["delivered"])]
