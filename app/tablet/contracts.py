"""Signatures of contracts given at a kitchen table without network."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from app.contracts.models import Means, Slot
from app.contracts.operations import Given, Instead, Overtaken, sign_at_table
from app.contracts.rules.signing import MAX_OTHERS, SEEN, Cosigner, CosignerRole, IdentityCheck, TakenBackFor
from app.core.actor import Actor
from app.core.errors import Forbidden, Invalid, NotFound
from app.tablet.kinds import Kind, Outcome, both
from app.tablet.rules import MAX_ATTACHMENT, Code, Envelope, Verdict


def signature(actor: Actor, record: Envelope) -> Outcome:
    """Take the signature of one party as the holder of the device. What came too late (signed, refused, withdrawn or changed
    meanwhile) is kept as a conflict with the reason in words: nothing of the contract changes, a person looks at it.
    """
    content = record.content
    number, slot, given = _read(content)
    try:
        _sign(actor, record, number, slot, given)
    except Overtaken:
        return Outcome(
            Verdict.CONFLICT,
            Code.CONFLICT,
            reference=number,
            words=both(lambda: _why(actor, record, number, slot, given)),
        )
    return Outcome(reference=number)


def _sign(actor: Actor, record: Envelope, number: str, slot: Slot, given: Given) -> None:
    try:
        sign_at_table(
            actor,
            number,
            slot,
            given,
            body_sha256=str(record.content["body_sha256"]),
            given_at=record.written_at,
            instead=_instead(record),
        )
    except NotFound:
        raise Invalid(gettext("There is no such contract in your area."), field="contract") from None
    except Forbidden:
        actor.require("contracts.sign")
        raise Invalid(gettext("Your account does not take the signature of this party."), field="party") from None


def _instead(record: Envelope) -> Instead | None:
    """Why this signature takes the place of one given on the same tablet before. Raises ``Invalid`` when that is not said."""
    said = record.content.get("instead")
    if said is None:
        return None
    if (
        not isinstance(said, dict)
        or said.get("why") not in set(TakenBackFor)
        or not isinstance(said.get("reason"), str)
    ):
        raise Invalid(gettext("Say why the earlier signature is taken back."), field="instead")
    return Instead(TakenBackFor(said["why"]), said["reason"])


def _why(actor: Actor, record: Envelope, number: str, slot: Slot, given: Given) -> str:
    """The same try once more for its words in another language: it changes nothing, as the first one did not."""
    try:
        _sign(actor, record, number, slot, given)
    except Overtaken as error:
        return error.message
    raise RuntimeError("a signature that came too late was taken at the second look")


def _read(content: Mapping[str, Any]) -> tuple[str, Slot, Given]:
    """What a record says. Raises ``Invalid`` naming everything that is missing or of another kind."""
    errors: dict[str, str] = {}
    missing = gettext("This is missing.")
    for name in ("contract", "body_sha256", "signer_name"):
        if not isinstance(content.get(name), str) or len(content[name]) > 120:
            errors[name] = missing
    chosen = {
        "party": {slot.value for slot in Slot},
        "means": {means.value for means in Means},
        "identity": {one.value for one in SEEN},
    }
    for name, choices in chosen.items():
        if content.get(name) not in choices:
            errors[name] = gettext("Choose one of the list.")
    if not isinstance(content.get("identity_note", ""), str):
        errors["identity_note"] = gettext("This must be a text.")
    others, picture = _others(content.get("others", [])), _picture(content.get("picture"))
    if others is None:
        errors["others"] = gettext("Give the name of everybody who signs beside.")
    if picture is None:
        errors["picture"] = gettext("A picture has 1 byte to 1 MB.")
    if errors or others is None or picture is None:
        raise Invalid(gettext("The signature was not taken."), errors=errors)
    given = Given(
        signer_name=content["signer_name"],
        means=Means(content["means"]),
        strokes=_strokes(content.get("strokes")),
        others=others,
        identity=IdentityCheck(content["identity"]),
        identity_note=content.get("identity_note", ""),
        picture=picture or None,
    )
    return content["contract"], Slot(content["party"]), given


def _others(value: Any) -> tuple[Cosigner, ...] | None:
    """Those who signed beside the party; None when it cannot be read."""
    if not isinstance(value, list) or len(value) > MAX_OTHERS:
        return None
    found = []
    for one in value:
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            return None
        if one.get("role") not in {role.value for role in CosignerRole}:
            return None
        found.append(Cosigner(CosignerRole(one["role"]), one["name"], _strokes(one.get("strokes"))))
    return tuple(found)


def _strokes(value: Any) -> object:
    """Points of the glass (x, y, pressure, milliseconds) as contracts keep them (x, y, milliseconds, pressure). What is no
    list of points stays what it is: it is refused further on.
    """
    if not isinstance(value, list) or not all(isinstance(stroke, list) for stroke in value):
        return value
    return [[[p[0], p[1], p[3], p[2]] if isinstance(p, list) and len(p) == 4 else p for p in line] for line in value]


def _picture(value: Any) -> bytes | None:
    """The bytes of a picture, nothing (b"") without one, None when it cannot be read."""
    if value is None:
        return b""
    if not isinstance(value, str) or len(value) > 2 * MAX_ATTACHMENT:
        return None
    try:
        data = base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        return None
    return data if 0 < len(data) <= MAX_ATTACHMENT else None


KINDS = (Kind("contract_signature", frozenset({1}), signature, needs=frozenset({"contracts.sign", "contracts.take"})),)
