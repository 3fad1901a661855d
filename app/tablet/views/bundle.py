"""The download an assessor takes along."""

from __future__ import annotations

from typing import Any

from flask import g, request
from flask_babel import gettext

from app.core.access import current_actor, requires
from app.core.errors import Invalid
from app.tablet import operations
from app.tablet.operations.devices import note_taken
from app.tablet.views import bp


@bp.post("/api/bundle")
@requires("sheets.write")
def bundle() -> dict[str, Any]:
    """Residents of the chosen areas with what is due, their last sheets, and the colleagues who may sign."""
    made = operations.take_along(current_actor(), _areas())
    if g.get("device") is not None:
        note_taken(g.device, [row["id"] for row in made["residents"]])
    return made


@bp.post("/api/contracts")
@requires("contracts.take")
def contract_bundle() -> dict[str, Any]:
    """Contracts of the chosen areas that wait for signatures, to be read and signed at a table."""
    made = operations.take_contracts_along(current_actor(), _areas())
    if g.get("device") is not None:
        note_taken(g.device, [row["resident_id"] for row in made["contracts"]])
    return made


def _areas() -> list[str]:
    body = request.get_json(silent=True)
    areas = body.get("areas", []) if isinstance(body, dict) else None
    if not isinstance(areas, list) or not all(isinstance(code, str) for code in areas):
        raise Invalid(gettext("The body must be a JSON object."), field="areas")
    return areas


@bp.post("/api/care")
@requires("checklist.record")
def care_bundle() -> dict[str, Any]:
    """The residents somebody cares for, with what is due each day."""
    made = operations.take_care_along(current_actor(), g.get("device"))
    if g.get("device") is not None:
        note_taken(g.device, [row["id"] for row in made["residents"]])
    return made
