"""What people add to the pages of areas and organisations below."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext

from app.core.actor import Actor
from app.core.words import lazy_gettext as _l
from app.people import labels, queries
from app.places.models import Organisation, OrganisationKind
from app.places.panels import AreaColumn, Panel, Shown, area_columns, organisation_panels


def _list_of(code: str) -> str:
    names = {9: {"township": code}, 12: {"township": code[:9], "village": code}}
    return url_for("people.residents", **names.get(len(code), {}))  # type: ignore[arg-type]  # inferred too narrowly


def _in_institution(actor: Actor, organisation: Organisation) -> Shown | None:
    if organisation.kind is not OrganisationKind.INSTITUTION:
        return None
    query = queries.residents_of(actor, institution_id=organisation.id)
    context = {
        "rows": queries.rows(query, 50),
        "number": queries.count(query),
        "beds": organisation.beds,
        "labels": labels,
    }
    return Shown("people/_of_institution.html", context, url_for("people.residents"), gettext("All residents"))


area_columns.append(AreaColumn(_l("Residents"), "people.read", queries.count_by_area, _list_of))
organisation_panels.register(Panel("residents", _l("Residents"), "people.read", _in_institution, order=10))
