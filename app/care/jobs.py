"""Nightly work on records of care."""

from __future__ import annotations

import datetime as dt

from app.auth.roles import system_actor
from app.care.operations import note_patterns
from app.core.jobs import Job


def look_for_patterns(today: dt.date) -> str:
    """Keep patterns in the records that a person should look at."""
    return f"{note_patterns(system_actor(), today)} new patterns to be looked at"


JOBS = (Job("odd-patterns", look_for_patterns, hour=4),)
