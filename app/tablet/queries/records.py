"""Reading offline records and what was said to them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.grading.models import Sheet, SheetPair, SheetPairMember
from app.grading.rules.pairing import PairState
from app.people import queries as people
from app.people.models import Resident
from app.tablet.models import Device, SyncReceipt, SyncRecord
from app.tablet.rules import QUEUED, Clock, Verdict


def last_number() -> ColumnElement[int]:
    """Of a ``SyncRecord``: the number of the receipt that holds."""
    return (
        select(func.max(SyncReceipt.number))
        .where(SyncReceipt.record_id == SyncRecord.id)
        .correlate(SyncRecord)
        .scalar_subquery()
    )


def holding() -> Select[SyncRecord, SyncReceipt]:
    """Records with the receipt that holds; without one for those that are still to be worked on."""
    holds = and_(SyncReceipt.record_id == SyncRecord.id, SyncReceipt.number == last_number())
    return select(SyncRecord, SyncReceipt).outerjoin(SyncReceipt, holds)


def visible(actor: Actor) -> ColumnElement[bool]:
    """Of a ``SyncRecord``: its resident is the actor's to see now; what names no resident is seen by the county."""
    mine = SyncRecord.resident_id.in_(people.visible(actor).with_only_columns(Resident.id))
    county = len(actor.area_code or "") <= len("150422") and actor.area_code is not None
    return or_(mine, SyncRecord.resident_id.is_(None)) if county or actor.system else mine


QUEUES: dict[str, ColumnElement[bool]] = {
    "queued": and_(SyncReceipt.verdict == Verdict.ACCEPTED, SyncReceipt.code.in_(QUEUED)),
    "refused": SyncReceipt.verdict == Verdict.REFUSED,
    "conflict": SyncReceipt.verdict == Verdict.CONFLICT,
    "clock": SyncRecord.clock != Clock.PLAUSIBLE,
    "pending": SyncReceipt.id.is_(None),
}
"""What officers look for: waits for them, refused, two versions, implausible clock, not worked on yet."""


def found_ids(actor: Actor, *, queue: str = "", device_id: int | None = None, q: str = "") -> Select[SyncRecord]:
    """The list of records narrowed by queue, device and the resident's name."""
    chosen = holding().with_only_columns(SyncRecord.id).where(visible(actor))
    if queue in QUEUES:
        chosen = chosen.where(QUEUES[queue])
    query = select(SyncRecord).where(SyncRecord.id.in_(chosen))
    if device_id is not None:
        query = query.where(SyncRecord.device_id == device_id)
    if q:
        query = query.where(SyncRecord.resident_id.in_(people.found(actor, q=q).with_only_columns(Resident.id)))
    return query


def counts(actor: Actor) -> dict[str, int]:
    """How many records stand in each queue."""
    found = {}
    for name, condition in QUEUES.items():
        ids = holding().with_only_columns(SyncRecord.id).where(visible(actor), condition).subquery()
        found[name] = db.session.scalar(select(func.count()).select_from(ids)) or 0
    return found


def record(actor: Actor, record_id: int) -> tuple[SyncRecord, SyncReceipt | None]:
    """One visible record with the receipt that holds. Raises ``NotFound``."""
    row = db.session.execute(holding().where(SyncRecord.id == record_id, visible(actor))).unique().one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def receipts_of(record_ids: Iterable[int]) -> dict[int, SyncReceipt]:
    """The receipt that holds of each of some records."""
    query = select(SyncReceipt).where(SyncReceipt.record_id.in_(list(record_ids)))
    return {row.record_id: row for row in db.session.scalars(query.order_by(SyncReceipt.number))}


def rows(record_ids: Iterable[int]) -> dict[int, SyncRecord]:
    """Some records by id."""
    query = select(SyncRecord).where(SyncRecord.id.in_(list(record_ids)))
    return {row.id: row for row in db.session.scalars(query).unique()}


def history(record_id: int) -> list[SyncReceipt]:
    """Everything that was said to a record, oldest first."""
    query = select(SyncReceipt).where(SyncReceipt.record_id == record_id).order_by(SyncReceipt.number)
    return list(db.session.scalars(query))


def known(device_id: int, hashes: Sequence[str]) -> dict[tuple[int, str], int]:
    """Records of a device that are here already: (counter, hash) → id."""
    query = select(SyncRecord.id, SyncRecord.counter, SyncRecord.hash).where(
        SyncRecord.device_id == device_id, SyncRecord.hash.in_(hashes)
    )
    return {(row.counter, row.hash): row.id for row in db.session.execute(query)}


def counters(device_id: int) -> set[int]:
    """The counters of a device that the county has."""
    return set(db.session.scalars(select(SyncRecord.counter).where(SyncRecord.device_id == device_id)))


def pending() -> list[int]:
    """Records that were kept and not worked on, because something was interrupted; oldest first."""
    answered = select(SyncReceipt.record_id)
    return list(db.session.scalars(select(SyncRecord.id).where(SyncRecord.id.not_in(answered)).order_by(SyncRecord.id)))


PLACE = re.compile(r"(\d{1,18})-([0-9a-f]{32})-(\d{1,9})", re.ASCII)
LATE = dt.timedelta(minutes=5)
"""So long a receipt may take from its number to its commit; what is younger is told again."""


def updates(device_id: int, since: int, limit: int = 10_000) -> list[tuple[SyncRecord, SyncReceipt]]:
    """Receipts of a device that replaced an earlier one and have a ``seq`` above ``since``, oldest first. With 0 every
    receipt of the device that holds.
    """
    query = holding().where(SyncRecord.device_id == device_id, SyncReceipt.id.is_not(None))
    if since:
        fresh = or_(SyncReceipt.id > since, SyncReceipt.said_at > clock.now() - LATE)
        query = query.where(SyncReceipt.number > 1, fresh)
    rows = db.session.execute(query.order_by(SyncReceipt.id).limit(limit)).unique()
    return [(row[0], row[1]) for row in rows]


def newest() -> str | None:
    """The county's newest receipt as a place in its history: no other history has a receipt of that number and name."""
    query = select(SyncReceipt.id, SyncRecord.uid, SyncReceipt.number).join(SyncRecord)
    found = db.session.execute(query.order_by(SyncReceipt.id.desc()).limit(1)).one_or_none()
    return "-".join(map(str, found)) if found is not None else None


def seq_at(place: str | None) -> int:
    """The ``seq`` of a place, or 0 when this county's history has none such: it was restored from a backup since, and what
    the device heard may never have happened.
    """
    match = PLACE.fullmatch(place or "")
    if match is None:
        return 0
    seq, uid, number = int(match[1]), match[2], int(match[3])
    query = select(SyncReceipt.id).join(SyncRecord)
    query = query.where(SyncReceipt.id == seq, SyncReceipt.number == number, SyncRecord.uid == uid)
    return db.session.scalar(query) or 0


@dataclass(frozen=True)
class PairNews:
    """A sheet of a device stands in a pair whose state its receipt does not say yet."""

    record_id: int
    number: int
    state: PairState
    reference: str


def pair_news(*, device_id: int | None = None, resident_id: int | None = None) -> list[PairNews]:
    """Records (of a device, of a resident, or all) whose sheets differ from others by now, or were adjudicated."""
    holds = and_(SyncReceipt.record_id == SyncRecord.id, SyncReceipt.number == last_number())
    query = (
        select(SyncRecord.id, SyncReceipt.number, SyncReceipt.verdict, SheetPair.state, Sheet.number)
        .select_from(SyncRecord)
        .join(SyncReceipt, holds)
        .join(Sheet, Sheet.number == SyncReceipt.reference)
        .join(SheetPairMember, SheetPairMember.sheet_id == Sheet.id)
        .join(SheetPair, SheetPair.id == SheetPairMember.pair_id)
        .where(SyncRecord.kind == "sheet")
        .where(SheetPair.state.in_([PairState.DIFFERING, PairState.ADJUDICATED]))
        .where(SyncReceipt.verdict.in_([Verdict.ACCEPTED, Verdict.CONFLICT]))
        .order_by(SheetPair.id)
    )
    if device_id is not None:
        query = query.where(SyncRecord.device_id == device_id)
    if resident_id is not None:
        query = query.where(SyncRecord.resident_id == resident_id)
    wanted = {PairState.DIFFERING: Verdict.CONFLICT, PairState.ADJUDICATED: Verdict.ACCEPTED}
    latest: dict[int, tuple[PairNews, Verdict]] = {}
    for record_id, number, verdict, state, reference in db.session.execute(query):
        latest[record_id] = PairNews(record_id, number, state, reference), verdict
    return [news for news, verdict in latest.values() if verdict is not wanted[news.state]]


def moved(device_row: Device, author: Actor) -> list[Resident]:
    """Residents a device took along or wrote about whom its account does not see any more."""
    wrote = select(SyncRecord.resident_id).where(
        SyncRecord.device_id == device_row.id, SyncRecord.resident_id.is_not(None)
    )
    query = select(Resident).where(or_(Resident.id.in_(wrote), Resident.id.in_(list(device_row.taken))))
    seen = people.visible(author).with_only_columns(Resident.id)
    return list(db.session.scalars(query.where(Resident.id.not_in(seen)).order_by(Resident.id)).unique())


def resident_id_of(number: object) -> int | None:
    """The resident with this number, whoever asks."""
    if not isinstance(number, str) or not (number.isascii() and number.isalnum()):
        return None
    return db.session.scalar(select(Resident.id).where(Resident.number == number))


def resident_ids_of(numbers: Iterable[object]) -> dict[str, int]:
    """The residents with these numbers, whoever asks; what cannot be a number names nobody."""
    asked = {one for one in numbers if isinstance(one, str) and one.isascii() and one.isalnum()}
    if not asked:
        return {}
    found = db.session.execute(select(Resident.number, Resident.id).where(Resident.number.in_(asked)))
    return dict(found.all())
