"""Nightly work of assessment."""

from __future__ import annotations

import datetime as dt

from app.auth.roles import system_actor
from app.core.jobs import Job
from app.grading import operations


def open_reassessments(today: dt.date) -> str:
    """Open the re-assessments that fall due within the notice time."""
    return f"{operations.open_reassessments(system_actor(), today)} re-assessments opened"


def close_ended_grades(today: dt.date) -> str:
    """End the grades of residents whose support has ended."""
    return f"{operations.close_ended_grades(system_actor())} grades ended with the support"


JOBS = (
    Job("reassessments-due", open_reassessments, hour=1),
    Job("support-ended", close_ended_grades, hour=1),
)
