"""From a resident, a grade, a plan and a caregiver to a text that is open for signing."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from flask_babel import gettext

from app.contracts import drafting, queries, rules
from app.contracts.models import Contract, ContractParty, Slot
from app.contracts.operations.steps import step
from app.contracts.rules import Act, State
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import canonical_json, db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.people import queries as people
from app.people.models import Caregiver, Resident


@operation("contract.draft", permission="contracts.write")
def draft_contract(
    actor: Actor, resident_id: int, caregiver_id: int, valid_from: dt.date, valid_to: dt.date | None = None
) -> Contract:
    """Draw up a contract from resident, grade, plan, caregiver and the rules in force on the first day.

    Raises ``Invalid`` with every obstacle in words; nothing is stored then.
    """
    resident: Resident = people.resident(actor, resident_id, lock=True)
    caregiver: Caregiver = people.caregiver(actor, caregiver_id)
    last = valid_to or rules.default_end(valid_from)
    draft = checked(drafting.gather(resident, caregiver, valid_from, last))
    number = queries.next_contract_number(valid_from.year)
    return store_draft(actor, draft, drafting.body(draft, number))


def _carry(earlier: ContractParty, party: ContractParty) -> None:
    """An earlier signature goes on to stand: nothing that binds its party changed."""
    party.carried_from_id = earlier.carried_from_id or earlier.id
    for name, value in earlier.signature().items():
        setattr(party, name, value)


def checked(draft: drafting.Draft) -> drafting.Draft:
    """The draft when nothing stands in its way. Raises ``Invalid`` with every obstacle in words."""
    if draft.obstacles:
        raise Invalid(" ".join(draft.obstacles), errors={"obstacles": "\n".join(draft.obstacles)})
    return draft


def store_draft(
    actor: Actor, draft: drafting.Draft, text: dict[str, Any], *, amends: Contract | None = None
) -> Contract:
    """Keep a checked draft with its text; the places of an amendment that need no new signature carry the earlier one."""
    resident, caregiver, number = draft.resident, draft.caregiver, str(text["number"])
    institution = draft.parties[Slot.INSTITUTION]
    assert institution is not None  # noqa: S101  # gather() named what is missing as an obstacle
    assert draft.grade is not None  # noqa: S101  # gather() named what is missing as an obstacle
    assert draft.plan is not None  # noqa: S101  # gather() named what is missing as an obstacle
    row = Contract(
        number=number,
        resident_id=resident.id,
        caregiver_id=caregiver.id,
        institution_id=institution.id,
        payee_id=institution.id if text.get("payee") == Slot.INSTITUTION.value else None,
        area_code=resident.area_code,
        grade_id=draft.grade.id,
        plan_id=draft.plan.id,
        setting=resident.setting,
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        amends_id=amends.id if amends else None,
        state=State.DRAFT,
        pay_table_sha256=draft.rules["pay_table"].sha256,
        scorecard_sha256=draft.rules["scorecard"].sha256,
        body=text,
        body_sha256=hashlib.sha256(canonical_json(text).encode()).hexdigest(),
        drafted_by=actor.user_id,
        drafted_at=clock.now(),
    )
    names = {party["slot"]: party["name"] for party in text["parties"]}
    stands = set(Slot) - {Slot(s) for s in text["amendment"]["signers"]} if amends else set()
    earlier = {party.slot: party for party in amends.parties} if amends else {}
    row.parties = [
        ContractParty(
            slot=slot,
            party_name=names[slot.value],
            organisation_id=organisation.id if (organisation := draft.parties.get(slot)) else None,
        )
        for slot in Slot
    ]
    for party in row.parties:
        if party.slot in stands:
            _carry(earlier[party.slot], party)
    db.session.add(row)
    db.session.flush()
    audit.record("contract.draft", "contract", row.id, {"number": number, "body_sha256": row.body_sha256})
    return row


@operation("contract.send", permission="contracts.write")
def send_contract(actor: Actor, contract_id: int) -> Contract:
    """Fix the text and open it for the seven signatures."""
    row = queries.contract(actor, contract_id, lock=True)
    but = {row.id} | ({row.amends_id} if row.amends_id else set())
    draft = checked(drafting.gather(row.resident, row.caregiver, row.valid_from, row.valid_to, but=but))
    named = {kind: row.body["annexes"][annex]["sha256"] for kind, annex in ANNEX_OF.items()}
    changed = [kind for kind, sha in named.items() if draft.rules[kind].sha256 != sha]
    if (
        changed
        or draft.grade is None
        or draft.grade.id != row.grade_id
        or draft.plan is None
        or draft.plan.id != row.plan_id
        or row.area_code != row.resident.area_code
        or any(p.organisation_id != ((found := draft.parties.get(p.slot)) and found.id) for p in row.parties)
    ):
        raise Refused(
            gettext(
                "Grade, plan, a standard or a party changed since the draft was made; withdraw it and draw up a new one."
            )
        )
    step(actor, row, Act.SEND, effective_on=clock.today())
    return row


ANNEX_OF = {
    "contract_template": "template",
    "scorecard": "scorecard",
    "pay_table": "pay_table",
    "care_standard": "care_standard",
}
"""Kinds of rules a contract was drawn up from, and where their hashes stand in its text."""
