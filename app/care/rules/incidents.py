"""Incidents: how soon they are reported, what must have been done before one is closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

STEPS = ("notified", "measure", "follow_up", "plan", "reassess", "closed")
REPORT_WITHIN = dt.timedelta(hours=24)
"""Time for the report of an incident (duty of P5, domain.md 7.2, proposed)."""


def reported_in_time(
    happened_on: dt.date, happened_at: dt.datetime | None, reported_at: dt.datetime, zone: dt.tzinfo
) -> bool:
    """Within 24 hours where the time of day is known, by the end of the next day where it is not."""
    if happened_at is not None:
        return reported_at <= happened_at + REPORT_WITHIN
    return reported_at.astimezone(zone).date() <= happened_on + dt.timedelta(days=1)


def missing_to_close(steps: Collection[str]) -> list[str]:
    """What must be on record first: somebody was told, something was done."""
    return [kind for kind in ("notified", "measure") if kind not in steps]
