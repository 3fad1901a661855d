"""Signed on paper: somebody files the scan with what stands on it, somebody else compares; then it counts."""

from __future__ import annotations

import datetime as dt
import json

from flask_babel import gettext
from sqlalchemy import select

from app.contracts import queries
from app.contracts.models import Contract, FileKind, Means, PaperSignature, PaperState, Slot
from app.contracts.operations.files import keep_file, read_scan
from app.contracts.operations.signing import Given, checked_signature, take_from_paper
from app.contracts.operations.steps import in_words, party_of
from app.contracts.queries.files import paper as visible_paper
from app.contracts.rules import State
from app.contracts.rules.signing import Cosigner, CosignerRole, IdentityCheck
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Forbidden, Invalid, Refused
from app.core.operation import operation


@operation("contract.file_paper", permission="contracts.sign")
def file_paper(
    actor: Actor, contract_id: int, slot: Slot, given: Given, *, signed_on: dt.date, scan: bytes
) -> PaperSignature:
    """File the scan of a paper that a party signed by hand, with what stands on it. It waits for a second person.

    Raises ``Invalid`` at the field, ``Refused`` when the party has signed or a scan of it waits already.
    """
    row = queries.contract(actor, contract_id, lock=True)
    party = party_of(row, slot)
    if party.signed_at is not None:
        raise Refused(gettext("This party has already signed."))
    if row.state is not State.SIGNING:
        raise Refused(gettext("This contract is not open for signing."))
    if not queries.may_file(actor, row, party):
        raise Forbidden
    if waiting(row.id, slot) is not None:
        raise Refused(gettext("A scan of this party's signature waits already; somebody else must look at it first."))
    own = queries.own_account(actor, row, party)
    given = checked_signature(row, slot, given, own=own, on_paper=True)
    drafted = row.drafted_at.astimezone(clock.ZONE).date()
    if not drafted <= signed_on <= clock.today():
        raise Invalid(
            gettext("The day lies between the draft of %(first)s and today.", first=drafted), field="signed_on"
        )
    file = keep_file(actor, FileKind.SCAN, read_scan(scan, "file"), contract_id=row.id)
    paper = PaperSignature(
        contract_id=row.id,
        slot=slot,
        scan_id=file.id,
        signed_on=signed_on,
        state=PaperState.WAITING,
        given=_stored(given),
        filed_by=actor.user_id,
        filed_by_person=actor.person_key,
        filed_at=clock.now(),
    )
    db.session.add(paper)
    db.session.flush()
    audit.record("contract.file_paper", "contract", row.id, {"party": slot.value, "sha256": file.sha256})
    return paper


def waiting(contract_id: int, slot: Slot) -> PaperSignature | None:
    """The scan of a party that waits to be compared."""
    query = select(PaperSignature).where(
        PaperSignature.contract_id == contract_id,
        PaperSignature.slot == slot,
        PaperSignature.state == PaperState.WAITING,
    )
    return db.session.scalars(query).unique().first()


def _stored(given: Given) -> str:
    return json.dumps(
        {
            "signer_name": given.signer_name,
            "means": given.means.value,
            "identity": given.identity and given.identity.value,
            "identity_note": given.identity_note,
            "others": [{"role": one.role.value, "name": one.name} for one in given.others],
        },
        ensure_ascii=False,
    )


def read_given(paper: PaperSignature) -> Given:
    """What the filer read off the paper."""
    found = json.loads(paper.given or "{}")
    return Given(
        signer_name=found["signer_name"],
        means=Means(found["means"]),
        identity=IdentityCheck(found["identity"]),
        identity_note=found["identity_note"],
        others=tuple(Cosigner(CosignerRole(one["role"]), one["name"]) for one in found["others"]),
    )


@operation("contract.check_paper", permission="contracts.check")
def check_paper(actor: Actor, paper_id: int, *, matches: bool, reason: str = "") -> Contract:
    """Say as a second person whether a scan shows the paper of this contract, signed by whom was filed. If so it counts as the
    party's signature; if not, the reason stands and the party is free to sign again.

    Raises ``Refused`` for who filed it, and when the party signed or the contract went on meanwhile.
    """
    paper = visible_paper(actor, paper_id)
    row = queries.contract(actor, paper.contract_id, lock=True)
    paper = visible_paper(actor, paper_id, lock=True)
    if paper.filed_by == actor.user_id or paper.filed_by_person == actor.person_key:
        raise Refused(gettext("You filed this scan; somebody else must compare it."))
    if paper.state is not PaperState.WAITING:
        raise Refused(gettext("This scan was compared already."))
    if not matches:
        paper.reason = in_words(reason)[:200]
    elif row.state is not State.SIGNING:
        raise Refused(gettext("This contract is not open for signing."))
    elif party_of(row, paper.slot).signed_at is not None:
        raise Refused(gettext("This party has already signed."))
    paper.state = PaperState.CONFIRMED if matches else PaperState.REJECTED
    paper.checked_by, paper.checked_at = actor.user_id, clock.now()
    db.session.flush()
    audit.record("contract.check_paper", "contract", row.id, {"party": paper.slot.value, "matches": matches})
    if matches:
        take_from_paper(actor, row, paper.slot, read_given(paper), signed_on=paper.signed_on, scan=paper.scan)
    return row
