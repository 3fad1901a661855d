"""The clock of a score: until when the caregiver may object, and whether the score may count yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.periods import Quarter, local_date
from app.core.rulebook import rule_in_force
from app.core.together import asked
from app.settlement.models import Clock, Dispute, DisputeState, Evaluation, EvaluationState
from app.settlement.queries.visibility import evaluations


@dataclass(frozen=True)
class ObjectionClock:
    """``until`` is the last day to object. ``rests_on`` says why the score may count, None while it may not;
    ``waiting`` that an objection to it is not answered.
    """

    until: dt.date
    today: dt.date
    waiting: bool
    rests_on: Clock | None

    @property
    def running(self) -> bool:
        """Whether the caregiver may object today."""
        return self.rests_on is not Clock.AGREED and self.today <= self.until

    @property
    def days_left(self) -> int:
        """Whole days after today."""
        return max(0, (self.until - self.today).days)


def objection_until(evaluation: Evaluation) -> dt.date | None:
    """The last day on which the caregiver may object to the score; None before it is scored."""
    if evaluation.scored_at is None or evaluation.score is None:
        return None
    rule = rule_in_force("settlement_rule", Quarter.parse(evaluation.quarter).first).body
    return local_date(evaluation.scored_at) + dt.timedelta(days=int(rule.get("objection_days", 10)))


Raised = Sequence[tuple[DisputeState, dt.datetime]]


def _disputes(keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Raised]:
    found: dict[tuple[int, str], list[tuple[DisputeState, dt.datetime]]] = {}
    for quarter in {quarter for _contract_id, quarter in keys}:
        query = select(Dispute.contract_id, Dispute.state, Dispute.raised_at).where(
            Dispute.contract_id.in_([contract_id for contract_id, of in keys if of == quarter]),
            Dispute.quarter == quarter,
        )
        for contract_id, state, at in db.session.execute(query.order_by(Dispute.id)):
            found.setdefault((contract_id, quarter), []).append((state, at))
    return dict(found)


@asked(_disputes, reads={"dispute": "contract_id"}, none=())
def raised_against(contract_id: int, quarter: str) -> Raised:
    """State and time of every objection about a contract's quarter."""
    return _disputes([(contract_id, quarter)]).get((contract_id, quarter), ())


def own_running(actor: Actor) -> int:
    """How many scores of a caregiver's own contracts wait for the caregiver's word: neither agreed to nor objected to, in time."""
    if actor.caregiver_id is None:
        return 0
    rows = db.session.scalars(evaluations(actor, state=EvaluationState.SUBMITTED).where(Evaluation.agreed_at.is_(None)))
    clocks = [objection_clock(row) for row in rows.unique()]
    return sum(
        1 for found in clocks if found is not None and found.running and found.rests_on is None and not found.waiting
    )


def objection_clock(evaluation: Evaluation) -> ObjectionClock | None:
    """Where the clock of a scored evaluation stands today; None before it is scored."""
    until = objection_until(evaluation)
    if until is None:
        return None
    raised = raised_against(evaluation.contract_id, evaluation.quarter)
    states = {state for state, at in raised if evaluation.scored_at is not None and at >= evaluation.scored_at}
    waiting, today = DisputeState.OPEN in states, clock.today()
    rests_on: Clock | None = None
    if not waiting:
        if evaluation.agreed_at is not None:
            rests_on = Clock.AGREED
        elif DisputeState.DISMISSED in states:
            rests_on = Clock.ANSWERED
        elif today > until:
            rests_on = Clock.EXPIRED
    return ObjectionClock(until, today, waiting, rests_on)
