"""Keeping what devices send and acting on it: any order, any repetition, any interruption ends in the same county.

First the texts are kept (one statement for a batch), then they are acted upon, each with its receipt in one transaction; plain
records of a kind that can be taken many at once share one. What was kept and not acted upon, because something broke in
between, is taken up at the next contact or by the hourly job.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from app.auth.roles import system_actor
from app.core import audit, clock, crypto
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid
from app.core.operation import operation
from app.core.secrets import keyring
from app.tablet import signing
from app.tablet.kinds import KINDS
from app.tablet.models import Device, Route, SyncRecord
from app.tablet.operations.records import UNKNOWN, act_on
from app.tablet.operations.together import act_together
from app.tablet.queries import records as stored
from app.tablet.rules import MAX_TEXT, Envelope, Unreadable, judge_clock, read


@dataclass(frozen=True)
class Sent:
    """A record as it came over the wire."""

    text: str
    signature: str


@dataclass(frozen=True)
class Taken:
    """What became of one record of a batch: its row, and whether it had been answered before."""

    record_id: int
    again: bool


@dataclass(frozen=True)
class _Heard:
    """A record as it was read: its columns (with the number of its resident), and what it says, if it can be read."""

    sent: Sent
    columns: dict[str, Any]
    envelope: Envelope | None = None

    @property
    def place(self) -> tuple[int, str]:
        """What tells it from every other record of its device."""
        return self.columns["counter"], self.columns["hash"]


def hear(device: Device, sent: Sent) -> _Heard:
    """Read a record. What cannot be read is kept too, under the sender and with counter 0 if need be."""
    digest = signing.digest(sent.text)
    kept = {"counter": 0, "hash": digest, "kind": UNKNOWN, "key": digest, "version": 1, "written_at": None}
    try:
        found = read(sent.text)
    except Unreadable as error:
        if error.device == device.uid and error.counter is not None:
            kept["counter"] = error.counter
        return _Heard(sent, kept)
    if found.device != device.uid:
        return _Heard(sent, kept)
    names = ("counter", "kind", "key", "version", "written_at")
    kept |= {name: getattr(found, name) for name in names}
    kind = KINDS.get(found.kind)
    if kind is not None and kind.resident:
        kept["resident"] = found.content.get(kind.resident)
    if kind is not None and kind.part_of and isinstance(found.content.get(kind.part_of), str):
        kept["of_key"] = found.content[kind.part_of][:64]
    return _Heard(sent, kept, found)


def receive(
    device: Device,
    batch: Sequence[Sent],
    *,
    device_now: dt.datetime | None = None,
    route: Route = Route.DIRECT,
    brought_by: int | None = None,
) -> list[Taken]:
    """Keep a batch of records of one device and act on each; the answer is in the order of the batch.

    Every record comes back with a receipt that is committed, except one on which something broke unexpectedly: it is
    kept, and answered at the next contact.
    """
    if any(len(sent.text) > MAX_TEXT or len(sent.signature) > 100 for sent in batch):
        raise Invalid(gettext("One record is too large. Nothing was stored."), field="records")
    heard = [hear(device, sent) for sent in batch]
    try:
        rows = keep(system_actor(), device, heard, device_now, route, brought_by)
    except IntegrityError:  # the same records arrived over two ways at once: they are here now
        rows = keep(system_actor(), device, heard, device_now, route, brought_by)
    before = set(stored.receipts_of(rows))
    fresh = [record_id for record_id in dict.fromkeys(rows) if record_id not in before]
    told = {
        row: (one.sent.text, one.envelope) for row, one in zip(rows, heard, strict=True) if one.envelope is not None
    }
    done = act_together(device, {record_id: told[record_id] for record_id in fresh if record_id in told})
    for record_id in fresh:
        if record_id not in done:
            act_on(record_id)
    found, seen = [], set(before)
    for record_id in rows:
        found.append(Taken(record_id, record_id in seen))
        seen.add(record_id)
    return found


@operation("record.keep", permission="system.job")
def keep(
    _actor: Actor,
    device: Device,
    batch: Sequence[_Heard],
    device_now: dt.datetime | None,
    route: Route,
    brought_by: int | None,
) -> list[int]:
    """Store the texts that are not here yet, in one statement; the ids of all in the order of the batch."""
    now, ring = clock.now(), keyring()
    residents = stored.resident_ids_of([one.columns.get("resident") for one in batch])
    hashes = [one.columns["hash"] for one in batch]
    known = stored.known(device.id, hashes)
    fresh: dict[tuple[int, str], dict[str, Any]] = {}
    for one in batch:
        if one.place in known or one.place in fresh:
            continue
        uid, sent = uuid.uuid4().hex, one.sent
        number = one.columns.get("resident")
        fresh[one.place] = {
            "of_key": None,
            **{name: value for name, value in one.columns.items() if name != "resident"},
            "resident_id": residents.get(number) if isinstance(number, str) else None,
            "device_id": device.id,
            "uid": uid,
            "text_enc": crypto.encrypt(ring, sent.text, f"sync_record.text.{uid}".encode()),
            "signature": sent.signature,
            "received_at": now,
            "clock": judge_clock(one.columns["written_at"], now, device.enrolled_at, device_now),
            "route": route,
            "brought_by": brought_by,
        }
    if fresh:
        table: Any = SyncRecord.__table__
        db.session.connection().execute(insert(table), list(fresh.values()))
        _join_parts(device.id)
        known = stored.known(device.id, hashes)
    audit.record("record.keep", "device", device.id, {"new": len(fresh), "sent": len(batch), "route": route.value})
    return [known[one.place] for one in batch]


def _join_parts(device_id: int) -> None:
    """Parts of a record (photos of a sheet) belong to its resident, whichever came first."""
    whole = aliased(SyncRecord)
    resident = (
        select(whole.resident_id)
        .where(whole.device_id == device_id, whole.key == SyncRecord.of_key, whole.resident_id.is_not(None))
        .limit(1)
        .scalar_subquery()
    )
    db.session.execute(
        update(SyncRecord)
        .where(SyncRecord.device_id == device_id, SyncRecord.of_key.is_not(None), SyncRecord.resident_id.is_(None))
        .values(resident_id=resident)
        .execution_options(synchronize_session=False)
    )
