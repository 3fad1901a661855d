"""One step along the table of states, and what every step needs."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext

from app.contracts import rules
from app.contracts.models import Contract, ContractEvent, ContractParty, Slot
from app.contracts.rules import Act
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused


def step(actor: Actor, row: Contract, act: Act, *, effective_on: dt.date, reason: str | None = None) -> None:
    """Move along the table of states and note it in the contract's history."""
    try:
        target = rules.next_state(row.state, act)
    except rules.NotAllowed as error:
        raise Refused(gettext("This contract is in a state in which that is not possible. Reload the page.")) from error
    db.session.add(
        ContractEvent(
            contract_id=row.id,
            act=act,
            from_state=row.state,
            to_state=target,
            effective_on=effective_on,
            reason=reason,
            at=clock.now(),
            by=actor.user_id,
        )
    )
    audit.record(f"contract.{act.value}", "contract", row.id, {"state": [row.state.value, target.value]})
    if row.state is not target:  # six of the seven signatures leave the row as it is
        row.state = target


def party_of(row: Contract, slot: Slot) -> ContractParty:
    """One of the seven places. Raises ``NotFound``."""
    party = next((p for p in row.parties if p.slot == slot), None)
    if party is None:
        raise NotFound
    return party


def in_words(reason: str) -> str:
    """A reason somebody gave. Raises ``Invalid`` without one."""
    text = (reason or "").strip()
    if len(text) < 2:
        raise Invalid(gettext("Give the reason."), field="reason")
    return text[:500]
