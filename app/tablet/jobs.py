"""Hourly work on offline records."""

from __future__ import annotations

import datetime as dt

from app.core.jobs import Job
from app.tablet.operations.records import act_on, tell_others
from app.tablet.queries.records import pending


def take_up(_today: dt.date) -> str:
    """Act on records that were kept when something broke in between, and that no device has sent again since; let the
    receipts of sheets that were compared meanwhile say so.
    """
    waiting = pending()
    tell_others()
    return f"{sum(act_on(record_id) for record_id in waiting)} of {len(waiting)} kept records were acted upon"


JOBS = (Job("offline-records", take_up, schedule="hourly"),)
