"""What somebody who holds the paper may learn from its code: whether it is valid, its days, its fingerprint. Nothing else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext

from app.contracts.models import Contract
from app.contracts.queries.files import files_of
from app.contracts.rules import State
from app.core import clock
from app.core.db import db
from app.core.issuing import Standing, fingerprint_of, standings
from app.core.models import IssuedDocument


def facts_of(row: Contract) -> dict[str, Any]:
    """Everything a print of the contract says. Once in force they never change, whatever happens to it later."""
    files = files_of(row.parties)
    signed = {
        party.slot.value: [
            party.signer_name,
            party.means and party.means.value,
            party.signed_at and party.signed_at.isoformat(),
            party.medium and party.medium.value,
            party.given_at and party.given_at.isoformat(),
            [party.identity and party.identity.value, party.identity_note],
            [[one["role"], one["name"]] for one in party.cosigners],
            [files[one].sha256 for one in (party.picture_id, party.scan_id) if one is not None],
        ]
        for party in row.parties
    }
    state = "in_force" if row.in_force_from else row.state.value
    facts: dict[str, Any] = {"body": row.body_sha256, "state": state, "signatures": signed}
    if row.former:
        facts["taken_back"] = [
            [one.slot.value, one.signer_name, one.signed_at.isoformat(), one.taken_back_at.isoformat(), one.reason]
            for one in row.former
        ]
    return facts


def standing(document: IssuedDocument) -> Standing | None:
    """How the contract behind a print stands today."""
    row = db.session.get(Contract, int(document.object_id))
    if row is None:
        return None
    if row.in_force_from is None or document.fingerprint != fingerprint_of(facts_of(row)):
        return Standing(False, gettext("A print made before all seven had signed: not valid"), ())
    today = clock.today()
    last = row.ended_on or row.valid_to
    days: list[tuple[str, dt.date]] = [
        (gettext("In force from"), row.in_force_from),
        (gettext("In force until"), last),
    ]
    if row.state is State.SUSPENDED:
        return Standing(True, gettext("In force, suspended at present"), tuple(days))
    if last < today or row.state is not State.IN_FORCE:
        return Standing(False, gettext("No longer in force"), tuple(days))
    if row.in_force_from > today:
        return Standing(True, gettext("Signed by all seven; begins on the day given below"), tuple(days))
    return Standing(True, gettext("In force"), tuple(days))


standings["contract"] = standing
