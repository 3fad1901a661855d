"""Acts on the records of caregivers and assessors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core import audit, clock
from app.core.actor import Actor, Role
from app.core.db import db, one_row
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.names import search_key
from app.core.operation import operation
from app.core.transaction import current
from app.people import queries
from app.people.models import Assessor, Caregiver, Tier
from app.people.operations.facts import (
    ASSESSOR_FIELDS,
    CAREGIVER_FIELDS,
    assessor_facts,
    caregiver_facts,
    changed_meanwhile,
    said_why,
)
from app.people.operations.numbers import numbers

REVEALED_OF_CAREGIVER = ("id_number", "phone", "bank_account")
"""Fields of a caregiver that a full view must give a reason for."""


def _fill(row: Caregiver | Assessor, facts: Mapping[str, Any]) -> bool:
    """Store checked facts; whether anything changed."""
    for name, value in facts.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    row.search = search_key(row.name)
    db.session.add(row)
    changed = db.session.is_modified(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Invalid(gettext("This ID number or account is on record already.")) from error
    return changed


@operation("caregiver.create", permission="caregivers.write")
def create_caregiver(actor: Actor, /, **fields: Any) -> Caregiver:
    """Add a caregiver (fields: ``CAREGIVER_FIELDS``). Raises ``Invalid`` naming every wrong field."""
    if actor.role is Role.INSTITUTION_MANAGER and not actor.organisation_id:
        raise Forbidden
    facts = caregiver_facts(actor, fields)
    row = Caregiver(number=next(numbers(Caregiver, "C")), created_at=clock.now())
    _fill(row, facts)
    return row


@operation("caregiver.update", permission="caregivers.write")
def update_caregiver(actor: Actor, /, caregiver_id: int, version: int | None = None, **fields: Any) -> Caregiver:
    """Change a caregiver; fields that are not given stay. Raises ``NotFound``, ``Refused`` when somebody else saved
    meanwhile (``version``), ``Invalid`` naming every wrong field.
    """
    row = queries.caregiver(actor, caregiver_id, lock=True)
    if version is not None and row.version != version:
        raise changed_meanwhile()
    facts = caregiver_facts(actor, {**{n: getattr(row, n) for n in CAREGIVER_FIELDS}, **fields}, row)
    if not _fill(row, facts):
        audit.record("caregiver.update", "caregiver", row.id)
    return row


def set_training(
    actor: Actor,
    caregiver_id: int,
    *,
    tier: Tier | None,
    passed_on: dt.date | None,
    valid_to: dt.date | None,
    health_check_on: dt.date | None,
) -> bool:
    """Write what the certificates on record say of a caregiver, which the gate of contracts reads; whether anything changed.

    Joins the open act: raises ``RuntimeError`` outside one, ``Forbidden`` for who may not write certificates, ``NotFound``.
    """
    if current() is None:
        raise RuntimeError("training is set inside an operation only")
    if not any(actor.may(p) for p in ("credentials.write", "training.certify", "system.job", "system.seed")):
        raise Forbidden
    row = one_row(select(Caregiver).where(Caregiver.id == caregiver_id), lock=True)
    facts = {
        "tier": tier, "tier_passed_on": passed_on, "tier_valid_to": valid_to, "health_check_on": health_check_on,
    }  # fmt: skip
    changed = any(getattr(row, name) != value for name, value in facts.items())
    for name, value in facts.items():
        setattr(row, name, value)
    db.session.flush()
    return changed


@operation("caregiver.reveal", permission="caregivers.reveal")
def reveal_caregiver(actor: Actor, /, caregiver_id: int, field: str, reason: str) -> str:
    """The full text of one protected field of a caregiver; audited with its reason."""
    row = queries.caregiver(actor, caregiver_id)
    if field not in REVEALED_OF_CAREGIVER:
        raise NotFound
    said_why(reason)
    audit.record("people.reveal", "caregiver", row.id, {"field": field})
    return str(getattr(row, field) or "")


@operation("assessor.create", permission="assessors.write")
def create_assessor(actor: Actor, /, **fields: Any) -> Assessor:
    """Add an assessor (fields: ``ASSESSOR_FIELDS``). Raises ``Invalid`` naming every wrong field."""
    row = Assessor()
    _fill(row, assessor_facts(actor, fields))
    return row


@operation("assessor.update", permission="assessors.write")
def update_assessor(actor: Actor, /, assessor_id: int, **fields: Any) -> Assessor:
    """Change an assessor; fields that are not given stay. Raises ``NotFound`` and ``Invalid``."""
    row = queries.assessor(actor, assessor_id, lock=True)
    facts = assessor_facts(actor, {**{n: getattr(row, n) for n in ASSESSOR_FIELDS}, **fields}, row)
    if not _fill(row, facts):
        audit.record("assessor.update", "assessor", row.id)
    return row
