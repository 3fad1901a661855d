"""Acts on a resident's record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Forbidden, Invalid, NotFound, Refused
from app.core.names import search_key
from app.core.operation import operation
from app.core.together import locked
from app.core.transaction import current
from app.people import queries, rules
from app.people.models import Absence, AbsenceKind, Caregiver, Resident, ResidentStatus
from app.people.operations.facts import RESIDENT_FIELDS, changed_meanwhile, on_record, resident_facts, said_why
from app.people.operations.numbers import numbers
from app.places.entries import Entries

REVEALED = ("id_number", "phone", "address", "religion", "health_notes", "guardian_phone")
"""Fields of a resident that a full view must give a reason for."""


def add_resident(facts: Mapping[str, Any], number: str) -> Resident:
    """A new row from checked facts, not flushed."""
    row = Resident(number=number, status=ResidentStatus.ACTIVE, created_at=clock.now())
    for name, value in facts.items():
        setattr(row, name, value)
    row.search = search_key(row.name)
    db.session.add(row)
    return row


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Invalid(on_record(), field="id_number") from error


@operation("resident.create", permission="people.write")
def create_resident(actor: Actor, /, **fields: Any) -> Resident:
    """Add a resident of the actor's area (fields: ``RESIDENT_FIELDS``). Raises ``Invalid`` naming every wrong field."""
    row = add_resident(resident_facts(actor, fields), next(numbers(Resident, "R")))
    _flush()
    return row


@operation("resident.update", permission="people.write")
def update_resident(actor: Actor, /, resident_id: int, version: int, **fields: Any) -> Resident:
    """Change a resident; fields that are not given stay. ``version`` is the one the form was opened with.

    Raises ``NotFound``, ``Refused`` when somebody else saved meanwhile, ``Invalid`` naming every wrong field.
    """
    row = queries.resident(actor, resident_id, lock=True)
    if row.version != version:
        raise changed_meanwhile()
    facts = resident_facts(actor, {**{n: getattr(row, n) for n in RESIDENT_FIELDS}, **fields}, row)
    for name, value in facts.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    row.search = search_key(row.name)
    if not db.session.is_modified(row):
        audit.record("resident.update", "resident", row.id)
    _flush()
    return row


@operation("resident.end", permission="people.write")
def end_support(
    actor: Actor, /, resident_id: int, ended_on: dt.date, deceased: bool, reason: str, version: int | None = None
) -> Resident:
    """End support on its last day, by death or for another reason (TK21 art. 24); open absences end with it.

    Raises ``Refused`` when support has ended already, ``Invalid`` for a day before its beginning or after today.
    """
    row = queries.resident(actor, resident_id, lock=True)
    if version is not None and row.version != version:
        raise changed_meanwhile()
    if row.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support has ended already."))
    entries = Entries({"ended_on": ended_on, "reason": reason})
    entries.date("ended_on", earliest=row.supported_from, latest=clock.today(), needed=True)
    entries.text("reason", 200, needed=True)
    facts = entries.done()
    row.status = ResidentStatus.DECEASED if deceased else ResidentStatus.ENDED
    row.ended_on, row.end_reason = facts["ended_on"], facts["reason"]
    for absence in queries.absences(row.id, (row.ended_on, row.ended_on)):
        if absence.to_on is None:
            absence.to_on = row.ended_on
    db.session.flush()
    return row


@operation("resident.resume", permission="people.write")
def resume_support(actor: Actor, /, resident_id: int, reason: str) -> Resident:
    """Take back an end of support that was recorded by mistake. Raises ``Refused`` while support runs."""
    row = queries.resident(actor, resident_id, lock=True)
    if row.status is ResidentStatus.ACTIVE:
        raise Refused(gettext("Support runs; there is nothing to take back."))
    said_why(reason)
    row.status, row.ended_on, row.end_reason = ResidentStatus.ACTIVE, None, None
    db.session.flush()
    return row


@operation("absence.record", permission="absences.write")
def record_absence(
    actor: Actor, /, resident_id: int, kind: AbsenceKind | str, from_on: dt.date, to_on: dt.date | None = None
) -> Absence:
    """Record days away from the place of care, both ends counted; ``to_on`` stays open while it lasts.

    Raises ``Refused`` when support does not run or the days overlap another absence.
    """
    row = queries.resident(actor, resident_id, lock=True)
    entries = Entries({"kind": kind, "from_on": from_on, "to_on": to_on})
    entries.choice("kind", AbsenceKind, needed=True)
    latest = row.ended_on or clock.today()
    begin = entries.date("from_on", earliest=row.supported_from, latest=latest, needed=True)
    end = entries.date("to_on", latest=latest)
    if begin and end and end < begin:
        entries.fail("to_on", gettext("The end lies before the beginning."))
    facts = entries.done()
    if row.status is not ResidentStatus.ACTIVE and end is None:
        raise Refused(gettext("Support has ended; please give the last day away."), field="to_on")
    assert begin is not None  # noqa: S101  # needed=True and done() passed
    _no_overlap(row.id, (begin, end))
    absence = Absence(resident_id=row.id, recorded_at=clock.now(), recorded_by=actor.user_id, **facts)
    db.session.add(absence)
    db.session.flush()
    return absence


def _no_overlap(resident_id: int, span: rules.Span, without: int | None = None) -> None:
    others = [(a.from_on, a.to_on) for a in queries.absences(resident_id) if a.id != without]
    clash = rules.first_overlap(span, others)
    if clash is not None:
        raise Refused(
            gettext(
                "An absence from %(first)s to %(last)s is on record already; the days overlap.",
                first=clash[0].isoformat(),
                last=clash[1].isoformat() if clash[1] else gettext("today (open)"),
            ),
            field="from_on",
        )


@operation("absence.close", permission="absences.write")
def close_absence(actor: Actor, /, absence_id: int, to_on: dt.date) -> Absence:
    """Give an open absence its last day. Raises ``Refused`` when it has one, ``Invalid`` for an impossible day."""
    absence = queries.absence(actor, absence_id)
    queries.resident(actor, absence.resident_id, lock=True)
    db.session.refresh(absence)
    if absence.to_on is not None:
        raise Refused(gettext("This absence has ended already."))
    entries = Entries({"to_on": to_on})
    entries.date("to_on", earliest=absence.from_on, latest=clock.today(), needed=True)
    last = entries.done()["to_on"]
    _no_overlap(absence.resident_id, (absence.from_on, last), without=absence.id)
    absence.to_on = last
    db.session.flush()
    return absence


@operation("absence.cancel", permission="absences.write")
def cancel_absence(actor: Actor, /, absence_id: int, reason: str) -> None:
    """Take away an absence that was recorded by mistake; the audit log keeps it."""
    absence = queries.absence(actor, absence_id)
    said_why(reason)
    db.session.delete(absence)
    db.session.flush()


def assign_caregiver(actor: Actor, resident_id: int, caregiver_id: int | None) -> Resident:
    """Say who cares for a resident from now on (None: nobody); part of signing or ending a contract.

    Joins the open act: raises ``RuntimeError`` outside one, ``Forbidden`` without the right to sign contracts or to
    write people, ``NotFound`` for an unknown resident or caregiver.
    """
    if current() is None:
        raise RuntimeError("a caregiver is assigned inside an operation only")
    if not any(actor.may(p) for p in ("contracts.sign", "contracts.write", "people.write")):
        raise Forbidden
    query = select(Resident).where(Resident.id == resident_id).with_for_update(of=Resident)
    row = locked(Resident, resident_id) or db.session.scalars(query).unique().one_or_none()
    if row is None or (caregiver_id is not None and db.session.get(Caregiver, caregiver_id) is None):
        raise NotFound
    if row.caregiver_id != caregiver_id:
        row.caregiver_id = caregiver_id
        db.session.flush()
    return row


@operation("people.health_notes", permission="people.health")
def read_health_notes(actor: Actor, /, resident_id: int) -> str:
    """The health notes for whoever cares for this resident; care is the reason, the look goes to the audit log.

    Raises ``NotFound``.
    """
    row = queries.resident(actor, resident_id)
    audit.record("people.reveal", "resident", row.id, {"field": "health_notes"})
    return row.health_notes or ""


@operation("people.reveal", permission="people.reveal")
def reveal(actor: Actor, /, resident_id: int, field: str, reason: str) -> str:
    """The full text of one protected field (``REVEALED``); who looked and why goes to the audit log.

    Raises ``NotFound`` and, without a reason, ``Invalid``.
    """
    row = queries.resident(actor, resident_id)
    if field not in REVEALED:
        raise NotFound
    said_why(reason)
    audit.record("people.reveal", "resident", row.id, {"field": field})
    return str(getattr(row, field) or "")
