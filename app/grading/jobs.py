"""Nightly work of assessment."""

from __future__ import annotations

import datetime as dt

from app.auth.roles import system_actor
from app.core.jobs import Job
from app.grading import operations


def open_reassessments(today: dt.date) -> str:
    """Open the re-assessments that fall due within the notice time."""
    return f"{operations.open_reassessments(system_actor(), today)} re-assessments opened"


def note_discharges(today: dt.date) -> str:
    """Note everybody who came back from hospital."""
    return f"{operations.note_discharges(system_actor(), today)} discharges noted"


def escalate(today: dt.date) -> str:
    """Tell the county what is overdue for too long."""
    return f"{operations.escalate(system_actor(), today)} overdue assessments reported to the county"


def close_ended_grades(today: dt.date) -> str:
    """End the grades of residents whose support has ended."""
    return f"{operations.close_ended_grades(system_actor())} grades ended with the support"


JOBS = (
    Job("reassessments-due", open_reassessments, hour=1),
    Job("discharges", note_discharges, hour=1),
    Job("assessments-overdue", escalate, hour=2),
    Job("support-ended", close_ended_grades, hour=1),
)
