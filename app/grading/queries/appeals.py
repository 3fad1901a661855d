"""Reading appeals against care grades, the deadlines in force, and the grades months are paid by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from pathlib import Path

from sqlalchemy import Select, select

from app.core.actor import Actor
from app.core.db import db, one_row
from app.core.policies import Policy
from app.core.rulebook import rule_in_force, ship
from app.core.together import asked
from app.grading.models import CareGrade, GradeAppeal, ReassessmentDue, Sheet
from app.grading.rules.appeals import WAITING, AppealState, Deadlines, pay_grade
from app.people import queries as people
from app.people.models import Resident

KIND = "assessment_rule"
ship(Path(__file__).resolve().parent.parent / "policies")


def deadline_rule(on: dt.date) -> Policy:
    """The rule of deadlines in force on a day. Raises ``Refused`` when none is."""
    return rule_in_force(KIND, on)


def deadlines(on: dt.date) -> Deadlines:
    """Its days."""
    return Deadlines.from_body(deadline_rule(on).body)


def visible_appeals(actor: Actor) -> Select[GradeAppeal]:
    """Appeals of visible residents."""
    ids = people.visible(actor).with_only_columns(Resident.id)
    return select(GradeAppeal).where(GradeAppeal.resident_id.in_(ids))


def found_appeals(
    actor: Actor, *, q: str = "", state: AppealState | None = None, waiting: bool = False
) -> Select[GradeAppeal]:
    """The list of appeals narrowed by search text and state."""
    query = visible_appeals(actor)
    if q:
        query = query.where(GradeAppeal.resident_id.in_(people.found(actor, q=q).with_only_columns(Resident.id)))
    if state is not None:
        query = query.where(GradeAppeal.state == state)
    return query.where(GradeAppeal.state.in_(WAITING)) if waiting else query


def appeal(actor: Actor, appeal_id: int, *, lock: bool = False) -> GradeAppeal:
    """One visible appeal. Raises ``NotFound``."""
    query = visible_appeals(actor).where(GradeAppeal.id == appeal_id)
    return one_row(query, lock=lock)


def _waiting_appeals(resident_ids: Sequence[int]) -> dict[int, GradeAppeal]:
    query = select(GradeAppeal).where(GradeAppeal.resident_id.in_(resident_ids), GradeAppeal.state.in_(WAITING))
    query = query.with_for_update(of=GradeAppeal).order_by(GradeAppeal.id)
    return {row.resident_id: row for row in db.session.scalars(query).unique()}


@asked(_waiting_appeals, reads={"grade_appeal": "resident_id"})
def waiting_appeal(resident_id: int, *, lock: bool = False) -> GradeAppeal | None:
    """The appeal of a resident that is not decided yet."""
    query = select(GradeAppeal).where(GradeAppeal.resident_id == resident_id, GradeAppeal.state.in_(WAITING))
    if lock:
        query = query.with_for_update(of=GradeAppeal).execution_options(populate_existing=True)
    return db.session.scalars(query.order_by(GradeAppeal.id.desc()).limit(1)).unique().one_or_none()


def appeals_of(resident_id: int) -> dict[int, GradeAppeal]:
    """Appeals of a resident by the grade they are against."""
    rows = db.session.scalars(select(GradeAppeal).where(GradeAppeal.resident_id == resident_id)).unique()
    return {row.grade_id: row for row in rows}


def _appeals_of_sheets(sheet_ids: Sequence[int]) -> dict[int, GradeAppeal]:
    query = select(GradeAppeal).where(GradeAppeal.second_sheet_id.in_(sheet_ids))
    return {row.second_sheet_id: row for row in db.session.scalars(query).unique() if row.second_sheet_id is not None}


@asked(_appeals_of_sheets, reads={"grade_appeal": "second_sheet_id"})
def appeal_of_sheet(sheet_id: int) -> GradeAppeal | None:
    """The appeal a sheet was written for."""
    return db.session.scalars(select(GradeAppeal).where(GradeAppeal.second_sheet_id == sheet_id)).unique().one_or_none()


def objection_notes(resident_id: int) -> list[ReassessmentDue]:
    """Open notes that put the resident on the due list because of an appeal."""
    query = select(ReassessmentDue).where(
        ReassessmentDue.resident_id == resident_id,
        ReassessmentDue.cause == "objection",
        ReassessmentDue.closed_by_sheet_id.is_(None),
    )
    return list(db.session.scalars(query).unique())


def first_sheet(row: GradeAppeal) -> Sheet:
    """The sheet of the grade appealed against."""
    return row.grade.proposal.sheet


def paid_grades(
    resident_ids: Collection[int] | Select[int], last: dt.date
) -> list[tuple[int, dt.date, dt.date | None, int]]:
    """Resident, first and last day, and the grade those days are paid by: a grade under appeal does not count for pay
    until it is decided, the one before goes on; what an appeal changed counts from the first day of that grade.
    """
    rows = db.session.execute(
        select(CareGrade.resident_id, CareGrade.valid_from, CareGrade.valid_to, CareGrade.grade, CareGrade.id)
        .where(CareGrade.resident_id.in_(resident_ids), CareGrade.valid_from <= last)
        .order_by(CareGrade.resident_id, CareGrade.valid_from)
    ).all()
    appeals = {
        grade_id: (state, outcome)
        for grade_id, state, outcome in db.session.execute(
            select(GradeAppeal.grade_id, GradeAppeal.state, GradeAppeal.outcome_grade).where(
                GradeAppeal.resident_id.in_(resident_ids)
            )
        )
    }
    found: list[tuple[int, dt.date, dt.date | None, int]] = []
    before: dict[int, int] = {}
    for resident_id, start, end, grade, grade_id in rows:
        paid: int | None = grade
        if grade_id in appeals:
            state, outcome = appeals[grade_id]
            paid = pay_grade(grade, before.get(resident_id), state, outcome)
        if paid is not None:
            found.append((resident_id, start, end, paid))
            before[resident_id] = paid
    return found
