"""Institutions that are paid for their residents: who may see their account, and which have none."""

from __future__ import annotations

from sqlalchemy import Select, false, func, select

from app.contracts.models import Contract
from app.contracts.rules import State
from app.core.actor import Actor, Role
from app.core.db import db, one_row
from app.core.periods import Quarter
from app.places.models import Organisation, OrganisationKind
from app.places.queries import within


def visible_institutions(actor: Actor) -> Select[Organisation]:
    """Institutions whose account the actor may see: those of the area, or the manager's own."""
    query = select(Organisation).where(Organisation.kind == OrganisationKind.INSTITUTION)
    if actor.role is Role.INSTITUTION_MANAGER:
        return query.where(Organisation.id == (actor.organisation_id or 0))
    return query.where(within(Organisation.area_code, actor.area_code) if actor.area_code else false())


def institution(actor: Actor, organisation_id: int, *, lock: bool = False) -> Organisation:
    """One of them. Raises ``NotFound``."""
    return one_row(visible_institutions(actor).where(Organisation.id == organisation_id), lock=lock)


def without_account(area_code: str, quarter: Quarter) -> int:
    """How many institutions are to be paid for contracts of an area in a quarter and have no account on record."""
    query = (
        select(func.count(func.distinct(Organisation.id)))
        .join(Contract, Contract.payee_id == Organisation.id)
        .where(
            within(Contract.area_code, area_code),
            Contract.state.not_in((State.DRAFT, State.SIGNING, State.VOID)),
            Contract.in_force_from <= quarter.last,
            Contract.valid_to >= quarter.first,
            Organisation.bank_account_enc.is_(None),
        )
    )
    return db.session.scalar(query) or 0
