"""Named exceptions from the gate: one caregiver, one resident, with a reason and a last day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Refused
from app.core.operation import operation
from app.grading.queries import grade_on
from app.people import queries as people
from app.people.models import ResidentStatus, Tier
from app.places.entries import Entries
from app.workforce import queries, rules
from app.workforce.models import TierOverride


@operation("override.grant", permission="overrides.write")
def grant_override(actor: Actor, /, caregiver_id: int, **given: Any) -> TierOverride:
    """Let a caregiver care for a resident without the tier of the grade (resident_id, from_on, until_on, reason).

    Raises ``NotFound``, ``Refused`` where no exception is needed or one holds already, ``Invalid`` naming wrong fields.
    """
    row = people.caregiver(actor, caregiver_id, lock=True)
    today = clock.today()
    entries = Entries(given)
    text = str(given.get("resident_id") or "").strip()
    resident_id = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    if not resident_id:
        entries.fail("resident_id", gettext("Please choose one of the entries."))
    first = entries.date("from_on", earliest=today - dt.timedelta(days=31), needed=True)
    last = entries.date("until_on", needed=True)
    entries.text("reason", 200, needed=True)
    longest = int(queries.rule(today).body["override"]["longest_days"])
    if first and last and (fault := rules.override_fault(first, last, today, longest)):
        entries.fail("until_on", _words(fault, longest))
    facts = entries.done()
    resident = people.resident(actor, resident_id)
    if resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended."), field="resident_id")
    grade = grade_on(resident.id, facts["from_on"])
    if grade is None:
        raise Refused(gettext("This resident has no care grade on the first day."), field="resident_id")
    tier = rules.TIER_FOR_GRADE[grade.grade]
    if row.tier and row.tier >= tier and row.tier_valid_to and row.tier_valid_to >= facts["until_on"]:
        raise Refused(gettext("The caregiver's training is enough for this grade; no exception is needed."))
    same = select(TierOverride.id).where(
        TierOverride.caregiver_id == row.id, TierOverride.resident_id == resident.id, TierOverride.ended_on.is_(None),
        TierOverride.from_on <= facts["until_on"], TierOverride.until_on >= facts["from_on"],
    )  # fmt: skip
    if db.session.scalar(same) is not None:
        raise Refused(gettext("An exception for these two holds on some of these days already."), field="from_on")
    made = TierOverride(
        caregiver_id=row.id, resident_id=resident.id, tier=Tier(tier), granted_by=actor.user_id,
        granted_by_name=actor.name, granted_at=clock.now(), **facts,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def _words(fault: str, longest: int) -> str:
    if fault == "order":
        return gettext("The end lies before the beginning.")
    if fault == "past":
        return gettext("The last day lies in the past.")
    return gettext("An exception lasts %(n)s days at most; a longer one needs the training.", n=longest)


@operation("override.end", permission="overrides.write")
def end_override(actor: Actor, /, override_id: int, reason: str) -> TierOverride:
    """End an exception today. Raises ``Refused`` when it has ended."""
    row = queries.override(actor, override_id, lock=True)
    if row.ended_on is not None or row.until_on < clock.today():
        raise Refused(gettext("This exception has ended already."))
    entries = Entries({"reason": reason})
    entries.text("reason", 200, needed=True)
    row.end_reason, row.ended_on = entries.done()["reason"], clock.today()
    db.session.flush()
    return row
