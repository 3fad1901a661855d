"""A signature is taken back while others are still missing: the place is free again, everything else stands."""

from __future__ import annotations

from flask_babel import gettext

from app.contracts import queries
from app.contracts.models import Contract, ContractParty, FormerSignature, Slot
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
    assert party.signer_name is not None  # noqa: S101  # the caller looked: the place is signed
    assert party.means is not None  # noqa: S101  # as above
    assert party.medium is not None  # noqa: S101  # as above
    assert party.identity is not None  # noqa: S101  # as above
    assert party.signed_at is not None  # noqa: S101  # as above
    assert party.body_sha256 is not None  # noqa: S101  # as above
    kept = FormerSignature(
        slot=party.slot,
        signer_name=party.signer_name,
        means=party.means,
        medium=party.medium,
        identity=party.identity,
        identity_note=party.identity_note,
        signed_at=party.signed_at,
        signed_by=party.signed_by,
        signed_by_person=party.signed_by_person,
        given_at=party.given_at,
        picture_id=party.picture_id,
        scan_id=party.scan_id,
        body_sha256=party.body_sha256,
        strokes=party.strokes,
        others=party.others,
        why=why,
        reason=reason,
        taken_back_at=clock.now(),
        taken_back_by=actor.user_id,
    )
    row.former.append(kept)
    db.session.flush()
    party.signer_name = party.means = party.medium = party.identity = party.identity_note = None
    party.signed_at = party.signed_by = party.signed_by_person = party.given_at = party.body_sha256 = None
    party.picture_id = party.scan_id = party.strokes = party.others = None
    db.session.flush()
    step(actor, row, Act.TAKE_BACK, effective_on=clock.today(), reason=f"{party.slot.value} {reason}")
    return kept
