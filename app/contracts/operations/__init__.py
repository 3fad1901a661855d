"""A contract's life: drafted, sent, signed by seven, in force, suspended, ended."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from typing import Any

from flask_babel import gettext

from app.contracts import drafting, queries, rules
from app.contracts.models import Contract, ContractEvent, ContractParty, ContractSeal, Means, Slot, Suspension
from app.contracts.rules import Act, State
from app.contracts.rules.duties import deadline
from app.core import audit, clock, sealing
from app.core.actor import Actor
from app.core.db import canonical_json, db
from app.core.errors import Forbidden, Invalid, NotFound, Refused
from app.core.names import normalise
from app.core.operation import operation
from app.grading.queries import grade_on
from app.people import queries as people
from app.people.models import Caregiver, Resident, ResidentStatus, Setting
from app.people.operations import assign_caregiver


def _step(actor: Actor, row: Contract, act: Act, *, effective_on: dt.date, reason: str | None = None) -> None:
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
    row.state = target


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
    number = queries.next_number(valid_from.year)
    return store_draft(actor, draft, drafting.body(draft, number))


def _carry(earlier: ContractParty, party: ContractParty) -> None:
    """An earlier signature goes on to stand: nothing that binds its party changed."""
    party.carried_from_id = earlier.carried_from_id or earlier.id
    party.signer_name, party.means, party.witness_name = earlier.signer_name, earlier.means, earlier.witness_name
    party.signed_at, party.signed_by, party.signed_by_person = (
        earlier.signed_at,
        earlier.signed_by,
        earlier.signed_by_person,
    )
    party.body_sha256, party.strokes = earlier.body_sha256, earlier.strokes


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
    ):
        raise Refused(
            gettext("Grade, plan or a standard changed since the draft was made; withdraw it and draw up a new one.")
        )
    _step(actor, row, Act.SEND, effective_on=clock.today())
    return row


ANNEX_OF = {
    "contract_template": "template",
    "scorecard": "scorecard",
    "pay_table": "pay_table",
    "care_standard": "care_standard",
}
"""Kinds of rules a contract was drawn up from, and where their hashes stand in its text."""


@operation("contract.sign", permission="contracts.sign")
def sign_contract(
    actor: Actor,
    contract_id: int,
    slot: Slot,
    *,
    signer_name: str,
    means: Means,
    strokes: object = None,
    witness_name: str | None = None,
) -> Contract:
    """Give one of the seven signatures; the seventh puts the contract in force.

    ``strokes`` is the handwriting (points of x, y, milliseconds, pressure). Raises ``Invalid`` at the field for a
    wrong means, name, missing witness or empty handwriting; ``Refused`` when the place is signed already.
    """
    row = queries.contract(actor, contract_id, lock=True)
    party = next((p for p in row.parties if p.slot == slot), None)
    if party is None:
        raise NotFound
    if party.signed_at is not None:
        raise Refused(gettext("This party has already signed."))
    if row.state is not State.SIGNING:
        raise Refused(gettext("This contract is not open for signing."))
    if not queries.may_sign(actor, row, party):
        raise Forbidden
    name = _check_signature(row, slot, signer_name, means, strokes, witness_name)
    party.signer_name, party.means = name, means
    party.strokes = json.dumps(strokes) if strokes else None
    party.witness_name = (witness_name or "").strip() or None
    party.signed_at, party.signed_by, party.signed_by_person = clock.now(), actor.user_id, actor.person_key
    party.body_sha256 = row.body_sha256
    db.session.flush()
    _step(actor, row, Act.SIGN, effective_on=clock.today(), reason=slot.value)
    if all(p.signed_at is not None for p in row.parties):
        _complete(actor, row)
    return row


@operation("contract.seal", permission="documents.issue")
def seal_contract(actor: Actor, contract_id: int, printed: bytes) -> ContractSeal:
    """Seal the print of a contract that all seven have signed, and keep the file for ever. A second call finds the first
    one's file.

    Raises ``Refused`` when not all have signed, or when the seal of this installation cannot be used.
    """
    row = queries.contract(actor, contract_id, lock=True)
    if row.in_force_from is None:
        raise Refused(gettext("Contract %(number)s is not in force: there is no sealed file yet.", number=row.number))
    if row.seal is not None:
        audit.record("document.print", "contract", row.id, {"sha256": row.seal.sha256})
        return row.seal
    scheme = sealing.SCHEMES[sealing.CURRENT]
    try:
        key = sealing.seal_key()
        data = scheme.seal(key, printed, at=clock.now(), reason=f"{row.number} 七方签署完毕")
        found = scheme.problem(data, [key.root])
    except sealing.SealError as error:
        raise Refused(
            gettext("The contract cannot be sealed here yet; tell the administrator: %(why)s.", why=str(error))
        ) from error
    if found is not None:
        raise RuntimeError(f"a seal just made is not good: {found}")
    row.seal = ContractSeal(
        sha256=sealing.sha256(data),
        scheme=scheme.name,
        certificate_sha256=key.fingerprint,
        root=key.root,
        sealed_at=clock.now(),
        pdf=base64.b64encode(data).decode(),
    )
    db.session.flush()
    audit.record("contract.seal", "contract", row.id, {"sha256": row.seal.sha256, "certificate": key.fingerprint})
    return row.seal


def _as_registered(row: Contract, name: str) -> str:
    """The name as it stands on record when only blanks or the middle dot were typed in another way."""
    known = (row.caregiver.name, row.resident.name, row.resident.guardian_name or "")
    return next((kept for kept in known if kept and normalise(kept) == normalise(name)), name)


def _check_signature(
    row: Contract, slot: Slot, signer_name: str, means: Means, strokes: object, witness_name: str | None
) -> str:
    name = _as_registered(row, signer_name.strip())
    errors: dict[str, str] = {}
    if means.value not in rules.MEANS_FOR_SLOT[slot.value]:
        errors["means"] = gettext("This party cannot sign in this way.")
    if not name or len(name) > 80:
        errors["signer_name"] = gettext("Give the name of the person who signs.")
    elif slot is Slot.CAREGIVER and name != row.caregiver.name:
        errors["signer_name"] = gettext("The name is not the caregiver's.")
    elif slot is Slot.RESIDENT and means is Means.GUARDIAN:
        if not row.resident.guardian_name:
            errors["means"] = gettext("No guardian is registered for this resident.")
        elif name != row.resident.guardian_name:
            errors["signer_name"] = gettext("The name is not the registered guardian's.")
    elif slot is Slot.RESIDENT and name != row.resident.name:
        errors["signer_name"] = gettext("The name is not the resident's. If the guardian signs, choose “guardian”.")
    witness = (witness_name or "").strip()
    if means.value in rules.WITNESS_NEEDED and not witness:
        errors["witness_name"] = gettext("Give the name of the witness.")
    elif witness and witness == name:
        errors["witness_name"] = gettext("The witness must be another person than the one who signs.")
    if means.value in rules.HANDWRITTEN or strokes:
        try:
            rules.read_strokes(strokes)
        except ValueError:
            errors["strokes"] = gettext("Please sign in the box.")
    if errors:
        raise Invalid(gettext("The signature was not taken."), errors=errors)
    return name


def _complete(actor: Actor, row: Contract) -> None:
    row.in_force_at = clock.now()
    row.in_force_from = max(row.valid_from, clock.today())
    if row.in_force_from > row.valid_to:
        raise Refused(gettext("The contract's term is over; withdraw it and draw up a new one."))
    if row.resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended; withdraw the contract."))
    grade = grade_on(row.resident_id, row.in_force_from)
    if grade is None or grade.id != row.grade_id:
        raise Refused(
            gettext("The care grade changed since the contract was drawn up; withdraw it and draw up a new one.")
        )
    if row.amends is not None:
        _supersede(actor, row.amends, row)
    _step(actor, row, Act.COMPLETE, effective_on=row.in_force_from)
    if row.setting is Setting.HOME:
        assign_caregiver(actor, row.resident_id, row.caregiver_id)


def _supersede(actor: Actor, before: Contract, row: Contract) -> None:
    """The contract before ends the day before its amendment begins."""
    assert row.in_force_from is not None  # noqa: S101  # the caller just set it
    last = row.in_force_from - dt.timedelta(days=1)
    if before.in_force_from is None or last < before.in_force_from:
        raise Refused(gettext("An amendment begins at least one day after the contract it changes."))
    _step(actor, before, Act.AMEND, effective_on=last, reason=row.number)
    before.ended_on, before.end_cause = last, rules.EndCause.OTHER
    before.end_reason = gettext("Changed by %(number)s", number=row.number)
    db.session.flush()


@operation("contract.refuse", permission="contracts.sign")
def refuse_contract(actor: Actor, contract_id: int, *, reason: str) -> Contract:
    """One party says no: the contract is void, with the reason."""
    row = queries.contract(actor, contract_id, lock=True)
    if not any(queries.may_sign(actor, row, party) for party in row.parties):
        raise Forbidden
    _step(actor, row, Act.REFUSE, effective_on=clock.today(), reason=_reason(reason))
    return row


@operation("contract.withdraw", permission="contracts.write")
def withdraw_contract(actor: Actor, contract_id: int, *, reason: str) -> Contract:
    """Take back a draft or a contract that is being signed."""
    row = queries.contract(actor, contract_id, lock=True)
    _step(actor, row, Act.WITHDRAW, effective_on=clock.today(), reason=_reason(reason))
    return row


@operation("contract.suspend", permission="contracts.write")
def suspend_contract(actor: Actor, contract_id: int, from_on: dt.date, *, reason: str) -> Contract:
    """Let a contract rest from a day on (hospital, leave); those days are not paid."""
    row = queries.contract(actor, contract_id, lock=True)
    _within(row, from_on, "from_on")
    _not_ahead(from_on, "from_on")
    if any(s.to_on is None or s.to_on >= from_on for s in row.suspensions):
        raise Invalid(gettext("These days are suspended already."), field="from_on")
    _step(actor, row, Act.SUSPEND, effective_on=from_on, reason=_reason(reason))
    row.suspensions.append(Suspension(from_on=from_on, reason=_reason(reason)[:200]))
    return row


@operation("contract.resume", permission="contracts.write")
def resume_contract(actor: Actor, contract_id: int, on: dt.date) -> Contract:
    """Resume a suspended contract; ``on`` is the first day of care again."""
    row = queries.contract(actor, contract_id, lock=True)
    _within(row, on, "on")
    _not_ahead(on, "on")
    rest = next((s for s in row.suspensions if s.to_on is None), None)
    if rest is None:
        raise Refused(gettext("This contract is not suspended."))
    if on <= rest.from_on:
        raise Invalid(gettext("The first day of care must be after the suspension began."), field="on")
    rest.to_on = on - dt.timedelta(days=1)
    _step(actor, row, Act.RESUME, effective_on=on)
    return row


@operation("contract.end", permission="contracts.write")
def end_contract(
    actor: Actor,
    contract_id: int,
    ended_on: dt.date,
    *,
    reason: str,
    cause: rules.EndCause = rules.EndCause.OTHER,
) -> Contract:
    """End a contract; ``ended_on`` is the last day of care (death: the day of death). When the caregiver failed or left,
    another one must have signed within ten working days; the last settlement follows by itself from the dates.
    """
    row = queries.contract(actor, contract_id, lock=True)
    _within(row, ended_on, "ended_on")
    _not_ahead(ended_on, "ended_on")
    _finish(actor, row, ended_on, _reason(reason), cause)
    if cause in rules.REPLACED:
        row.replace_by = deadline(ended_on, REPLACE_DAYS, "working")
    return row


REPLACE_DAYS = 10
"""Working days for another caregiver (Anhui guide, domain.md 7.2)."""


@operation("contract.archive", permission="system.job")
def archive_contract(actor: Actor, contract_id: int) -> Contract:
    """Put away a contract that ended long ago; nothing of it changes."""
    row = queries.contract(actor, contract_id, lock=True)
    _step(actor, row, Act.ARCHIVE, effective_on=clock.today())
    return row


def _finish(
    actor: Actor, row: Contract, ended_on: dt.date, reason: str, cause: rules.EndCause = rules.EndCause.OTHER
) -> None:
    _step(actor, row, Act.END, effective_on=ended_on, reason=reason)
    rest = next((s for s in row.suspensions if s.to_on is None), None)
    if rest is not None:
        rest.to_on = max(rest.from_on, ended_on)
    row.ended_on, row.end_reason, row.end_cause = ended_on, reason[:200], cause
    if row.setting is Setting.HOME and row.resident.caregiver_id == row.caregiver_id:
        assign_caregiver(actor, row.resident_id, None)


def _not_ahead(day: dt.date, field: str) -> None:
    if day > clock.today():
        raise Invalid(gettext("The day has not come yet."), field=field)


def _within(row: Contract, day: dt.date, field: str) -> None:
    first = row.in_force_from or row.valid_from
    if not first <= day <= row.valid_to:
        raise Invalid(
            gettext("The day must lie within the contract, %(first)s to %(last)s.", first=first, last=row.valid_to),
            field=field,
        )


def _reason(reason: str) -> str:
    text = (reason or "").strip()
    if len(text) < 2:
        raise Invalid(gettext("Give the reason."), field="reason")
    return text[:500]


@operation("contract.expire", permission="system.job")
def expire_contract(actor: Actor, contract_id: int) -> Contract:
    """End a contract whose last day has passed, or whose resident is no longer supported (then on that day)."""
    row = queries.contract(actor, contract_id, lock=True)
    gone = row.resident.ended_on if row.resident.status is not ResidentStatus.ACTIVE else None
    if gone is not None and gone <= clock.today():
        first = row.in_force_from or row.valid_from
        _finish(actor, row, min(max(gone, first), row.valid_to), gettext("Support of the resident has ended."))
    elif row.valid_to < clock.today():
        _finish(actor, row, row.valid_to, gettext("The term is over."), rules.EndCause.TERM)
    else:
        raise Refused(gettext("This contract has not run out."))
    return row
