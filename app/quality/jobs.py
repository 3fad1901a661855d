"""Nightly work of the standards room."""

from __future__ import annotations

import datetime as dt

from app.auth.roles import system_actor
from app.core.jobs import Job
from app.quality import operations
from app.quality.queries.regrading import to_carry_out


def carry_out_versions(today: dt.date) -> str:
    """Re-grade by every published version of the instrument whose day has come."""
    due = to_carry_out(today)
    for rule_id in due:
        operations.carry_out(system_actor(), rule_id)
    return f"{len(due)} versions of the instrument applied"


JOBS = (Job("instrument-versions", carry_out_versions, hour=0),)
