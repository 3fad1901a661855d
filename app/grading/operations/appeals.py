"""Acts of an appeal against a care grade: file, withdraw, and what the second sheet and its decision do to it."""

from __future__ import annotations

from flask_babel import gettext

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.grading import queries
from app.grading.models import CareGrade, GradeAppeal, GradeProposal, Sheet
from app.grading.operations.noting import note_due
from app.grading.queries import appeals
from app.grading.rules.appeals import NEXT, AppealAct, AppealBy, AppealState
from app.people import queries as people
from app.people.models import ResidentStatus

TEXT_LIMIT = 2000


@operation("appeal.file", permission="appeals.file")
def file_appeal(actor: Actor, grade_id: int, *, by: AppealBy, by_name: str, reason: str) -> GradeAppeal:
    """Object to a care grade for the resident, the guardian or the institution, within the days of publicity.

    The resident is due for a second assessment by other assessors at once. Raises ``Refused`` after the publicity, for
    a second appeal, and for a grade that no longer counts; ``Invalid`` without a name or reason.
    """
    grade = queries.grade(actor, grade_id)
    resident = people.resident(actor, grade.resident_id, lock=True)
    if resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended."))
    name, text = by_name.strip(), reason.strip()
    errors = {}
    if not 1 <= len(name) <= 80:
        errors["by_name"] = gettext("Name who objects.")
    if not 2 <= len(text) <= TEXT_LIMIT:
        errors["reason"] = gettext("Write down what is wrong with the grade.")
    if errors:
        raise Invalid(" ".join(errors.values()), errors=errors)
    if appeals.appeals_of(resident.id).get(grade.id) is not None or appeals.waiting_appeal(resident.id) is not None:
        raise Refused(gettext("There is an appeal against this grade already."))
    today, rule = clock.today(), appeals.deadline_rule(clock.today())
    days = appeals.deadlines(today)
    decided_on = grade.decided_at.astimezone(clock.ZONE).date()
    if today > days.published_until(decided_on).on:
        raise Refused(
            gettext(
                "The publicity of this grade ended on %(day)s. Report a change instead, or apply for administrative"
                " reconsideration.",
                day=days.published_until(decided_on).on,
            )
        )
    row = GradeAppeal(
        grade_id=grade.id,
        resident_id=resident.id,
        state=AppealState.OPEN,
        by=by,
        by_name=name,
        reason=text,
        filed_on=today,
        filed_by=actor.user_id,
        decide_by=days.decide_by(today).on,
        rule_sha256=rule.sha256,
    )
    db.session.add(row)
    db.session.flush()
    note_due(actor, resident.id, "objection", text)
    return row


@operation("appeal.withdraw", permission="appeals.file")
def withdraw_appeal(actor: Actor, appeal_id: int, reason: str) -> GradeAppeal:
    """Take an appeal back before the second pair has scored; the grade counts again as it was decided."""
    row = appeals.appeal(actor, appeal_id, lock=True)
    text = reason.strip()
    if not 2 <= len(text) <= TEXT_LIMIT:
        raise Invalid(gettext("Write down the reason."), field="reason")
    _step(row, AppealAct.WITHDRAW)
    row.outcome_reason, row.closed_by, row.closed_at = text, actor.user_id, clock.now()
    for note in appeals.objection_notes(row.resident_id):
        note.closed_by_sheet_id = appeals.first_sheet(row).id
    return row


def _step(row: GradeAppeal, act: AppealAct) -> None:
    state = NEXT.get((row.state, act))
    if state is None:
        raise Refused(gettext("This appeal cannot be changed any more in this way. Reload the page."))
    row.state = state


def attach(sheet: Sheet) -> None:
    """A submitted sheet of a resident under appeal is the second one."""
    row = appeals.waiting_appeal(sheet.resident_id, lock=True)
    if row is not None and row.state is AppealState.OPEN:
        _step(row, AppealAct.ASSESS)
        row.second_sheet_id = sheet.id


def detach(sheet: Sheet) -> None:
    """The second sheet was returned: the appeal waits for another one."""
    row = appeals.appeal_of_sheet(sheet.id)
    if row is not None and row.state is AppealState.ASSESSED:
        _step(row, AppealAct.RETURN)
        row.second_sheet_id = None


def settle(actor: Actor, proposal: GradeProposal, decided: int) -> GradeAppeal | None:
    """The decision of the second sheet ends the appeal; None when the sheet was not written for one."""
    row = appeals.appeal_of_sheet(proposal.sheet_id)
    if row is None or row.state is not AppealState.ASSESSED:
        return None
    _step(row, AppealAct.CONFIRM if decided == row.grade.grade else AppealAct.CHANGE)
    row.outcome_grade, row.outcome_reason = decided, proposal.decision_reason
    row.closed_by, row.closed_at = actor.user_id, clock.now()
    return row


def appealed_grade(sheet_id: int) -> CareGrade | None:
    """The grade a sheet was written to check, when it was written for an appeal."""
    row = appeals.appeal_of_sheet(sheet_id)
    return row.grade if row is not None else None
