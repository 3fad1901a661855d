"""Taking residents and their earlier sheets along on a device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from app.core import audit
from app.core.actor import Actor
from app.core.errors import Invalid
from app.core.operation import operation
from app.tablet.anchors import anchor_for
from app.tablet.models import Device
from app.tablet.queries.bundle import bundle
from app.tablet.queries.care import care_bundle
from app.tablet.queries.contracts import contract_bundle

MAX_AREAS = 50


@operation("bundle.take", permission="sheets.write")
def take_along(actor: Actor, area_codes: Sequence[str] = ()) -> dict[str, Any]:
    """The bundle of the chosen areas; the audit log names every resident whose sheets left the county on a device.

    Raises ``Invalid`` when an area is no division code, ``Forbidden`` without the right to write sheets.
    """
    _check(area_codes)
    made = bundle(actor, area_codes)
    numbers = [row["number"] for row in made["residents"]]
    audit.record("bundle.take", "device_bundle", actor.user_id, {"areas": list(area_codes), "residents": numbers})
    return made


@operation("bundle.take", permission="checklist.record")
def take_care_along(actor: Actor, device: Device | None) -> dict[str, Any]:
    """The actor's own residents with what is due on each day; the audit log names them. A device gets a time anchor too."""
    made = care_bundle(actor)
    numbers = [row["number"] for row in made["residents"]]
    audit.record("bundle.take", "device_bundle", actor.user_id, {"care": True, "residents": numbers})
    return made | {"anchor": anchor_for(device.uid) if device is not None else None}


@operation("contract.take", permission="contracts.take")
def take_contracts_along(actor: Actor, area_codes: Sequence[str] = ()) -> dict[str, Any]:
    """The contracts of the chosen areas that wait for signatures at the table; the audit log names them.

    Raises ``Invalid`` when an area is no division code, ``Forbidden`` without the right to sign.
    """
    _check(area_codes)
    made = contract_bundle(actor, area_codes)
    numbers = [row["number"] for row in made["contracts"]]
    audit.record("bundle.take", "device_bundle", actor.user_id, {"areas": list(area_codes), "contracts": numbers})
    return made


def _check(area_codes: Sequence[str]) -> None:
    if len(area_codes) > MAX_AREAS or not all(
        code.isascii() and code.isdigit() and len(code) <= 12 for code in area_codes
    ):
        raise Invalid(gettext("Choose one of the list."), field="areas")
