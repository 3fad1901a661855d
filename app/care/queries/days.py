"""Reading the days of the checklist: what is due, what was recorded, who is away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.auth.models import User
from app.care import rules
from app.care.models import CarePlan, ChecklistDay, ChecklistNote
from app.care.queries.plans import plans_on
from app.core.actor import Actor
from app.core.db import db
from app.people import queries as people
from app.people.models import Absence, AbsenceKind, Resident


@dataclass(frozen=True)
class DayState:
    """One resident's day as a screen needs it."""

    resident: Resident
    plan: CarePlan | None
    due: int
    recordable: int
    row: ChecklistDay | None
    away: AbsenceKind | None = None

    @property
    def masks(self) -> rules.Masks:
        """What has been recorded."""
        if self.row is None:
            return rules.Masks()
        return rules.Masks(self.row.done_mask, self.row.excused_mask, self.row.not_done_mask, self.row.late_mask)

    @property
    def open(self) -> list[str]:
        """Due items nobody said anything about yet."""
        return rules.items_of(self.due & ~self.masks.recorded)

    @property
    def progress(self) -> tuple[int, int]:
        """(due items recorded, due items)."""
        return (self.due & self.masks.recorded).bit_count(), self.due.bit_count()


def day_states(residents: Sequence[Resident], day: dt.date, shift: int = 0) -> list[DayState]:
    """The day of many residents in four queries."""
    ids = [r.id for r in residents]
    plans, away = plans_on(ids, day), away_on(ids, day)
    rows = {
        row.resident_id: row
        for row in db.session.scalars(
            select(ChecklistDay).where(
                ChecklistDay.day == day, ChecklistDay.resident_id.in_(ids), ChecklistDay.shift == shift
            )
        )
    }
    states = []
    for resident in residents:
        found = plans.get(resident.id)
        lines = found.lines if found else []
        states.append(
            DayState(
                resident,
                found,
                rules.due_mask(lines, day),
                rules.recordable_mask(lines, day),
                rows.get(resident.id),
                away.get(resident.id),
            )
        )
    return states


def away_on(resident_ids: Sequence[int], day: dt.date) -> dict[int, AbsenceKind]:
    """Who of some residents is not at the place of care on ``day``, and why."""
    query = select(Absence.resident_id, Absence.kind).where(
        Absence.resident_id.in_(resident_ids),
        Absence.from_on <= day,
        (Absence.to_on.is_(None)) | (Absence.to_on >= day),
    )
    return dict(db.session.execute(query).all())


def exceptions(actor: Actor, day: dt.date, shift: int = 0) -> list[tuple[Resident, ChecklistNote]]:
    """What was not as planned on ``day`` among the residents the actor may see: the last word on each item."""
    latest = (
        select(func.max(ChecklistNote.id))
        .where(ChecklistNote.day == day, ChecklistNote.shift == shift)
        .group_by(ChecklistNote.resident_id, ChecklistNote.item)
    )
    mine = people.visible(actor).with_only_columns(Resident.id)
    query = (
        select(Resident, ChecklistNote)
        .join(ChecklistNote, ChecklistNote.resident_id == Resident.id)
        .where(
            ChecklistNote.id.in_(latest),
            Resident.id.in_(mine),
            (ChecklistNote.outcome != rules.Outcome.DONE.value) | ChecklistNote.correction,
        )
        .order_by(Resident.search, Resident.id, ChecklistNote.item)
    )
    return [(row[0], row[1]) for row in db.session.execute(query).unique()]


def notes(resident_id: int, day: dt.date, shift: int = 0) -> list[ChecklistNote]:
    """Reasons and corrections of one day, oldest first."""
    return list(
        db.session.scalars(
            select(ChecklistNote)
            .where(ChecklistNote.resident_id == resident_id, ChecklistNote.day == day, ChecklistNote.shift == shift)
            .order_by(ChecklistNote.id)
        )
    )


def recorder(row: ChecklistDay | None) -> str | None:
    """Who recorded last on a day."""
    if row is None or row.recorded_by is None:
        return None
    return db.session.scalar(select(User.name).where(User.id == row.recorded_by))
