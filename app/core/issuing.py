"""Printed documents: each print is on record, and its QR code leads to a page that says whether it is genuine."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, has_request_context, url_for
from sqlalchemy import select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import canonical_json, db
from app.core.models import IssuedDocument
from app.core.operation import operation


@dataclass(frozen=True)
class Standing:
    """What the public page says of a document whose validity depends on more than its print: in words, with days."""

    valid: bool
    words: str
    days: tuple[tuple[str, dt.date], ...]


standings: dict[str, Callable[[IssuedDocument], Standing | None]] = {}
"""Kinds of documents that know more than whether they were issued; features register theirs here."""


def standing_of(document: IssuedDocument) -> Standing | None:
    """How the thing behind a document stands today; None for kinds where the print is all there is."""
    asked = standings.get(document.kind)
    return asked(document) if asked else None


def fingerprint_of(facts: Any) -> str:
    """SHA-256 of the canonical JSON of everything the document says."""
    return hashlib.sha256(canonical_json(facts).encode()).hexdigest()


@operation("document.issue", permission="documents.issue")
def issue(
    actor: Actor, *, kind: str, number: str, object_id: int | str, facts: Any, area_code: str | None = None
) -> IssuedDocument:
    """Register the print of a document and return its record (number, fingerprint, unguessable token).

    The same facts give the same record, so that a second print is the same document, byte for byte.
    """
    fingerprint = fingerprint_of(facts)
    row = db.session.scalar(
        select(IssuedDocument).where(IssuedDocument.number == number, IssuedDocument.fingerprint == fingerprint)
    )
    if row is None:
        secret = str(current_app.config["SECRET_KEY"]).encode()
        token = hmac.new(secret, f"{number}|{fingerprint}".encode(), hashlib.sha256).hexdigest()[:32]
        row = IssuedDocument(
            token=token,
            number=number,
            kind=kind,
            object_id=str(object_id),
            area_code=area_code,
            fingerprint=fingerprint,
            issued_at=clock.now(),
            issued_by=actor.user_id,
        )
        db.session.add(row)
        db.session.flush()
    audit.record("document.print", kind, object_id, {"number": number, "fingerprint": fingerprint})
    return row


def verify_url(document: IssuedDocument) -> str:
    """Address behind the QR code."""
    settings = current_app.extensions["settings"]
    if not settings.base_url and has_request_context():
        return url_for("overview.verify", token=document.token, _external=True)
    path = current_app.url_map.bind("").build("overview.verify", {"token": document.token})
    return f"{settings.base_url or f'http://127.0.0.1:{settings.port}'}{path}"
