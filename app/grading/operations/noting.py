"""Putting a resident on the due list."""

from __future__ import annotations

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.grading.models import ReassessmentDue


def note_due(actor: Actor, resident_id: int, cause: str, note: str | None) -> ReassessmentDue:
    """Put a resident on the due list from today with what was seen; a second note of the same day goes below it."""
    today = clock.today()
    known = (
        db.session.query(ReassessmentDue)
        .filter_by(resident_id=resident_id, cause=cause, due_on=today)
        .with_for_update(of=ReassessmentDue)
        .one_or_none()
    )
    if known is not None:
        known.note = "\n".join(text for text in (known.note, note) if text)
        known.closed_by_sheet_id = None
        return known
    row = ReassessmentDue(
        resident_id=resident_id, cause=cause, due_on=today, note=note, opened_at=clock.now(), opened_by=actor.user_id
    )
    db.session.add(row)
    return row
