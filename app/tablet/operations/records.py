"""Keeping offline records and acting on them: any order, any repetition, any interruption ends in the same county.

First the texts are kept (one statement for a batch), then each is acted upon in one transaction with its receipt. What
was kept and not acted upon, because something broke in between, is taken up at the next contact or by the hourly job.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from app.auth.roles import system_actor
from app.auth.sessions import actor_of
from app.core import audit, clock, crypto
from app.core.actor import Actor, Role
from app.core.db import db, storage_status
from app.core.errors import DomainError, Forbidden, Invalid, Refused
from app.core.operation import operation
from app.core.secrets import keyring
from app.core.transaction import end_reading, transaction
from app.people import queries as people
from app.people.models import Resident
from app.tablet import signing
from app.tablet.kinds import KINDS, LOCALES, Kind, Outcome, both
from app.tablet.models import Device, Route, SyncReceipt, SyncRecord
from app.tablet.operations.outcomes import refusal_of, refused, routed
from app.tablet.queries import devices
from app.tablet.queries import records as stored
from app.tablet.rules import (
    MAX_TEXT,
    QUEUED,
    Code,
    Envelope,
    Unreadable,
    Verdict,
    judge_clock,
    read,
)
from app.tablet.sheets import conflict_words

log = logging.getLogger(__name__)
UNKNOWN = "unknown"
"""Kind of a record that cannot be read."""


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


def _read(device: Device, sent: Sent) -> dict[str, Any]:
    """The columns of a record. What cannot be read is kept too, under the sender and with counter 0 if need be."""
    digest = signing.digest(sent.text)
    kept = {"counter": 0, "hash": digest, "kind": UNKNOWN, "key": digest, "version": 1, "written_at": None}
    try:
        found = read(sent.text)
    except Unreadable as error:
        if error.device == device.uid and error.counter is not None:
            kept["counter"] = error.counter
        return kept
    if found.device != device.uid:
        return kept
    names = ("counter", "kind", "key", "version", "written_at")
    kept |= {name: getattr(found, name) for name in names}
    kind = KINDS.get(found.kind)
    if kind is not None and kind.resident:
        kept["resident_id"] = stored.resident_id_of(found.content.get(kind.resident))
    if kind is not None and kind.part_of and isinstance(found.content.get(kind.part_of), str):
        kept["of_key"] = found.content[kind.part_of][:64]
    return kept


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
    try:
        rows = _keep(system_actor(), device, batch, device_now, route, brought_by)
    except IntegrityError:  # the same records arrived over two ways at once: they are here now
        rows = _keep(system_actor(), device, batch, device_now, route, brought_by)
    before = stored.receipts_of(rows)
    answered = set(before)
    found = []
    for record_id in rows:
        again = record_id in answered
        if not again:
            act_on(record_id)
            answered.add(record_id)
        found.append(Taken(record_id, again))
    return found


@operation("record.keep", permission="system.job")
def _keep(
    _actor: Actor,
    device: Device,
    batch: Sequence[Sent],
    device_now: dt.datetime | None,
    route: Route,
    brought_by: int | None,
) -> list[int]:
    """Store the texts that are not here yet, in one statement; the ids of all in the order of the batch."""
    now, ring = clock.now(), keyring()
    read_ = [(_read(device, sent), sent) for sent in batch]
    known = stored.known(device.id, [columns["hash"] for columns, _sent in read_])
    fresh: dict[tuple[int, str], dict[str, Any]] = {}
    for columns, sent in read_:
        place = (columns["counter"], columns["hash"])
        if place in known or place in fresh:
            continue
        uid = uuid.uuid4().hex
        fresh[place] = {
            "resident_id": None,
            "of_key": None,
            **columns,
            "device_id": device.id,
            "uid": uid,
            "text_enc": crypto.encrypt(ring, sent.text, f"sync_record.text.{uid}".encode()),
            "signature": sent.signature,
            "received_at": now,
            "clock": judge_clock(columns["written_at"], now, device.enrolled_at, device_now),
            "route": route,
            "brought_by": brought_by,
        }
    if fresh:
        db.session.execute(insert(SyncRecord), list(fresh.values()))
        _join_parts(device.id)
        known = stored.known(device.id, [columns["hash"] for columns, _sent in read_])
    audit.record("record.keep", "device", device.id, {"new": len(fresh), "sent": len(batch), "route": route.value})
    return [known[columns["counter"], columns["hash"]] for columns, _sent in read_]


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


def act_on(record_id: int) -> bool:
    """Act on a kept record that has no receipt yet; whether it has one now. Safe to repeat and to run twice at once."""
    end_reading()
    row = db.session.scalars(select(SyncRecord).where(SyncRecord.id == record_id)).unique().one()
    try:
        _decide(row)
    except Exception as error:
        if storage_status(error) is not None:
            raise
        log.exception("record %s is kept and waits", record_id)
        return False
    return True


def _decide(row: SyncRecord) -> None:
    """Find out what becomes of a record and say it."""
    device, author = row.device, actor_of(row.device.user)
    early = _form(row)
    if early is not None:
        _say(system_actor(), row.id, early)
        return
    envelope = read(row.text or "")
    kind = KINDS[envelope.kind]
    resident = db.session.get(Resident, row.resident_id) if row.resident_id is not None else None
    if not devices.trusted(device, author):
        _say(system_actor(), row.id, routed(Code.BLOCKED, resident))
    elif kind.resident and resident is None:
        _say(system_actor(), row.id, refused(Code.NOT_FOUND))
    elif resident is not None and not _sees(author, resident):
        _say(system_actor(), row.id, routed(Code.ROUTED, resident))
    else:
        _attempt(author, row, kind, envelope)


def _sees(author: Actor, resident: Resident) -> bool:
    query = people.visible(author).where(Resident.id == resident.id).with_only_columns(Resident.id)
    return db.session.scalar(query) is not None


def _form(row: SyncRecord) -> Outcome | None:
    """What is wrong with a record whatever it says, if anything."""
    if row.kind == UNKNOWN:
        return refused(Code.UNREADABLE)
    text = row.text or ""
    if not signing.genuine(text, row.signature, row.device.public_key):
        return refused(Code.SIGNATURE)
    twin = select(SyncRecord.id).where(
        SyncRecord.device_id == row.device_id, SyncRecord.counter == row.counter, SyncRecord.id < row.id
    )
    if db.session.scalar(twin.limit(1)) is not None:
        return refused(Code.COUNTER)
    kind = KINDS.get(row.kind)
    if kind is None:
        return refused(Code.KIND)
    return refused(Code.SCHEMA) if read(text).schema not in kind.schemas else None


class _Undo(Exception):
    """Takes back a second try that was made for its words only."""


def _attempt(author: Actor, row: SyncRecord, kind: Kind, envelope: Envelope) -> None:
    """Do what the record says with its receipt in one transaction, or refuse it with words in both languages."""
    try:
        with force_locale(LOCALES["zh"]):
            _act(author, row.id, kind, envelope)
        tell_others(row.resident_id)
        return
    except Forbidden:
        resident = db.session.get(Resident, row.resident_id) if row.resident_id is not None else None
        _say(system_actor(), row.id, routed(Code.BLOCKED, resident))
        return
    except DomainError as error:
        refusal = error
    english = _again_in_english(author, row, kind, envelope) or refusal
    _say(system_actor(), row.id, refusal_of(refusal, english))


def _again_in_english(author: Actor, row: SyncRecord, kind: Kind, envelope: Envelope) -> DomainError | None:
    try:
        with force_locale(LOCALES["en"]), transaction() as tx:
            tx.actor, tx.act = author, "record.act"
            kind.handle(author, envelope)
            raise _Undo
    except _Undo:
        return None
    except DomainError as error:
        return error


def _locked(record_id: int) -> int:
    """Lock a record and return how many receipts it has."""
    db.session.execute(select(SyncRecord.id).where(SyncRecord.id == record_id).with_for_update())
    return (
        db.session.scalar(
            select(SyncReceipt.number)
            .where(SyncReceipt.record_id == record_id)
            .order_by(SyncReceipt.number.desc())
            .limit(1)
        )
        or 0
    )


def _add(record_id: int, number: int, outcome: Outcome, by: int | None = None) -> None:
    db.session.execute(
        insert(SyncReceipt).values(
            record_id=record_id,
            number=number,
            verdict=outcome.verdict,
            code=outcome.code,
            words=dict(outcome.words),
            fields={name: dict(words) for name, words in outcome.fields.items()},
            reference=outcome.reference,
            routed_to=outcome.routed_to,
            result_sha256=outcome.result_sha256,
            detail=outcome.detail,
            said_at=clock.now(),
            said_by=by,
        )
    )
    audit.record("record.say", "sync_record", record_id, {"verdict": outcome.verdict.value, "code": outcome.code.value})


@operation("record.act", permission="records.send")
def _act(author: Actor, record_id: int, kind: Kind, envelope: Envelope) -> None:
    """The record's own act and its receipt, together or not at all. Somebody who was faster is left alone."""
    if _locked(record_id):
        audit.record("record.again", "sync_record", record_id)
        return
    _add(record_id, 1, kind.handle(author, envelope))


@operation("record.say", permission="system.job")
def _say(_actor: Actor, record_id: int, outcome: Outcome) -> None:
    """A receipt for a record from which nothing follows by itself."""
    if _locked(record_id):
        audit.record("record.again", "sync_record", record_id)
        return
    _add(record_id, 1, outcome)


@operation("record.news", permission="system.job")
def tell_news(_actor: Actor, news: Sequence[stored.PairNews]) -> None:
    """A device's sheet turned out to differ from another one, or was adjudicated: its receipt says so from now on."""
    for one in news:
        if _locked(one.record_id) != one.number:
            continue
        differs = one.state.value == "differing"
        outcome = Outcome(
            Verdict.CONFLICT if differs else Verdict.ACCEPTED,
            Code.CONFLICT if differs else Code.ADJUDICATED,
            one.reference,
            words=both(conflict_words if differs else _adjudicated),
        )
        _add(one.record_id, one.number + 1, outcome)
    audit.record("record.news", "sync_record", news[0].record_id if news else 0)


def tell_others(resident_id: int | None = None) -> None:
    """Let the receipts of sheets say that they differ from another one by now, or were adjudicated; of one resident, or
    of everybody.
    """
    news = stored.pair_news(resident_id=resident_id)
    if news:
        tell_news(system_actor(), news)


def _adjudicated() -> str:
    return gettext("The county has compared the sheets of this assessment and decided. Yours is kept.")


@operation("record.settle", permission="records.settle")
def settle_record(actor: Actor, record_id: int, *, count: bool, reason: str) -> SyncReceipt:
    """Decide about a record that was passed on: it counts, as its author's work, or it does not; with a reason.

    Raises ``Refused`` when it does not wait, or when its own act says no (it goes on waiting then).
    """
    row, last = stored.record(actor, record_id)
    text = reason.strip()
    if not 2 <= len(text) <= 2000:
        raise Invalid(gettext("Write down the reason."), field="reason")
    number = _locked(row.id)
    if last is None or last.number != number or last.verdict is not Verdict.ACCEPTED or last.code not in QUEUED:
        raise Refused(gettext("This record does not wait for anybody. Reload the page."))
    if not count:
        _add(row.id, number + 1, Outcome(Verdict.REFUSED, Code.SETTLED, words={"zh": text, "en": text}), actor.user_id)
    else:
        envelope = read(row.text or "")
        author = actor_of(row.device.user)
        if actor.person_key == author.person_key:
            raise Refused(gettext("You wrote this record; somebody else must settle it."))
        needed = frozenset({"records.send", *KINDS[envelope.kind].needs})
        author = replace(
            author,
            role=author.role if author.role is Role.ASSESSOR else actor.role,
            area_code=actor.area_code,
            permissions=author.permissions | needed,
        )
        done = KINDS[envelope.kind].handle(author, envelope)
        words = {"zh": text, "en": text}
        _add(row.id, number + 1, replace(done, words=words), actor.user_id)
    return stored.receipts_of([row.id])[row.id]
