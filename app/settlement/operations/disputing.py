"""Objections: raised by the caregiver, answered by somebody who did not score; an open one holds its own line only."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Forbidden, Invalid, Refused
from app.core.operation import operation
from app.settlement import queries
from app.settlement.models import Dispute, DisputeState, Evaluation, EvaluationState

REASON_LIMIT = 2000


@operation("dispute.raise", permission="disputes.raise")
def raise_dispute(
    actor: Actor, reason: str, *, line_id: int | None = None, evaluation_id: int | None = None
) -> Dispute:
    """Object to one line of the slip (the caregiver, or the manager of the institution that is paid) or to one's own evaluation
    (the caregiver); the payment of that line waits for the answer.

    Raises ``Refused`` when an objection to the same quarter of the contract is open already, and for a score whose time to
    object is over (``objection_days`` of the settlement rule); a line of the slip has no such limit.
    """
    if actor.user_id is None:
        raise Forbidden
    if line_id is not None:
        line = queries.line(actor, line_id)
        contract_id, quarter = line.contract_id, line.for_quarter
    elif evaluation_id is not None:
        actor.require("evaluations.object")
        row = queries.evaluation(actor, evaluation_id)
        if row.state is EvaluationState.DRAFT:
            raise Refused(gettext("This evaluation is not scored yet."))
        if row.agreed_at is not None:
            raise Refused(gettext("You agreed to this score. A line of the slip can still be objected to."))
        until = queries.objection_until(row)
        if until is not None and clock.today() > until:
            raise Refused(
                gettext(
                    "The score could be objected to until %(day)s. A line of the slip can still be objected to.",
                    day=until,
                )
            )
        contract_id, quarter = row.contract_id, row.quarter
    else:
        raise Invalid(gettext("Say what the objection is about."), field="line_id")
    if len(reason.strip()) < 2:
        raise Invalid(gettext("Say what is wrong."), field="reason")
    found = Dispute(
        contract_id=contract_id,
        quarter=quarter,
        line_id=line_id,
        reason=reason.strip()[:REASON_LIMIT],
        raised_by=actor.user_id,
        raised_at=clock.now(),
        state=DisputeState.OPEN,
    )
    try:
        with db.session.begin_nested():
            db.session.add(found)
    except IntegrityError as error:
        raise Refused(gettext("An objection to this quarter is open already.")) from error
    audit.record("dispute.raise", "dispute", found.id, {"contract": contract_id, "quarter": quarter})
    return found


@operation("dispute.answer", permission="disputes.decide")
def answer_dispute(actor: Actor, dispute_id: int, *, upheld: bool, answer: str) -> Dispute:
    """Answer an objection with reasons. Upheld: the evaluation is scored again as a new version; what was posted by the
    old one is made good by a correction in the next open quarter.
    """
    row = queries.dispute(actor, dispute_id, lock=True)
    if row.state is not DisputeState.OPEN:
        raise Refused(gettext("This objection is answered already."))
    if len(answer.strip()) < 2:
        raise Invalid(gettext("Give the reasons of the answer."), field="answer")
    evaluation = db.session.scalars(
        select(Evaluation)
        .where(Evaluation.contract_id == row.contract_id, Evaluation.quarter == row.quarter)
        .order_by(Evaluation.version.desc())
        .limit(1)
        .with_for_update(of=Evaluation)
        .execution_options(populate_existing=True)
    ).first()
    if evaluation is not None and actor.person_key in {evaluation.scored_by_person, evaluation.confirmed_by_person}:
        raise Refused(gettext("You scored or confirmed this evaluation. Another person must answer."))
    row.state = DisputeState.UPHELD if upheld else DisputeState.DISMISSED
    row.answer, row.answered_by, row.answered_at = answer.strip()[:REASON_LIMIT], actor.user_id, clock.now()
    audit.record("dispute.answer", "dispute", row.id, {"upheld": upheld})
    if upheld and evaluation is not None:
        _score_again(evaluation)
    return row


def _score_again(evaluation: Evaluation) -> None:
    if evaluation.state is EvaluationState.SUBMITTED:
        evaluation.state = EvaluationState.DRAFT
    elif evaluation.state is EvaluationState.CONFIRMED:
        db.session.add(
            Evaluation(
                contract_id=evaluation.contract_id,
                quarter=evaluation.quarter,
                version=evaluation.version + 1,
                state=EvaluationState.DRAFT,
                scorecard_sha256=evaluation.scorecard_sha256,
                parts=evaluation.parts,
            )
        )
