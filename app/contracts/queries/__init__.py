"""Reading contracts, each from what the actor may see."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Collection, Sequence
from pathlib import Path

from sqlalchemy import Select, exists, false, func, or_, select
from sqlalchemy.orm import aliased, selectinload

from app.auth.models import User
from app.contracts.models import (
    Contract,
    ContractEvent,
    ContractParty,
    ContractSeal,
    FormerSignature,
    Slot,
)
from app.contracts.rules import LIVE, OVER, Act, State
from app.contracts.rules.signing import TABLE_SLOTS
from app.core import rulebook, sealing
from app.core.actor import Actor, Role
from app.core.db import db, one_row
from app.core.together import asked, held, next_number
from app.grading.models import CareGrade
from app.grading.queries import grade_on
from app.people.models import Caregiver, Resident
from app.places.queries import among, in_area_of, matching, within

rulebook.ship(Path(__file__).parent.parent / "policies")

BY_AREA = {Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER, Role.COUNTY_REVIEWER, Role.AUDITOR, Role.VILLAGE_OFFICER}


def visible(actor: Actor) -> Select[Contract]:
    """Contracts the actor may see: by area, by institution, or one's own as caregiver."""
    query = select(Contract)
    if actor.system:
        return query
    if actor.role in BY_AREA and actor.area_code:
        return query.where(in_area_of(actor, Contract.area_code))
    if actor.role is Role.INSTITUTION_MANAGER and actor.organisation_id:
        return query.where(Contract.institution_id == actor.organisation_id)
    if actor.role is Role.CAREGIVER and actor.caregiver_id:
        return query.where(Contract.caregiver_id == actor.caregiver_id)
    return query.where(false())


def contract(actor: Actor, contract_id: int, *, lock: bool = False) -> Contract:
    """One visible contract with parties; to read also with events and suspensions, which a lock leaves for when they are
    asked for. Raises ``NotFound``.
    """
    if lock:
        return held(actor, Contract, contract_id, visible, lock=True)
    query = visible(actor).where(Contract.id == contract_id)
    return one_row(query.options(selectinload(Contract.events), selectinload(Contract.suspensions)))


def filtered(
    actor: Actor,
    *,
    q: str = "",
    state: State | None = None,
    area: str = "",
    expiring_by: dt.date | None = None,
    mine_to_sign: bool = False,
    among: Select[Contract] | None = None,
) -> Select[Contract]:
    """The list of contracts narrowed by search text, state, area, end date, what waits for the actor's signature, or to those
    ``among`` another list.
    """
    query = running_out(actor, expiring_by) if expiring_by is not None else visible(actor)
    if q:
        query = query.join(Resident, Resident.id == Contract.resident_id).join(
            Caregiver, Caregiver.id == Contract.caregiver_id
        )
        query = query.where(
            or_(
                Contract.number.icontains(q, autoescape=True),
                matching(Resident.search, q),
                matching(Caregiver.search, q),
                Resident.id_tail == q.upper(),
            )
        )
    if state is not None:
        query = query.where(Contract.state == state)
    if area:
        query = query.where(within(Contract.area_code, area))
    if among is not None:
        query = query.where(Contract.id.in_(among.with_only_columns(Contract.id)))
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


def own_account(actor: Actor, row: Contract, party: ContractParty) -> bool:
    """Whether the actor is the party: the caregiver in person, or an account of the party's organisation."""
    if party.slot is Slot.CAREGIVER and actor.role is Role.CAREGIVER:
        return actor.caregiver_id == row.caregiver_id
    return party.organisation_id is not None and party.organisation_id == actor.organisation_id


def may_sign(actor: Actor, row: Contract, party: ContractParty) -> bool:
    """Whether the actor may give the signature of ``party``: for one's own organisation, as the caregiver oneself, or
    by holding the device for caregiver and resident as township or village officer (handwriting is needed then).
    """
    if row.state is not State.SIGNING or party.signed_at is not None or not actor.may("contracts.sign"):
        return False
    held = party.slot in {Slot.CAREGIVER, Slot.RESIDENT} and actor.may("contracts.take")
    return held or own_account(actor, row, party)


def may_take_back(actor: Actor, row: Contract, party: ContractParty) -> bool:
    """Whether the actor may take back the signature of ``party`` while others are still missing: the party itself, who holds
    the device for it, and the township that drew the contract up. A signature that stands from an earlier contract is part of
    that one and stays.
    """
    if row.state is not State.SIGNING or party.signed_at is None or party.carried_from_id is not None:
        return False
    if not actor.may("contracts.sign"):
        return False
    held = party.slot in {Slot.CAREGIVER, Slot.RESIDENT} and actor.may("contracts.take")
    return held or actor.may("contracts.write") or own_account(actor, row, party)


def last_taken_back(row: Contract, slot: Slot) -> FormerSignature | None:
    """The newest signature of a place that was taken back."""
    return next((one for one in reversed(row.former) if one.slot is slot), None)


def to_sign_anew(actor: Actor, limit: int = 10) -> list[FormerSignature]:
    """Signatures somebody else took back and that are still missing: told to the party's side and to who had taken them."""
    seen = visible(actor).where(Contract.state == State.SIGNING).with_only_columns(Contract.id)
    newer = aliased(FormerSignature)
    query = (
        select(FormerSignature)
        .join(
            ContractParty,
            (ContractParty.contract_id == FormerSignature.contract_id) & (ContractParty.slot == FormerSignature.slot),
        )
        .where(
            among(FormerSignature.contract_id, seen, Contract.id, actor),
            ContractParty.signed_at.is_(None),
            or_(_slot_of(actor), FormerSignature.signed_by == actor.user_id),
            FormerSignature.taken_back_by != actor.user_id,
            ~exists().where(
                newer.contract_id == FormerSignature.contract_id,
                newer.slot == FormerSignature.slot,
                newer.id > FormerSignature.id,
            ),
        )
        .order_by(FormerSignature.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query).unique())


def may_take(actor: Actor, row: Contract, party: ContractParty) -> bool:
    """Whether the actor's own tablet may take the signature of ``party`` at the table: also of village and institution, who
    sit there and sign by hand.
    """
    if may_sign(actor, row, party):
        return True
    if row.state is not State.SIGNING or party.signed_at is not None or not actor.may("contracts.sign"):
        return False
    return party.slot.value in TABLE_SLOTS and actor.may("contracts.take")


def may_file(actor: Actor, row: Contract, party: ContractParty) -> bool:
    """Whether the actor may file the scan of a paper that ``party`` signed: who may sign for it, and the township for all."""
    if may_sign(actor, row, party):
        return True
    return row.state is State.SIGNING and party.signed_at is None and actor.may("contracts.write")


def to_take_along(actor: Actor, area_codes: Collection[str] = (), limit: int = 60) -> list[Contract]:
    """Contracts open for signing whose signatures the actor may take at the table, oldest first."""
    if not actor.may("contracts.take"):
        return []
    query = visible(actor).where(Contract.state == State.SIGNING)
    if area_codes:
        query = query.where(or_(*(within(Contract.area_code, code) for code in area_codes)))
    rows = db.session.scalars(query.order_by(Contract.id).limit(limit)).unique()
    return [row for row in rows if any(may_take(actor, row, party) for party in row.parties)]


NOTICE_DAYS = (7, 30, 60)
"""So many days before its end those who must act are told of a contract."""


def running_out(actor: Actor, by: dt.date) -> Select[Contract]:
    """Running contracts in sight that end by a day and that no other one follows yet."""
    after = aliased(Contract)
    followed = exists().where(
        after.resident_id == Contract.resident_id, after.valid_from > Contract.valid_to, after.state.in_(LIVE)
    )
    running = Contract.state.in_((State.IN_FORCE, State.SUSPENDED))
    return visible(actor).where(running, Contract.valid_to <= by, ~followed)


def refused(actor: Actor, since: dt.datetime) -> list[tuple[Contract, str, str]]:
    """Contracts that one party refused after the actor's own side had signed (also when that signature was taken back since):
    contract, who refused, and why.
    """
    once = exists().where(
        FormerSignature.contract_id == ContractParty.contract_id, FormerSignature.slot == ContractParty.slot
    )
    signed = select(ContractParty.contract_id).where(or_(ContractParty.signed_at.is_not(None), once), _slot_of(actor))
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
    return next((row for row in sharing(resident_id, first, last) if row.id not in but), None)


def _sharing(keys: Sequence[tuple[int, dt.date, dt.date]]) -> dict[tuple[int, dt.date, dt.date], list[Contract]]:
    found: dict[tuple[int, dt.date, dt.date], list[Contract]] = {}
    for first, last in {key[1:] for key in keys}:
        query = select(Contract).where(
            Contract.resident_id.in_([key[0] for key in keys if key[1:] == (first, last)]),
            Contract.valid_from <= last,
            or_(
                Contract.state.in_(LIVE) & (Contract.valid_to >= first),
                Contract.state.in_(OVER) & (Contract.ended_on >= first),
            ),
        )
        for row in db.session.scalars(query.order_by(Contract.id)).unique():
            found.setdefault((row.resident_id, first, last), []).append(row)
    return found


@asked(_sharing, reads={"contract": "resident_id"}, none=())
def sharing(resident_id: int, first: dt.date, last: dt.date) -> Sequence[Contract]:
    """The live contracts of the resident that share a day with first … last, oldest first."""
    return _sharing([(resident_id, first, last)]).get((resident_id, first, last), ())


def grades_cared_for(caregiver_id: int, on: dt.date, *, but: Collection[int] = ()) -> list[int]:
    """The care grades of the people a caregiver has a live contract for on a day."""
    return [grade for contract_id, grade in cared_for(caregiver_id, on) if contract_id not in but]


def _cared_for(keys: Sequence[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], list[tuple[int, int]]]:
    found: dict[tuple[int, dt.date], list[tuple[int, int]]] = {}
    for on in {on for _caregiver_id, on in keys}:
        query = (
            select(Contract.caregiver_id, Contract.id, CareGrade.grade)
            .join(CareGrade, Contract.grade_id == CareGrade.id)
            .where(
                Contract.caregiver_id.in_([caregiver_id for caregiver_id, day in keys if day == on]),
                Contract.state.in_(LIVE),
                Contract.valid_from <= on,
                Contract.valid_to >= on,
            )
        )
        for caregiver_id, contract_id, grade in db.session.execute(query.order_by(Contract.id)):
            found.setdefault((caregiver_id, on), []).append((contract_id, grade))
    return found


@asked(_cared_for, reads={"contract": "caregiver_id", "care_grade": ""}, none=())
def cared_for(caregiver_id: int, on: dt.date) -> Sequence[tuple[int, int]]:
    """A caregiver's live contracts on a day, each with the care grade it was made for."""
    return _cared_for([(caregiver_id, on)]).get((caregiver_id, on), ())


def of_resident(actor: Actor, resident_id: int) -> list[Contract]:
    """A resident's contracts, newest first."""
    query = (
        visible(actor)
        .options(selectinload(Contract.substitutes))
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


def next_contract_number(year: int) -> str:
    """The next contract number of a year; the unique constraint is the last word."""
    return next_number(f"XY{year}-", _last_number)


def _last_number(prefix: str) -> str | None:
    query = select(Contract.number).where(Contract.number.startswith(prefix))
    return db.session.scalar(query.order_by(Contract.number.desc()).limit(1))


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
