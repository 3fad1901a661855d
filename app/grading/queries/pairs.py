"""Reading pairs of sheets: which there are, who scores, who worked on them, what a person compares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from app.core.actor import Actor
from app.core.db import db, one_row
from app.core.together import asked
from app.grading.models import Sheet, SheetPair, SheetPairMember
from app.grading.rules import SheetState
from app.grading.rules.pairing import JOINABLE, UNSETTLED, PairKind, PairRole, PairState
from app.people import queries as people
from app.people.models import Resident


def visible_pairs(actor: Actor) -> Select[SheetPair]:
    """Pairs of visible residents; who writes sheets sees the blind ones he or she is named in until both are in."""
    ids = people.visible(actor).with_only_columns(Resident.id)
    query = select(SheetPair).where(SheetPair.resident_id.in_(ids))
    if actor.may("sheets.write") and not actor.system:
        own = or_(
            SheetPair.first_assessor_id == (actor.assessor_id or 0),
            SheetPair.second_assessor_id == (actor.assessor_id or 0),
        )
        query = query.where(or_(SheetPair.state != PairState.OPEN, own))
    return query


def found_pairs(actor: Actor, *, q: str = "", state: PairState | None = None, kind: str = "") -> Select[SheetPair]:
    """The list of pairs narrowed by search text, state and kind."""
    query = visible_pairs(actor)
    if q:
        query = query.where(SheetPair.resident_id.in_(people.found(actor, q=q).with_only_columns(Resident.id)))
    if state is not None:
        query = query.where(SheetPair.state == state)
    return query.where(SheetPair.kind == kind) if kind else query


def pair(actor: Actor, pair_id: int, *, lock: bool = False) -> SheetPair:
    """One visible pair. Raises ``NotFound``."""
    query = visible_pairs(actor).where(SheetPair.id == pair_id)
    return one_row(query, lock=lock)


def _unsettled_pairs(resident_ids: Sequence[int]) -> dict[int, SheetPair]:
    query = select(SheetPair).where(SheetPair.resident_id.in_(resident_ids), SheetPair.state.in_(UNSETTLED))
    return {row.resident_id: row for row in db.session.scalars(query.order_by(SheetPair.id)).unique()}


@asked(_unsettled_pairs, reads={"sheet_pair": "resident_id"})
def unsettled_pair(resident_id: int) -> SheetPair | None:
    """The pair of a resident that still waits for a sheet or for the adjudication."""
    query = select(SheetPair).where(SheetPair.resident_id == resident_id, SheetPair.state.in_(UNSETTLED))
    return db.session.scalars(query.order_by(SheetPair.id.desc()).limit(1)).unique().one_or_none()


def pair_by_token(token: str) -> SheetPair | None:
    """The pair a device means."""
    return db.session.scalars(select(SheetPair).where(SheetPair.token == token)).unique().one_or_none()


def joinable_pair(sheet_id: int) -> SheetPair | None:
    """The pair of a sheet that a late version still joins."""
    query = select(SheetPair).join(SheetPairMember, SheetPairMember.pair_id == SheetPair.id)
    query = query.where(
        SheetPairMember.sheet_id == sheet_id,
        SheetPairMember.role == PairRole.VERSION,
        SheetPair.state.in_(JOINABLE),
    )
    return db.session.scalars(query.order_by(SheetPair.id.desc()).limit(1)).unique().one_or_none()


def blind_pair_of(sheet_id: int) -> SheetPair | None:
    """The blind pair a sheet was opened for; None for an ordinary sheet."""
    query = (
        select(SheetPair)
        .join(SheetPairMember, SheetPairMember.pair_id == SheetPair.id)
        .where(SheetPairMember.sheet_id == sheet_id, SheetPair.kind == PairKind.BLIND)
    )
    return db.session.scalars(query.order_by(SheetPair.id).limit(1)).unique().one_or_none()


HANDED_IN = (SheetState.SEALED, SheetState.SUBMITTED)


def members(pair_id: int, role: PairRole = PairRole.VERSION, states: Sequence[SheetState] = HANDED_IN) -> list[Sheet]:
    """The sheets of a pair that were handed in, in the order of their numbers."""
    query = (
        select(Sheet)
        .join(SheetPairMember, SheetPairMember.sheet_id == Sheet.id)
        .where(SheetPairMember.pair_id == pair_id, SheetPairMember.role == role)
        .where(Sheet.state.in_(states))
        .order_by(Sheet.id)
    )
    return list(db.session.scalars(query).unique())


def pairs_of(sheet_id: int) -> list[SheetPair]:
    """Every pair a sheet belongs to, oldest first."""
    query = select(SheetPair).join(SheetPairMember, SheetPairMember.pair_id == SheetPair.id)
    query = query.where(SheetPairMember.sheet_id == sheet_id).order_by(SheetPair.id)
    return list(db.session.scalars(query).unique())


def _siblings(sheet_ids: Sequence[int]) -> dict[int, Sequence[Sheet]]:
    query = select(SheetPairMember.sheet_id).where(SheetPairMember.sheet_id.in_(sheet_ids)).distinct()
    return {sheet_id: siblings([sheet_id]) for sheet_id in db.session.scalars(query)}


@asked(_siblings, reads={"sheet_pair_member": "", "assessment_sheet": "id"}, none=())
def siblings_of(sheet_id: int) -> Sequence[Sheet]:
    """The sheets that stand in a pair with this one."""
    return siblings([sheet_id])


def siblings(sheet_ids: Iterable[int]) -> Sequence[Sheet]:
    """The sheets that stand in a pair with any of these."""
    mine = select(SheetPairMember.pair_id).where(SheetPairMember.sheet_id.in_(list(sheet_ids)))
    query = select(Sheet).join(SheetPairMember, SheetPairMember.sheet_id == Sheet.id)
    return db.session.scalars(query.where(SheetPairMember.pair_id.in_(mine))).unique().all()


def named_in(pair_row: SheetPair, actor: Actor) -> bool:
    """Whether the actor is one of the two assessors of a blind pair."""
    return actor.assessor_id is not None and actor.assessor_id in {
        pair_row.first_assessor_id,
        pair_row.second_assessor_id,
    }


def own_sheet(pair_row: SheetPair, actor: Actor) -> Sheet | None:
    """The actor's own sheet of a blind pair, a draft or handed in."""
    every = members(pair_row.id, states=(SheetState.DRAFT, *HANDED_IN))
    mine = [row for row in every if row.created_by == actor.user_id]
    alone = (row for row in mine if row.state is not SheetState.DRAFT and row.second_assessor_id is None)
    drafts = (row for row in mine if row.state is SheetState.DRAFT)
    return next(alone, None) or next(drafts, None)


def in_open_blind_pair() -> ColumnElement[bool]:
    """Of a ``Sheet``: its resident is being scored blind, so that drafts are shown to their authors only."""
    return exists().where(
        SheetPair.resident_id == Sheet.resident_id, SheetPair.kind == PairKind.BLIND, SheetPair.state == PairState.OPEN
    )


def waits_of_pair(actor: Actor) -> ColumnElement[bool]:
    """Of a ``Resident``: a pair waits for the adjudication, or for the other assessor only."""
    handed_in = exists().where(
        SheetPairMember.pair_id == SheetPair.id,
        Sheet.id == SheetPairMember.sheet_id,
        Sheet.state == SheetState.SEALED,
        Sheet.created_by == (actor.user_id or 0),
        Sheet.second_assessor_id.is_(None),
    )
    return exists().where(
        SheetPair.resident_id == Resident.id,
        or_(SheetPair.state == PairState.DIFFERING, and_(SheetPair.state == PairState.OPEN, handed_in)),
    )


def differing(resident_ids: Iterable[int]) -> set[int]:
    """Those of some residents whose sheets wait for an adjudication."""
    query = select(SheetPair.resident_id).where(
        SheetPair.resident_id.in_(list(resident_ids)), SheetPair.state == PairState.DIFFERING
    )
    return set(db.session.scalars(query))


def open_pairs(resident_ids: Iterable[int]) -> dict[int, SheetPair]:
    """The blind pair of each of some residents that waits for sheets."""
    query = select(SheetPair).where(
        SheetPair.resident_id.in_(list(resident_ids)),
        SheetPair.state == PairState.OPEN,
    )
    return {row.resident_id: row for row in db.session.scalars(query).unique()}
