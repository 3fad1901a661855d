"""Reading visits and incidents of the residents the actor may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from app.care.models import Incident, IncidentStep, Visit
from app.core.actor import Actor
from app.core.db import db, one_row
from app.people import queries as people
from app.people.models import Resident, ResidentStatus


def visible_visits(actor: Actor) -> Select[Visit]:
    """Visits to residents the actor may see."""
    return select(Visit).where(Visit.resident_id.in_(people.visible(actor).with_only_columns(Resident.id)))


def visible_incidents(actor: Actor) -> Select[Incident]:
    """Incidents of residents the actor may see."""
    return select(Incident).where(Incident.resident_id.in_(people.visible(actor).with_only_columns(Resident.id)))


def incident(actor: Actor, incident_id: int, *, lock: bool = False) -> Incident:
    """One visible incident. Raises ``NotFound``."""
    query = visible_incidents(actor).where(Incident.id == incident_id)
    return one_row(query, lock=lock)


def steps_of(incident_id: int) -> list[IncidentStep]:
    """What was done about an incident, oldest first."""
    query = select(IncidentStep).where(IncidentStep.incident_id == incident_id).order_by(IncidentStep.id)
    return list(db.session.scalars(query))


def closed_among(incident_ids: Sequence[int]) -> set[int]:
    """Which of some incidents are closed."""
    query = select(IncidentStep.incident_id).where(
        IncidentStep.kind == "closed", IncidentStep.incident_id.in_(incident_ids)
    )
    return set(db.session.scalars(query))


def visit(actor: Actor, visit_id: int) -> Visit:
    """One visible visit. Raises ``NotFound``."""
    return one_row(visible_visits(actor).where(Visit.id == visit_id))


def to_visit(actor: Actor, today: dt.date, *, q: str = "", limit: int = 24) -> list[tuple[Resident, dt.date | None]]:
    """Residents in support with the day of their latest visit, those longest without one first."""
    latest = select(func.max(Visit.visited_on)).where(Visit.resident_id == Resident.id, Visit.visited_on <= today)
    last = latest.scalar_subquery()
    query = people.found(actor, q=q, status=ResidentStatus.ACTIVE).add_columns(last)
    rows = db.session.execute(query.order_by(func.coalesce(last, dt.date.min), Resident.id).limit(limit)).unique()
    return [(row[0], row[1]) for row in rows]


def incidents_of_day(actor: Actor, day: dt.date) -> list[Incident]:
    """Incidents of one day among the residents the actor may see."""
    query = visible_incidents(actor).where(Incident.happened_on == day).order_by(Incident.id)
    return list(db.session.scalars(query).unique())


@dataclass(frozen=True)
class Seen:
    """Visits of a range, and by what was looked at how often it was good and how often not."""

    visits: int
    signs: dict[str, tuple[int, int]]


def seen_between(actor: Actor, first: dt.date, last: dt.date, names: Iterable[str], *, area: str = "") -> Seen:
    """What visitors of a range saw of the residents the actor may see, in an area when one is given; counted where it lies."""
    mine, asked = people.found(actor, area_code=area).with_only_columns(Resident.id), list(names)
    counts = [func.count().filter(getattr(Visit, name).is_(good)) for name in asked for good in (True, False)]
    query = select(func.count(), *counts).where(Visit.visited_on.between(first, last), Visit.resident_id.in_(mine))
    visits, *found = db.session.execute(query).one()
    return Seen(visits, {name: (found[2 * n], found[2 * n + 1]) for n, name in enumerate(asked)})


def incidents_between(actor: Actor, first: dt.date, last: dt.date, *, area: str = "") -> list[Incident]:
    """Incidents of a range among the residents the actor may see, in an area when one is given."""
    mine = people.found(actor, area_code=area).with_only_columns(Resident.id)
    query = select(Incident).where(Incident.happened_on.between(first, last), Incident.resident_id.in_(mine))
    return list(db.session.scalars(query).unique())
