"""What a shift hands over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.auth.models import User
from app.care import rules
from app.care.models import Handover, Incident
from app.care.queries.days import day_states, exceptions
from app.care.queries.visits import visible_incidents
from app.core import clock
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.errors import NotFound
from app.people import queries as people
from app.people.models import Resident, ResidentStatus


def own_institution(actor: Actor) -> int:
    """The institution of a care worker or manager. Raises ``NotFound`` for everybody else."""
    if actor.organisation_id is None:
        raise NotFound
    return actor.organisation_id


def handover(actor: Actor, day: dt.date, hour: int, *, lock: bool = False) -> Handover | None:
    """The signed handover of a shift of the actor's own institution, if there is one."""
    query = select(Handover).where(
        Handover.institution_id == own_institution(actor), Handover.day == day, Handover.hour == hour
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(query).one_or_none()


def handovers(actor: Actor, first: dt.date) -> list[Handover]:
    """Handovers of the actor's institution since a day, newest first."""
    query = select(Handover).where(Handover.institution_id == own_institution(actor), Handover.day >= first)
    return list(db.session.scalars(query.order_by(Handover.day.desc(), Handover.hour.desc())))


def colleagues(actor: Actor) -> list[User]:
    """Accounts of the actor's house that may sign for a shift, by name; stopped ones are not among them."""
    query = select(User).where(
        User.organisation_id == own_institution(actor),
        User.role.in_([Role.CARE_WORKER, Role.INSTITUTION_MANAGER]),
        User.active.is_(True),
    )
    return list(db.session.scalars(query.order_by(User.name, User.id)))


def shift_ends(day: dt.date, hour: int) -> dt.datetime:
    """The instant a shift ends."""
    return dt.datetime.combine(day, dt.time(), tzinfo=clock.ZONE) + dt.timedelta(hours=hour)


EARLY = dt.timedelta(hours=1)
"""A shift may be handed over an hour before it ends."""


def may_hand_over(day: dt.date, hour: int) -> bool:
    """Whether a shift has come to its last hour."""
    return clock.now() >= shift_ends(day, hour) - EARLY


def handover_facts(actor: Actor, day: dt.date, hour: int) -> dict[str, Any]:
    """What stands at the end of a shift: counts up to then, what is open, who is away, what was not as planned since the
    shift began, incidents of the day. Residents by number only.
    """
    own_institution(actor)
    begins = shift_ends(day, [0, *rules.SHIFTS][rules.SHIFTS.index(hour)])
    query = people.visible(actor).where(Resident.status == ResidentStatus.ACTIVE).order_by(Resident.search, Resident.id)
    states = day_states(list(db.session.scalars(query).unique()), day)
    due = said = 0
    still: list[list[Any]] = []
    for state in states:
        for one in state.items.values():
            expected = rules.expected_by(one.frequency, one.due, hour)
            told = one.said + one.kept
            due, said = due + expected, said + min(told, expected)
            if expected > told and state.away is None:
                still.append([state.resident.id, one.item, expected - told])
    incidents = visible_incidents(actor).where(Incident.happened_on == day).order_by(Incident.id)
    return {
        "residents": len(states),
        "due": due,
        "said": said,
        "open": still,
        "away": [[s.resident.id, s.away.value] for s in states if s.away is not None],
        "exceptions": [
            [r.id, n.item, n.outcome, n.reason_code, n.times]
            for r, n in exceptions(actor, day)
            if n.recorded_at >= begins
        ],
        "incidents": [[i.resident_id, i.id, i.kind] for i in db.session.scalars(incidents).unique()],
    }


@dataclass(frozen=True)
class HandoverShown:
    """A handover with the names it needs."""

    row: Handover | None
    facts: dict[str, Any]
    names: dict[int, str]


def handover_shown(actor: Actor, day: dt.date, hour: int) -> HandoverShown:
    """The signed snapshot, or what would be signed now."""
    row = handover(actor, day, hour)
    facts = row.facts if row else handover_facts(actor, day, hour)
    ids = {one[0] for part in ("open", "away", "exceptions", "incidents") for one in facts[part]}
    names = db.session.execute(select(Resident.id, Resident.name).where(Resident.id.in_(ids))).all()
    return HandoverShown(row, facts, dict(names))
