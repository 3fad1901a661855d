"""A day of the checklist: how often each item is due and by when, what was said about it, when an entry is late.

Counts of the twelve items are packed into one whole number, four bits an item (S01 in the lowest): at most twelve times a
day fit, and the database adds them up without unpacking rows.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.care.rules.frequencies import ITEMS, Frequency, due_on, parse_frequency

LATE_AFTER = dt.timedelta(hours=24)
MAX_BACKDATING = dt.timedelta(days=92)
MOST = 12
"""Nothing is done more often than every two hours."""
WIDTH = 4
"""Bits an item takes in a packed number."""
EVERY_SECOND = 0x0F0F0F0F0F0F
"""Mask of every second item: ``((n & M) + (n >> 4 & M)) % 255`` adds up all twelve counts of ``n``."""


class Outcome(StrEnum):
    """What became of an item that day."""

    DONE = "done"
    NOT_DONE = "not_done"
    NOT_NEEDED = "not_needed"


class TooMany(ValueError):
    """More times than the item is due that day."""


_BITS = {item: 1 << n for n, item in enumerate(ITEMS)}
_SHIFTS = {item: WIDTH * n for n, item in enumerate(ITEMS)}


def bit(item: str) -> int:
    """Mask of one item. Raises ``KeyError`` for anything but S01 … S12."""
    return _BITS[item]


def items_of(mask: int) -> list[str]:
    """Items whose bit is set."""
    return [item for n, item in enumerate(ITEMS) if mask >> n & 1]


def times(packed: int, item: str) -> int:
    """The count of one item in a packed number."""
    return packed >> _SHIFTS[item] & 15


def pack(counts: Mapping[str, int]) -> int:
    """Counts by item as one number. Raises ``TooMany`` above 15."""
    found = 0
    for item, count in counts.items():
        if not 0 <= count <= 15:
            raise TooMany(item)
        found |= count << _SHIFTS[item]
    return found


def counts(packed: int) -> dict[str, int]:
    """Items with a count above 0."""
    return {item: count for item in ITEMS if (count := times(packed, item))}


def mask(packed: int) -> int:
    """Items with a count above 0, as a mask of bits."""
    return sum(1 << n for n in range(len(ITEMS)) if packed >> WIDTH * n & 15)


def total(packed: int) -> int:
    """All twelve counts together."""
    return ((packed & EVERY_SECOND) + (packed >> WIDTH & EVERY_SECOND)) % 255


def times_due(frequency: Frequency, day: dt.date) -> int:
    """How often an item of this frequency is due on ``day``: n for n/d, 12 for q2h, 8 for q2hD, else once on due days."""
    if frequency.period == "d":
        return frequency.times
    return int(due_on(frequency, day))


def due_times(lines: Iterable[Mapping[str, Any]], day: dt.date) -> int:
    """Packed counts of what a plan's lines make due on ``day``."""
    return _due(tuple((line["item"], line["frequency"]) for line in lines), day)


@functools.lru_cache(maxsize=4096)
def _due(often: tuple[tuple[str, str], ...], day: dt.date) -> int:
    """The same for items and frequencies; most plans of a county ask the same."""
    return pack({item: times_due(parse_frequency(frequency), day) for item, frequency in often})


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


WAKING = (6, 22)
"""Hours between which everything but the turns of the night is done (domain.md 7.3: q2hD counts 06-22)."""


def expected_by(frequency: str, due: int, hour: int) -> int:
    """How many of a day's ``due`` times belong before ``hour`` o'clock (0 … 24), whenever shifts end.

    q2h every second hour, q2hD every second hour from 6 to 22 o'clock; everything else in proportion to the waking hours
    gone by, rounded half up: of three meals two by 14 o'clock.
    """
    if hour >= 24:
        return due
    if frequency == "q2h":
        return min(due, hour // 2)
    gone, waking = min(max(hour - WAKING[0], 0), WAKING[1] - WAKING[0]), WAKING[1] - WAKING[0]
    if frequency == "q2hD":
        return min(due, gone // 2)
    return (2 * due * gone + waking) // (2 * waking)


def is_late(day: dt.date, recorded_at: dt.datetime, zone: dt.tzinfo) -> bool:
    """Whether an entry was made more than 24 hours after its day ended."""
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=zone)
    return recorded_at > end + LATE_AFTER


@dataclass(frozen=True)
class Said:
    """What was said about a resident's day: packed counts of done, not needed and not done; mask of items once late.

    The three together never exceed what was due.
    """

    done: int = 0
    excused: int = 0
    not_done: int = 0
    late: int = 0

    @property
    def all(self) -> int:
        """Packed counts of everything somebody said something about."""
        return self.done + self.excused + self.not_done

    def of(self, item: str, outcome: Outcome) -> int:
        """How many times an item had an outcome."""
        return times(self._fields()[outcome], item)

    def _fields(self) -> dict[Outcome, int]:
        return {Outcome.DONE: self.done, Outcome.NOT_NEEDED: self.excused, Outcome.NOT_DONE: self.not_done}


@dataclass(frozen=True)
class Move:
    """``times`` of an item that get an outcome; ``before`` is the outcome they had (None: nobody had said anything)."""

    times: int
    outcome: Outcome | None
    before: Outcome | None


@dataclass(frozen=True)
class Entered:
    """What an entry makes of a day, and the moves it consists of (empty: it says nothing new)."""

    said: Said
    moves: list[Move] = field(default_factory=list)

    @property
    def corrects(self) -> bool:
        """Whether something recorded before becomes something else: that needs a reason."""
        return any(move.before is not None for move in self.moves)


def with_entry(due: int, said: Said, item: str, outcome: Outcome, wanted: int | None = None, *, late: bool) -> Entered:
    """The day after one entry: ``wanted`` times of ``item`` have ``outcome`` then, all in all.

    Saying a whole number instead of one more makes an entry that arrives twice harmless. Without ``wanted`` the entry is about
    everything still open, or, when nothing is, about all of it. What the entry takes away is first what was open, then the
    other outcomes. Lateness stays. Raises ``TooMany`` beyond what is due.
    """
    asked, have = times(due, item), {one: times(packed, item) for one, packed in said._fields().items()}
    still_open = asked - sum(have.values())
    if wanted is None:
        wanted = have[outcome] + still_open if still_open else asked
    if not 0 <= wanted <= asked:
        raise TooMany(item)
    moves = []
    if wanted < have[outcome]:
        moves.append(Move(have[outcome] - wanted, None, outcome))
    need = wanted - have[outcome]
    sources: list[tuple[Outcome | None, int]] = [(None, still_open)]
    sources += [
        (other, have[other]) for other in (Outcome.NOT_DONE, Outcome.NOT_NEEDED, Outcome.DONE) if other != outcome
    ]
    for before, there in sources:
        if (taken := min(need, there)) > 0:
            moves.append(Move(taken, outcome, before))
            need -= taken
    for move in moves:
        for one, sign in ((move.outcome, 1), (move.before, -1)):
            if one is not None:
                have[one] += sign * move.times
    return Entered(_with(said, item, have, late=late and bool(moves)), moves)


def with_done(due: int, said: Said, wanted: Mapping[str, int]) -> Said | None:
    """The day after services were done so many times in all, only ever adding; None when that is not plain: beyond what is
    due, beside the plan, or where somebody said something else than done. The same as ``with_entry`` for each item.
    """
    done, other = said.done, said.excused + said.not_done
    for item, count in wanted.items():
        shift = _SHIFTS[item]
        have = done >> shift & 15
        if not 0 < count <= due >> shift & 15 or other >> shift & 15:
            return None
        if count > have:
            done += (count - have) << shift
    return Said(done, said.excused, said.not_done, said.late)


def _with(said: Said, item: str, have: Mapping[Outcome, int], *, late: bool) -> Said:
    shift = _SHIFTS[item]
    clear = ~(15 << shift)
    return Said(
        said.done & clear | have[Outcome.DONE] << shift,
        said.excused & clear | have[Outcome.NOT_NEEDED] << shift,
        said.not_done & clear | have[Outcome.NOT_DONE] << shift,
        said.late | (bit(item) if late else 0),
    )


def missed(due: int, said: Said) -> int:
    """Times that were due, needed and not delivered: what nobody said anything about is among them."""
    return total(due) - total(said.excused) - total(said.done)
