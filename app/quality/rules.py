"""What may happen to a controlled rule document."""

from __future__ import annotations

import datetime as dt


def publishable(in_force_from: dt.date, today: dt.date, *, first: bool) -> bool:
    """A rule begins today or later; only the first of its kind may begin in the past (there is nothing to change)."""
    return first or in_force_from >= today
