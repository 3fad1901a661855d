"""Substitute care: somebody cares at once when a caregiver fails, until the next contract is in force (domain.md 7.2)."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext

from app.contracts import queries
from app.contracts.models import Contract, Substitute
from app.contracts.queries.caring import replacement_of, substitutes_of
from app.contracts.rules import State, tier_missing
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.grading.queries import grade_on
from app.people import queries as people
from app.people.models import Caregiver
from app.workforce.queries import override_on

NAME_LIMIT = 120


@operation("contract.substitute", permission="contracts.write")
def name_substitute(
    actor: Actor,
    contract_id: int,
    from_on: dt.date,
    *,
    to_on: dt.date | None = None,
    caregiver_id: int | None = None,
    name: str = "",
) -> Substitute:
    """Name who cares from a day on in the place of a caregiver who failed, left or cannot come: a caregiver on record with the
    training for the grade, or the institution or person by name. ``to_on`` is the last day as planned; without one it lasts
    until the next contract is in force. While the contract itself is in force the caregiver comes back, so a last day is
    needed. Another one named later follows the one before; the contract's own caregiver named so is back from that day.

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
        if row.state is State.IN_FORCE:
            return _back(row, from_on)
        raise Invalid(gettext("This is the caregiver who stopped."), field="caregiver_id")
    if caregiver is not None and _untrained(caregiver, row, from_on):
        raise Invalid(
            gettext("This caregiver has no valid training for the care grade; name another one or the institution."),
            field="caregiver_id",
        )
    first = row.in_force_from or row.valid_from
    if not first <= from_on <= clock.today() + dt.timedelta(days=10):
        raise Invalid(gettext("The first day lies within the contract and at most ten days ahead."), field="from_on")
    if to_on is not None and to_on < from_on:
        raise Invalid(gettext("The last day is before the first day."), field="to_on")
    if to_on is None and row.state is State.IN_FORCE:
        raise Invalid(gettext("The contract is in force: say until which day its caregiver is away."), field="to_on")
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
        to_on=to_on,
        named_by=actor.user_id,
        named_at=clock.now(),
    )
    row.substitutes.append(made)
    db.session.flush()
    audit.record("contract.substitute", "contract", row.id, {"from": from_on.isoformat(), "name": words})
    return made


def _back(row: Contract, day: dt.date) -> Substitute:
    """The contract's own caregiver cares again from a day on: whoever stood in does so up to the day before."""
    last = row.substitutes[-1] if row.substitutes else None
    if last is None or (last.to_on is not None and last.to_on < day):
        raise Invalid(gettext("Nobody stands in for this caregiver on that day."), field="caregiver_id")
    if day <= last.from_on:
        raise Invalid(gettext("Somebody is named from this day on already."), field="from_on")
    last.to_on = day - dt.timedelta(days=1)
    db.session.flush()
    audit.record("contract.substitute", "contract", row.id, {"ended": last.to_on.isoformat()})
    return last


def _untrained(caregiver: Caregiver, row: Contract, on: dt.date) -> bool:
    grade = grade_on(row.resident_id, on)
    if grade is None or not tier_missing(
        caregiver.tier and caregiver.tier.value, caregiver.tier_valid_to, grade.grade, on
    ):
        return False
    return override_on(caregiver.id, row.resident_id, grade.grade, on) is None


def needs_substitute(row: Contract) -> bool:
    """Whether somebody may be named: the caregiver stopped and no other contract followed, or the contract is in force and its
    caregiver cannot come.
    """
    if row.state is State.IN_FORCE:
        return True
    return row.replace_by is not None and replacement_of(row) is None


def end_substitutes(row: Contract) -> None:
    """A contract is in force: whoever cared in between does so up to the day before it begins, whatever was planned."""
    assert row.in_force_from is not None  # noqa: S101  # the caller just set it
    for open_ in substitutes_of(row.resident_id):
        if open_.contract_id == row.id or (open_.to_on is not None and open_.to_on < row.in_force_from):
            continue
        open_.to_on = max(open_.from_on, row.in_force_from - dt.timedelta(days=1))
        audit.record("contract.substitute", "contract", open_.contract_id, {"ended": open_.to_on.isoformat()})
