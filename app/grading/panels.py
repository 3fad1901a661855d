"""What a decision changes elsewhere, and parts of a sheet's page: features above this one register them, none is imported here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.core.actor import Actor
from app.grading.models import Sheet
from app.people.models import Resident
from app.places.panels import Panels


@dataclass(frozen=True)
class Effect:
    """One line of the effect preview: what it is about, and in words what each grade (1, 2, 3) would mean."""

    label: str
    by_grade: Mapping[int, str]


Preview = Callable[[Actor, Resident, dt.date], Effect | None]
"""Gets who looks, the resident and the first day of the new grade; None when there is nothing to tell."""

_previews: list[Preview] = []


def add_effect(preview: Preview) -> Preview:
    """Register a preview (plan, contract, yuan a month); called once when the feature's pages are loaded."""
    if preview not in _previews:
        _previews.append(preview)
    return preview


def effects(actor: Actor, resident: Resident, valid_from: dt.date) -> list[Effect]:
    """Every registered effect for this resident, in the order of registration."""
    return [found for preview in _previews if (found := preview(actor, resident, valid_from)) is not None]


sheet_panels: Panels[Sheet] = Panels()
"""Parts that features above add to a submitted sheet's page: photos and voice notes of the tablet 60."""
