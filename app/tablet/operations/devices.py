"""Enrolling a device, blocking a lost one, telling it to forget."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import update

from app.auth.roles import system_actor
from app.auth.sessions import digest
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.core.transaction import transaction
from app.tablet import signing
from app.tablet.models import Device
from app.tablet.queries import devices
from app.tablet.rules import OFFLINE_DAYS, UID, DeviceAct, DeviceState, NotPossible, next_state, written

NAME_LIMIT = 80
REASON_LIMIT = 2000


def offline_until() -> dt.datetime:
    """Until when a device works that was heard of now."""
    return clock.now() + dt.timedelta(days=OFFLINE_DAYS)


@operation("device.enrol", permission="records.send")
def enrol_device(actor: Actor, uid: Any, name: Any, public_key: Any) -> tuple[Device, str]:
    """Enrol a device for the actor's account, or give an enrolled one a new token; the one before is dead.

    ``uid`` is the UUID the device made for itself, ``public_key`` its P-256 key as JWK. Raises ``Refused`` when the name
    belongs to another account or key, or the device is blocked or was told to forget.
    """
    errors = {}
    if not isinstance(uid, str) or not UID.fullmatch(uid):
        errors["id"] = gettext("This must be a UUID in small letters.")
    text = name.strip() if isinstance(name, str) else ""
    if not 1 <= len(text) <= NAME_LIMIT or not text.isprintable():
        errors["name"] = gettext("Give the device a name of at most %(limit)s characters.", limit=NAME_LIMIT)
    try:
        point = signing.point_of(public_key)
    except signing.NotOurs:
        errors["public_key"] = gettext("This must be a public P-256 key (JWK).")
    if errors:
        raise Invalid(gettext("%(count)s entries are missing or wrong.", count=len(errors)), errors=errors)
    row = devices.by_uid(uid)
    if row is not None and (row.user_id != actor.user_id or row.public_key != point):
        raise Refused(gettext("This device is enrolled for another account or with another key. Set it up anew."), "id")
    if row is not None and row.state is not DeviceState.ACTIVE:
        raise Refused(gettext("This device is blocked. Ask the county office."), "id")
    token = secrets.token_urlsafe(32)
    if row is None:
        row = Device(uid=uid, user_id=actor.user_id, public_key=point, state=DeviceState.ACTIVE)
        row.enrolled_at, row.counts, row.taken = clock.now(), {}, []
        db.session.add(row)
    row.name, row.token_hash, row.token_until = text, digest(token), offline_until()
    row.seen_at = clock.now()
    db.session.flush()
    return row, token


def _reason(text: str) -> str:
    found = (text or "").strip()
    if not 2 <= len(found) <= REASON_LIMIT:
        raise Invalid(gettext("Write down the reason."), field="reason")
    return found


def _move(actor: Actor, row: Device, act: DeviceAct, reason: str | None) -> Device:
    try:
        row.state = next_state(row.state, act)
    except NotPossible as error:
        raise Refused(gettext("This device is not in a state for that. Reload the page.")) from error
    row.reason, row.changed_by, row.changed_at = reason, actor.user_id, clock.now()
    db.session.flush()
    return row


@operation("device.block", permission="devices.block")
def block_device(actor: Actor, device_id: int, reason: str) -> Device:
    """Block a lost or stolen device: nothing is given out to it any more, and it is told to forget at its next contact.

    What it still sends is kept for an officer. ``reason`` says what happened.
    """
    return _move(actor, devices.device(actor, device_id, lock=True), DeviceAct.BLOCK, _reason(reason))


@operation("device.unblock", permission="devices.unblock")
def unblock_device(actor: Actor, device_id: int, reason: str) -> Device:
    """A blocked device was found again before it forgot."""
    return _move(actor, devices.device(actor, device_id, lock=True), DeviceAct.UNBLOCK, _reason(reason))


def forget_order(row: Device) -> dict[str, str]:
    """The signed order to erase everything, which a device obeys and nothing else."""
    return signing.signed({"v": 1, "device": row.uid, "order": "forget", "at": written(clock.now())})


def forgotten(row: Device) -> None:
    """A blocked device says that it has erased everything; its token is dead. Any other device is left alone."""
    if row.state is DeviceState.BLOCKED:
        _forgotten(system_actor(), row.id)


@operation("device.forgotten", permission="system.job")
def _forgotten(actor: Actor, device_id: int) -> None:
    row = devices.device(actor, device_id, lock=True)
    if row.state is DeviceState.BLOCKED:
        row.state = next_state(row.state, DeviceAct.FORGET)
        row.token_hash = row.token_until = None
    audit.record("device.forgotten", "device", row.id)


def contact(row: Device, counts: Mapping[str, int] | None) -> None:
    """Note that a device was heard of and what it says is still on it; that alone is no business act."""
    values: dict[str, Any] = {"seen_at": clock.now()}
    if row.token_hash is not None and row.state is DeviceState.ACTIVE:
        values["token_until"] = offline_until()
    if counts is not None:
        values["counts"] = dict(counts)
    with transaction():
        db.session.execute(
            update(Device).where(Device.id == row.id).values(**values).execution_options(synchronize_session=False)
        )


def note_taken(row: Device, resident_ids: Sequence[int]) -> None:
    """Remember which residents a device took along, so that it can be told when one of them moves away."""
    with transaction():
        db.session.execute(
            update(Device)
            .where(Device.id == row.id)
            .values(taken=sorted(set(resident_ids)))
            .execution_options(synchronize_session=False)
        )
