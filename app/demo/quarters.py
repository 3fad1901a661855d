"""A quarter of the demo county: scored, disputed, settled, approved, paid and closed by the people who do it."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Select, select

from app.auth.sessions import actor_of
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.periods import Quarter
from app.core.transaction import transaction
from app.demo.county import TOWNSHIPS, County
from app.settlement import operations as acts
from app.settlement import queries
from app.settlement.models import Evaluation, EvaluationState, Settlement, SettlementLine
from app.settlement.operations.evaluating import current_records
from app.settlement.rules import scoring

REASONS = {
    "B1": ("骶尾部皮肤发红，翻身不及时", "足跟皮肤干裂未及时护理"),
    "B2": ("床单更换不及时", "指甲修剪不到位", "居室有异味"),
    "B3": ("体重下降未及时报告", "进食量未记录"),
    "C2": ("照片证据不足", "签名凭据缺两次"),
    "C3": ("培训缺勤一次",),
}
"""By line of the scorecard what the people who score find; another line says what was heard by telephone."""
HEARD = "电话回访了解"


def _points(rng: random.Random, evaluation: Evaluation) -> dict[str, dict[str, Any]]:
    card, records = queries.card_of(evaluation), current_records(evaluation)
    given = {}
    for line in card["line"]:
        if scoring.scorable_by_person(line, records):
            maximum = int(line["max"]) * 100
            points = maximum - rng.choices((0, 100, 200, 300), weights=(62, 22, 11, 5))[0]
            found = rng.choice(REASONS.get(line["id"], (HEARD,)))
            needless = points == maximum and line["source"] == "person"
            given[line["id"]] = {"points": max(0, points), "reason": "" if needless else found}
    return given


def _later(hours: int) -> AbstractContextManager[None]:
    """The office goes on later than it began: each step of a quarter at its own time."""
    return clock.at(clock.now() + dt.timedelta(hours=hours))


def close_quarter(county: County, rng: random.Random, quarter: Quarter) -> str:
    """The whole way of a past quarter in every township that has contracts."""
    paid = 0
    for side, township in county.townships.items():
        officer = county.actor(f"township_officer_{side}")
        confirmer, payer = county.actor("county_officer_a"), county.actor("county_officer_b")
        approver = county.actor("county_reviewer_b")
        with transaction() as tx:
            tx.actor, tx.act = officer, "evaluation.score"
            acts.open_quarter(officer, str(quarter))
            acts.fill_evaluations(officer, str(quarter), township)
            query = queries.evaluations(officer, quarter=str(quarter), state=EvaluationState.DRAFT, area=township)
            waiting = db.session.scalars(query.order_by(Evaluation.id)).unique().all()
            forgotten = _forgotten(waiting) if side == "b" else None
            queries.records_of.ahead((evaluation.contract_id, str(quarter)) for evaluation in waiting)
            given = {one.id: _points(rng, one) for one in waiting if one.id != forgotten}
            if given:
                acts.score_evaluations(officer, given)
        if side in TOWNSHIPS:
            _dispute(county, side, quarter)
        with transaction() as tx:
            tx.actor, tx.act = payer, "evaluation.agree"  # neither who scored nor who confirms
            scored = db.session.scalars(_scored(payer, quarter, township)).unique().all()
            queries.raised_against.ahead((one.contract_id, str(quarter)) for one in scored)
            clocks = [(one.id, now) for one in scored if (now := queries.objection_clock(one)) is not None]
            open_ = [one for one, now in clocks if now.rests_on is None]
            if open_:
                acts.agree_evaluations(payer, open_, "考核结果签收单：已阅，无异议")
        with transaction() as tx:
            tx.actor, tx.act = confirmer, "evaluation.confirm"
            acts.confirm_submitted(confirmer, str(quarter), township)
        settlement = (
            db.session.scalars(
                select(Settlement).where(Settlement.quarter == str(quarter), Settlement.area_code == township)
            )
            .unique()
            .one()
        )
        with _later(hours=25):
            acts.calculate(officer, settlement.id)
        with _later(hours=26):
            acts.submit(officer, settlement.id)
        with _later(hours=31):
            acts.approve(approver, settlement.id)
        if queries.approvers_needed(settlement) > 1:  # a large sum needs another two eyes
            with _later(hours=33):
                acts.approve(county.actor("county_reviewer_a"), settlement.id)
        with _later(hours=50):
            acts.pay(payer, settlement.id, clock.today(), f"YH{quarter}-{side.upper()}")
        with _later(hours=73):
            acts.close(county.actor("county_reviewer_a"), settlement.id)
        paid += settlement.pay_fen
    return f"{quarter}: closed, {paid / 100:,.2f} yuan paid"


def _scored(officer: Actor, quarter: Quarter, township: str) -> Select[Evaluation]:
    query = queries.evaluations(officer, quarter=str(quarter), state=EvaluationState.SUBMITTED, area=township)
    return query.order_by(Evaluation.id)


def _forgotten(waiting: Sequence[Evaluation]) -> int | None:
    """One paid contract that nobody scored: its line is blocked, and made good as a correction once it is scored."""
    paid = [
        e.id for e in waiting if e.contract.body["annexes"]["pay_table"]["monthly_fen"] and e.contract.ended_on is None
    ]
    return paid[-1] if len(paid) > 1 else None


def _dispute(county: County, side: str, quarter: Quarter) -> None:
    """A caregiver objects to the score and gets an answer."""
    caregiver = actor_of(county.users[f"caregiver_{side}"])
    query = queries.evaluations(caregiver, quarter=str(quarter))
    evaluation = db.session.scalars(query.order_by(Evaluation.id)).unique().first()
    if evaluation is None or evaluation.state is EvaluationState.DRAFT:
        return
    found = acts.raise_dispute(caregiver, "那一周下大雪封路，没有做的几次不应全部扣分。", evaluation_id=evaluation.id)
    acts.answer_dispute(
        county.actor("county_reviewer_a"), found.id, upheld=False, answer="封路只有一天，已按实际记录计算，维持原分。"
    )


def open_current(county: County, quarter: Quarter) -> str:
    """The running quarter is open in both townships, and one caregiver has an objection that waits for its answer."""
    for side in county.townships:
        officer = county.actor(f"township_officer_{side}")
        with transaction() as tx:
            tx.actor, tx.act = officer, "quarter.open"
            acts.open_quarter(officer, str(quarter))
    return f"{quarter}: open{_objection(county)}"


def _objection(county: County) -> str:
    """The caregiver of the demo account objects to the newest line of his or her slips; nobody answered yet."""
    caregiver = actor_of(county.users["caregiver_a"])
    line = db.session.scalars(queries.lines(caregiver).order_by(SettlementLine.id.desc()).limit(1)).unique().first()
    if line is None:
        return ""
    acts.raise_dispute(caregiver, "九月参加过一次培训，培训一项不应扣分，请核对签到表。", line_id=line.id)
    return ", one objection waits for its answer"
