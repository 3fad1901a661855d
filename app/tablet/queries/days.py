"""Which residents and days an offline record of care is about, and what stands on them now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.care import rules
from app.care.queries import day_states
from app.core.actor import Actor
from app.core.db import db
from app.people import queries as people
from app.people.models import Resident
from app.tablet.models import SyncRecord
from app.tablet.rules import read

DAYS = "days"
"""Where a round keeps its days: by the number of the resident."""


@dataclass(frozen=True)
class DayIn:
    """One resident's day in a record: (item, outcome, times) as written; (item, outcome, times) as it stands, of those items.

    ``resident`` is None where the number names nobody whom the reader may see.
    """

    number: str
    resident: Resident | None
    day: dt.date | None
    entries: Sequence[tuple[str, str, int]]
    stands: Sequence[tuple[str, str, int]]


def _entries(written: Any) -> list[tuple[str, str, int]]:
    """What a day says: a plain number is so many times done. What cannot be read is left out."""
    found = []
    for item, one in written.items() if isinstance(written, Mapping) else ():
        entry = one if isinstance(one, Mapping) else {"outcome": "done", "times": one}
        outcome, count = entry.get("outcome"), entry.get("times")
        if item in rules.ITEMS and outcome in set(rules.Outcome) and isinstance(count, int):
            found.append((item, str(outcome), count))
    return sorted(found)


def days_in(actor: Actor, row: SyncRecord) -> list[DayIn]:
    """The days of a record, by name; none for other kinds of records."""
    if row.kind not in ("care_day", "care_round"):
        return []
    content = read(row.text or "").content
    every = content.get(DAYS) if row.kind == "care_round" else {content.get("resident"): content.get("entries")}
    days = {number: entries for number, entries in every.items() if isinstance(number, str)} if every else {}
    try:
        day = dt.date.fromisoformat(str(content.get("day")))
    except ValueError:
        day = None
    query = people.visible(actor).where(Resident.number.in_(list(days)))
    residents = {one.number: one for one in db.session.scalars(query.order_by(Resident.search)).unique()}
    states = {one.resident.number: one for one in day_states(list(residents.values()), day)} if day else {}
    found = []
    for number in [*residents, *sorted(days.keys() - residents.keys())]:
        entries, state = _entries(days[number]), states.get(number)
        stands = [
            (item, outcome.value, count)
            for item in dict.fromkeys(item for item, _outcome, _times in entries)
            for outcome in rules.Outcome
            if state is not None and (count := state.said.of(item, outcome))
        ]
        found.append(DayIn(number, residents.get(number), day, entries, stands))
    return found


def chosen_numbers(ids: Sequence[int]) -> set[str]:
    """The numbers of residents by id."""
    return set(db.session.scalars(select(Resident.number).where(Resident.id.in_(ids))))
