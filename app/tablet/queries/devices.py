"""Reading enrolled devices."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import Select, select

from app.auth.sessions import actor_of, digest
from app.core import clock
from app.core.actor import Actor
from app.core.db import db, one_row
from app.tablet.models import Device
from app.tablet.rules import DeviceState

SEND = "records.send"
"""What even a blocked device may do: hand over what it still has."""


def visible_devices(actor: Actor) -> Select[Device]:
    """All devices to who looks after them; one's own to who uses one."""
    query = select(Device)
    return query.where(Device.user_id == (actor.user_id or 0)) if actor.may(SEND) and not actor.system else query


def found_devices(actor: Actor, *, q: str = "", state: DeviceState | None = None) -> Select[Device]:
    """The list of devices narrowed by state and by the name of the device or its holder."""
    query = visible_devices(actor)
    if q:
        like = f"%{q.strip().replace('%', '').replace('_', '')}%"
        query = query.where(
            Device.name.ilike(like) | Device.user.has(name=q.strip()) | Device.user.has(username=q.strip())
        )
    return query.where(Device.state == state) if state is not None else query


def device(actor: Actor, device_id: int, *, lock: bool = False) -> Device:
    """One visible device. Raises ``NotFound``."""
    query = visible_devices(actor).where(Device.id == device_id)
    return one_row(query, lock=lock)


def by_uid(uid: str) -> Device | None:
    """A device by its own name."""
    return db.session.scalars(select(Device).where(Device.uid == uid)).unique().one_or_none()


def by_token(token: str) -> tuple[Device, Actor] | None:
    """The device behind a token and who acts with it; None for an unknown or expired one.

    A device that is blocked, or whose account may not send any more, acts with one permission only: to hand over what
    it still has, so that nobody's work is lost.
    """
    row = db.session.scalars(select(Device).where(Device.token_hash == digest(token))).unique().one_or_none()
    if row is None or row.token_until is None or row.token_until <= clock.now():
        return None
    actor = actor_of(row.user)
    if not trusted(row, actor):
        actor = replace(actor, permissions=frozenset({SEND}))
    return row, actor


def trusted(row: Device, author: Actor) -> bool:
    """Whether what a device sends is acted upon, and anything is given out to it."""
    return row.state is DeviceState.ACTIVE and row.user.active and author.may(SEND)


def quiet_since(days: int) -> dt.datetime:
    """The moment before which a device counts as long unheard of."""
    return clock.now() - dt.timedelta(days=days)
