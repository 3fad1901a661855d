"""Nightly: certificates that ran out give way to those that still hold; what runs out is counted; the order of the lessons page."""

from __future__ import annotations

import datetime as dt

from app.auth.roles import system_actor
from app.core.jobs import Job
from app.workforce import operations
from app.workforce.queries.expiries import Asked, counted, expiries


def notice(today: dt.date) -> str:
    """What ran out, runs out soon or was never there, by kind: the notice that the first page shows to those it concerns."""
    actor = system_actor("expiries")
    changed = operations.refresh_training(actor, today)
    found = counted(expiries(actor, today, Asked()))
    words = ", ".join(f"{kind} {standing} {number}" for (kind, standing), number in sorted(found.items()))
    return f"{changed} tiers renewed by another certificate; {words or 'nothing runs out'}"


def order_lessons(today: dt.date) -> str:
    """The order in which the lessons page names caregivers."""
    return f"{operations.keep_standings(system_actor('lessons'), today)} caregivers ordered by the care delivered"


JOBS = (Job("expiries", notice, hour=3), Job("lessons", order_lessons, hour=5))
