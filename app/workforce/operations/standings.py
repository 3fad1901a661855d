"""Each night: how much of the care due each caregiver's records show."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete

from app.core import audit
from app.core.actor import Actor
from app.core.db import db
from app.core.operation import operation
from app.workforce.models import CareStanding
from app.workforce.queries.lessons import standings


@operation("standings.keep", permission="system.job")
def keep_standings(actor: Actor, today: dt.date) -> int:
    """Work out the order of the lessons page for a day, in place of the day before; how many caregivers it names."""
    rows = standings(actor, today)
    db.session.execute(delete(CareStanding))
    db.session.add_all(rows)
    audit.record("standings.keep", "care_standing", today.isoformat(), {"caregivers": len(rows)})
    return len(rows)
