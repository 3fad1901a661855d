"""Reading sheets, proposals and grades, each from the residents the actor may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import selectinload

from app.auth.models import User
from app.core.actor import Actor
from app.core.db import db, one_row
from app.core.together import asked, held, remembered
from app.grading import rules
from app.grading.models import CareGrade, GradeProposal, Sheet
from app.grading.queries import pairs
from app.grading.rules import ProposalState, SheetState
from app.people import queries as people
from app.people.models import Assessor, Resident
from app.places.queries import among


def _ids(actor: Actor) -> Select[int]:
    return people.visible(actor).with_only_columns(Resident.id)


def visible_sheets(actor: Actor) -> Select[Sheet]:
    """Submitted sheets of visible residents; drafts only to the agency that writes them; discarded ones to nobody.

    While a resident is scored blind, drafts and sealed sheets are shown to their authors only, whoever else asks.
    """
    query = select(Sheet).where(among(Sheet.resident_id, people.visible(actor), Resident.id, actor))
    submitted = Sheet.state == SheetState.SUBMITTED
    if not actor.may("sheets.write"):
        return query.where(submitted)
    draft = Sheet.state == SheetState.DRAFT
    if actor.system:
        return query.where(or_(submitted, draft))
    own = Sheet.created_by == actor.user_id
    written = and_(own, Sheet.state.in_([SheetState.DRAFT, SheetState.SEALED]))
    if actor.organisation_id is not None:
        colleagues = select(User.id).where(User.organisation_id == actor.organisation_id)
        shared = and_(draft, Sheet.created_by.in_(colleagues), ~pairs.in_open_blind_pair())
        written = or_(written, shared)
    return query.where(or_(submitted, written))


def sheet(actor: Actor, sheet_id: int, *, lock: bool = False) -> Sheet:
    """One visible sheet. Raises ``NotFound``."""
    return held(actor, Sheet, sheet_id, visible_sheets, lock=lock)


def _by_key(keys: Sequence[str]) -> dict[str, Sheet]:
    rows = db.session.scalars(select(Sheet).where(Sheet.client_key.in_(keys))).unique()
    return {row.client_key: row for row in rows}


@asked(_by_key, reads={"assessment_sheet": "client_key"})
def sheet_by_key(client_key: str) -> Sheet | None:
    """The sheet a client sent under its own key, whatever its state."""
    return db.session.scalars(select(Sheet).where(Sheet.client_key == client_key)).unique().one_or_none()


def open_draft(actor: Actor, resident_id: int) -> Sheet | None:
    """The newest draft of a resident that the actor may go on with."""
    query = visible_sheets(actor).where(Sheet.resident_id == resident_id, Sheet.state == SheetState.DRAFT)
    return db.session.scalars(query.order_by(Sheet.id.desc()).limit(1)).unique().one_or_none()


def _last_sheets(resident_ids: Sequence[int]) -> dict[int, Sheet]:
    order = (Sheet.submitted_at.desc(), Sheet.id.desc())
    place = func.row_number().over(partition_by=Sheet.resident_id, order_by=order)
    submitted = (Sheet.resident_id.in_(resident_ids), Sheet.state == SheetState.SUBMITTED)
    ranked = select(Sheet.id, place.label("place")).where(*submitted).subquery()
    query = select(Sheet).join(ranked, and_(ranked.c.id == Sheet.id, ranked.c.place == 1))
    return {row.resident_id: row for row in db.session.scalars(query).unique()}


@asked(_last_sheets, reads={"assessment_sheet": "resident_id"})
def last_sheet(resident_id: int, before: Sheet | None = None) -> Sheet | None:
    """The newest submitted sheet of a resident, or the one before ``before``."""
    query = select(Sheet).where(Sheet.resident_id == resident_id, Sheet.state == SheetState.SUBMITTED)
    if before is not None:
        query = query.where(Sheet.id.not_in([before.id, before.rescored_from_id or before.id]))
        if before.submitted_at is not None:
            query = query.where(Sheet.submitted_at < before.submitted_at)
    newest = query.order_by(Sheet.submitted_at.desc(), Sheet.id.desc()).limit(1)
    return db.session.scalars(newest).unique().one_or_none()


def last_comparable(row: Sheet) -> Sheet | None:
    """The submitted sheet before this one, when it asks the same (versions may differ): other questions, nothing to
    compare.
    """
    last = last_sheet(row.resident_id, before=row)
    same = last is not None and last.instrument.partition("@")[0] == row.instrument.partition("@")[0]
    return last if same else None


def latest_by_instrument(row: Sheet) -> list[Sheet]:
    """The newest submitted sheet of the resident with each other instrument (its code; versions count as one)."""
    query = select(Sheet).where(
        Sheet.resident_id == row.resident_id,
        Sheet.state == SheetState.SUBMITTED,
        Sheet.instrument.not_like(row.instrument.partition("@")[0] + "@%"),
    )
    newest: dict[str, Sheet] = {}
    for sheet in db.session.scalars(query.order_by(Sheet.submitted_at.desc(), Sheet.id.desc())).unique():
        newest.setdefault(sheet.instrument.partition("@")[0], sheet)
    return list(newest.values())


def totals_until(row: Sheet) -> list[tuple[dt.date, int]]:
    """Day and points of the resident's submitted assessments up to a sheet, oldest first; repeated sheets left out,
    but for the one asked about.
    """
    query = select(Sheet.assessed_on, Sheet.total).where(
        Sheet.resident_id == row.resident_id,
        Sheet.state == SheetState.SUBMITTED,
        Sheet.total.is_not(None),
        Sheet.instrument.startswith(row.instrument.partition("@")[0] + "@", autoescape=True),  # points of one scale
        or_(Sheet.rescored_from_id.is_(None), Sheet.id == row.id),
        Sheet.id != (row.rescored_from_id or 0),
    )
    if row.submitted_at is not None:
        query = query.where(Sheet.submitted_at <= row.submitted_at)
    return [
        (day, total)
        for day, total in db.session.execute(query.order_by(Sheet.assessed_on, Sheet.id))
        if total is not None
    ]


def found_sheets(
    actor: Actor,
    *,
    q: str = "",
    state: SheetState | None = None,
    disagreeing: bool = False,
    area_code: str = "",
    from_on: dt.date | None = None,
    to_on: dt.date | None = None,
) -> Select[Sheet]:
    """The list of sheets narrowed by search text, state, tiers that do not agree, area and day of assessment."""
    query = visible_sheets(actor)
    if q:
        residents = people.found(actor, q=q).with_only_columns(Resident.id)
        query = query.where(or_(Sheet.number == q.strip().upper(), Sheet.resident_id.in_(residents)))
    if area_code:
        residents = people.found(actor, area_code=area_code).with_only_columns(Resident.id)
        query = query.where(Sheet.resident_id.in_(residents))
    if state is not None:
        query = query.where(Sheet.state == state)
    if disagreeing:
        query = query.where(Sheet.state == SheetState.SUBMITTED, Sheet.tiers_agree.is_not(True))
    if from_on is not None:
        query = query.where(Sheet.assessed_on >= from_on)
    if to_on is not None:
        query = query.where(Sheet.assessed_on <= to_on)
    return query


def visible_proposals(actor: Actor) -> Select[GradeProposal]:
    """Proposals of visible residents; who may not read sheets sees what was decided only."""
    query = select(GradeProposal).where(GradeProposal.resident_id.in_(_ids(actor)))
    return query if actor.may("sheets.read") else query.where(GradeProposal.state == ProposalState.DECIDED)


def proposal(actor: Actor, proposal_id: int, *, lock: bool = False) -> GradeProposal:
    """One visible proposal. Raises ``NotFound``."""
    return held(actor, GradeProposal, proposal_id, visible_proposals, lock=lock)


def proposals_of(sheet_ids: Sequence[int]) -> dict[int, GradeProposal]:
    """The proposals some sheets led to, by sheet."""
    query = select(GradeProposal).where(GradeProposal.sheet_id.in_(sheet_ids))
    return {row.sheet_id: row for row in db.session.scalars(query).unique()}


def proposal_of(sheet_id: int) -> GradeProposal | None:
    """The proposal a sheet led to."""
    return db.session.scalars(select(GradeProposal).where(GradeProposal.sheet_id == sheet_id)).unique().one_or_none()


def _open_proposals(resident_ids: Sequence[int]) -> dict[int, GradeProposal]:
    query = select(GradeProposal).where(
        GradeProposal.resident_id.in_(resident_ids), GradeProposal.state.in_(rules.OPEN)
    )
    return {row.resident_id: row for row in db.session.scalars(query.order_by(GradeProposal.id)).unique()}


@asked(_open_proposals, reads={"grade_proposal": "resident_id"})
def open_proposal(resident_id: int) -> GradeProposal | None:
    """The proposal of a resident that still waits for a review or a decision."""
    query = select(GradeProposal).where(GradeProposal.resident_id == resident_id, GradeProposal.state.in_(rules.OPEN))
    return db.session.scalars(query.order_by(GradeProposal.id.desc()).limit(1)).unique().one_or_none()


def found_proposals(
    actor: Actor, *, q: str = "", state: ProposalState | None = None, disagreeing: bool = False, area_code: str = ""
) -> Select[GradeProposal]:
    """The list of proposals narrowed by search text, state, tiers that do not agree, and area."""
    query = visible_proposals(actor)
    if q:
        numbered = select(Sheet.id).where(Sheet.number == q.strip().upper())
        residents = people.found(actor, q=q).with_only_columns(Resident.id)
        query = query.where(or_(GradeProposal.sheet_id.in_(numbered), GradeProposal.resident_id.in_(residents)))
    if area_code:
        residents = people.found(actor, area_code=area_code).with_only_columns(Resident.id)
        query = query.where(GradeProposal.resident_id.in_(residents))
    if state is not None:
        query = query.where(GradeProposal.state == state)
    if disagreeing:
        differing = select(Sheet.id).where(Sheet.tiers_agree.is_not(True))
        query = query.where(GradeProposal.sheet_id.in_(differing))
    return query


def _grades_on(keys: Sequence[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], CareGrade]:
    found: dict[tuple[int, dt.date], CareGrade] = {}
    for day in {day for _resident_id, day in keys}:
        ids = [resident_id for resident_id, on in keys if on == day]
        query = (
            select(CareGrade)
            .join(Resident, Resident.id == CareGrade.resident_id)
            .where(CareGrade.resident_id.in_(ids), *_in_force(day))
            .options(selectinload(CareGrade.proposal))
        )
        found |= {(row.resident_id, day): row for row in db.session.scalars(query).unique()}
    return found


def _in_force(day: dt.date) -> tuple[ColumnElement[bool], ...]:
    return (
        CareGrade.valid_from <= day,
        or_(CareGrade.valid_to.is_(None), CareGrade.valid_to >= day),
        or_(Resident.ended_on.is_(None), Resident.ended_on >= day),
    )


@asked(_grades_on, reads={"care_grade": "resident_id", "resident": "id"})
def grade_on(resident_id: int, day: dt.date) -> CareGrade | None:
    """The care grade in force on a day, or None; nothing is in force after the end of support."""
    query = (
        select(CareGrade)
        .join(Resident, Resident.id == CareGrade.resident_id)
        .where(CareGrade.resident_id == resident_id, *_in_force(day))
    )
    return db.session.scalars(query).unique().one_or_none()


def grades_of(actor: Actor, resident_id: int) -> list[CareGrade]:
    """Every care grade of a visible resident, oldest first. Raises ``NotFound``."""
    people.resident(actor, resident_id)
    query = select(CareGrade).where(CareGrade.resident_id == resident_id).order_by(CareGrade.valid_from)
    return list(db.session.scalars(query).unique())


def grade(actor: Actor, grade_id: int) -> CareGrade:
    """One care grade of a visible resident. Raises ``NotFound``."""
    query = select(CareGrade).where(CareGrade.id == grade_id, CareGrade.resident_id.in_(_ids(actor)))
    return one_row(query)


def grades_on(resident_ids: Iterable[int], day: dt.date) -> dict[int, CareGrade]:
    """The grade in force on a day of each of some residents."""
    query = select(CareGrade).where(
        CareGrade.resident_id.in_(list(resident_ids)),
        CareGrade.valid_from <= day,
        or_(CareGrade.valid_to.is_(None), CareGrade.valid_to >= day),
    )
    return {row.resident_id: row for row in db.session.scalars(query).unique()}


def _periods(resident_ids: Sequence[int]) -> dict[int, list[CareGrade]]:
    found: dict[int, list[CareGrade]] = {resident_id: [] for resident_id in resident_ids}
    query = select(CareGrade).where(CareGrade.resident_id.in_(resident_ids)).order_by(CareGrade.valid_from)
    for row in db.session.scalars(query.with_for_update(of=CareGrade)).unique():
        found[row.resident_id].append(row)
    return found


@asked(_periods, reads={"care_grade": "resident_id"})
def periods(resident_id: int) -> list[CareGrade]:
    """All care grades of a resident, locked for the transaction that adds one."""
    query = select(CareGrade).where(CareGrade.resident_id == resident_id).order_by(CareGrade.valid_from)
    return list(db.session.scalars(query.with_for_update(of=CareGrade)).unique())


def grades_after_support() -> list[CareGrade]:
    """Care grades that are open although support of the resident has ended."""
    query = (
        select(CareGrade)
        .join(Resident, Resident.id == CareGrade.resident_id)
        .where(Resident.ended_on.is_not(None))
        .where(or_(CareGrade.valid_to.is_(None), CareGrade.valid_to > Resident.ended_on))
        .where(or_(CareGrade.valid_to.is_(None), CareGrade.valid_to > CareGrade.valid_from))
        .order_by(CareGrade.id)
    )
    return list(db.session.scalars(query).unique())


@remembered(reads={"user_account": "id"})
def _person_key(user_id: int) -> str | None:
    return db.session.scalar(select(User.person_key).where(User.id == user_id))


def people_of(row: Sheet) -> frozenset[str]:
    """Person keys of everybody who worked on a sheet or on one beside it in a pair: who opened it, who submitted it, the
    assessors, who adjudicated.
    """
    rows = [row, *pairs.siblings_of(row.id)]
    users = {a.user_id for r in rows for a in (r.first_assessor, r.second_assessor) if a is not None}
    keys = {key for user_id in users if user_id is not None for key in [_person_key(user_id)] if key is not None}
    return frozenset(keys | {p for r in rows for p in (r.created_by_person, r.submitted_by_person) if p})


def person_of(assessor: Assessor) -> str:
    """The person behind an assessor: the account's person, else the certificate."""
    key = _person_key(assessor.user_id) if assessor.user_id else None
    return key or f"certificate:{assessor.certificate_number}"


def colleagues(actor: Actor) -> list[Assessor]:
    """The active assessors the actor may name on a sheet."""
    query = people.found_assessors(actor, active=True).order_by(Assessor.search, Assessor.id)
    return list(db.session.scalars(query).unique())


def names_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """Names of the accounts that acted."""
    wanted = [u for u in user_ids if u is not None]
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {row.id: row.name for row in rows}
