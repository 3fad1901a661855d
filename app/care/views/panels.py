"""The care plan, the day's record, visits and incidents on the resident's page."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l

from app.care import queries
from app.care.labels import PLAN_STATES, PLAN_TONES
from app.core import clock
from app.core.actor import Actor
from app.people.models import Resident, ResidentStatus
from app.people.panels import Panel, Shown, resident_panels

SHOWN = 3


def _care(actor: Actor, resident: Resident) -> Shown:
    rows = queries.plans_of(actor, resident.id)
    active = resident.status is ResidentStatus.ACTIVE
    return Shown(
        "care/_panel.html",
        {
            "resident": resident,
            "rows": rows[:SHOWN],
            "states": PLAN_STATES,
            "tones": PLAN_TONES,
            "today": clock.today(),
            "may": lambda permission: active and actor.may(permission),
        },
        url_for("care.plans", q=resident.name) if len(rows) > SHOWN else None,
        _l("All plans"),
    )


resident_panels.register(Panel("care", _l("Care plan"), "plans.read", _care, order=30))
