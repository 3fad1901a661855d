"""Which lessons are proposed to a caregiver, and why: items delivered too seldom, avoidable incidents, unsafe signs of those cared
for, and what features above add (points an evaluation cost).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_date, gettext
from sqlalchemy import select

from app.care.labels import INCIDENT_KINDS
from app.care.models import Incident
from app.care.queries import CompletionRow, Wanted, by_caregiver, completion
from app.core.actor import Actor
from app.core.db import db
from app.people import queries as people
from app.people.models import Caregiver, Resident
from app.trends.labels import SIGNS
from app.trends.queries import Asked, signs
from app.workforce import queries
from app.workforce.rules import items_for, lessons_for, weak_items

Causes = dict[int, list[tuple[str, str]]]
"""By caregiver: causes (names of ``cause`` in the rule) with why in words."""
sources: list[Callable[[Actor, dt.date, dt.date], Causes]] = []
"""``source(actor, first, last)`` of a feature above: further causes for the caregivers whom the actor may see."""
PAGE, LOOKED_AT = 20, 60
"""Caregivers of one page, and how many are looked through for them at most."""


@dataclass(frozen=True)
class Proposal:
    """A caregiver's weak items with the percent delivered (None when another record names them) and the lessons."""

    caregiver_id: int
    weak: list[tuple[str, int | None, str]]
    lessons: list[Mapping[str, Any]]


@dataclass(frozen=True)
class Pages:
    """One page of caregivers: name, percent delivered, proposal; ``following`` is the place of the next page, if any."""

    rows: list[tuple[int, str, int | None, Proposal]]
    following: int | None


def span(today: dt.date, body: Mapping[str, Any]) -> tuple[dt.date, dt.date]:
    """The days that are looked at, up to yesterday."""
    return today - dt.timedelta(days=int(body["weak"]["days"])), today - dt.timedelta(days=1)


def _causes(actor: Actor, first: dt.date, last: dt.date, today: dt.date) -> Causes:
    """Everything but care left out, by caregiver."""
    found: Causes = defaultdict(list)
    if actor.may("incidents.read"):
        query = select(Incident.kind, Incident.happened_on, Resident.caregiver_id).join(
            Resident, Resident.id == Incident.resident_id
        )
        query = query.where(
            Resident.id.in_(people.visible(actor).with_only_columns(Resident.id)),
            Resident.caregiver_id.is_not(None),
            Incident.avoidable.is_(True),
            Incident.happened_on.between(first, last),
        )
        for kind, day, caregiver in db.session.execute(query.order_by(Incident.happened_on)):
            found[caregiver or 0].append((kind, f"{INCIDENT_KINDS[kind]} {format_date(day)}"))
    if actor.may("signs.read"):
        for one in signs(actor, today, Asked()):
            if (caregiver_id := one.resident.caregiver_id) is not None:
                found[caregiver_id].append((f"sign_{one.sign.value}", str(SIGNS[one.sign])))
    for source in sources:
        for caregiver_id, more in source(actor, first, last).items():
            found[caregiver_id] += more
    return found


def _proposed(
    caregiver_id: int, body: Mapping[str, Any], rows: Iterable[CompletionRow], causes: Iterable[tuple[str, str]]
) -> Proposal:
    weak: list[tuple[str, int | None, str]] = [
        (item, percent, "") for item, percent in weak_items({str(r.key): (r.done, r.due) for r in rows}, body["weak"])
    ]
    whys: dict[str, list[str]] = defaultdict(list)
    for cause, why in causes:
        for item in items_for(cause, body.get("cause", {})):
            whys[item].append(why)
    known = {item for item, _percent, _why in weak}
    weak += [(item, None, gettext(", ").join(dict.fromkeys(why))) for item, why in whys.items() if item not in known]
    return Proposal(caregiver_id, weak, lessons_for([item for item, _p, _w in weak], body["lesson"]))


def proposal(actor: Actor, caregiver_id: int, today: dt.date) -> Proposal:
    """Weak items and lessons of one caregiver."""
    body = queries.rule(today).body
    first, last = span(today, body)
    causes = _causes(actor, first, last, today)
    rows = by_caregiver(actor, Wanted(first, last), [caregiver_id]).get(caregiver_id, ())
    return _proposed(caregiver_id, body, rows, causes.get(caregiver_id, ()))


def weakest(actor: Actor, today: dt.date, start: int = 0, size: int = PAGE) -> Pages:
    """Caregivers with weak items and their lessons, those with the least care delivered first; from a place on."""
    body = queries.rule(today).body
    first, last = span(today, body)
    causes = _causes(actor, first, last, today)
    done = [row for row in completion(actor, Wanted(first, last), "caregiver") if row.key is not None]
    wanted = [(int(row.key), row.label, row.percent) for row in done if row.missed or int(row.key) in causes]
    wanted += _others(causes, done)
    rows: list[tuple[int, str, int | None, Proposal]] = []
    part = wanted[start : start + LOOKED_AT]
    items = by_caregiver(actor, Wanted(first, last), [caregiver_id for caregiver_id, _name, _percent in part])
    for place, (caregiver_id, name, percent) in enumerate(part, start):
        if len(rows) == size:
            return Pages(rows, place)
        one = _proposed(caregiver_id, body, items.get(caregiver_id, ()), causes.get(caregiver_id, ()))
        if one.weak:
            rows.append((caregiver_id, name, percent, one))
    return Pages(rows, start + LOOKED_AT if len(wanted) > start + LOOKED_AT else None)


def _others(causes: Causes, done: Sequence[CompletionRow]) -> list[tuple[int, str, int | None]]:
    """Caregivers with a cause of whom nothing was due, by name."""
    ids = set(causes) - {int(row.key) for row in done}
    query = select(Caregiver.id, Caregiver.name).where(Caregiver.id.in_(ids)).order_by(Caregiver.search, Caregiver.id)
    return [(row[0], row[1], None) for row in db.session.execute(query)] if ids else []
