"""Nightly work on records of care."""

from __future__ import annotations

import datetime as dt

from app.auth.roles import system_actor
from app.care.operations import note_patterns
from app.care.operations.following import draft_for_new_grades
from app.core.jobs import Job


def look_for_patterns(today: dt.date) -> str:
    """Keep patterns in the records that a person should look at."""
    return f"{note_patterns(system_actor(), today)} new patterns to be looked at"


def draft_plans(today: dt.date) -> str:
    """Draw up the plan that follows a new care grade, as a draft that shows what changes."""
    made, failed = draft_for_new_grades(system_actor("plans"), today)
    return f"{made} plans drafted after a new grade" + (f", {failed} could not be (see the log)" if failed else "")


JOBS = (Job("odd-patterns", look_for_patterns, hour=4), Job("plans-following", draft_plans, hour=2))
