"""Reading contracts, each from what the actor may see."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Collection
from pathlib import Path

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import selectinload

from app.auth.models import User
from app.contracts.models import Contract, ContractEvent, ContractParty, ContractSeal, Slot
from app.contracts.rules import LIVE, OVER, Act, State
from app.core import rulebook, sealing
from app.core.actor import Actor, Role
from app.core.db import db, one_row
from app.core.names import normalise
from app.grading.models import CareGrade
from app.grading.queries import grade_on
from app.people.models import Caregiver, Resident
from app.places.queries import within

rulebook.ship(Path(__file__).parent.parent / "policies")

BY_AREA = {Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER, Role.COUNTY_REVIEWER, Role.AUDITOR, Role.VILLAGE_OFFICER}


def visible(actor: Actor) -> Select[Contract]:
    """Contracts the actor may see: by area, by institution, or one's own as caregiver."""
    query = select(Contract)
    if actor.system:
        return query
    if actor.role in BY_AREA and actor.area_code:
        return query.where(within(Contract.area_code, actor.area_code))
    if actor.role is Role.INSTITUTION_MANAGER and actor.organisation_id:
        return query.where(Contract.institution_id == actor.organisation_id)
    if actor.role is Role.CAREGIVER and actor.caregiver_id:
        return query.where(Contract.caregiver_id == actor.caregiver_id)
    return query.where(false())


def contract(actor: Actor, contract_id: int, *, lock: bool = False) -> Contract:
    """One visible contract with parties; to read also with events and suspensions, which a lock leaves for when they are
    asked for. Raises ``NotFound``.
    """
    query = visible(actor).where(Contract.id == contract_id)
    if not lock:
        query = query.options(selectinload(Contract.events), selectinload(Contract.suspensions))
    return one_row(query, lock=lock)


def filtered(
    actor: Actor,
    *,
    q: str = "",
    state: State | None = None,
    area: str = "",
    expiring_by: dt.date | None = None,
    mine_to_sign: bool = False,
) -> Select[Contract]:
    """The list of contracts narrowed by search text, state, area, end date, or what waits for the actor's signature."""
    query = visible(actor)
    if q:
        pattern = f"%{normalise(q)}%"
        query = query.join(Resident, Resident.id == Contract.resident_id).join(
            Caregiver, Caregiver.id == Contract.caregiver_id
        )
        query = query.where(
            or_(
                Contract.number.ilike(f"%{q}%"),
                Resident.search.like(pattern),
                Caregiver.search.like(pattern),
                Resident.id_tail == q.upper(),
            )
        )
    if state is not None:
        query = query.where(Contract.state == state)
    if area:
        query = query.where(within(Contract.area_code, area))
    if expiring_by is not None:
        query = query.where(Contract.state == State.IN_FORCE, Contract.valid_to <= expiring_by)
    if mine_to_sign:
        slots = select(ContractParty.contract_id).where(ContractParty.signed_at.is_(None), _slot_of(actor))
        query = query.where(Contract.state == State.SIGNING, Contract.id.in_(slots))
    return query


def _slot_of(actor: Actor):  # type: ignore[no-untyped-def]  # a SQL expression
    if actor.role is Role.CAREGIVER:
        return ContractParty.slot == Slot.CAREGIVER
    if actor.role in {Role.TOWNSHIP_OFFICER, Role.VILLAGE_OFFICER}:
        return or_(
            ContractParty.organisation_id == actor.organisation_id,
            ContractParty.slot.in_((Slot.RESIDENT, Slot.CAREGIVER)),
        )
    return ContractParty.organisation_id == actor.organisation_id


def may_sign(actor: Actor, row: Contract, party: ContractParty) -> bool:
    """Whether the actor may give the signature of ``party``: for one's own organisation, as the caregiver oneself, or
    by holding the device for caregiver and resident as township or village officer (handwriting is needed then).
    """
    if row.state is not State.SIGNING or party.signed_at is not None or not actor.may("contracts.sign"):
        return False
    if party.slot is Slot.CAREGIVER and actor.role is Role.CAREGIVER:
        return actor.caregiver_id == row.caregiver_id
    if party.slot in {Slot.CAREGIVER, Slot.RESIDENT}:
        return actor.role in {Role.TOWNSHIP_OFFICER, Role.VILLAGE_OFFICER}
    return party.organisation_id is not None and party.organisation_id == actor.organisation_id


def refused(actor: Actor, since: dt.datetime) -> list[tuple[Contract, str, str]]:
    """Contracts that one party refused after the actor's own side had signed: contract, who refused, and why."""
    signed = select(ContractParty.contract_id).where(ContractParty.signed_at.is_not(None), _slot_of(actor))
    query = (
        visible(actor)
        .join(ContractEvent, (ContractEvent.contract_id == Contract.id) & (ContractEvent.act == Act.REFUSE))
        .where(Contract.state == State.VOID, Contract.id.in_(signed), ContractEvent.at >= since)
        .add_columns(ContractEvent.by, ContractEvent.reason)
        .order_by(ContractEvent.id.desc())
        .limit(10)
    )
    rows = db.session.execute(query).unique().all()
    who = names_of({by for _row, by, _reason in rows})
    return [(row, who.get(by or 0, ""), reason or "") for row, by, reason in rows]


def grade_changed(row: Contract, today: dt.date) -> bool:
    """Whether another care grade is in force today than the one the contract was drawn up for."""
    if row.in_force_from is None or today < row.in_force_from:
        return False
    grade = grade_on(row.resident_id, today)
    return grade is not None and grade.id != row.grade_id


def names_of(ids: set[int | None]) -> dict[int, str]:
    """Names of accounts."""
    return dict(db.session.execute(select(User.id, User.name).where(User.id.in_(ids - {None}))).all())


def overlapping(resident_id: int, first: dt.date, last: dt.date, *, but: Collection[int] = ()) -> Contract | None:
    """A live contract of the resident that shares a day with first … last."""
    query = select(Contract).where(
        Contract.resident_id == resident_id,
        Contract.valid_from <= last,
        or_(
            Contract.state.in_(LIVE) & (Contract.valid_to >= first),
            Contract.state.in_(OVER) & (Contract.ended_on >= first),
        ),
    )
    if but:
        query = query.where(Contract.id.not_in(but))
    return db.session.scalars(query.order_by(Contract.id)).unique().first()


def grades_cared_for(caregiver_id: int, on: dt.date, *, but: Collection[int] = ()) -> list[int]:
    """The care grades of the people a caregiver has a live contract for on a day."""
    query = (
        select(CareGrade.grade)
        .join(Contract, Contract.grade_id == CareGrade.id)
        .where(
            Contract.caregiver_id == caregiver_id,
            Contract.state.in_(LIVE),
            Contract.valid_from <= on,
            Contract.valid_to >= on,
            Contract.id.not_in(but),
        )
    )
    return list(db.session.scalars(query))


def following(row: Contract) -> Contract | None:
    """A live contract of the same resident that begins after this one's last day."""
    query = select(Contract).where(
        Contract.resident_id == row.resident_id, Contract.valid_from > row.valid_to, Contract.state.in_(LIVE)
    )
    return db.session.scalars(query.order_by(Contract.id)).unique().first()


def of_resident(actor: Actor, resident_id: int) -> list[Contract]:
    """A resident's contracts, newest first."""
    query = (
        visible(actor)
        .where(Contract.resident_id == resident_id)
        .order_by(Contract.valid_from.desc(), Contract.id.desc())
    )
    return list(db.session.scalars(query).unique())


def of_caregiver(actor: Actor, caregiver_id: int) -> list[Contract]:
    """A caregiver's contracts, newest first."""
    query = (
        visible(actor)
        .where(Contract.caregiver_id == caregiver_id)
        .order_by(Contract.valid_from.desc(), Contract.id.desc())
    )
    return list(db.session.scalars(query).unique())


def by_number(actor: Actor, number: str) -> Contract:
    """One visible contract by its number. Raises ``NotFound``."""
    return one_row(visible(actor).where(Contract.number == number))


def next_number(year: int) -> str:
    """The next contract number of a year; the unique constraint is the last word."""
    prefix = f"XY{year}-"
    last = db.session.scalar(
        select(Contract.number).where(Contract.number.startswith(prefix)).order_by(Contract.number.desc()).limit(1)
    )
    return f"{prefix}{(int(last.removeprefix(prefix)) if last else 0) + 1:06d}"


def printed_list(state: State | None) -> list[tuple[str, State, dt.date, dt.date]]:
    """Number, state, first and last day of every contract, for the command line; no names leave the database."""
    begun = func.coalesce(Contract.in_force_from, Contract.valid_from)
    over = func.coalesce(Contract.ended_on, Contract.valid_to)
    query = select(Contract.number, Contract.state, begun, over).order_by(Contract.number)
    if state is not None:
        query = query.where(Contract.state == state)
    return [(number, standing, first, last) for number, standing, first, last in db.session.execute(query)]


def sealed_bytes(seal: ContractSeal) -> bytes:
    """The sealed file as it was made. Raises ``RuntimeError`` when the stored bytes are no longer those."""
    data = base64.b64decode(seal.pdf or "")
    if sealing.sha256(data) != seal.sha256:
        raise RuntimeError(f"the sealed file of contract {seal.contract_id} is not the one that was stored")
    return data


def unsealed(limit: int = 500) -> list[int]:
    """Contracts in force whose file was not sealed yet, oldest first."""
    query = (
        select(Contract.id)
        .outerjoin(ContractSeal, ContractSeal.contract_id == Contract.id)
        .where(Contract.state == State.IN_FORCE, ContractSeal.id.is_(None))
        .order_by(Contract.id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def listed(query: Select[Contract], limit: int = 20_000) -> list[Contract]:
    """All rows of a list for an export."""
    return list(db.session.scalars(query.order_by(Contract.id).limit(limit)).unique())
