"""Certificates and health checks: recorded, withdrawn, and what they make of a caregiver's tier."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, or_, select

from app.core import audit, clock
from app.core.actor import Actor, Role
from app.core.db import db, hold
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.people import queries as people
from app.people.models import Caregiver, Tier
from app.people.operations import set_training
from app.places.entries import Entries
from app.workforce import queries, rules
from app.workforce.models import Credential, CredentialKind

FROM_ELSEWHERE = frozenset(CredentialKind)


def read_number(day: dt.date) -> str:
    """The next number of a certificate given here: ``PX2026-000001``; a lock keeps two acts from taking one."""
    hold("numbers of certificates")
    head = f"PX{day.year}-"
    last = db.session.scalar(
        select(func.max(Credential.number)).where(
            Credential.number.startswith(head, autoescape=True), Credential.session_id.is_not(None)
        )
    )
    return f"{head}{(int(last[len(head) :]) if last else 0) + 1:06d}"


@operation("credential.record", permission="credentials.write")
def record_credential(actor: Actor, /, caregiver_id: int, **given: Any) -> Credential:
    """Record a certificate or health check of a caregiver from elsewhere (kind, tier, number, issuer, issued_on, valid_to,
    fit).

    A training's tier opens the gate to a grade, so an institution cannot record one of its own workers': the township or
    the county does. Raises ``NotFound``, and ``Invalid`` naming every wrong field.
    """
    row = people.caregiver(actor, caregiver_id, lock=True)
    today = clock.today()
    entries = Entries(given)
    kind = entries.choice("kind", CredentialKind, needed=True)
    entries.text("number", 64, needed=kind is not CredentialKind.HEALTH_CHECK)
    entries.text("issuer", 120, needed=True)
    issued = entries.date("issued_on", latest=today, needed=True)
    last = entries.date("valid_to")
    entries.facts["tier"], entries.facts["fit"] = None, None
    body = queries.rule(today).body
    if kind is CredentialKind.TRAINING:
        entries.choice("tier", Tier, needed=True)
        if actor.role is Role.INSTITUTION_MANAGER:
            entries.fail("kind", gettext("A training passed elsewhere is recorded by the township or the county."))
        if issued and last is None:
            entries.facts["valid_to"] = rules.valid_to(issued, int(body["training"]["valid_months"]))
    elif kind is CredentialKind.HEALTH_CHECK:
        entries.facts["number"] = entries.facts["number"] or (f"TJ{issued:%Y%m%d}" if issued else "TJ")
        fit = str(given.get("fit") or "")
        if fit not in {"0", "1"}:
            entries.fail("fit", gettext("Please choose one of the entries."))
        entries.facts["fit"] = fit == "1"
        if issued and last is None:
            entries.facts["valid_to"] = rules.valid_to(issued, int(body["health_check"]["valid_months"]))
    if issued and last and last < issued:
        entries.fail("valid_to", gettext("The end lies before the beginning."))
    facts = entries.done()
    if _known(row.id, facts):
        raise Invalid(gettext("This certificate is on record already."), field="number")
    made = Credential(caregiver_id=row.id, recorded_by=actor.user_id, recorded_at=clock.now(), **facts)
    db.session.add(made)
    db.session.flush()
    settle(actor, row.id, today)
    return made


def _known(caregiver_id: int, facts: dict[str, Any]) -> bool:
    query = select(Credential.id).where(
        Credential.caregiver_id == caregiver_id,
        Credential.kind == facts["kind"],
        Credential.number == facts["number"],
    )
    return db.session.scalar(query) is not None


@operation("credential.withdraw", permission="training.certify")
def withdraw_credential(actor: Actor, /, credential_id: int, reason: str) -> Credential:
    """Withdraw a certificate that should not have been given; it stays on record. Raises ``Refused`` when it is already."""
    row = queries.credential(actor, credential_id, lock=True)
    if row.withdrawn_on is not None:
        raise Refused(gettext("This certificate was withdrawn already."))
    entries = Entries({"reason": reason})
    entries.text("reason", 200, needed=True)
    row.withdrawn_reason, row.withdrawn_on = entries.done()["reason"], clock.today()
    db.session.flush()
    settle(actor, row.caregiver_id, clock.today())
    return row


def settle(actor: Actor, caregiver_id: int, today: dt.date) -> bool:
    """Write what the certificates say to the caregiver's record, which the gate reads; whether anything changed."""
    held = rules.best(queries.trainings_of(caregiver_id), today)
    return set_training(
        actor,
        caregiver_id,
        tier=Tier(held.tier) if held else None,
        passed_on=held.issued_on if held else None,
        valid_to=held.valid_to if held else None,
        health_check_on=queries.last_health_check(caregiver_id),
    )


def refresh_training(actor: Actor, today: dt.date) -> int:
    """Nightly: whose higher tier has run out is known by the tier that still holds; how many changed. Safe to repeat."""
    actor.require("system.job")
    ended = select(Caregiver.id).where(
        or_(Caregiver.tier_valid_to < today, Caregiver.tier.is_(None)),
        Caregiver.id.in_(
            select(Credential.caregiver_id).where(
                Credential.kind == CredentialKind.TRAINING,
                Credential.withdrawn_on.is_(None),
                Credential.issued_on <= today,
                Credential.valid_to >= today,
            )
        ),
    )
    found = list(db.session.scalars(ended.order_by(Caregiver.id)))
    return _refresh(actor, found, today) if found else 0


@operation("training.refresh", permission="system.job")
def _refresh(actor: Actor, caregiver_ids: list[int], today: dt.date) -> int:
    changed = sum(settle(actor, caregiver_id, today) for caregiver_id in caregiver_ids)
    if not changed:
        audit.record("training.refresh", "caregiver", "none")
    return changed
