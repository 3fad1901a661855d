"""Measuring, and putting on the due list whose daily record no longer fits."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import select

from app.care.labels import ITEM_SHORT
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Refused
from app.core.operation import operation
from app.grading.models import ReassessmentDue
from app.grading.operations.noting import note_due
from app.people import queries as people
from app.people.models import Resident, ResidentStatus
from app.places.entries import Entries
from app.trends import queries
from app.trends.models import Measurement
from app.trends.rules import Drift, Sign

LIGHTEST, HEAVIEST = 15_000, 250_000
"""Grams between which a weight is believed."""


@operation("measurement.record", permission="measurements.write")
def record_measurement(actor: Actor, /, resident_id: int, **given: Any) -> Measurement:
    """Record weight (kilograms with at most one decimal, such as 52.5) and skin (0 whole, 1–4 stage) of a day; one of them
    at least. Raises ``NotFound``, ``Refused`` after the end of support, ``Invalid`` naming every wrong field.
    """
    resident = people.resident(actor, resident_id, lock=True)
    if resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended."))
    entries = Entries(given)
    entries.date("taken_on", earliest=resident.supported_from, latest=clock.today(), needed=True)
    entries.facts["weight"] = _grams(entries)
    entries.number("skin", 0, 4)
    if entries.facts["weight"] is None and entries.facts["skin"] is None and not entries.errors:
        entries.fail("weight", gettext("Give the weight, or what the skin looks like."))
    row = Measurement(resident_id=resident.id, recorded_by=actor.user_id, recorded_at=clock.now(), **entries.done())
    db.session.add(row)
    db.session.flush()
    return row


def _grams(entries: Entries) -> int | None:
    text = str(entries.given.get("weight") or "").strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{1,3}(\.\d)?", text, re.ASCII):
        entries.fail("weight", gettext("Kilograms, such as 52 or 52.5."))
        return None
    whole, _point, tenth = text.partition(".")
    grams = int(whole) * 1000 + int(tenth or 0) * 100
    if not LIGHTEST <= grams <= HEAVIEST:
        entries.fail("weight", gettext("A weight from 15 to 250 kilograms."))
    return grams


@operation("measurement.take_back", permission="measurements.write")
def take_back_measurement(actor: Actor, /, measurement_id: int, reason: str) -> Measurement:
    """Take back a measurement recorded by mistake; it stays on record. Raises ``Refused`` when it was taken back already."""
    row = queries.measurement(actor, measurement_id, lock=True)
    if row.taken_back_at is not None:
        raise Refused(gettext("This measurement was taken back already."))
    entries = Entries({"reason": reason})
    entries.text("reason", 200, needed=True)
    row.taken_back_reason, row.taken_back_at = entries.done()["reason"], clock.now()
    db.session.flush()
    return row


@operation("reassessment.drift", permission="grades.report")
def propose_reassessment(actor: Actor, /, resident_id: int) -> ReassessmentDue:
    """Put a resident on the due list because the daily record no longer fits the grade. Raises ``Refused`` when it does fit,
    or when that was done within the quiet days.
    """
    resident = people.resident(actor, resident_id, lock=True)
    today = clock.today()
    scope = select(Resident.id).where(Resident.id == resident.id, Resident.status == ResidentStatus.ACTIVE)
    found = [one for _id, one in queries.drifting(scope, queries.rule(today).body, today)]
    if not found:
        raise Refused(gettext("The daily record fits the plan; there is nothing to propose."))
    if resident.id not in queries.to_note(today):
        raise Refused(gettext("The resident stands on the due list already, or was assessed since."))
    return note_due(actor, resident.id, "drift", words(found))


def words(found: Sequence[Drift]) -> str:
    """What was seen, in Chinese: it stands on the due list for the assessors."""
    with force_locale("zh_Hans_CN"):
        said = [
            f"{ITEM_SHORT[one.item]}：计划{one.due}次，本人自行完成{one.times}次"
            if one.sign is Sign.GONE
            else f"{ITEM_SHORT[one.item]}：计划外提供{one.times}次"
            for one in found
        ]
    return "每日记录与档次不符。" + "；".join(said)


def note_drifts(actor: Actor, today: dt.date) -> int:
    """Nightly: put everybody on the due list whose daily record no longer fits; how many were new. Safe to repeat."""
    actor.require("system.job")
    return _note_drifts(actor, today) if queries.to_note(today) else 0


@operation("reassessment.drifts", permission="system.job")
def _note_drifts(actor: Actor, today: dt.date) -> int:
    found = queries.to_note(today)
    for resident_id, listed in sorted(found.items()):
        note_due(actor, resident_id, "drift", words(listed))
    if not found:
        audit.record("reassessment.drifts", "reassessment_due", "none")
    return len(found)
