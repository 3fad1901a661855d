"""Who is to be assessed again, and grades that end with the support."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext

from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.grading import queries, rules
from app.grading.labels import REPORTED_CAUSES
from app.grading.models import ReassessmentDue
from app.grading.operations.noting import note_due
from app.grading.operations.proposals import REASON_LIMIT
from app.grading.queries import due as due_queries
from app.grading.queries import noting
from app.people import queries as people
from app.people.models import ResidentStatus


@operation("reassessment.report", permission="grades.report")
def report_change(actor: Actor, resident_id: int, cause: str, note: str) -> ReassessmentDue:
    """Report that a resident's state changed, so that the assessors come at once (MZ/T 039-2013).

    ``cause`` is ``change`` or ``hospital``; ``note`` says what was seen and stands on the due list.
    """
    resident = people.resident(actor, resident_id, lock=True)
    if resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended."))
    if cause not in REPORTED_CAUSES:
        raise Invalid(gettext("Choose one of the list."), field="cause")
    text = note.strip()
    if not 2 <= len(text) <= REASON_LIMIT:
        raise Invalid(gettext("Write down what changed."), field="note")
    return note_due(actor, resident.id, cause, text)


def open_reassessments(actor: Actor, today: dt.date) -> int:
    """Put everybody whose next regular assessment comes within the notice time on the due list; how many were new. Safe to repeat."""
    actor.require("system.job")
    return _open_reassessments(actor, today) if due_queries.residents_to_remind(today) else 0


@operation("reassessment.open", permission="system.job")
def _open_reassessments(actor: Actor, today: dt.date) -> int:
    found = due_queries.residents_to_remind(today)
    now = clock.now()
    for resident_id, due in found:
        db.session.add(ReassessmentDue(resident_id=resident_id, cause="regular", due_on=due, opened_at=now))
    if not found:
        audit.record("reassessment.open", "reassessment_due", "none")
    return len(found)


def note_discharges(actor: Actor, today: dt.date) -> int:
    """Put everybody who came back from hospital on the due list; how many were new. Safe to repeat."""
    actor.require("system.job")
    return _note_discharges(actor, today) if noting.discharges(today) else 0


@operation("reassessment.discharge", permission="system.job")
def _note_discharges(actor: Actor, today: dt.date) -> int:
    found = noting.discharges(today)
    for resident_id, back_on in found:
        note_due(actor, resident_id, "hospital", None, since=back_on)
    if not found:
        audit.record("reassessment.discharge", "reassessment_due", "none")
    return len(found)


def escalate(actor: Actor, today: dt.date) -> int:
    """Tell the county about assessments that are overdue by more than the rule's working days; how many were new."""
    actor.require("system.job")
    return _escalate(actor, today) if noting.overdue_notes(today) else 0


@operation("reassessment.escalate", permission="system.job")
def _escalate(_actor: Actor, today: dt.date) -> int:
    found = noting.overdue_notes(today)
    for row in found:
        row.escalated_at = clock.now()
    if not found:
        audit.record("reassessment.escalate", "reassessment_due", "none")
    return len(found)


def close_ended_grades(actor: Actor) -> int:
    """End the care grades of residents whose support has ended; how many. Safe to repeat."""
    actor.require("system.job")
    return _close_ended_grades(actor) if queries.grades_after_support() else 0


@operation("grade.close", permission="system.job")
def _close_ended_grades(actor: Actor) -> int:
    found = queries.grades_after_support()
    for row in found:
        ended_on = row.resident.ended_on
        if ended_on is not None:
            row.valid_to = rules.end_of_period(row.valid_from, ended_on)
    if not found:
        audit.record("grade.close", "care_grade", "none")
    return len(found)
