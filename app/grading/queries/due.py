"""Who is to be assessed, why, and by when: never yet, regularly by the months of the instrument, or after a report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Date, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.together import asked
from app.grading import queries
from app.grading.models import GradeProposal, ReassessmentDue, Sheet, SheetPair
from app.grading.queries import pairs
from app.grading.queries.appeals import deadlines
from app.grading.rules import NOTICE_DAYS, OPEN, SheetState
from app.grading.rules.appeals import OTHER, Deadlines
from app.people import queries as people
from app.people.models import Resident, ResidentStatus


def due_list(
    actor: Actor, *, q: str = "", area_code: str = "", cause: str = "", on: dt.date | None = None
) -> Select[Resident]:
    """Supported residents who are to be assessed: never yet, the months of the last sheet's instrument are nearly or
    long over, or something was reported. ``cause`` is one of the keys of ``labels.CAUSES``; a resident whose grade
    still waits is left out.
    """
    day = on or clock.today()
    limit = day + dt.timedelta(days=NOTICE_DAYS)
    query = people.found(actor, q=q, area_code=area_code, status=ResidentStatus.ACTIVE)
    of_resident = and_(Sheet.resident_id == Resident.id, Sheet.state == SheetState.SUBMITTED)
    newest = aliased(Sheet)
    last = (
        select(newest.id)
        .where(newest.resident_id == Resident.id, newest.state == SheetState.SUBMITTED)
        .order_by(newest.assessed_on.desc(), newest.id.desc())
        .limit(1)
        .correlate(Resident)
        .scalar_subquery()
    )
    never = ~exists().where(of_resident)
    over = exists().where(Sheet.id == last, _due_by(deadlines(day), limit))

    def noted(*causes: str) -> ColumnElement[bool]:
        return exists().where(
            ReassessmentDue.resident_id == Resident.id,
            ReassessmentDue.closed_by_sheet_id.is_(None),
            ReassessmentDue.due_on <= limit,
            *([ReassessmentDue.cause.in_(causes)] if causes else []),
        )

    waiting = exists().where(GradeProposal.resident_id == Resident.id, GradeProposal.state.in_(OPEN))
    late = and_(ReassessmentDue.resident_id == Resident.id, ReassessmentDue.closed_by_sheet_id.is_(None))
    reasons: dict[str, ColumnElement[bool]] = {
        "": or_(never, over, noted()),
        "never": never,
        "regular": over,
        "overdue": exists().where(late, ReassessmentDue.due_on < day),
        "escalated": exists().where(late, ReassessmentDue.escalated_at.is_not(None)),
    }
    wanted = reasons[cause] if cause in reasons else noted(cause)
    return query.where(wanted, ~waiting, ~pairs.waits_of_pair(actor))


def _due_by(rule: Deadlines, limit: dt.date) -> ColumnElement[bool]:
    """Whether the next assessment after a sheet is due by a day: each instrument has its own months."""
    latest = rule.latest_due_by(limit)
    listed = [
        (Sheet.instrument.startswith(f"{code}@", autoescape=True), literal(day, Date))
        for code, day in latest.items()
        if code != OTHER
    ]
    return Sheet.assessed_on <= case(*listed, else_=literal(latest[OTHER], Date))


def _due_again(rule: Deadlines, limit: dt.date) -> Select[int, str, dt.date]:
    """Resident, instrument and day of the last sheet of supported residents whose next one is due by a day."""
    place = func.row_number().over(partition_by=Sheet.resident_id, order_by=(Sheet.assessed_on.desc(), Sheet.id.desc()))
    ranked = select(Sheet.id, place.label("place")).where(Sheet.state == SheetState.SUBMITTED).subquery()
    return (
        select(Sheet.resident_id, Sheet.instrument, Sheet.assessed_on)
        .join(ranked, and_(ranked.c.id == Sheet.id, ranked.c.place == 1))
        .join(Resident, Resident.id == Sheet.resident_id)
        .where(Resident.status == ResidentStatus.ACTIVE, _due_by(rule, limit))
        .order_by(Sheet.resident_id)
    )


def overdue(actor: Actor, on: dt.date) -> list[dt.date]:
    """The days by which visible residents should have been assessed again and were not."""
    rule = deadlines(on)
    visible = people.visible(actor).with_only_columns(Resident.id)
    query = _due_again(rule, on - dt.timedelta(days=1)).where(Sheet.resident_id.in_(visible))
    return [rule.next_due(instrument, day) for _id, instrument, day in db.session.execute(query)]


def open_notes(resident_ids: Sequence[int]) -> dict[int, list[ReassessmentDue]]:
    """The notes that put some residents on the due list, oldest first; who has none is missing."""
    query = select(ReassessmentDue).where(
        ReassessmentDue.resident_id.in_(resident_ids), ReassessmentDue.closed_by_sheet_id.is_(None)
    )
    found: dict[int, list[ReassessmentDue]] = {}
    for note in db.session.scalars(query.order_by(ReassessmentDue.id)).unique():
        found.setdefault(note.resident_id, []).append(note)
    return found


@asked(open_notes, reads={"reassessment_due": "resident_id"}, none=())
def notes_of(resident_id: int) -> Sequence[ReassessmentDue]:
    """The notes that put a resident on the due list, oldest first."""
    return open_notes([resident_id]).get(resident_id, ())


def open_causes(resident_id: int) -> list[str]:
    """Why a resident stands on the due list by notes, oldest first."""
    return [note.cause for note in notes_of(resident_id)]


@dataclass(frozen=True)
class DueRow:
    """One line of the due list: why, by when (None: at once), the last sheet, a draft to go on with, the blind pair
    that scores this resident, whether the reader may begin a sheet, and when the next regular one is due at the latest.
    """

    resident: Resident
    causes: tuple[str, ...]
    due_on: dt.date | None
    overdue: bool
    last: Sheet | None
    draft: Sheet | None
    pair: SheetPair | None = None
    may_begin: bool = True
    next_on: dt.date | None = None


def due_rows(actor: Actor, residents: Sequence[Resident], on: dt.date | None = None) -> list[DueRow]:
    """The facts beside each resident of one page of the due list."""
    day = on or clock.today()
    ids = [r.id for r in residents]
    newest: dict[int, Sheet] = {}
    sheets = select(Sheet).where(Sheet.resident_id.in_(ids), Sheet.state == SheetState.SUBMITTED)
    for row in db.session.scalars(sheets.order_by(Sheet.assessed_on, Sheet.id)).unique():
        newest[row.resident_id] = row
    drafts: dict[int, Sheet] = {}
    mine = queries.visible_sheets(actor).where(Sheet.resident_id.in_(ids), Sheet.state == SheetState.DRAFT)
    for row in db.session.scalars(mine.order_by(Sheet.id)).unique():
        drafts[row.resident_id] = row
    notes = {of: sorted(some, key=lambda note: note.due_on) for of, some in open_notes(ids).items()}
    blind = pairs.open_pairs(ids)
    rule = deadlines(day)
    rows = []
    for r in residents:
        line = _due_row(r, newest.get(r.id), notes.get(r.id, []), drafts.get(r.id), day, rule)
        pair = blind.get(r.id)
        rows.append(replace(line, pair=pair, may_begin=pair is None or pairs.named_in(pair, actor)))
    return rows


def _due_row(
    resident: Resident,
    last: Sheet | None,
    notes: list[ReassessmentDue],
    draft: Sheet | None,
    day: dt.date,
    rule: Deadlines,
) -> DueRow:
    causes: dict[str, dt.date | None] = {note.cause: note.due_on for note in notes}
    regular = rule.next_due(last.instrument, last.assessed_on) if last is not None else None
    if regular is None:
        causes = {"never": None, **causes}
    elif regular <= day + dt.timedelta(days=NOTICE_DAYS):
        causes["regular"] = regular
    dates = [d for d in causes.values() if d is not None]
    first = min(dates) if dates else None
    return DueRow(resident, tuple(causes), first, first is not None and first < day, last, draft, next_on=regular)


def residents_to_remind(on: dt.date) -> list[tuple[int, dt.date]]:
    """Supported residents whose next regular assessment is due within the notice time and stand in no open note of it
    yet, with the day.
    """
    rule = deadlines(on)
    query = _due_again(rule, on + dt.timedelta(days=NOTICE_DAYS))
    known = {
        (note.resident_id, note.due_on)
        for note in db.session.scalars(select(ReassessmentDue).where(ReassessmentDue.cause == "regular")).unique()
    }
    found = [
        (resident_id, rule.next_due(instrument, day)) for resident_id, instrument, day in db.session.execute(query)
    ]
    return [pair for pair in found if pair not in known]
