"""Nightly work on signs."""

from __future__ import annotations

import datetime as dt

from app.auth.roles import system_actor
from app.core.jobs import Job
from app.trends import operations


def drifts(today: dt.date) -> str:
    """Propose to assess again whose daily record no longer fits the grade."""
    return f"{operations.note_drifts(system_actor('drifts'), today)} residents proposed for assessment"


JOBS = (Job("drifts", drifts, hour=3),)
