"""Which lessons are proposed to a caregiver, and why: items delivered too seldom, avoidable incidents, what visitors found wanting,
unsafe signs of those cared for, and what features above add (points an evaluation cost, spot checks). Each cause has its evidence.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import format_date, gettext
from sqlalchemy import Select, or_, select

from app.care.labels import INCIDENT_KINDS
from app.care.models import Incident, Visit
from app.care.queries import CompletionRow, Wanted, by_caregiver, completion
from app.core.actor import Actor
from app.core.db import db
from app.core.words import lazy_gettext as _l
from app.people import queries as people
from app.people.models import Caregiver, Resident
from app.trends.labels import SIGNS
from app.trends.queries import Asked, signs
from app.workforce import queries
from app.workforce.models import CareStanding
from app.workforce.rules import items_for, lessons_for, weak_items


@dataclass(frozen=True)
class Cause:
    """Something a record says of a caregiver's work. ``name`` is a ``cause`` of the rule, which names the items to practise;
    a cause that knows its ``items`` names them itself. ``page`` and ``values`` are the address of the evidence.
    """

    name: str
    why: str
    page: str
    values: tuple[tuple[str, Any], ...]
    items: tuple[str, ...] = ()


Causes = dict[int, list[Cause]]
"""By caregiver, in the order they were found."""
Narrowed = Collection[int] | None
"""Caregivers a question is about; None: all."""
sources: list[Callable[[Actor, dt.date, dt.date, Narrowed, Mapping[str, Any]], Causes]] = []
"""``source(actor, first, last, caregivers, rule)`` of a feature above: further causes for caregivers the actor may see. A cause
with the evidence of one found before stands in its place: it says more about it.
"""
WANTING = {
    "skin": _l("skin not intact"),
    "clean": _l("person, bed or room not clean"),
    "steady": _l("weight or food intake not steady"),
}
"""What a visitor may have found wanting, by the observation of ``Visit``."""
PAGE, LOOKED_AT = 20, 60
"""Caregivers of one page, and how many are looked through for them at most."""


@dataclass(frozen=True)
class Proposal:
    """A caregiver's weak items with the percent delivered (None when only other records name them), what other records say
    of them, and the lessons.
    """

    caregiver_id: int
    weak: list[tuple[str, int | None, list[Cause]]]
    lessons: list[Mapping[str, Any]]

    @property
    def evidence(self) -> list[Cause]:
        """What other records say, each once, the latest last."""
        return list(dict.fromkeys(cause for _item, _percent, why in self.weak for cause in why))


@dataclass(frozen=True)
class Pages:
    """One page of caregivers: name, percent delivered, proposal; ``following`` is the place of the next page, if any."""

    rows: list[tuple[int, str, int | None, Proposal]]
    following: int | None


def span(today: dt.date, body: Mapping[str, Any]) -> tuple[dt.date, dt.date]:
    """The days that are looked at, up to yesterday."""
    return today - dt.timedelta(days=int(body["weak"]["days"])), today - dt.timedelta(days=1)


def _causes(
    actor: Actor, first: dt.date, last: dt.date, today: dt.date, body: Mapping[str, Any], only: Narrowed = None
) -> Causes:
    """Everything but care left out, by caregiver."""
    found: dict[int, dict[tuple[Any, ...], Cause]] = defaultdict(dict)

    def add(caregiver_id: int, cause: Cause) -> None:
        found[caregiver_id][cause.name, cause.items, cause.page, cause.values] = cause

    mine = people.visible(actor).where(
        Resident.caregiver_id.is_not(None) if only is None else Resident.caregiver_id.in_(only)
    )
    scope = mine.with_only_columns(Resident.id)
    if actor.may("incidents.read"):
        query = select(Incident.id, Incident.kind, Incident.happened_on, Resident.caregiver_id).join(
            Resident, Resident.id == Incident.resident_id
        )
        query = query.where(
            Resident.id.in_(scope), Incident.avoidable.is_(True), Incident.happened_on.between(first, last)
        )
        for number, kind, day, caregiver in db.session.execute(query.order_by(Incident.happened_on)):
            why = f"{INCIDENT_KINDS[kind]} {format_date(day)}"
            add(caregiver or 0, Cause(kind, why, "care.incident", (("incident_id", number),)))
    if actor.may("visits.read"):
        for caregiver_id, cause in _seen(scope, first, last):
            add(caregiver_id, cause)
    if actor.may("signs.read"):
        for one in signs(actor, today, Asked(caregivers=only, drifts=False)):
            if (owner := one.resident.caregiver_id) is not None:
                values = (("resident_id", one.resident.id),)
                add(owner, Cause(f"sign_{one.sign.value}", str(SIGNS[one.sign]), "people.resident", values))
    for source in sources:
        for caregiver_id, more in source(actor, first, last, only, body).items():
            for cause in more:
                add(caregiver_id, cause)
    return {caregiver_id: list(causes.values()) for caregiver_id, causes in found.items()}


def _seen(scope: Select[Any], first: dt.date, last: dt.date) -> Iterable[tuple[int, Cause]]:
    """What visitors found wanting: skin, cleanness, weight and intake."""
    query = (
        select(Visit.id, Visit.visited_on, Visit.skin, Visit.clean, Visit.steady, Resident.caregiver_id)
        .join(Resident, Resident.id == Visit.resident_id)
        .where(Resident.id.in_(scope), Visit.visited_on.between(first, last))
        .where(or_(Visit.skin.is_(False), Visit.clean.is_(False), Visit.steady.is_(False)))
        .order_by(Visit.visited_on, Visit.id)
    )
    for number, day, *observed, caregiver_id in db.session.execute(query):
        for name, holds in zip(WANTING, observed, strict=True):
            if holds is False:
                why = gettext("visit of %(day)s: %(found)s", day=format_date(day), found=WANTING[name])
                yield caregiver_id or 0, Cause(f"record_{name}", why, "care.visit", (("visit_id", number),))


def _proposed(
    caregiver_id: int, body: Mapping[str, Any], rows: Iterable[CompletionRow], causes: Iterable[Cause]
) -> Proposal:
    percents = dict(weak_items({str(r.key): (r.done, r.due) for r in rows}, body["weak"]))
    whys: dict[str, list[Cause]] = {item: [] for item in percents}
    for cause in causes:
        for item in cause.items or items_for(cause.name, body.get("cause", {})):
            whys.setdefault(item, []).append(cause)
    weak = [(item, percents.get(item), why) for item, why in whys.items()]
    return Proposal(caregiver_id, weak, lessons_for(list(whys), body["lesson"]))


def proposal(actor: Actor, caregiver_id: int, today: dt.date) -> Proposal:
    """Weak items and lessons of one caregiver."""
    body = queries.rule(today).body
    first, last = span(today, body)
    causes = _causes(actor, first, last, today, body, [caregiver_id])
    rows = by_caregiver(actor, Wanted(first, last), [caregiver_id]).get(caregiver_id, ())
    return _proposed(caregiver_id, body, rows, causes.get(caregiver_id, ()))


@dataclass(frozen=True)
class Order:
    """Caregivers who missed some care in the order of the page: number, name, percent."""

    rows: list[tuple[int, str, int | None]]
    owners: Mapping[int, Collection[int]]
    """By caregiver the residents whose days count for them, or may."""


def _ordered(actor: Actor, wanted: Wanted, today: dt.date) -> Order:
    """Who missed some care, the least delivered first: as of last night where the night's work was done, else read now."""
    names = people.visible_caregivers(actor).with_only_columns(Caregiver.id)
    query = (
        select(CareStanding, Caregiver.name)
        .join(Caregiver, Caregiver.id == CareStanding.caregiver_id)
        .where(CareStanding.as_of == today, Caregiver.id.in_(names), CareStanding.done < CareStanding.due)
        .order_by(CareStanding.done * 100 / CareStanding.due, Caregiver.name, Caregiver.id)
    )
    if stood := db.session.execute(query).all():
        rows: list[tuple[int, str, int | None]] = [(r.caregiver_id, name, r.done * 100 // r.due) for r, name in stood]
        return Order(rows, {one.caregiver_id: one.residents for one, _name in stood})
    owners: dict[int, set[int]] = {}
    done = completion(actor, wanted, "caregiver", owners=owners)
    return Order([(int(row.key), row.label, row.percent) for row in done if row.missed], owners)


def standings(actor: Actor, today: dt.date) -> list[CareStanding]:
    """The order of every caregiver as it is now, to be kept for the day."""
    owners: dict[int, set[int]] = {}
    first, last = span(today, queries.rule(today).body)
    return [
        CareStanding(
            caregiver_id=int(row.key), as_of=today, done=row.done, due=row.due, residents=sorted(owners[int(row.key)])
        )
        for row in completion(actor, Wanted(first, last), "caregiver", owners=owners)
        if row.due
    ]


def weakest(actor: Actor, today: dt.date, start: int = 0, size: int = PAGE) -> Pages:
    """Caregivers with weak items and their lessons, those with the least care delivered first; from a place on."""
    body = queries.rule(today).body
    days = Wanted(*span(today, body))
    order = _ordered(actor, days, today)
    wanted, only = order.rows, None
    if (
        len(wanted) > start + LOOKED_AT
    ):  # who missed nothing comes after them all: a county's other causes are not needed yet
        only = [caregiver_id for caregiver_id, _name, _percent in wanted[start : start + LOOKED_AT]]
    causes = _causes(actor, days.first, days.last, today, body, only)
    if only is None:
        wanted = wanted + _others(causes, {caregiver_id for caregiver_id, _name, _percent in wanted})
    rows: list[tuple[int, str, int | None, Proposal]] = []
    part = wanted[start : start + LOOKED_AT]
    ids = [caregiver_id for caregiver_id, _name, _percent in part]
    theirs = {resident for caregiver_id in ids for resident in order.owners.get(caregiver_id, ())}
    items = by_caregiver(actor, days, ids, theirs) if theirs else {}
    for place, (caregiver_id, name, percent) in enumerate(part, start):
        if len(rows) == size:
            return Pages(rows, place)
        one = _proposed(caregiver_id, body, items.get(caregiver_id, ()), causes.get(caregiver_id, ()))
        if one.weak:
            rows.append((caregiver_id, name, percent, one))
    return Pages(rows, start + LOOKED_AT if len(wanted) > start + LOOKED_AT else None)


def _others(causes: Causes, known: Collection[int]) -> list[tuple[int, str, int | None]]:
    """Caregivers with a cause who missed nothing, by name."""
    ids = set(causes) - set(known)
    query = select(Caregiver.id, Caregiver.name).where(Caregiver.id.in_(ids)).order_by(Caregiver.search, Caregiver.id)
    return [(row[0], row[1], None) for row in db.session.execute(query)] if ids else []
