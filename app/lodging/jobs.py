"""Nightly work on beds."""

from __future__ import annotations

import datetime as dt

from app.auth.roles import system_actor
from app.core.jobs import Job
from app.lodging import operations


def close_stays(today: dt.date) -> str:
    """End the stays of whose support ended, or who lives elsewhere now."""
    return f"{operations.close_stays(system_actor('beds'), today)} stays ended with the support or a move"


JOBS = (Job("stays-ended", close_stays, hour=1),)
