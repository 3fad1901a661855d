"""Duties kept late or missed, across all contracts somebody may see."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Select, func, or_, select

from app.contracts.models import Breach, BreachState, Contract, Observation, Slot
from app.contracts.queries import visible
from app.contracts.rules import State
from app.contracts.rules.duties import Kept
from app.core.actor import Actor
from app.core.db import db, one_row
from app.people import queries as people
from app.people.models import Resident
from app.places.queries import matching, within

LOOK_BACK = dt.timedelta(days=200)
"""How long after its end the duties of a contract are still followed: the last quarter is paid by then."""


def visible_breaches(actor: Actor) -> Select[Breach]:
    """Breaches of contracts the actor may see."""
    return select(Breach).where(Breach.contract_id.in_(visible(actor).with_only_columns(Contract.id)))


def breach(actor: Actor, breach_id: int, *, lock: bool = False) -> Breach:
    """One visible breach. Raises ``NotFound``."""
    query = visible_breaches(actor).where(Breach.id == breach_id)
    return one_row(query, lock=lock)


def filtered_breaches(
    actor: Actor, *, q: str = "", party: Slot | None = None, state: BreachState | None = None, area: str = ""
) -> Select[Breach]:
    """The list narrowed by search text, party, state and area."""
    query = visible_breaches(actor)
    if q:
        query = query.join(Contract, Contract.id == Breach.contract_id).join(
            Resident, Resident.id == Contract.resident_id
        )
        query = query.where(or_(Contract.number.icontains(q, autoescape=True), matching(Resident.search, q)))
    if party is not None:
        query = query.where(Breach.party == party)
    if state is not None:
        query = query.where(Breach.state == state)
    if area:
        query = query.where(within(Breach.area_code, area))
    return query


def listed(query: Select[Breach], limit: int = 20_000) -> list[Breach]:
    """All rows of the list for an export, newest first as on the page."""
    return list(db.session.scalars(query.order_by(Breach.id.desc()).limit(limit)).unique())


def party_name(row: Breach) -> str:
    """Who the party is by name."""
    return next((party.party_name for party in row.contract.parties if party.slot is row.party), "")


def by_party(actor: Actor) -> dict[Slot, dict[str, int]]:
    """For each of the seven: how many of its duties were late, missed, are still open, were answered."""
    rows = db.session.execute(
        visible_breaches(actor)
        .where(Breach.state != BreachState.DROPPED)
        .with_only_columns(Breach.party, Breach.standing, Breach.state, func.count())
        .group_by(Breach.party, Breach.standing, Breach.state)
    )
    found: dict[Slot, dict[str, int]] = {slot: defaultdict(int) for slot in Slot}
    for party, standing, state, number in rows:
        found[party][Kept(standing).value] += number
        found[party][BreachState(state).value] += number
    return found


def observable(actor: Actor) -> Select[Contract]:
    """Contracts of whose duties the actor may note what was seen: those in sight, and those of residents in sight. A volunteer
    notes what was seen of a duty and reads no contract.
    """
    people_seen = people.visible(actor).with_only_columns(Resident.id)
    contracts_seen = visible(actor).with_only_columns(Contract.id)
    return select(Contract).where(
        Contract.in_force_from.is_not(None),
        or_(Contract.id.in_(contracts_seen), Contract.resident_id.in_(people_seen)),
    )


def contracts_of(actor: Actor, resident_id: int) -> list[Contract]:
    """The contracts of a resident in sight that came in force, newest first."""
    resident = people.resident(actor, resident_id)
    query = observable(actor).where(Contract.resident_id == resident.id)
    return list(db.session.scalars(query.order_by(Contract.in_force_from.desc(), Contract.id.desc())).unique())


def covering(rows: Sequence[Contract], day: dt.date) -> Contract | None:
    """The contract among some that covers a day."""
    return next((r for r in rows if r.in_force_from and r.in_force_from <= day <= (r.ended_on or r.valid_to)), None)


def observations(contract_id: int) -> list[Observation]:
    """What was seen of one contract's clauses, newest first."""
    query = select(Observation).where(Observation.contract_id == contract_id)
    return list(db.session.scalars(query.order_by(Observation.observed_on.desc(), Observation.id.desc())))


def followed(today: dt.date, after: int, size: int) -> list[Contract]:
    """Contracts whose duties are followed on ``today``: the next ``size`` after one number."""
    query = (
        select(Contract)
        .where(
            Contract.id > after,
            Contract.in_force_from <= today,
            or_(
                Contract.state.in_((State.IN_FORCE, State.SUSPENDED)),
                func.coalesce(Contract.ended_on, Contract.valid_to) >= today - LOOK_BACK,
            ),
        )
        .order_by(Contract.id)
        .limit(size)
    )
    return list(db.session.scalars(query).unique())
