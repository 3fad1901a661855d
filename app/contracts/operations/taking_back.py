"""A signature is taken back while others are still missing: the place is free again, everything else stands."""

from __future__ import annotations

from flask_babel import gettext

from app.contracts import queries
from app.contracts.models import SIGNATURE, Contract, ContractParty, FormerSignature, Slot
from app.contracts.operations.steps import in_words, party_of, step
from app.contracts.rules import Act, State
from app.contracts.rules.signing import TakenBackFor
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Forbidden, Refused
from app.core.operation import operation

REASON_LIMIT = 200


@operation("contract.take_back", permission="contracts.sign")
def take_back_signature(actor: Actor, contract_id: int, slot: Slot, *, why: TakenBackFor, reason: str) -> Contract:
    """Take back one signature before the contract is in force: the wrong person signed, it cannot be read, the capacity was
    wrong. It is kept as it was, with the reason; whoever signed beside it goes with it. The text and the six other
    signatures stand, and the party signs anew in any of the three ways.

    Raises ``Refused`` once all seven have signed, without a signature, and for one carried from an earlier contract;
    ``Forbidden`` for who has nothing to do with this party; ``Invalid`` without a reason.
    """
    row = queries.contract(actor, contract_id, lock=True)
    party = party_of(row, slot)
    if (why_not := hindrance(row, party)) is not None:
        raise Refused(why_not)
    if not queries.may_take_back(actor, row, party):
        raise Forbidden
    move_aside(actor, row, party, why=why, reason=in_words(reason)[:REASON_LIMIT])
    return row


def hindrance(row: Contract, party: ContractParty) -> str | None:
    """Why the signature of a place cannot be taken back by anybody, in words; None when it can."""
    if row.in_force_from is not None:
        return gettext("All seven have signed: a signature is not taken back any more. Amend or end the contract.")
    if row.state is not State.SIGNING:
        return gettext("This contract is not open for signing.")
    if party.signed_at is None:
        return gettext("This party has not signed.")
    if party.carried_from_id is not None:
        return gettext("This signature stands from the contract that is amended, and stays.")
    return None


def move_aside(actor: Actor, row: Contract, party: ContractParty, *, why: TakenBackFor, reason: str) -> FormerSignature:
    """Keep a signature as a former one and free its place; joins the transaction of its operation."""
    kept = FormerSignature(
        slot=party.slot,
        **party.signature(),
        why=why,
        reason=reason,
        taken_back_at=clock.now(),
        taken_back_by=actor.user_id,
    )
    row.former.append(kept)
    db.session.flush()
    for name in SIGNATURE:
        setattr(party, name, None)
    db.session.flush()
    step(actor, row, Act.TAKE_BACK, effective_on=clock.today(), reason=f"{party.slot.value} {reason}")
    return kept
