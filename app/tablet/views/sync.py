"""What devices call: enrol, hand records over and hear the news, hand in a courier's file, say that all is forgotten."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, g, request
from flask_babel import gettext

from app.core.access import current_actor, requires
from app.core.bodies import json_object
from app.core.errors import Invalid
from app.extensions import csrf
from app.tablet import signing
from app.tablet.models import Device
from app.tablet.operations import devices, talking
from app.tablet.rules import MAX_BODY, OFFLINE_DAYS

bp = Blueprint("sync", __name__, template_folder="../templates")


def checked() -> None:
    """Without a device's token a browser's own session proves that our page sent it."""
    if request.method == "POST" and g.get("device") is None and current_app.config.get("WTF_CSRF_ENABLED", True):
        csrf.protect()


bp.before_request(checked)


def _device() -> Device:
    """The device whose token came with the request; 401 for a browser without one."""
    found: Device | None = g.get("device")
    if found is None:
        abort(401, gettext("Only an enrolled device does this: Authorization: Device …"))
    return found


@bp.post("/tablet/api/devices")
@requires("records.send")
def enrol() -> dict[str, Any]:
    """Enrol this browser for the signed-in account, or give it a new token."""
    body = json_object(limit=MAX_BODY)
    if g.get("device") is not None:
        abort(401, gettext("Sign in to enrol a device."))
    row, token = devices.enrol_device(current_actor(), body.get("id"), body.get("name"), body.get("public_key"))
    return {
        "device": row.uid,
        "token": token,
        "offline_days": OFFLINE_DAYS,
        "receipt_keys": [signing.receipt_key().public()],
        "courier_key": signing.courier_key().public(),
    }


@bp.post("/tablet/api/records")
@requires("records.send")
def talk() -> tuple[dict[str, Any], int]:
    """Take records in and answer with signed receipts and the news."""
    return talking.talk(_device(), current_actor(), json_object(limit=MAX_BODY))


@bp.post("/tablet/api/forgotten")
@requires("records.send")
def forgotten() -> dict[str, Any]:
    """A blocked device has erased everything."""
    json_object(limit=MAX_BODY)
    devices.forgotten(_device())
    return {}


@bp.post("/tablet/api/courier")
@requires("records.send")
def hand_in() -> dict[str, Any]:
    """A courier's file, handed in unopened by any device."""
    json_object()
    try:
        text = request.get_data().decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid(gettext("The body is not readable JSON.")) from None
    _row, taken = talking.bring(current_actor(), text)
    return {"receipts": talking.receipts(taken)}
