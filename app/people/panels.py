"""Where features above people add their parts to the pages of residents and caregivers.

A feature registers while its views are imported::

    from app.people.panels import Panel, Shown, resident_panels

    def _grades(actor: Actor, resident: Resident) -> Shown | None:
        return Shown("grading/_panel.html", {"grades": queries.grades_of(actor, resident.id)})

    resident_panels.register(Panel("grades", _l("Care grade"), "grades.read", _grades, order=20))

``ending_effects`` are asked before support ends: each says in numbers what the end will touch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from app.core.actor import Actor
from app.people.models import Caregiver, Resident
from app.places.panels import Panel, Panels, Shown

resident_panels: Panels[Resident] = Panels()
"""Parts of a resident's page: grades 20, plan and checklist 30, contracts 40, money 50."""
caregiver_panels: Panels[Caregiver] = Panels()
"""Parts of a caregiver's page."""

register = resident_panels.register

Effect = Callable[[Actor, Resident, dt.date], list[str]]
ending_effects: list[Effect] = []
"""``effect(actor, resident, today)`` gives sentences such as "1 contract in force will end"."""


def register_ending_effect(effect: Effect) -> None:
    """Add a sentence-giver to the page that ends support."""
    if effect not in ending_effects:
        ending_effects.append(effect)


__all__ = [
    "Panel",
    "Shown",
    "caregiver_panels",
    "ending_effects",
    "register",
    "register_ending_effect",
    "resident_panels",
]
