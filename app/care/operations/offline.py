"""What was recorded without network becomes part of the county: a resident's day, a shift handed over.

An entry says how many times in all something was done. Without a reason for a correction it only ever adds to what stands:
two workers who recorded the same round, or one record that comes twice, change nothing. With a reason it replaces what stood,
and both stay visible.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.auth.models import User
from app.care import queries, rules
from app.care.models import Handover, Recording
from app.care.operations.checklists import (
    REASON_LIMIT,
    Entry,
    Evidence,
    check_day,
    check_entries,
    keep_act,
    log_change,
    store,
    supported,
)
from app.care.queries import DayState
from app.care.rules import Moment
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.people import queries as people

MAX_PHOTOS = 24
NOTE_LIMIT = 1000


@dataclass(frozen=True)
class Written:
    """One resident's day as a device wrote it. ``code`` is what was read from the household's card, if anything. ``done`` are
    the times in all of a day on which everything was done, in the place of ``entries``.
    """

    record_key: str
    resident_id: int
    day: dt.date
    entries: Mapping[str, Mapping[str, Any]]
    moment: Moment
    correction: str = ""
    code: str | None = None
    photos: Sequence[str] = ()
    done: Mapping[str, int] | None = None


@operation("checklist.bring", permission="checklist.record")
def bring_day(actor: Actor, written: Written) -> str:
    """Record what was written without network; the county's reference of the day.

    The same record again changes nothing. Raises ``NotFound`` for a resident the actor does not see, ``Invalid`` or
    ``Refused`` where the ordinary way of recording would, above all when somebody else recorded otherwise meanwhile.
    """
    row = people.resident(actor, written.resident_id, lock=True)
    reference = f"{row.number}/{written.day.isoformat()}"
    known = db.session.scalar(select(Recording.id).where(Recording.record_key == written.record_key))
    if known is not None:
        audit.record("checklist.bring", "checklist_day", reference, {"again": written.record_key})
        return reference
    state = queries.day_states([row], written.day, lock=True)[0]
    best = written.moment.best
    entries = checked(state, written)
    made = store(actor, state, written.day, entries, correction=written.correction, made_at=best)
    evidence = Evidence(written.record_key, queries.presence_of(row.id, written.code, best), tuple(written.photos))
    keep_act(actor, row.id, written.day, made, written.moment, evidence=evidence)
    log_change("checklist.bring", row, written.day, state.said)
    return reference


def checked(state: DayState, written: Written) -> dict[str, Entry]:
    """The entries of a record as they may be written. Raises ``Invalid`` or ``Refused``."""
    check_written(state, written)
    entries = check_entries(written.entries, state.recordable, state.due)
    return entries if written.correction else _adding(state, entries)


def check_written(state: DayState, written: Written) -> None:
    """Whether a day can be recorded at all. Raises ``Invalid`` or ``Refused``."""
    check_day(written.day)
    if len(written.correction) > REASON_LIMIT:
        words = gettext("The reason is too long (at most %(limit)s characters).", limit=REASON_LIMIT)
        raise Invalid(words, field="correction")
    if len(written.photos) > MAX_PHOTOS:
        raise Invalid(gettext("At most %(count)s photos a day.", count=MAX_PHOTOS), field="photos")
    if not supported(state.resident, written.day):
        raise Invalid(gettext("This resident was not in support on that day."), field="day")
    if state.plan is None:
        raise Refused(gettext("No approved care plan covers this day."))


def _adding(state: DayState, entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Entries that only add: fewer times than stand already say nothing new, which is no correction."""
    found: dict[str, Entry] = {}
    for item, entry in entries.items():
        have = state.extras.get(item, 0) if not rules.times(state.due, item) else state.said.of(item, entry.outcome)
        if entry.wanted is None or entry.wanted > have or entry.note:
            found[item] = entry if entry.wanted is None else replace(entry, wanted=max(entry.wanted, have))
    return found


@dataclass(frozen=True)
class Left:
    """A shift as it was handed over without network: what the device knew, who took it over and signed on its glass."""

    record_key: str
    day: dt.date
    shift: str
    note: str
    moment: Moment
    seen: Mapping[str, int]
    receiver: int | None = None
    hours: str = ""
    """The version of the hours the device had taken along (``rules.Hours.key``)."""


@operation("handover.bring", permission="handovers.sign")
def bring_handover(actor: Actor, left: Left) -> str:
    """Keep a handover that was signed without network. The snapshot is made when it comes; what the device knew at the time
    stands beside it. ``receiver`` is the account of who signed on the glass for the next shift: another person of the house.

    A shift runs by the hours in force or by those the device knew: they were decided otherwise while it had no network.

    Raises ``Refused`` when the shift was handed over already, ``Invalid`` before its last hour.
    """
    institution = queries.own_institution(actor)
    shift = _shift(institution, left)
    reference = f"{left.day.isoformat()}/{left.shift}"
    row = queries.handover(actor, left.day, left.shift, lock=True)
    if row is not None and row.facts.get("offline", {}).get("record") == left.record_key:
        audit.record("handover.bring", "shift_handover", row.id, {"again": left.record_key})
        return reference
    if row is not None:
        raise Refused(gettext("This shift was handed over already."))
    best = left.moment.best
    if best < shift.ends - queries.EARLY:
        raise Invalid(gettext("This shift has not come to its end yet."), field="shift")
    if len(left.note) > NOTE_LIMIT:
        words = gettext("The note is too long (at most %(limit)s characters).", limit=NOTE_LIMIT)
        raise Invalid(words, field="note")
    account, _role = actor.person()
    facts = queries.handover_facts(actor, shift)
    facts["offline"] = {"record": left.record_key, **{name: left.seen.get(name, 0) for name in ("due", "said", "open")}}
    row = Handover(
        institution_id=institution,
        day=left.day,
        shift=left.shift,
        facts=facts,
        given_by=account,
        given_by_person=actor.person_key,
        given_at=best,
    )
    row.note = left.note
    if left.receiver is not None:
        receiver = _colleague(actor, left.receiver)
        row.received_by, row.received_at = receiver.id, best
    db.session.add(row)
    db.session.flush()
    return reference


def _shift(institution: int, left: Left) -> rules.Shift:
    """The shift that was handed over. Raises ``Invalid``."""
    known = queries.known_shift(institution, left.day, left.shift, left.hours) if left.hours else None
    found = known or rules.shift_of(left.day, left.shift, queries.hours_of(institution), clock.ZONE)
    if found is None:
        raise Invalid(gettext("There is no such shift."), field="shift")
    return found


def _colleague(actor: Actor, user_id: int) -> User:
    """Another person of the same house who may take a shift over. Raises ``Invalid``."""
    found = next((one for one in queries.colleagues(actor) if one.id == user_id), None)
    if found is None or found.person_key == actor.person_key:
        raise Invalid(gettext("Somebody of the next shift must sign."), field="receiver")
    return found
