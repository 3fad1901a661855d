"""Who is to be put on the due list by what happened, and what stays on it too long."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import exists, select

from app.core.db import db
from app.core.workdays import add_workdays
from app.grading.models import ReassessmentDue, Sheet
from app.grading.queries.appeals import deadlines
from app.grading.rules import SheetState
from app.people.models import Absence, AbsenceKind, Resident, ResidentStatus

LOOK_BACK = 60
"""So many days after a discharge it is still noticed, should the nightly job not have run."""


def discharges(today: dt.date) -> list[tuple[int, dt.date]]:
    """Residents who came back from hospital and were neither noted for it nor assessed since, with the day they were
    back: the one after the last day away.
    """
    assessed = exists().where(
        Sheet.resident_id == Absence.resident_id,
        Sheet.state == SheetState.SUBMITTED,
        Sheet.rescored_from_id.is_(None),
        Sheet.assessed_on > Absence.to_on,
    )
    rows = db.session.execute(
        select(Absence.resident_id, Absence.to_on)
        .join(Resident, Resident.id == Absence.resident_id)
        .where(
            Absence.kind == AbsenceKind.HOSPITAL,
            Absence.to_on.between(today - dt.timedelta(days=LOOK_BACK), today - dt.timedelta(days=1)),
            Resident.status == ResidentStatus.ACTIVE,
            ~assessed,
        )
        .order_by(Absence.resident_id, Absence.to_on)
    ).all()
    noted: dict[int, list[dt.date]] = {}
    for resident_id, due_on in db.session.execute(
        select(ReassessmentDue.resident_id, ReassessmentDue.due_on).where(ReassessmentDue.cause == "hospital")
    ):
        noted.setdefault(resident_id, []).append(due_on)
    found: dict[int, dt.date] = {}
    for resident_id, to_on in rows:
        # Somebody may have reported the same discharge by hand: any note due after it counts for it.
        if to_on is not None and all(due_on <= to_on for due_on in noted.get(resident_id, [])):
            found[resident_id] = to_on + dt.timedelta(days=1)
    return sorted(found.items())


def overdue_notes(today: dt.date) -> list[ReassessmentDue]:
    """Open notes overdue by more than the rule's working days that the county was not told about, locked."""
    rule = deadlines(today)
    query = (
        select(ReassessmentDue)
        .join(Resident, Resident.id == ReassessmentDue.resident_id)
        .where(
            ReassessmentDue.closed_by_sheet_id.is_(None),
            ReassessmentDue.escalated_at.is_(None),
            ReassessmentDue.due_on < today,
            Resident.status == ResidentStatus.ACTIVE,
        )
        .order_by(ReassessmentDue.id)
    )
    late = db.session.scalars(query.with_for_update(of=ReassessmentDue)).unique()
    return [row for row in late if add_workdays(row.due_on, rule.escalate_workdays).on < today]
