"""Acting on one record that was kept, with its receipt, in one transaction; and what is said to records later on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import insert, select

from app.auth.roles import system_actor
from app.auth.sessions import actor_of
from app.core import audit, clock
from app.core.actor import Actor, Role
from app.core.db import db, storage_status
from app.core.errors import DomainError, Forbidden, Invalid, Refused
from app.core.operation import operation
from app.core.transaction import end_reading, transaction
from app.people import queries as people
from app.people.models import Resident
from app.tablet import signing
from app.tablet.kinds import KINDS, LOCALES, Kind, Outcome, both
from app.tablet.models import SyncReceipt, SyncRecord
from app.tablet.operations.outcomes import refusal_of, refused, routed
from app.tablet.queries import devices
from app.tablet.queries import records as stored
from app.tablet.queries.days import DAYS, chosen_numbers
from app.tablet.rules import QUEUED, Code, Envelope, Verdict, read
from app.tablet.sheets import conflict_words

log = logging.getLogger(__name__)
UNKNOWN = "unknown"
"""Kind of a record that cannot be read."""


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
        if kind.name == "sheet":
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


def receipt_columns(record_id: int, number: int, outcome: Outcome, by: int | None = None) -> dict[str, Any]:
    """The columns of a receipt; the audit log gets its entry."""
    audit.record("record.say", "sync_record", record_id, {"verdict": outcome.verdict.value, "code": outcome.code.value})
    return {
        "record_id": record_id,
        "number": number,
        "verdict": outcome.verdict,
        "code": outcome.code,
        "words": dict(outcome.words),
        "fields": {name: dict(words) for name, words in outcome.fields.items()},
        "reference": outcome.reference,
        "routed_to": outcome.routed_to,
        "result_sha256": outcome.result_sha256,
        "detail": outcome.detail,
        "said_at": clock.now(),
        "said_by": by,
    }


def _add(record_id: int, number: int, outcome: Outcome, by: int | None = None) -> None:
    db.session.execute(insert(SyncReceipt).values(**receipt_columns(record_id, number, outcome, by)))


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
def settle_record(
    actor: Actor, record_id: int, *, count: bool, reason: str, residents: Sequence[int] | None = None
) -> SyncReceipt:
    """Decide about a record that was passed on: it counts, as its author's work, or it does not; with a reason. Of a round
    the days of some ``residents`` may count alone; the receipt names those left out, and the record stays whole as signed.

    Raises ``Refused`` when it does not wait, or when its own act says no (it goes on waiting then), ``Invalid`` when nobody of
    a round is chosen.
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
        envelope, left = _chosen(read(row.text or ""), residents)
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
        try:
            done = KINDS[envelope.kind].handle(author, envelope)
        except Invalid as error:
            if left is None:
                raise
            text = gettext("Something else stands already of one of those chosen. Leave that resident out.")
            raise Invalid(text, field="count") from error
        words = {"zh": text, "en": text}
        detail = done.detail if left is None else {"left_out": left}
        _add(row.id, number + 1, replace(done, words=words, detail=detail), actor.user_id)
    return stored.receipts_of([row.id])[row.id]


def _chosen(envelope: Envelope, residents: Sequence[int] | None) -> tuple[Envelope, list[str] | None]:
    """A round with the days of some residents only, and the numbers left out; other records as they are."""
    days = envelope.content.get(DAYS)
    if residents is None or envelope.kind != "care_round" or not isinstance(days, dict):
        return envelope, None
    wanted = chosen_numbers(residents)
    kept = {number: entries for number, entries in days.items() if number in wanted}
    if not kept:
        raise Invalid(gettext("Choose at least one resident whose day counts."), field="count")
    return replace(envelope, content={**envelope.content, DAYS: kept}), sorted(days.keys() - kept.keys())
