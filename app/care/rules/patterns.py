"""Records that are hard to believe: several days in one minute, whole days in one go, two villages at once, one picture twice,
figures that never change. Facts in, findings out; what they mean is for a person to say.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.care.rules.cards import Presence

KINDS = ("minute", "at_once", "two_villages", "photo", "same")
_FIGURE = re.compile(r"\d")


@dataclass(frozen=True)
class Act:
    """One act of recording, as the patterns need it. ``made_at`` is the best-known time, ``zone_day`` its local date."""

    resident_id: int
    user_id: int | None
    day: dt.date
    made_at: dt.datetime
    times: int
    home: bool
    village: str
    presence: Presence = Presence.NONE
    photos: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """The words of an entry about one service of one person on a day."""

    resident_id: int
    user_id: int | None
    day: dt.date
    item: str
    text: str


@dataclass(frozen=True)
class Found:
    """A pattern: whom it is about, who recorded it, over which days, and the facts to look at. ``mark`` names it for ever."""

    kind: str
    resident_id: int
    user_id: int | None
    first_on: dt.date
    last_on: dt.date
    facts: dict[str, Any] = field(default_factory=dict)
    key: str = ""

    @property
    def mark(self) -> str:
        """The same pattern has the same mark whenever it is looked for."""
        return hashlib.sha256(f"{self.kind}|{self.key}".encode()).hexdigest()


def patterns(policy: Mapping[str, Any], acts: Iterable[Act], words: Iterable[Words]) -> list[Found]:
    """Every pattern in some acts and words, by the figures of the rule in force."""
    acts = sorted(acts, key=lambda act: act.made_at)
    found = [*_minute(policy, acts), *_at_once(policy, acts), *_two_villages(policy, acts), *_photos(acts)]
    return [*found, *_same(policy, words)]


def _of_homes(acts: Iterable[Act]) -> dict[tuple[int | None, int], list[Act]]:
    """Acts by person and home; a ward's round is one go by its nature and is not looked at."""
    found: dict[tuple[int | None, int], list[Act]] = defaultdict(list)
    for act in acts:
        if act.home and act.times:
            found[act.user_id, act.resident_id].append(act)
    return found


def _minute(policy: Mapping[str, Any], acts: Iterable[Act]) -> Iterator[Found]:
    """Several days of one home within a minute: they were not written when they were lived."""
    span, least = dt.timedelta(seconds=policy["minute"]["seconds"]), policy["minute"]["days"]
    for (user_id, resident_id), some in _of_homes(acts).items():
        start = 0
        while start < len(some):
            at = some[start].made_at
            burst = [act for act in some[start:] if act.made_at - at <= span]
            days = sorted({act.day for act in burst})
            if len(days) < least:
                start += 1
                continue
            start += len(burst)
            facts = {"days": len(days), "at": at.isoformat()}
            yield Found(
                "minute", resident_id, user_id, days[0], days[-1], facts, f"{user_id}|{resident_id}|{at.isoformat()}"
            )


def _at_once(policy: Mapping[str, Any], acts: Iterable[Act]) -> Iterator[Found]:
    """Whole days in one go, again and again: nothing is recorded while it is done."""
    services, least = policy["at_once"]["services"], policy["at_once"]["days"]
    for (user_id, resident_id), some in _of_homes(acts).items():
        days = sorted({act.day for act in some if act.times >= services})
        if len(days) >= least:
            key = f"{user_id}|{resident_id}|{days[0]:%Y-%m}"
            yield Found(
                "at_once", resident_id, user_id, days[0], days[-1], {"days": len(days), "services": services}, key
            )


def _two_villages(policy: Mapping[str, Any], acts: Iterable[Act]) -> Iterator[Found]:
    """The cards of two villages within minutes: one of them was not on the wall."""
    span = dt.timedelta(minutes=policy["two_villages"]["minutes"])
    before: dict[int | None, Act] = {}
    for act in acts:
        if act.presence is not Presence.CARD:
            continue
        last = before.get(act.user_id)
        if last is not None and last.village != act.village and act.made_at - last.made_at <= span:
            minutes = int((act.made_at - last.made_at).total_seconds() // 60)
            facts = {"minutes": minutes, "other": last.resident_id, "at": act.made_at.isoformat()}
            first, final = sorted((last.day, act.day))
            yield Found(
                "two_villages",
                act.resident_id,
                act.user_id,
                first,
                final,
                facts,
                f"{act.user_id}|{act.made_at.isoformat()}",
            )
        before[act.user_id] = act


def _photos(acts: Iterable[Act]) -> Iterator[Found]:
    """One picture, byte for byte, with more than one day or more than one person."""
    seen: dict[str, list[Act]] = defaultdict(list)
    for act in acts:
        for sha256 in act.photos:
            if all((one.resident_id, one.day) != (act.resident_id, act.day) for one in seen[sha256]):
                seen[sha256].append(act)
    for sha256, some in seen.items():
        if len(some) > 1:
            days = sorted(act.day for act in some)
            facts = {"sha256": sha256, "days": len(set(days)), "people": len({act.resident_id for act in some})}
            yield Found("photo", some[-1].resident_id, some[-1].user_id, days[0], days[-1], facts, sha256)


def _same(policy: Mapping[str, Any], words: Iterable[Words]) -> Iterator[Found]:
    """The same figures day after day: a body does not do that."""
    seen: dict[tuple[int, str, str], list[Words]] = defaultdict(list)
    for one in words:
        text = "".join(one.text.split())
        if _FIGURE.search(text):
            seen[one.resident_id, one.item, text].append(one)
    for (resident_id, item, text), some in seen.items():
        days = sorted({one.day for one in some})
        if len(days) >= policy["same"]["days"]:
            facts = {"item": item, "days": len(days), "words": text[:60]}
            yield Found(
                "same",
                resident_id,
                some[-1].user_id,
                days[0],
                days[-1],
                facts,
                f"{resident_id}|{item}|{text}|{days[0]:%Y-%m}",
            )
