"""Who gets which bed: admission, another bed, and the end of a stay."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext

from app.core import audit, clock, shown
from app.core.actor import Actor
from app.core.db import db, hold
from app.core.errors import Refused
from app.core.operation import operation
from app.lodging import queries, rules
from app.lodging.models import LeftFor, Stay
from app.people import queries as people
from app.people.models import Resident, ResidentStatus, Setting
from app.places.entries import Entries

STAYS = "stays in beds"
"""Stays are written one after the other: a bed and a resident are two rows to compare."""


@operation("stay.give", permission="lodging.write")
def give_bed(actor: Actor, /, resident_id: int, **given: Any) -> Stay:
    """Give a resident of the house a bed from a day on (bed_id, from_on): an admission, or a transfer from another bed, whose
    stay ends that day.

    Raises ``NotFound``, ``Refused`` for a bed that is somebody's on one of the days, ``Invalid`` naming wrong fields.
    """
    hold(STAYS)
    resident = people.resident(actor, resident_id, lock=True)
    entries = Entries(given)
    text = str(given.get("bed_id") or "")
    bed_id = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    if not bed_id:
        entries.fail("bed_id", gettext("Please choose one of the entries."))
    day = entries.date("from_on", earliest=resident.supported_from, latest=clock.today(), needed=True)
    entries.done()
    assert day is not None  # noqa: S101  # needed=True and done() passed
    bed = queries.bed(actor, bed_id, lock=True)
    _may_live_here(resident, bed.room.institution_id)
    if bed.closed_on is not None and bed.closed_on <= clock.today():
        raise Refused(gettext("This bed is out of use."), field="bed_id")
    before = queries.running_stay(resident.id)
    if before is not None:
        if before.bed_id == bed.id:
            raise Refused(gettext("The resident has this bed already."), field="bed_id")
        if day < before.from_on:
            raise Refused(
                gettext("The present stay began on %(day)s only.", day=shown.date(before.from_on)), field="from_on"
            )
        before.left_on, before.left_for = day, LeftFor.TRANSFER
        db.session.flush()
    for other in queries.sharing(bed.id, resident.id):
        if rules.share((day, None), (other.from_on, other.left_on)):
            raise Refused(
                gettext(
                    "%(bed)s is taken by %(name)s from %(first)s to %(last)s.",
                    bed=queries.bed_name(other.bed),
                    name=other.resident.name,
                    first=shown.date(other.from_on),
                    last=shown.date(other.left_on) or gettext("today (open)"),
                ),
                field="bed_id" if other.bed_id == bed.id else "from_on",
            )
    made = Stay(bed_id=bed.id, resident_id=resident.id, from_on=day, recorded_by=actor.user_id, recorded_at=clock.now())
    db.session.add(made)
    db.session.flush()
    return made


def _may_live_here(resident: Resident, institution_id: int) -> None:
    if resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended."))
    if resident.setting is not Setting.INSTITUTIONAL or resident.institution_id != institution_id:
        raise Refused(
            gettext("The resident's record names another form of support. The township changes it first."),
            field="bed_id",
        )


@operation("stay.end", permission="lodging.write")
def end_stay(actor: Actor, /, stay_id: int, **given: Any) -> Stay:
    """End a stay on the day of leaving (left_on, left_for, note). Days in hospital or on leave are absences and end no stay.

    Raises ``NotFound``, ``Refused`` when it has ended, ``Invalid`` naming wrong fields.
    """
    row = queries.stay(actor, stay_id, lock=True)
    queries.bed(actor, row.bed_id)
    if row.left_on is not None:
        raise Refused(gettext("This stay has ended already."))
    entries = Entries(given)
    entries.date("left_on", earliest=row.from_on, latest=clock.today(), needed=True)
    kind = entries.choice("left_for", LeftFor, needed=True)
    if kind is LeftFor.TRANSFER:
        entries.fail("left_for", gettext("Give the other bed instead; the stay in this one ends by itself."))
    entries.text("note", 200)
    facts = entries.done()
    row.left_on, row.left_for, row.note = facts["left_on"], facts["left_for"], facts["note"]
    db.session.flush()
    return row


@operation("stay.take_back", permission="lodging.write")
def take_back_stay(actor: Actor, /, stay_id: int, reason: str) -> Resident:
    """Take away a stay that was recorded by mistake; the audit log keeps it. A transfer that led to it is undone.

    Raises ``NotFound``, and ``Refused`` for any but the resident's latest stay.
    """
    hold(STAYS)
    row = queries.stay(actor, stay_id, lock=True)
    queries.bed(actor, row.bed_id)
    entries = Entries({"reason": reason})
    entries.text("reason", 200, needed=True)
    entries.done()
    listed = queries.stays_of(row.resident_id)
    if listed[0].id != row.id:
        raise Refused(gettext("Only the latest stay can be taken back."))
    resident, began = row.resident, row.from_on
    audit.record("stay.take_back", "stay", row.id, {"resident": resident.id, "reason": entries.facts["reason"]})
    db.session.delete(row)
    db.session.flush()
    before = listed[1] if len(listed) > 1 else None
    if before is not None and before.left_for is LeftFor.TRANSFER and before.left_on == began:
        others = [one for one in queries.sharing(before.bed_id, resident.id) if one.id != before.id]
        if rules.clash((began, None), [(one.from_on, one.left_on) for one in others]) is None:
            before.left_on = before.left_for = None
            db.session.flush()
    return resident


def close_stays(actor: Actor, today: dt.date) -> int:
    """Nightly: end the stays of whose support ended or who lives elsewhere now; how many. Safe to repeat."""
    actor.require("system.job")
    return _close_stays(actor, today) if queries.stays_to_close() else 0


@operation("stay.close", permission="system.job")
def _close_stays(_actor: Actor, today: dt.date) -> int:
    found = queries.stays_to_close()
    for row, ended in found:
        last = row.resident.ended_on if ended else today
        row.left_on = max(row.from_on, last or today)
        if ended:
            row.left_for = LeftFor.SUPPORT_ENDED
        else:
            row.left_for = LeftFor.HOME if row.resident.institution_id is None else LeftFor.ELSEWHERE
    if not found:
        audit.record("stay.close", "stay", "none")
    db.session.flush()
    return len(found)
