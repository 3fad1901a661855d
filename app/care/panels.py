"""Where features above care add their parts to the page of a resident's day."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from app.people.models import Resident
from app.places.panels import Panels


class Day(NamedTuple):
    """One resident's day."""

    resident: Resident
    day: dt.date


day_panels: Panels[Day] = Panels()
"""Parts of the page of a day: photos of the tablet 60."""
