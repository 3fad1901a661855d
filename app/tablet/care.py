"""Days of care and handovers written without network.

``care_day``: one resident's day as far as it was recorded in one go. ``care_round``: a ward's round, many residents' days in one
record. ``care_handover``: a shift signed by who leaves and, on
the same glass, by who comes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.care import rules
from app.care.operations import Left, Written, bring_day, bring_days, bring_handover, bring_round, bring_rounds
from app.care.rules import Moment
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid
from app.tablet.anchors import anchored
from app.tablet.kinds import Came, Kind, Outcome
from app.tablet.models import Device, SyncRecord
from app.tablet.queries.records import resident_id_of, resident_ids_of
from app.tablet.rules import Clock, Envelope

ITEMS = frozenset(rules.ITEMS)
MAX_ROUND = 400
"""Residents of one round: as many as a device takes along."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


def _moment(record: Envelope) -> Moment:
    """When a record was written: its device's clock, the anchor it carries, and when it came; the last as it was kept."""
    query = select(SyncRecord.received_at, SyncRecord.clock).join(Device, Device.id == SyncRecord.device_id)
    row = db.session.execute(
        query.where(Device.uid == record.device, SyncRecord.counter == record.counter, SyncRecord.key == record.key)
        .order_by(SyncRecord.id)
        .limit(1)
    ).one_or_none()
    return _moment_of(record, *((row[0], row[1]) if row is not None else (clock.now(), Clock.PLAUSIBLE)))


def _moment_of(record: Envelope, received: dt.datetime, seen: Clock) -> Moment:
    anchor = anchored(record.device, record.content.get("anchor"))
    return Moment(record.written_at, received, anchor, seen is Clock.PLAUSIBLE)


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(gettext("This must be a text."), field=name)
    return value.strip()


def _day(content: dict[str, Any]) -> dt.date:
    try:
        return dt.date.fromisoformat(_text(content, "day"))
    except ValueError:
        raise Invalid(gettext("This must be a day such as 2026-03-09."), field="day") from None


def _whole(content: dict[str, Any], name: str) -> int:
    value = content.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise Invalid(gettext("This must be a whole number."), field=name)
    return value


def _key(record: Envelope) -> str:
    return f"{record.device}:{record.key}:{record.version}"


def _written(record: Envelope, resident_id: int, moment: Moment) -> Written:
    """A record as a resident's day. Raises ``Invalid`` for what is none."""
    content = record.content
    entries, photos = content.get("entries"), content.get("photos") or []
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise Invalid(gettext("The entries are missing."), field="entries")
    if not isinstance(photos, list) or not all(isinstance(one, str) and _SHA256.fullmatch(one) for one in photos):
        raise Invalid(gettext("A photo is named by its SHA-256."), field="photos")
    return Written(
        record_key=_key(record),
        resident_id=resident_id,
        day=_day(content),
        entries=entries,
        moment=moment,
        correction=_text(content, "correction"),
        code=_text(content, "card")[:40] or None,
        photos=tuple(dict.fromkeys(photos)),
    )


def care_day(actor: Actor, record: Envelope) -> Outcome:
    """Record a resident's day as its author; twice is once."""
    resident_id = resident_id_of(record.content.get("resident")) or 0
    return Outcome(reference=bring_day(actor, _written(record, resident_id, _moment(record))))


def care_days(actor: Actor, batch: Sequence[Came]) -> list[Outcome | None]:
    """Many residents' days at once; None for those that are not plain."""
    days: dict[int, Written] = {}
    for n, came in enumerate(batch):
        with suppress(Invalid):
            moment = _moment_of(came.record, came.received_at, came.clock)
            days[n] = _written(came.record, came.resident_id or 0, moment)
    done = dict(zip(days, bring_days(actor, list(days.values())), strict=True))
    return [Outcome(reference=done[n]) if done.get(n) else None for n in range(len(batch))]


def _round(record: Envelope, residents: Mapping[str, int], moment: Moment) -> list[Written]:
    """A record as a round: a day of many residents. Raises ``Invalid`` for what is none."""
    content = record.content
    days = content.get("days")
    if not isinstance(days, dict) or not 1 <= len(days) <= MAX_ROUND:
        raise Invalid(gettext("The entries are missing."), field="days")
    if not all(isinstance(one, dict) and one.keys() <= ITEMS and one for one in days.values()):
        raise Invalid(gettext("The entries are missing."), field="days")
    day, key = _day(content), hashlib.sha256(_key(record).encode()).hexdigest()
    found = []
    for number, entries in days.items():
        resident_id = residents.get(number, 0)
        plain = all(type(one) is int for one in entries.values())
        full = {} if plain else {item: _entry(one) for item, one in entries.items()}
        written = Written(f"{key}#{resident_id}", resident_id, day, full, moment, done=entries if plain else None)
        found.append(written)
    return found


def _entry(one: Any) -> dict[str, Any]:
    """An entry of a round: a number stands for done so many times in all. Raises ``Invalid``."""
    if isinstance(one, dict):
        return one
    if isinstance(one, bool) or not isinstance(one, int):
        raise Invalid(gettext("The entries are missing."), field="days")
    return {"outcome": "done", "times": one}


def _said(batch: Sequence[Written]) -> Outcome:
    return Outcome(reference=f"{batch[0].day.isoformat()}/{len(batch)}")


def care_round(actor: Actor, record: Envelope) -> Outcome:
    """Record a round of many residents as one act of its author, as a whole or not at all."""
    days = record.content.get("days")
    residents = resident_ids_of(days) if isinstance(days, dict) else {}
    batch = _round(record, residents, _moment(record))
    bring_round(actor, batch)
    return _said(batch)


def care_rounds(actor: Actor, batch: Sequence[Came]) -> list[Outcome | None]:
    """Many rounds at once; None for those that are to be refused."""
    numbers = [came.record.content.get("days") for came in batch]
    residents = resident_ids_of(number for days in numbers if isinstance(days, dict) for number in days)
    rounds: dict[int, list[Written]] = {}
    for n, came in enumerate(batch):
        with suppress(Invalid):
            rounds[n] = _round(came.record, residents, _moment_of(came.record, came.received_at, came.clock))
    done = dict(zip(rounds, bring_rounds(actor, list(rounds.values())), strict=True))
    return [_said(rounds[n]) if done.get(n) else None for n in range(len(batch))]


def care_handover(actor: Actor, record: Envelope) -> Outcome:
    """Keep a handover of a shift that was signed on the glass."""
    content = record.content
    seen = content.get("seen")
    if not isinstance(seen, dict):
        raise Invalid(gettext("This is missing."), field="seen")
    left = Left(
        record_key=_key(record),
        day=_day(content),
        shift=_text(content, "shift"),
        note=_text(content, "note"),
        moment=_moment(record),
        seen={name: _whole(seen, name) for name in ("due", "said", "open")},
        receiver=_whole(content, "receiver") if content.get("receiver") is not None else None,
        hours=_text(content, "hours"),
    )
    return Outcome(reference=bring_handover(actor, left))


KINDS = (
    Kind("care_day", frozenset({1}), care_day, needs=frozenset({"checklist.record"}), together=care_days),
    Kind(
        "care_round",
        frozenset({1}),
        care_round,
        resident="",
        needs=frozenset({"checklist.record"}),
        together=care_rounds,
    ),
    Kind("care_handover", frozenset({1}), care_handover, resident="", needs=frozenset({"handovers.sign"})),
)

__all__ = ["KINDS", "care_day", "care_days", "care_handover", "care_round", "care_rounds"]
