"""Acting on many plain records of one device at once: a few statements for all of them, one transaction, a receipt for each.

Only what can be accepted as it stands goes this way. Whatever there is to say about a record (refused, passed on, blocked, of
another device's number) is left to ``records.act_on``, which also takes over when anything at all goes wrong here. So the
answers are those of the ordinary way, and so is what follows from them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from itertools import groupby

from flask_babel import force_locale
from sqlalchemy import Table, func, insert, select

from app.auth.sessions import actor_of
from app.core.actor import Actor
from app.core.db import db, storage_status
from app.core.operation import operation
from app.core.transaction import end_reading
from app.people import queries as people
from app.people.models import Resident
from app.tablet import signing
from app.tablet.kinds import KINDS, LOCALES, Came, Kind
from app.tablet.models import Device, SyncReceipt, SyncRecord
from app.tablet.operations.records import receipt_columns
from app.tablet.queries import devices
from app.tablet.rules import Envelope

log = logging.getLogger(__name__)


class _NothingPlain(Exception):
    """No record of the batch could be taken this way: there is nothing to commit."""


Told = Mapping[int, tuple[str, Envelope]]
"""The text of each kept record, as it came just now, and what was read in it."""


def act_together(device: Device, told: Told) -> set[int]:
    """Act on the plain ones among some kept records of a device that have no receipt yet; which ones have one now."""
    done: set[int] = set()
    if not any((kind := KINDS.get(envelope.kind)) and kind.together for _text, envelope in told.values()):
        return done
    end_reading()
    author = actor_of(device.user)
    if not devices.trusted(device, author):
        return done
    plain = _plain(device, author, told)
    for name, run in groupby(told, key=lambda record_id: told[record_id][1].kind):
        kind, batch = KINDS.get(name), [plain[n] for n in run if n in plain]
        if kind is None or kind.together is None or not batch:
            continue
        try:
            with force_locale(LOCALES["zh"]):
                done |= _act(author, kind, batch)
        except _NothingPlain:
            continue
        except Exception as error:
            if storage_status(error) is not None:
                raise
            log.exception("%s records are acted upon one by one", len(batch))
    return done


def _plain(device: Device, author: Actor, told: Told) -> dict[int, Came]:
    """Records that are what they say they are, by the device's own hand, of residents whom the author sees."""
    columns = (SyncRecord.id, SyncRecord.counter, SyncRecord.signature, SyncRecord.resident_id, SyncRecord.received_at)
    query = select(*columns, SyncRecord.clock).where(SyncRecord.id.in_(told))
    rows = db.session.execute(query.order_by(SyncRecord.id)).all()
    first = select(SyncRecord.counter, func.min(SyncRecord.id)).where(
        SyncRecord.device_id == device.id, SyncRecord.counter.in_([row.counter for row in rows])
    )
    owner = dict(db.session.execute(first.group_by(SyncRecord.counter)).all())
    ids = {row.resident_id for row in rows if row.resident_id is not None}
    mine = set(db.session.scalars(people.visible(author).where(Resident.id.in_(ids)).with_only_columns(Resident.id)))
    found = {}
    for row in rows:
        text, envelope = told[row.id]
        kind = KINDS.get(envelope.kind)
        if kind is None or kind.together is None or envelope.schema not in kind.schemas or owner[row.counter] != row.id:
            continue
        if kind.resident and row.resident_id not in mine:
            continue
        if signing.genuine(text, row.signature, device.public_key):
            found[row.id] = Came(envelope, row.id, row.resident_id, row.received_at, row.clock)
    return found


@operation("record.act", permission="records.send")
def _act(author: Actor, kind: Kind, batch: Sequence[Came]) -> set[int]:
    """What the records say, with their receipts, together or not at all. What somebody faster did is left alone."""
    assert kind.together is not None  # noqa: S101  # the caller asks for such kinds only
    ids = sorted(came.record_id for came in batch)
    db.session.execute(select(SyncRecord.id).where(SyncRecord.id.in_(ids)).order_by(SyncRecord.id).with_for_update())
    said = set(db.session.scalars(select(SyncReceipt.record_id).where(SyncReceipt.record_id.in_(ids))))
    left = [came for came in batch if came.record_id not in said]
    outcomes = kind.together(author, left) if left else []
    receipts = [
        receipt_columns(came.record_id, 1, outcome)
        for came, outcome in zip(left, outcomes, strict=True)
        if outcome is not None
    ]
    if not receipts:
        raise _NothingPlain
    table = SyncReceipt.__table__
    assert isinstance(table, Table)  # noqa: S101  # says so to the type checker
    db.session.connection().execute(insert(table), receipts)
    return {receipt["record_id"] for receipt in receipts}


__all__ = ["act_together"]
