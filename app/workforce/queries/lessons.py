"""Which lessons a caregiver's own records propose: items delivered too seldom, with the lessons that practise them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.care.queries import CompletionRow, Wanted, completion
from app.core.actor import Actor
from app.workforce import queries
from app.workforce.rules import lessons_for, weak_items

sources: list[Callable[[Actor, int, dt.date, dt.date], list[tuple[str, str]]]] = []
"""``source(actor, caregiver_id, first, last)`` of a feature above: further weak items as (item, why in words)."""


@dataclass(frozen=True)
class Proposal:
    """A caregiver's weak items with the percent delivered (None when another record names them) and the lessons."""

    caregiver_id: int
    weak: list[tuple[str, int | None, str]]
    lessons: list[Mapping[str, Any]]


def span(today: dt.date, body: Mapping[str, Any]) -> tuple[dt.date, dt.date]:
    """The days that are looked at, up to yesterday."""
    return today - dt.timedelta(days=int(body["weak"]["days"])), today - dt.timedelta(days=1)


def proposal(actor: Actor, caregiver_id: int, today: dt.date) -> Proposal:
    """Weak items and lessons of one caregiver."""
    body = queries.rule(today).body
    first, last = span(today, body)
    rows = completion(actor, Wanted(first, last, caregiver_id=caregiver_id), "item")
    weak: list[tuple[str, int | None, str]] = [
        (item, percent, "") for item, percent in weak_items({str(r.key): (r.done, r.due) for r in rows}, body["weak"])
    ]
    for source in sources:
        known = {item for item, _percent, _why in weak}
        weak += [(item, None, why) for item, why in source(actor, caregiver_id, first, last) if item not in known]
    return Proposal(caregiver_id, weak, lessons_for([item for item, _p, _w in weak], body["lesson"]))


def weakest(actor: Actor, today: dt.date, *, limit: int = 20) -> list[tuple[CompletionRow, Proposal]]:
    """The caregivers with the least care delivered who have weak items, with their lessons."""
    first, last = span(today, queries.rule(today).body)
    rows = [row for row in completion(actor, Wanted(first, last), "caregiver") if row.key is not None and row.missed]
    found = [(row, proposal(actor, int(row.key), today)) for row in rows[:limit]]
    return [(row, one) for row, one in found if one.weak]
