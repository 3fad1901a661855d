"""A contract goes on: amended while it runs, renewed when it runs out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask_babel import gettext

from app.contracts import drafting, queries
from app.contracts.models import Contract
from app.contracts.operations import checked, draft_contract, store_draft
from app.contracts.rules import State, default_end
from app.contracts.rules.amending import compare
from app.core import audit, clock
from app.core.actor import Actor
from app.core.errors import DomainError, Invalid, Refused
from app.core.operation import operation
from app.people import queries as people


@operation("contract.amend", permission="contracts.write")
def draft_amendment(
    actor: Actor, contract_id: int, from_on: dt.date, *, caregiver_id: int | None = None, reason: str
) -> Contract:
    """Draw up the amendment of a contract in force: the same term with grade, plan, pay and rules of ``from_on`` and, when
    one is named, another caregiver. It says which clauses and annexes changed and who must sign again; the other
    signatures stand.

    Raises ``Invalid`` with every obstacle, and when nothing has changed.
    """
    old = queries.contract(actor, contract_id, lock=True)
    if old.state is not State.IN_FORCE or old.in_force_from is None:
        raise Refused(gettext("Only a contract in force is amended; resume a suspended one first."))
    if not max(old.in_force_from + dt.timedelta(days=1), clock.today()) <= from_on <= old.valid_to:
        raise Invalid(gettext("The first day must lie within the contract, and not before today."), field="on")
    resident = people.resident(actor, old.resident_id, lock=True)
    caregiver = people.caregiver(actor, caregiver_id) if caregiver_id else old.caregiver
    draft = checked(drafting.gather(resident, caregiver, from_on, old.valid_to, but={old.id}))
    text = drafting.body(draft, queries.next_contract_number(from_on.year))
    change = compare(old.body, text)
    if not change:
        raise Invalid(
            gettext("Nothing has changed since the contract was signed: there is nothing to amend."), field="on"
        )
    text["amendment"] = {
        "of": old.number,
        "of_sha256": old.body_sha256,
        "clauses": list(change.clauses),
        "annexes": list(change.annexes),
        "signers": list(change.signers),
        "reason": (reason or "").strip()[:200],
    }
    return store_draft(actor, draft, text, amends=old)


@dataclass(frozen=True)
class Renewal:
    """What became of one contract that runs out: the new draft, or why there is none."""

    old: Contract
    new: Contract | None
    why: str | None

    @property
    def drafted(self) -> str | None:
        """The number of the new draft."""
        return self.new.number if self.new else None


@operation("contract.renew", permission="contracts.write")
def renew_contracts(actor: Actor, within_days: int) -> list[Renewal]:
    """Draw up the next year of every contract that runs out within some days and has none yet: same caregiver, from the day
    after. What stands in the way of one does not hinder the others.
    """
    until = clock.today() + dt.timedelta(days=within_days)
    found: list[Renewal] = []
    for row in queries.listed(queries.filtered(actor, expiring_by=until)):
        first = row.valid_to + dt.timedelta(days=1)
        try:
            new = draft_contract(actor, row.resident_id, row.caregiver_id, first, default_end(first))
        except DomainError as error:
            found.append(Renewal(row, None, error.message))
        else:
            found.append(Renewal(row, new, None))
    audit.record("contract.renew", "contract", until.isoformat(), {"drafted": [r.drafted for r in found if r.drafted]})
    return found
