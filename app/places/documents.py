"""Tables of organisations to take away."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext
from sqlalchemy import Select

from app.core.actor import Actor
from app.core.db import db
from app.core.tables import Written, export
from app.places.labels import KIND_LABELS
from app.places.models import Organisation
from app.places.queries import area_names


def organisations_table(actor: Actor, query: Select[Organisation], kind: str, filters: Mapping[str, str]) -> Written:
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
            r.beds,
            gettext("yes") if r.active else gettext("no"),
        ]
        for r in rows
    ]
    title = gettext("Organisations")
    return export(actor, "organisations", title, heads, body, kind, permission="places.read", filters=filters)
