"""When something written without network was written, as far as anybody can know.

Three times stand beside each other: ``anchored`` (the county's own clock at the last contact the device proves), ``written``
(the device's clock) and ``received`` (the county's clock when it came). The first and the last are certain bounds; the
device's clock is believed between them and only when it can be right.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Moment:
    """What is known about the time of an entry. ``plausible`` says whether the device's clock can be right."""

    written: dt.datetime | None
    received: dt.datetime
    anchored: dt.datetime | None = None
    plausible: bool = True

    @property
    def best(self) -> dt.datetime:
        """The time that counts: the device's own, held between the two certain bounds; else when it came."""
        if self.written is None or not self.plausible:
            return self.received
        earliest = self.anchored if self.anchored is not None and self.anchored <= self.received else self.written
        return min(max(self.written, earliest), self.received)

    @property
    def surely_after(self) -> dt.datetime | None:
        """It cannot have been written before this instant; None when nothing proves it."""
        return self.anchored if self.anchored is not None and self.anchored <= self.received else None
