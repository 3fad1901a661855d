"""Putting a resident on the due list, and telling the county what stays on it too long."""

from __future__ import annotations

import datetime as dt

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.grading.models import ReassessmentDue
from app.grading.queries import appeals

AT_ONCE = frozenset({"returned"})
"""Causes without days of grace; all others have the working days of the rule in force."""


def note_due(
    actor: Actor, resident_id: int, cause: str, note: str | None, *, since: dt.date | None = None
) -> ReassessmentDue:
    """Put a resident on the due list with what was seen; a second note of the same day goes below it.

    The assessment is due within the rule's working days after ``since`` (today unless it happened before).
    """
    start = since or clock.today()
    due_on = start if cause in AT_ONCE else appeals.deadlines(clock.today()).assess_by(start).on
    known = (
        db.session.query(ReassessmentDue)
        .filter_by(resident_id=resident_id, cause=cause, due_on=due_on)
        .with_for_update(of=ReassessmentDue)
        .one_or_none()
    )
    if known is not None:
        known.note = "\n".join(text for text in (known.note, note) if text)
        known.closed_by_sheet_id = None
        return known
    row = ReassessmentDue(
        resident_id=resident_id, cause=cause, due_on=due_on, note=note, opened_at=clock.now(), opened_by=actor.user_id
    )
    db.session.add(row)
    return row


def note_accidents(actor: Actor, resident_id: int, happened_on: dt.date, days: list[dt.date]) -> ReassessmentDue | None:
    """Put a resident on the due list when the accident of a day is one too many (MZ/T 039-2013 C.3: two in 30 days).

    ``days`` are the days of all accidents known, this one included. Called by whoever records accidents.
    """
    rule = appeals.deadlines(clock.today())
    first = happened_on - dt.timedelta(days=rule.accident_days)
    near = [day for day in days if first < day <= happened_on]
    later = [day for day in days if happened_on <= day < happened_on + dt.timedelta(days=rule.accident_days)]
    if max(len(near), len(later)) < rule.accidents:
        return None
    return note_due(actor, resident_id, "accidents", None)
