"""Substitute care: somebody cares at once when a caregiver fails, until the next contract is in force (domain.md 7.2)."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext
from sqlalchemy import select

from app.contracts import queries
from app.contracts.models import Contract, Substitute
from app.contracts.rules import State
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.people import queries as people

NAME_LIMIT = 120


@operation("contract.substitute", permission="contracts.write")
def name_substitute(
    actor: Actor, contract_id: int, from_on: dt.date, *, caregiver_id: int | None = None, name: str = ""
) -> Substitute:
    """Name who cares from a day on in the place of a caregiver who failed, left or cannot come: a caregiver on record, or
    the institution or person by name. Another one named later follows the one before.

    Raises ``Invalid`` at the field, ``Refused`` when nobody is missing.
    """
    row = queries.contract(actor, contract_id, lock=True)
    if not needs_substitute(row):
        raise Refused(gettext("Nobody is missing here: substitute care belongs to a contract whose caregiver stopped."))
    caregiver = people.caregiver(actor, caregiver_id) if caregiver_id else None
    words = caregiver.name if caregiver else name.strip()
    if not words or len(words) > NAME_LIMIT:
        raise Invalid(gettext("Say who cares in between."), field="name")
    if caregiver is not None and caregiver.id == row.caregiver_id:
        raise Invalid(gettext("This is the caregiver who stopped."), field="caregiver_id")
    first = row.in_force_from or row.valid_from
    if not first <= from_on <= clock.today() + dt.timedelta(days=10):
        raise Invalid(gettext("The first day lies within the contract and at most ten days ahead."), field="from_on")
    before = row.substitutes[-1] if row.substitutes else None
    if before is not None:
        if from_on <= before.from_on:
            raise Invalid(gettext("Somebody is named from this day on already."), field="from_on")
        before.to_on = min(before.to_on or from_on, from_on - dt.timedelta(days=1))
    made = Substitute(
        contract_id=row.id,
        caregiver_id=caregiver.id if caregiver else None,
        name=words,
        from_on=from_on,
        named_by=actor.user_id,
        named_at=clock.now(),
    )
    row.substitutes.append(made)
    db.session.flush()
    audit.record("contract.substitute", "contract", row.id, {"from": from_on.isoformat(), "name": words})
    return made


def needs_substitute(row: Contract) -> bool:
    """Whether somebody may be named: the caregiver stopped and no other contract followed, or the contract is in force and its
    caregiver cannot come.
    """
    if row.state is State.IN_FORCE:
        return True
    return row.replace_by is not None and queries.replacement_of(row) is None


def end_substitutes(row: Contract) -> None:
    """A contract is in force: whoever cared in between does so up to the day before it begins."""
    assert row.in_force_from is not None  # noqa: S101  # the caller just set it
    query = (
        select(Substitute)
        .join(Contract, Contract.id == Substitute.contract_id)
        .where(Contract.resident_id == row.resident_id, Contract.id != row.id, Substitute.to_on.is_(None))
    )
    for open_ in db.session.scalars(query):
        open_.to_on = max(open_.from_on, row.in_force_from - dt.timedelta(days=1))
        audit.record("contract.substitute", "contract", open_.contract_id, {"ended": open_.to_on.isoformat()})
