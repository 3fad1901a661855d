"""Tables of organisations to take away, and the mark that every table of people carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import Select

from app.core import tables
from app.core.actor import Actor
from app.core.db import db
from app.places.labels import KIND_LABELS
from app.places.models import Organisation
from app.places.operations import record_export
from app.places.queries import area_names


@dataclass(frozen=True)
class File:
    """A file to send: bytes, name, media type."""

    data: bytes
    name: str
    mime: str


def marked(
    actor: Actor,
    what: str,
    title: str,
    heads: Sequence[object],
    rows: Sequence[Sequence[object]],
    kind: str,
    filters: Mapping[str, str],
    *,
    permission: str,
) -> File:
    """A table with a line that says who took it, when, and under which number it stands in the audit log."""
    actor.require(permission)
    line = record_export(actor, what, len(rows), dict(filters))
    return File(*tables.write(kind, title, [str(h) for h in heads], rows, lines=[line]))


def organisations_table(actor: Actor, query: Select[Organisation], kind: str) -> File:
    """Organisations of a list as xlsx or csv."""
    rows = list(db.session.scalars(query.order_by(Organisation.area_code, Organisation.id)))
    names = area_names(r.area_code for r in rows)
    heads = [
        gettext("Full name"),
        gettext("Kind"),
        gettext("Area"),
        gettext("Unified social credit code"),
        gettext("Contact person"),
        gettext("Telephone"),
        gettext("Address"),
        gettext("Beds"),
        gettext("In use"),
    ]
    body = [
        [
            r.name,
            str(KIND_LABELS[r.kind]),
            names.get(r.area_code, ""),
            r.credit_code or "",
            r.contact_name or "",
            r.phone or "",
            r.address or "",
            "" if r.beds is None else r.beds,
            gettext("yes") if r.active else gettext("no"),
        ]
        for r in rows
    ]
    return marked(actor, "organisations", gettext("Organisations"), heads, body, kind, {}, permission="places.read")
