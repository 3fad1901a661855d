"""Bed and belongings on a resident's page, beds on an institution's, and what the end of support touches."""

from __future__ import annotations

import datetime as dt

from flask import url_for
from flask_babel import gettext, ngettext

from app.core import clock
from app.core.actor import Actor
from app.core.words import lazy_gettext as _l
from app.lodging import queries
from app.lodging.labels import LEFT_FOR
from app.people.models import Resident, Setting
from app.people.panels import Panel, Shown, register_ending_effect, resident_panels
from app.places.models import Organisation, OrganisationKind
from app.places.panels import organisation_panels


def _lodging(actor: Actor, resident: Resident) -> Shown | None:
    stays = queries.stays_of(resident.id)
    if resident.setting is not Setting.INSTITUTIONAL and not stays:
        return None
    counts = queries.belonging_counts(resident.id) if actor.may("belongings.read") else None
    return Shown(
        "lodging/_of_resident.html",
        {
            "resident": resident,
            "stays": stays,
            "bed_name": queries.bed_name,
            "left_for": LEFT_FOR,
            "counts": counts,
            "may_write": actor.may("lodging.write") and resident.setting is Setting.INSTITUTIONAL,
        },
    )


def _beds(actor: Actor, row: Organisation) -> Shown | None:
    if row.kind is not OrganisationKind.INSTITUTION:
        return None
    found = queries.boards(actor, clock.today(), row.id)
    if not found:
        return None
    return Shown(
        "lodging/_of_institution.html",
        {"board": found[0]},
        url_for("lodging.board", institution_id=row.id),
        gettext("All beds"),
    )


def _ending(_actor: Actor, resident: Resident, _today: dt.date) -> list[str]:
    stay = queries.running_stay(resident.id)
    counts = queries.belonging_counts(resident.id)
    kept = counts["kept"] + counts["damaged"]
    found = [] if stay is None else [gettext("The bed %(bed)s becomes free.", bed=queries.bed_name(stay.bed))]
    if kept:
        found.append(
            ngettext("%(num)s belonging must be handed over.", "%(num)s belongings must be handed over.", kept)
        )
    return found


resident_panels.register(Panel("lodging", _l("Bed and belongings"), "lodging.read", _lodging, order=15))
organisation_panels.register(Panel("beds", _l("Rooms and beds"), "lodging.read", _beds, order=15))
register_ending_effect(_ending)
