"""What people do with a proposed grade: review it a second time, return it, decide it."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.core.periods import DateRange
from app.grading import queries, rules
from app.grading.labels import BARS
from app.grading.models import CareGrade, GradeProposal
from app.grading.operations import appeals
from app.grading.operations.noting import note_due
from app.grading.rules import Act, ProposalState
from app.people import queries as people
from app.people.models import ResidentStatus

REASON_LIMIT = 2000
"""Longest reason, in characters."""


def _next(actor: Actor, row: GradeProposal, act: Act) -> ProposalState:
    """The state the act leads to. Raises ``Refused`` for who is barred and when nothing waits for this act."""
    bar = rules.barred(actor.person_key, act, queries.people_of(row.sheet), row.reviewed_by_person)
    if bar is not None:
        raise Refused(BARS[bar])
    try:
        return rules.next_state(row.state, act)
    except rules.NotAllowed as error:
        if act is Act.DECIDE and row.state is ProposalState.REVIEW:
            words = gettext("The two scales disagree: a second review with a written reason comes first.")
            raise Refused(words) from error
        raise Refused(gettext("Somebody has already acted on this proposal. Reload the page.")) from error


def _written(reason: str | None, *, needed: bool = True) -> str | None:
    text = (reason or "").strip()
    if needed and len(text) < 2:
        raise Invalid(gettext("Write down the reason."), field="reason")
    if len(text) > REASON_LIMIT:
        raise Invalid(gettext("At most %(limit)s characters.", limit=REASON_LIMIT), field="reason")
    return text or None


def _grade(grade: int) -> int:
    if isinstance(grade, bool) or grade not in rules.GRADES:
        raise Invalid(gettext("Choose one of the three grades."), field="grade")
    return grade


@operation("grade.review", permission="grades.review")
def review_proposal(actor: Actor, proposal_id: int, grade: int, reason: str) -> GradeProposal:
    """The second review of tiers that do not agree: a grade with a written reason (county rule D1).

    Raises ``Refused`` for who worked on the sheet, or when nothing waits for a review; ``Invalid`` without a reason.
    """
    row = queries.proposal(actor, proposal_id, lock=True)
    row.state = _next(actor, row, Act.REVIEW)
    row.reviewed_grade, row.review_reason = _grade(grade), _written(reason)
    row.reviewed_by, row.reviewed_by_person, row.reviewed_at = actor.user_id, actor.person_key, clock.now()
    return row


@operation("grade.return", permission="grades.return")
def return_proposal(actor: Actor, proposal_id: int, reason: str) -> GradeProposal:
    """Send a sheet back: it stays on record, no grade follows, and the resident is due for a new assessment at once."""
    row = queries.proposal(actor, proposal_id, lock=True)
    state, row.decision_reason = _next(actor, row, Act.RETURN), _written(reason)
    row.decided_by, row.decided_by_person, row.decided_at = actor.user_id, actor.person_key, clock.now()
    row.state = state
    appeals.detach(row.sheet)
    note_due(actor, row.resident_id, "returned", row.decision_reason)
    return row


@operation("grade.decide", permission="grades.decide")
def decide_grade(actor: Actor, proposal_id: int, grade: int, reason: str | None = None) -> CareGrade:
    """Decide the care grade: in force from the first of next month, the period before ends the day before.

    The decision of a second sheet ends the appeal it was written for: a grade it confirms goes on and is returned, a
    changed one follows at the earliest after the grade appealed against.
    ``reason`` must be written when the tiers do not agree or the grade differs from the one suggested. Raises
    ``Refused`` for who worked on the sheet or reviewed it, before a needed review, or for a second one in a month.
    """
    row = queries.proposal(actor, proposal_id, lock=True)
    state = _next(actor, row, Act.DECIDE)
    resident = people.resident(actor, row.resident_id, lock=True)
    if resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended."))
    suggested = rules.suggested_grade(row.proposed_grade, row.reviewed_grade)
    written = _written(reason, needed=rules.reason_needed(row.sheet.tiers_agree, suggested, _grade(grade)))
    appealed = appeals.appealed_grade(row.sheet_id)
    if appealed is not None and appealed.proposal.decided_by_person == actor.person_key:
        raise Refused(gettext("You decided the grade that is appealed against; somebody else must decide the appeal."))
    confirmed = appealed is not None and appealed.grade == grade
    earliest = appealed.valid_from if appealed is not None else clock.today()
    valid_from = clock.today() if confirmed else _make_room(row.resident_id, max(clock.today(), earliest))
    now = clock.now()
    row.decided_grade, row.decision_reason = grade, written
    row.decided_by, row.decided_by_person, row.decided_at = actor.user_id, actor.person_key, now
    row.state = state
    appeals.settle(actor, row, grade)
    if appealed is not None and confirmed:
        return appealed
    decided = CareGrade(
        resident_id=row.resident_id,
        proposal_id=row.id,
        grade=grade,
        valid_from=valid_from,
        valid_to=None,
        instrument=row.sheet.instrument,
        instrument_sha256=row.sheet.instrument_sha256,
        decided_at=now,
    )
    db.session.add(decided)
    db.session.flush()
    return decided


def _make_room(resident_id: int, decided_on: dt.date) -> dt.date:
    """Close the period before and return the first day of the next one."""
    existing = queries.periods(resident_id)
    try:
        placed = rules.place([DateRange(g.valid_from, g.valid_to) for g in existing], decided_on)
    except rules.Overlap as error:
        raise Refused(
            gettext(
                "A grade from the first of next month was already decided for this resident; "
                "another one can be decided next month."
            )
        ) from error
    if placed.close_index is not None:
        existing[placed.close_index].valid_to = placed.close_on
        db.session.flush()
    return placed.valid_from
