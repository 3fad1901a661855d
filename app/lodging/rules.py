"""Pure: days of a bed, shared out between present, hospital and leave; what may become of a belonging.

A stay counts from its first day up to the day before the person left: on that day the bed can be another's. Days away come
from the absences that care plans and settlement read too; there is no second truth about them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

FAR = dt.date.max
DAY = dt.timedelta(days=1)
Stretch = tuple[dt.date, dt.date | None]
"""First day and the day of leaving, which is not counted; None while it lasts."""


class Kept(StrEnum):
    """Where a belonging is."""

    KEPT = "kept"
    DAMAGED = "damaged"
    LOST = "lost"
    RETURNED = "returned"


NEXT: dict[Kept, tuple[Kept, ...]] = {
    Kept.KEPT: (Kept.RETURNED, Kept.DAMAGED, Kept.LOST),
    Kept.DAMAGED: (Kept.RETURNED, Kept.LOST),
    Kept.LOST: (Kept.KEPT, Kept.RETURNED),
    Kept.RETURNED: (),
}
"""What may become of a belonging; what is not here is refused. What was lost may be found again."""


def share(a: Stretch, b: Stretch) -> bool:
    """Whether two stretches share a day."""
    return a[0] < (b[1] or FAR) and b[0] < (a[1] or FAR) and a[0] != a[1] and b[0] != b[1]


def clash(new: Stretch, others: Iterable[Stretch]) -> Stretch | None:
    """The first of ``others`` that shares a day with ``new``."""
    return next((other for other in others if share(new, other)), None)


@dataclass(frozen=True)
class Days:
    """Days of a bed in a range: all of them, and how many of these in hospital and on leave."""

    bed: int = 0
    hospital: int = 0
    leave: int = 0

    @property
    def present(self) -> int:
        """Days on which the person was there."""
        return self.bed - self.hospital - self.leave

    def __add__(self, other: Days) -> Days:
        return Days(self.bed + other.bed, self.hospital + other.hospital, self.leave + other.leave)


def days_of(
    stay: Stretch,
    away: Iterable[tuple[str, dt.date, dt.date | None]],
    first: dt.date,
    last: dt.date,
) -> Days:
    """Days of a stay between two days (both counted), shared out. ``away`` is (hospital or leave, first day, last day)."""
    begin = max(stay[0], first)
    end = min((stay[1] - DAY) if stay[1] is not None else last, last)
    if begin > end:
        return Days()
    counted = {"hospital": 0, "leave": 0}
    for kind, gone, back in away:
        counted[kind] += max(0, (min(back or end, end) - max(gone, begin)).days + 1)
    return Days((end - begin).days + 1, counted["hospital"], counted["leave"])
