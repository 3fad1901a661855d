"""What the pages of residents and caregivers show of the quarter."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext

from app.contracts.queries.duties import books
from app.core.actor import Actor
from app.core.words import lazy_gettext as _l
from app.people.models import Caregiver, Resident
from app.people.panels import Panel, Shown, caregiver_panels, resident_panels
from app.settlement import queries
from app.settlement.labels import EVALUATION_STATES, EVALUATION_TONES
from app.settlement.queries.books import books as settled_books


def _resident(actor: Actor, resident: Resident) -> Shown | None:
    rows = queries.recent_evaluations(actor, resident_id=resident.id)
    if not rows:
        return None
    return Shown("settlement/_evaluations.html", {"rows": rows, "states": EVALUATION_STATES, "tones": EVALUATION_TONES})


def _caregiver(actor: Actor, caregiver: Caregiver) -> Shown | None:
    rows = queries.recent_evaluations(actor, caregiver_id=caregiver.id)
    if not rows:
        return None
    return Shown(
        "settlement/_evaluations.html",
        {"rows": rows, "states": EVALUATION_STATES, "tones": EVALUATION_TONES},
        url_for("settlement.slips", q=caregiver.name) if actor.may("slips.read") else None,
        gettext("Slips"),
    )


resident_panels.register(
    Panel("evaluations", _l("Evaluations of the caregiver"), "evaluations.read", _resident, order=50)
)
caregiver_panels.register(Panel("evaluations", _l("Evaluations"), "evaluations.read", _caregiver, order=50))
books.append(settled_books)
