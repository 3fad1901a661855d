"""Signs on a resident's page."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext

from app.core import clock
from app.core.actor import Actor
from app.core.errors import DomainError
from app.core.words import lazy_gettext as _l
from app.people.models import Resident, ResidentStatus
from app.people.panels import Panel, Shown, resident_panels
from app.trends import documents, queries
from app.trends.labels import SIGN_TONES, SIGNS
from app.trends.queries import Asked
from app.trends.rules import Sign


def _signs(actor: Actor, resident: Resident) -> Shown | None:
    if resident.status is not ResidentStatus.ACTIVE:
        return None
    try:
        found = queries.signs(actor, clock.today(), Asked(resident_id=resident.id))
    except DomainError:
        return None
    context = {
        "resident": resident,
        "rows": found,
        "told": documents.told,
        "signs": SIGNS,
        "tones": SIGN_TONES,
        "last": next((one for one in queries.measurements_of(resident.id, 5) if one.taken_back_at is None), None),
        "may_propose": actor.may("grades.report")
        and any(one.sign in {Sign.GONE, Sign.CAME} and not one.noted for one in found),
    }
    url = url_for("trends.measurements", resident_id=resident.id)
    return Shown("trends/_of_resident.html", context, url, gettext("Weight and skin"))


resident_panels.register(Panel("signs", _l("Unsafe signs"), "signs.read", _signs, order=32))
