"""Offline records: their form, their clock, what may happen to a device and to a record. Facts in, decisions out.

The protocol is docs/rules/sync.md.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

OFFLINE_DAYS = 30
"""So long a device works, and its token lives, after the last contact."""
CLOCK_TOLERANCE = dt.timedelta(hours=24)
"""A device clock that is further off is marked on every record (reliability F06)."""
MAX_RECORDS = 500
"""Records of one upload."""
MAX_COURIER_RECORDS = 500
"""Records of one courier file."""
MAX_BODY = 8 * 1024 * 1024
"""Bytes of one upload."""
MAX_TEXT = 3 * 1024 * 1024
"""Characters of one record: an attachment of 1 MB as base64 and what stands around it."""
MAX_ATTACHMENT = 1024 * 1024
"""Bytes of one photo, signature picture or voice note."""
MAX_COUNTER = 2**31 - 1

_HASH = re.compile(r"[0-9a-f]{64}")
_KEY = re.compile(r"[A-Za-z0-9._:-]{8,64}")
_KIND = re.compile(r"[a-z][a-z_]{1,31}")
UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""How a device names itself."""


class DeviceState(StrEnum):
    """A blocked device is told to forget at its next contact; one that has forgotten never comes back."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    FORGOTTEN = "forgotten"


class DeviceAct(StrEnum):
    """What happens to a device."""

    BLOCK = "block"
    UNBLOCK = "unblock"
    FORGET = "forget"


NEXT: dict[tuple[DeviceState, DeviceAct], DeviceState] = {
    (DeviceState.ACTIVE, DeviceAct.BLOCK): DeviceState.BLOCKED,
    (DeviceState.BLOCKED, DeviceAct.UNBLOCK): DeviceState.ACTIVE,
    (DeviceState.BLOCKED, DeviceAct.FORGET): DeviceState.FORGOTTEN,
}
"""The life of a device; what is not in it is refused."""


class NotPossible(ValueError):
    """The act is not possible in this state."""


def next_state(state: DeviceState, act: DeviceAct) -> DeviceState:
    """The state after an act. Raises ``NotPossible``."""
    try:
        return NEXT[state, act]
    except KeyError:
        raise NotPossible(f"{act} is not possible in state {state}") from None


class Verdict(StrEnum):
    """What the county says to a record. A repetition is answered ``duplicate`` with the verdict that holds."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    CONFLICT = "conflict"


class Code(StrEnum):
    """Why, for programs; people read the words."""

    OK = "ok"
    SEALED = "sealed"
    ROUTED = "routed"
    BLOCKED = "blocked"
    UNREADABLE = "unreadable"
    SIGNATURE = "signature"
    COUNTER = "counter"
    KIND = "kind"
    SCHEMA = "schema"
    NOT_FOUND = "not_found"
    STATE = "state"
    TRACE = "trace"
    INVALID = "invalid"
    PAIR_CHANGED = "pair_changed"
    CONFLICT = "conflict"
    ADJUDICATED = "adjudicated"
    SETTLED = "settled"


QUEUED = frozenset({Code.ROUTED, Code.BLOCKED})
"""Accepted records that an officer must still settle: nothing has followed from them yet."""


class Clock(StrEnum):
    """What the device's clock looked like."""

    PLAUSIBLE = "plausible"
    AHEAD = "ahead"
    BEHIND = "behind"


def judge_clock(
    written_at: dt.datetime | None, received_at: dt.datetime, enrolled_at: dt.datetime, device_now: dt.datetime | None
) -> Clock:
    """Whether a record's time can be right: not written after it arrived nor before the device was enrolled, and the
    device's clock at the moment of sending (if it said so) not further off than a day. An unreadable time is ``behind``.
    """
    if written_at is None:
        return Clock.BEHIND
    if written_at > received_at + CLOCK_TOLERANCE:
        return Clock.AHEAD
    if written_at < enrolled_at - CLOCK_TOLERANCE:
        return Clock.BEHIND
    if device_now is not None and device_now > received_at + CLOCK_TOLERANCE:
        return Clock.AHEAD
    if device_now is not None and device_now < received_at - CLOCK_TOLERANCE:
        return Clock.BEHIND
    return Clock.PLAUSIBLE


def instant(text: Any) -> dt.datetime | None:
    """An instant as devices write it (``2026-03-09T01:02:03.004Z``); None when it is no instant."""
    if not isinstance(text, str) or len(text) > 40 or not text.endswith("Z"):
        return None
    try:
        return dt.datetime.fromisoformat(text[:-1]).replace(tzinfo=dt.UTC)
    except ValueError:
        return None


def written(moment: dt.datetime) -> str:
    """The same, the other way, to the millisecond."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@dataclass(frozen=True)
class Envelope:
    """A record as read from its text. ``content`` is whatever its kind makes of it."""

    device: str
    counter: int
    kind: str
    schema: int
    key: str
    version: int
    replaces: str | None
    written_at: dt.datetime | None
    content: dict[str, Any]


class Unreadable(ValueError):
    """A text is no record. ``device`` and ``counter`` say whose it seems to be, when that much can be read."""

    def __init__(self, field: str, device: str | None = None, counter: int | None = None) -> None:
        super().__init__(field)
        self.field, self.device, self.counter = field, device, counter


def strict_json(text: str) -> Any:
    """JSON in which no name comes twice and no number is NaN; raises ``ValueError`` (also for nesting too deep)."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name comes twice")
        return found

    def refuse(value: str) -> Any:
        raise ValueError(value)

    try:
        return json.loads(text, parse_constant=refuse, object_pairs_hook=once)
    except RecursionError:
        raise ValueError("nested too deep") from None


NAMES = frozenset("v device counter kind schema key version replaces written_at content".split())


def read(text: str) -> Envelope:
    """The record in a text. Raises ``Unreadable`` naming what is wrong with it."""
    try:
        raw = strict_json(text)
    except ValueError:
        raise Unreadable("text") from None
    if not isinstance(raw, dict):
        raise Unreadable("text")
    device = raw["device"] if isinstance(raw.get("device"), str) and UID.fullmatch(raw["device"]) else None
    counter = raw["counter"] if _whole(raw.get("counter"), MAX_COUNTER) else None
    checks = {
        "v": raw.get("v") == 1 and set(raw) == NAMES,
        "device": device is not None,
        "counter": counter is not None,
        "kind": _matches(_KIND, raw.get("kind")),
        "schema": _whole(raw.get("schema"), 999),
        "key": _matches(_KEY, raw.get("key")),
        "version": _whole(raw.get("version"), 999),
        "replaces": raw.get("replaces") is None or _matches(_HASH, raw["replaces"]),
        "content": isinstance(raw.get("content"), dict) and _storable(text),
    }
    for field, good in checks.items():
        if not good:
            raise Unreadable(field, device, counter)
    return Envelope(
        device=raw["device"],
        counter=raw["counter"],
        kind=raw["kind"],
        schema=raw["schema"],
        key=raw["key"],
        version=raw["version"],
        replaces=raw["replaces"],
        written_at=instant(raw["written_at"]),
        content=raw["content"],
    )


def _whole(value: Any, top: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= top


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _storable(text: str) -> bool:
    r"""Escaped NUL and halves of surrogate pairs are JSON but no text that can be kept (``\u0000``, ``\ud800``)."""
    return "\\u0000" not in text and not re.search(r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])", text)


Runs = Sequence[tuple[int, int]]


def read_runs(value: Any) -> list[tuple[int, int]]:
    """Numbers as runs, ``[[1, 40], [42, 57]]``. Raises ``ValueError``."""
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > 2000:
        raise ValueError("runs")
    found = []
    for pair in value:
        if not (isinstance(pair, list) and len(pair) == 2 and all(_whole(n, MAX_COUNTER) for n in pair)):
            raise ValueError("runs")
        if pair[0] > pair[1]:
            raise ValueError("runs")
        found.append((pair[0], pair[1]))
    return found


def lost(held: Runs, kept: Collection[int], top: int) -> list[tuple[int, int]]:
    """Runs of ``held`` that are not in ``kept``: what a device holds receipts for and the county does not have.

    Runs longer than ``top`` numbers in all are cut there: a device asks again at its next contact.
    """
    gone: list[int] = []
    known = set(kept)
    for first, last in held:
        for number in range(first, last + 1):
            if number not in known:
                gone.append(number)
                if len(gone) >= top:
                    return as_runs(gone)
    return as_runs(gone)


def as_runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers as runs, in order."""
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
