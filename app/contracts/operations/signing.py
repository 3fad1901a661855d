"""The seven signatures: from a party's own account, at the table on an officer's tablet; refusing; the sealed file."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext

from app.contracts import queries, rules
from app.contracts.models import Contract, ContractFile, ContractParty, ContractSeal, FileKind, Means, Slot
from app.contracts.operations.files import keep_file, read_picture
from app.contracts.operations.steps import in_words, party_of, step
from app.contracts.operations.substitutes import end_substitutes
from app.contracts.operations.taking_back import REASON_LIMIT, move_aside
from app.contracts.queries.files import seal_of
from app.contracts.rules import Act, State
from app.contracts.rules.signing import (
    NAME_LIMIT,
    NOTE_LIMIT,
    SEEN,
    Cosigner,
    IdentityCheck,
    Medium,
    TakenBackFor,
    Wrong,
    others_wrong,
)
from app.core import audit, clock, sealing
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Forbidden, Invalid, Refused
from app.core.names import normalise
from app.core.operation import operation
from app.grading.queries import grade_on
from app.people.models import ResidentStatus, Setting
from app.people.operations import assign_caregiver


@dataclass(frozen=True)
class Given:
    """A signature as it was given. ``strokes`` is handwriting (points of x, y, milliseconds, pressure), ``picture`` the
    bytes of a fingerprint's picture; ``identity`` says how it was made sure who signs, and is needed unless somebody signs
    from the own account.
    """

    signer_name: str
    means: Means
    strokes: object = None
    others: Sequence[Cosigner] = ()
    identity: IdentityCheck | None = None
    identity_note: str = ""
    picture: bytes | None = None


class Overtaken(Refused):
    """A signature given at the table comes too late: signed, refused or changed meanwhile. It is kept; a person decides."""


@operation("contract.sign", permission="contracts.sign")
def sign_contract(actor: Actor, contract_id: int, slot: Slot, given: Given) -> Contract:
    """Give one of the seven signatures on the glass; the seventh puts the contract in force.

    Raises ``Invalid`` at the field for a wrong means, name, missing witness, identity or empty handwriting; ``Refused``
    when the place is signed already.
    """
    row = queries.contract(actor, contract_id, lock=True)
    party = party_of(row, slot)
    if party.signed_at is not None:
        raise Refused(gettext("This party has already signed."))
    if row.state is not State.SIGNING:
        raise Refused(gettext("This contract is not open for signing."))
    if not queries.may_sign(actor, row, party):
        raise Forbidden
    own = queries.own_account(actor, row, party)
    return _take(actor, row, party, checked_signature(row, slot, given, own=own), Medium.ACCOUNT)


@dataclass(frozen=True)
class Instead:
    """Why a signature takes the place of one that was given on the same tablet before."""

    why: TakenBackFor
    reason: str


@operation("contract.sign_at_table", permission="contracts.sign")
def sign_at_table(
    actor: Actor,
    number: str,
    slot: Slot,
    given: Given,
    *,
    body_sha256: str,
    given_at: dt.datetime | None,
    instead: Instead | None = None,
) -> Contract:
    """Take a signature that was given on the actor's tablet without network. The order of the signatures is free; what was
    shown on the glass (``body_sha256``) must be the text that is open for signing. With ``instead`` the signature this actor
    took at the table before is taken back for it, in the same transaction; nobody else's is.

    Raises ``Overtaken`` when the contract went on meanwhile, or when the signature is older than the taking back of another
    one of this party; else as ``sign_contract``.
    """
    row = queries.contract(actor, queries.by_number(actor, number).id, lock=True)
    party = party_of(row, slot)
    if instead is not None and _own_at_table(actor, row, party, given_at):
        move_aside(actor, row, party, why=instead.why, reason=in_words(instead.reason)[:REASON_LIMIT])
    else:
        _not_before_taken_back(row, party, given_at)
    _not_overtaken(row, party, body_sha256)
    if not queries.may_take(actor, row, party):
        raise Forbidden
    own = queries.own_account(actor, row, party)
    if not own and party.organisation_id is not None and given.means is not Means.HAND:
        raise Invalid(
            gettext("The signature was not taken."),
            errors={"means": gettext("At the table an office signs by hand; a seal is set from its own account.")},
        )
    return _take(actor, row, party, checked_signature(row, slot, given, own=own), Medium.TABLE, given_at=given_at)


def _own_at_table(actor: Actor, row: Contract, party: ContractParty, given_at: dt.datetime | None) -> bool:
    """Whether a place holds an earlier signature that this actor took at the table, in a contract still open for signing."""
    return (
        row.state is State.SIGNING
        and party.medium is Medium.TABLE
        and party.carried_from_id is None
        and party.signed_by == actor.user_id
        and party.given_at is not None
        and given_at is not None
        and party.given_at < given_at
    )


def _not_before_taken_back(row: Contract, party: ContractParty, given_at: dt.datetime | None) -> None:
    """What was given before the party's signature was taken back is not its new one: whoever took it back could not see it."""
    last = queries.last_taken_back(row, party.slot)
    if last is not None and party.signed_at is None and (given_at is None or given_at <= last.taken_back_at):
        day = last.taken_back_at.astimezone(clock.ZONE).date()
        raise Overtaken(
            gettext(
                "This party's signature was taken back on %(day)s, after this one was given: %(why)s. Let the party sign anew.",
                day=day,
                why=last.reason,
            )
        )


def _not_overtaken(row: Contract, party: ContractParty, body_sha256: str) -> None:
    if party.signed_at is not None:
        raise Overtaken(
            gettext(
                "This party has signed meanwhile: %(name)s on %(day)s. Both signatures are kept; the first one counts.",
                name=party.signer_name,
                day=party.signed_at.astimezone(clock.ZONE).date(),
            )
        )
    if row.body_sha256 != body_sha256:
        raise Overtaken(gettext("The text of this contract has changed since it was taken along. Sign the new text."))
    if row.state is State.VOID:
        last = row.events[-1]
        if last.act is Act.REFUSE:
            who = queries.names_of({last.by}).get(last.by or 0, "—")
            raise Overtaken(
                gettext("Another party refused this contract: %(name)s — %(why)s", name=who, why=last.reason or "—")
            )
        raise Overtaken(gettext("This contract was withdrawn: %(why)s", why=last.reason or "—"))
    if row.state is not State.SIGNING:
        raise Overtaken(gettext("This contract is not open for signing."))


def _take(
    actor: Actor,
    row: Contract,
    party: ContractParty,
    given: Given,
    medium: Medium,
    *,
    given_at: dt.datetime | None = None,
    scan: ContractFile | None = None,
) -> Contract:
    """Write a checked signature down; the seventh puts the contract in force."""
    picture = _picture(actor, row, party, given)
    party.signer_name, party.means, party.medium = given.signer_name, given.means, medium
    party.strokes = json.dumps(given.strokes) if given.strokes else None
    party.others = _stored(given.others) if given.others else None
    party.identity, party.identity_note = given.identity, given.identity_note or None
    party.picture_id = picture
    party.scan_id = scan.id if scan else None
    party.given_at = given_at
    party.signed_at, party.signed_by, party.signed_by_person = clock.now(), actor.user_id, actor.person_key
    party.body_sha256 = row.body_sha256
    step(actor, row, Act.SIGN, effective_on=clock.today(), reason=party.slot.value)
    if all(p.signed_at is not None for p in row.parties):
        _complete(actor, row)
    return row


def _stored(others: Sequence[Cosigner]) -> str:
    found = [{"role": one.role.value, "name": one.name, "strokes": one.strokes or None} for one in others]
    return json.dumps(found, ensure_ascii=False)


def _picture(actor: Actor, row: Contract, party: ContractParty, given: Given) -> int | None:
    """The organisation's own seal, or the picture of a fingerprint."""
    if given.means is Means.SEAL and party.organisation_id is not None:
        seal = seal_of(party.organisation_id)
        return seal.id if seal else None
    if given.means is Means.FINGERPRINT and given.picture:
        file = read_picture(given.picture, "picture")
        return keep_file(actor, FileKind.FINGERPRINT, file, contract_id=row.id).id
    return None


def take_from_paper(
    actor: Actor, row: Contract, slot: Slot, given: Given, *, signed_on: dt.date, scan: ContractFile
) -> Contract:
    """A confirmed signature on paper becomes the party's own; joins the transaction of its operation."""
    noon = dt.datetime.combine(signed_on, dt.time(12), clock.ZONE)
    return _take(actor, row, party_of(row, slot), given, Medium.PAPER, given_at=noon, scan=scan)


def _as_registered(row: Contract, name: str) -> str:
    """The name as it stands on record when only blanks or the middle dot were typed in another way."""
    known = (row.caregiver.name, row.resident.name, row.resident.guardian_name or "")
    return next((kept for kept in known if kept and normalise(kept) == normalise(name)), name)


def checked_signature(row: Contract, slot: Slot, given: Given, *, own: bool, on_paper: bool = False) -> Given:
    """The signature with its names as they stand on record. Raises ``Invalid`` at each field. ``own``: from the party's own
    account.
    """
    name = _as_registered(row, given.signer_name.strip())
    others = [replace(one, name=_as_registered(row, one.name.strip())) for one in given.others]
    errors = _names_wrong(row, slot, name, given.means)
    if given.means.value not in rules.MEANS_FOR_SLOT[slot.value]:
        errors["means"] = gettext("This party cannot sign in this way.")
    written = [_readable(one.strokes) for one in others]
    wrong = others_wrong(slot.value, given.means.value, name, others, on_paper=on_paper, written=written)
    if wrong is not None:
        field = "witness_name" if wrong in {Wrong.WITNESS_MISSING, Wrong.WITNESS_IS_SIGNER} else "others"
        errors[field] = _wrong_words(wrong, given.means)
    elif not all(has or not one.strokes for one, has in zip(others, written, strict=True)):
        errors["others"] = _wrong_words(Wrong.STROKES, given.means)
    if not on_paper and (given.means.value in rules.HANDWRITTEN or given.strokes) and not _readable(given.strokes):
        errors["strokes"] = gettext("Please sign in the box.")
    if not own and given.identity not in SEEN:
        errors["identity"] = gettext("Say how you made sure who signs.")
    if len(given.identity_note.strip()) > NOTE_LIMIT:
        errors["identity_note"] = gettext("At most %(limit)s characters.", limit=NOTE_LIMIT)
    if errors:
        raise Invalid(gettext("The signature was not taken."), errors=errors)
    identity = IdentityCheck.ACCOUNT if own else given.identity
    note = given.identity_note.strip()
    return replace(given, signer_name=name, others=tuple(others), identity=identity, identity_note=note)


def _names_wrong(row: Contract, slot: Slot, name: str, means: Means) -> dict[str, str]:
    if not name or len(name) > NAME_LIMIT:
        return {"signer_name": gettext("Give the name of the person who signs.")}
    if slot is Slot.CAREGIVER and name != row.caregiver.name:
        return {"signer_name": gettext("The name is not the caregiver's.")}
    if slot is Slot.RESIDENT and means is Means.GUARDIAN:
        if not row.resident.guardian_name:
            return {"means": gettext("No guardian is registered for this resident.")}
        if name != row.resident.guardian_name:
            return {"signer_name": gettext("The name is not the registered guardian's.")}
    elif slot is Slot.RESIDENT and name != row.resident.name:
        return {"signer_name": gettext("The name is not the resident's. If the guardian signs, choose “guardian”.")}
    return {}


def _readable(strokes: object) -> bool:
    try:
        rules.read_strokes(strokes)
    except ValueError:
        return False
    return True


def _wrong_words(wrong: Wrong, means: Means) -> str:
    return {
        Wrong.WITNESS_MISSING: (
            gettext("A mark needs the names of two witnesses.")
            if means is Means.WITNESSED_MARK
            else gettext("Give the name of the witness.")
        ),
        Wrong.WITNESS_IS_SIGNER: gettext("The witness must be another person than the one who signs."),
        Wrong.NAME: gettext("Give the name of everybody who signs beside."),
        Wrong.ROLE: gettext("Nobody signs beside this party in this capacity."),
        Wrong.TWICE: gettext("The same name stands here twice."),
        Wrong.TOO_MANY: gettext("At most four people sign beside a party."),
        Wrong.STROKES: gettext("Who signs beside a party signs by hand too."),
    }[wrong]


def _complete(actor: Actor, row: Contract) -> None:
    db.session.flush()  # the seventh signature stands before the contract is in force
    row.in_force_at = clock.now()
    row.in_force_from = max(row.valid_from, clock.today())
    if row.in_force_from > row.valid_to:
        raise Refused(gettext("The contract's term is over; withdraw it and draw up a new one."))
    if row.resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended; withdraw the contract."))
    if row.resident.area_code != row.area_code:
        raise Refused(
            gettext("The resident has moved since; withdraw the contract and draw up a new one at the new place.")
        )
    grade = grade_on(row.resident_id, row.in_force_from)
    if grade is None or grade.id != row.grade_id:
        raise Refused(
            gettext("The care grade changed since the contract was drawn up; withdraw it and draw up a new one.")
        )
    if row.amends is not None:
        _supersede(actor, row.amends, row)
    step(actor, row, Act.COMPLETE, effective_on=row.in_force_from)
    end_substitutes(row)
    if row.setting is Setting.HOME:
        assign_caregiver(actor, row.resident_id, row.caregiver_id)


def _supersede(actor: Actor, before: Contract, row: Contract) -> None:
    """The contract before ends the day before its amendment begins."""
    assert row.in_force_from is not None  # noqa: S101  # the caller just set it
    last = row.in_force_from - dt.timedelta(days=1)
    if before.in_force_from is None or last < before.in_force_from:
        raise Refused(gettext("An amendment begins at least one day after the contract it changes."))
    step(actor, before, Act.AMEND, effective_on=last, reason=row.number)
    before.ended_on, before.end_cause = last, rules.EndCause.OTHER
    before.end_reason = gettext("Changed by %(number)s", number=row.number)
    db.session.flush()


@operation("contract.refuse", permission="contracts.sign")
def refuse_contract(actor: Actor, contract_id: int, *, reason: str) -> Contract:
    """One party says no: the contract is void, with the reason."""
    row = queries.contract(actor, contract_id, lock=True)
    if not any(queries.may_sign(actor, row, party) for party in row.parties):
        raise Forbidden
    step(actor, row, Act.REFUSE, effective_on=clock.today(), reason=in_words(reason))
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
