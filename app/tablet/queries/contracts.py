"""What a township or village officer takes along to a kitchen table: the contracts that wait for signatures, to be read there.

No ID number, telephone, address or health note: a tablet can be lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.contracts import queries as contracts
from app.contracts.models import Contract, ContractParty, Means, Slot
from app.contracts.rules import MEANS_FOR_SLOT
from app.contracts.rules.signing import ROLES_FOR_SLOT
from app.core import clock, money
from app.core.actor import Actor
from app.places import queries as places
from app.tablet.kinds import LOCALES
from app.tablet.rules import OFFLINE_DAYS, written


def contract_bundle(actor: Actor, area_codes: Sequence[str] = ()) -> dict[str, Any]:
    """Contracts of the chosen areas (all of the actor's when none is chosen) that the actor's tablet may take signatures for."""
    level = "township" if len(actor.area_code or "") < 9 else "village"
    return {
        "v": 1,
        "for": "contracts",
        "issued_at": written(clock.now()),
        "today": clock.today().isoformat(),
        "offline_days": OFFLINE_DAYS,
        "me": {"name": actor.name, "assessor": None},
        "colleagues": [],
        "areas": [
            {"code": area.code, "name": area.name, "due": len(contracts.to_take_along(actor, [area.code]))}
            for area in places.areas_under(actor.area_code or "", level)
        ],
        "taken": list(area_codes),
        "instrument": None,
        "instruments": {},
        "residents": [],
        "contracts": [_contract(actor, row) for row in contracts.to_take_along(actor, area_codes)],
    }


def _contract(actor: Actor, row: Contract) -> dict[str, Any]:
    body = row.body
    fen = body["annexes"]["pay_table"]["monthly_fen"]
    return {
        "number": row.number,
        "resident": body["resident"]["number"],
        "resident_id": row.resident_id,
        "name": body["resident"]["name"],
        "village": body["resident"]["village"],
        "caregiver": row.caregiver.name,
        "guardian": row.resident.guardian_name,
        "body_sha256": row.body_sha256,
        "valid_from": body["valid_from"],
        "valid_to": body["valid_to"],
        "grade": body["annexes"]["grade"]["grade"],
        "monthly": money.format_yuan(fen) if fen else None,
        "monthly_capitals": money.yuan_capitals(fen) if fen else None,
        "amends": body["amendment"]["of"] if "amendment" in body else None,
        "title": body["title"],
        "preamble": body["preamble"],
        "points": [_said(text) for text in body.get("points", ())],
        "general": [_said(text) for text in body["general"]],
        "clauses": [{"number": c["number"], "party": c["party"]} | _said(c) for c in body["clauses"]],
        "closing": body["closing"],
        "parties": [_party(actor, row, party) for party in row.parties],
    }


def _said(text: dict[str, Any]) -> dict[str, str]:
    return {language: text[language] for language in LOCALES}


def _party(actor: Actor, row: Contract, party: ContractParty) -> dict[str, Any]:
    last = contracts.last_taken_back(row, party.slot) if party.signed_at is None else None
    return {
        "slot": party.slot.value,
        "name": party.party_name,
        "signed": party.signed_at.astimezone(clock.ZONE).date().isoformat() if party.signed_at else None,
        "signer": party.signer_name,
        "taken_back": {"at": written(last.taken_back_at), "reason": last.reason} if last else None,
        "here": contracts.may_take(actor, row, party),
        "own": contracts.own_account(actor, row, party),
        "suggested": _suggested(actor, row, party),
        "means": _means(actor, row, party),
        "roles": sorted(role.value for role in ROLES_FOR_SLOT[party.slot.value]),
    }


def _suggested(actor: Actor, row: Contract, party: ContractParty) -> str:
    if party.slot is Slot.RESIDENT:
        return row.resident.name
    if party.slot is Slot.CAREGIVER:
        return row.caregiver.name
    return actor.name if contracts.own_account(actor, row, party) else ""


def _means(actor: Actor, row: Contract, party: ContractParty) -> list[str]:
    """How the party may sign on this tablet; an office signs by hand at the table, and with its seal on its own one."""
    if party.organisation_id is not None and not contracts.own_account(actor, row, party):
        return [Means.HAND.value]
    fitting: list[str] = [means.value for means in Means if means.value in MEANS_FOR_SLOT[party.slot.value]]
    if not row.resident.guardian_name:
        fitting = [one for one in fitting if one != Means.GUARDIAN.value]
    return fitting
