"""Taking residents and their earlier sheets along on a device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from app.core import audit
from app.core.actor import Actor
from app.core.errors import Invalid
from app.core.operation import operation
from app.tablet.queries.bundle import bundle

MAX_AREAS = 50


@operation("bundle.take", permission="sheets.write")
def take_along(actor: Actor, area_codes: Sequence[str] = ()) -> dict[str, Any]:
    """The bundle of the chosen areas; the audit log names every resident whose sheets left the county on a device.

    Raises ``Invalid`` when an area is no division code, ``Forbidden`` without the right to write sheets.
    """
    if len(area_codes) > MAX_AREAS or not all(
        code.isascii() and code.isdigit() and len(code) <= 12 for code in area_codes
    ):
        raise Invalid(gettext("Choose one of the list."), field="areas")
    made = bundle(actor, area_codes)
    numbers = [row["number"] for row in made["residents"]]
    audit.record("bundle.take", "device_bundle", actor.user_id, {"areas": list(area_codes), "residents": numbers})
    return made
