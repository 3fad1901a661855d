"""A day of the checklist: what is due, what was said about it, when an entry is late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.care.rules.frequencies import ITEMS, due_on, parse_frequency

LATE_AFTER = dt.timedelta(hours=24)
MAX_BACKDATING = dt.timedelta(days=92)


class Outcome(StrEnum):
    """What became of an item that day."""

    DONE = "done"
    NOT_DONE = "not_done"
    NOT_NEEDED = "not_needed"


def bit(item: str) -> int:
    """Mask of one item. Raises ``KeyError`` for anything but S01 … S12."""
    try:
        return 1 << ITEMS.index(item)
    except ValueError:
        raise KeyError(item) from None


def items_of(mask: int) -> list[str]:
    """Items whose bit is set."""
    return [item for n, item in enumerate(ITEMS) if mask >> n & 1]


def due_mask(lines: Iterable[Mapping[str, Any]], day: dt.date) -> int:
    """Mask of the items that a plan's lines make due on ``day``."""
    mask = 0
    for line in lines:
        if due_on(parse_frequency(line["frequency"]), day):
            mask |= bit(line["item"])
    return mask


def recordable_mask(lines: Iterable[Mapping[str, Any]], day: dt.date) -> int:
    """Items that may be recorded on ``day``: everything the plan names, as-needed items too."""
    mask = 0
    for line in lines:
        frequency = parse_frequency(line["frequency"])
        if frequency.as_needed or frequency.required:
            mask |= bit(line["item"])
    return mask


def is_late(day: dt.date, recorded_at: dt.datetime, zone: dt.tzinfo) -> bool:
    """Whether an entry was made more than 24 hours after its day ended."""
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=zone)
    return recorded_at > end + LATE_AFTER


@dataclass(frozen=True)
class Masks:
    """The state of a resident's day."""

    done: int = 0
    excused: int = 0
    not_done: int = 0
    late: int = 0

    @property
    def recorded(self) -> int:
        """Everything somebody said something about."""
        return self.done | self.excused | self.not_done


def with_entry(masks: Masks, item: str, outcome: Outcome, *, late: bool) -> Masks:
    """The masks after one entry; a later entry about the same item replaces the earlier one, lateness stays."""
    one = bit(item)
    done, excused, not_done = masks.done & ~one, masks.excused & ~one, masks.not_done & ~one
    if outcome is Outcome.DONE:
        done |= one
    elif outcome is Outcome.NOT_NEEDED:
        excused |= one
    else:
        not_done |= one
    return Masks(done, excused, not_done, masks.late | (one if late else 0))


def completion(due: int, done: int, excused: int) -> tuple[int, int]:
    """(items done, items that counted) of a day: what was not needed does not count."""
    counted = due & ~excused
    return (done & counted).bit_count(), counted.bit_count()
