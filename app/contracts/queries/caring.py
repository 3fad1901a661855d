"""Who cares under a contract today: nobody, a substitute, somebody without the training."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from app.contracts.models import Contract, Substitute
from app.contracts.queries import visible
from app.contracts.rules import TIER_FOR_GRADE, State, tier_missing
from app.core.actor import Actor
from app.core.db import db
from app.core.together import asked
from app.grading.models import CareGrade
from app.people.models import Caregiver, Resident, ResidentStatus
from app.workforce.models import TierOverride

DAY = dt.timedelta(days=1)
SOON = 3
"""Days before the planned end of substitute care on which somebody is told."""


def replacement_of(row: Contract) -> Contract | None:
    """The contract of the same person that came in force after this one, with another caregiver."""
    query = select(Contract).where(
        Contract.resident_id == row.resident_id,
        Contract.caregiver_id != row.caregiver_id,
        Contract.in_force_from > (row.in_force_from or row.valid_from),
    )
    return db.session.scalars(query.order_by(Contract.in_force_from).limit(1)).unique().first()


def _substitutes(resident_ids: Sequence[int]) -> dict[int, list[Substitute]]:
    query = (
        select(Contract.resident_id, Substitute)
        .join(Contract, Contract.id == Substitute.contract_id)
        .where(Contract.resident_id.in_(resident_ids))
        .order_by(Substitute.id)
    )
    found: dict[int, list[Substitute]] = {}
    for resident_id, row in db.session.execute(query):
        found.setdefault(resident_id, []).append(row)
    return found


@asked(_substitutes, reads={"contract_substitute": ""}, none=())
def substitutes_of(resident_id: int) -> Sequence[Substitute]:
    """Everybody who cared, cares or will care for a resident in a caregiver's place."""
    return _substitutes([resident_id]).get(resident_id, ())


def _stopped(actor: Actor) -> Select[Contract]:
    """Contracts whose caregiver failed or left, of supported people, that no contract with another caregiver follows."""
    other = aliased(Contract)
    followed = exists().where(
        other.resident_id == Contract.resident_id,
        other.caregiver_id != Contract.caregiver_id,
        other.in_force_from > Contract.in_force_from,
    )
    return (
        visible(actor)
        .join(Resident, Resident.id == Contract.resident_id)
        .where(
            Contract.replace_by.is_not(None),
            Contract.state == State.ENDED,
            Resident.status == ResidentStatus.ACTIVE,
            ~followed,
        )
    )


def _substituted(until: dt.date) -> ColumnElement[bool]:
    """Whether somebody is named up to a day at least."""
    return exists().where(
        Substitute.contract_id == Contract.id, or_(Substitute.to_on.is_(None), Substitute.to_on >= until)
    )


def without_care(actor: Actor, today: dt.date) -> Select[Contract]:
    """Nobody cares: the caregiver stopped, no other contract followed and no substitute care is named for ``today`` (or the
    planned one is over). Somebody must be named at once.
    """
    return _stopped(actor).where(~_substituted(today))


def care_ending(actor: Actor, today: dt.date) -> Select[Contract]:
    """Substitute care ends within three days as planned, and no contract follows yet."""
    return _stopped(actor).where(_substituted(today), ~_substituted(today + (SOON + 1) * DAY))


def untrained(actor: Actor, today: dt.date) -> Select[Contract]:
    """Contracts in force whose caregiver has no valid training for the grade today and no named exception either, and for
    whom nobody stands in: their training ran out, or the exception under which they were signed has ended.
    """
    lacks = or_(
        Caregiver.tier.is_(None),
        Caregiver.tier_valid_to.is_(None),
        Caregiver.tier_valid_to < today,
        *(and_(CareGrade.grade == grade, Caregiver.tier < tier) for grade, tier in TIER_FOR_GRADE.items()),
    )
    excepted = exists().where(
        TierOverride.caregiver_id == Contract.caregiver_id,
        TierOverride.resident_id == Contract.resident_id,
        TierOverride.from_on <= today,
        TierOverride.until_on >= today,
        or_(TierOverride.ended_on.is_(None), TierOverride.ended_on > today),
        or_(*(and_(CareGrade.grade == grade, TierOverride.tier >= tier) for grade, tier in TIER_FOR_GRADE.items())),
    )
    stands_in = exists().where(
        Substitute.contract_id == Contract.id,
        Substitute.from_on <= today,
        or_(Substitute.to_on.is_(None), Substitute.to_on >= today),
    )
    return (
        visible(actor)
        .join(Caregiver, Caregiver.id == Contract.caregiver_id)
        .join(CareGrade, CareGrade.id == Contract.grade_id)
        .where(
            Contract.state == State.IN_FORCE,
            Contract.in_force_from <= today,
            Contract.valid_to >= today,
            lacks,
            ~excepted,
            ~stands_in,
        )
    )


CARE: dict[str, Callable[[Actor, dt.date], Select[Contract]]] = {
    "missing": without_care,
    "ending": care_ending,
    "untrained": untrained,
}
"""Lists of contracts that want somebody to act, by the word in their address."""


def trained_to(rows: Sequence[Contract]) -> dict[int, dt.date | None]:
    """By contract the last day to which the caregiver may care for its grade: by the training, or by named exceptions that
    follow each other without a gap. None when there was never anything.
    """
    grades = dict(
        db.session.execute(
            select(CareGrade.id, CareGrade.grade).where(CareGrade.id.in_([r.grade_id for r in rows]))
        ).all()
    )
    pairs: dict[tuple[int, int], list[TierOverride]] = {}
    query = select(TierOverride).where(TierOverride.caregiver_id.in_({row.caregiver_id for row in rows}))
    for one in db.session.scalars(query.order_by(TierOverride.from_on, TierOverride.id)).unique():
        pairs.setdefault((one.caregiver_id, one.resident_id), []).append(one)
    found: dict[int, dt.date | None] = {}
    for row in rows:
        grade, caregiver = grades[row.grade_id], row.caregiver
        own = caregiver.tier_valid_to
        last = None if own is None or tier_missing(caregiver.tier and caregiver.tier.value, own, grade, own) else own
        begun = row.in_force_from or row.valid_from
        for one in pairs.get((row.caregiver_id, row.resident_id), ()):
            end = one.until_on if one.ended_on is None else min(one.until_on, one.ended_on - DAY)
            if one.tier >= TIER_FOR_GRADE[grade] and one.from_on <= max(last or begun, begun - DAY) + DAY:
                last = end if last is None else max(last, end)
        found[row.id] = last
    return found
