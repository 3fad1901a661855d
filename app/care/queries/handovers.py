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
from app.care.queries.hours import hours_of
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


def handover(actor: Actor, day: dt.date, shift: str, *, lock: bool = False) -> Handover | None:
    """The signed handover of a shift of the actor's own institution, if there is one."""
    query = select(Handover).where(
        Handover.institution_id == own_institution(actor), Handover.day == day, Handover.shift == shift
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(query).one_or_none()


def handovers(actor: Actor, first: dt.date) -> list[Handover]:
    """Handovers of the actor's institution since a day, newest first."""
    query = select(Handover).where(Handover.institution_id == own_institution(actor), Handover.day >= first)
    return list(db.session.scalars(query.order_by(Handover.day.desc(), Handover.given_at.desc())))


def colleagues(actor: Actor) -> list[User]:
    """Accounts of the actor's house that may sign for a shift, by name; stopped ones are not among them."""
    query = select(User).where(
        User.organisation_id == own_institution(actor),
        User.role.in_([Role.CARE_WORKER, Role.INSTITUTION_MANAGER]),
        User.active.is_(True),
    )
    return list(db.session.scalars(query.order_by(User.name, User.id)))


EARLY = dt.timedelta(hours=1)
"""A shift may be handed over an hour before it ends."""


def may_hand_over(shift: rules.Shift) -> bool:
    """Whether a shift has come to its last hour."""
    return clock.now() >= shift.ends - EARLY


def shift_of(actor: Actor, day: dt.date, shift: str) -> rules.Shift:
    """The shift of the actor's house that begins on a day. Raises ``NotFound`` where the house has none of that word."""
    found = rules.shift_of(day, shift, hours_of(own_institution(actor)), clock.ZONE)
    if found is None:
        raise NotFound
    return found


def shift_to_give(actor: Actor, day: dt.date) -> rules.Shift:
    """The shift of the actor's house that runs now, or of a day gone by its last one."""
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=clock.ZONE)
    at = min(clock.now(), end - dt.timedelta(microseconds=1)).astimezone(clock.ZONE)
    return rules.shift_at(at, hours_of(own_institution(actor)))


def shift_before(actor: Actor, shift: rules.Shift) -> rules.Shift:
    """The shift of the actor's house that handed over to another."""
    return rules.shift_at(shift.begins - dt.timedelta(microseconds=1), hours_of(own_institution(actor)))


def handover_facts(actor: Actor, shift: rules.Shift) -> dict[str, Any]:
    """What stands at the end of a shift: counts up to then, what is open, who is away, what was not as planned since the
    shift began, incidents of its days. A shift across midnight has two days: all of the first belongs before its end.
    Residents by number only.
    """
    query = people.visible(actor).where(Resident.status == ResidentStatus.ACTIVE).order_by(Resident.search, Resident.id)
    residents = list(db.session.scalars(query).unique())
    due = said = 0
    still: list[list[Any]] = []
    away: dict[int, str] = {}
    for day in shift.days:
        _first, last = shift.part(day) or (0, 24)
        for state in day_states(residents, day):
            if state.away is not None:
                away[state.resident.id] = state.away.value
            for one in state.items.values():
                expected = rules.expected_by(one.frequency, one.due, last)
                told = one.said + one.kept
                due, said = due + expected, said + min(told, expected)
                if expected > told and state.away is None:
                    still.append([state.resident.id, one.item, expected - told, day.isoformat()])
    first, last_day = shift.days[0], shift.days[-1]
    happened = (Incident.happened_on == last_day) | (Incident.happened_on == first) & (
        Incident.reported_at >= shift.begins
    )
    incidents = visible_incidents(actor).where(happened).order_by(Incident.id)
    return {
        "shift": {
            "id": shift.id,
            "begins": shift.begins.isoformat(),
            "ends": shift.ends.isoformat(),
            "key": shift.key,
        },
        "residents": len(residents),
        "due": due,
        "said": said,
        "open": still,
        "away": [list(one) for one in away.items()],
        "exceptions": [
            [r.id, n.item, n.outcome, n.reason_code, n.times, day.isoformat()]
            for day in shift.days
            for r, n in exceptions(actor, day)
            if n.recorded_at >= shift.begins
        ],
        "incidents": [[i.resident_id, i.id, i.kind] for i in db.session.scalars(incidents).unique()],
    }


@dataclass(frozen=True)
class HandoverShown:
    """A handover with the names it needs."""

    row: Handover | None
    facts: dict[str, Any]
    names: dict[int, str]

    @property
    def left(self) -> dict[tuple[int, str], list[tuple[str, int]]]:
        """What is open, (item, times) by resident and day."""
        found: dict[tuple[int, str], list[tuple[str, int]]] = {}
        for resident_id, item, count, day in self.facts["open"]:
            found.setdefault((resident_id, day), []).append((item, count))
        return found


def handover_shown(actor: Actor, day: dt.date, shift: str) -> HandoverShown:
    """The signed snapshot, or what would be signed now."""
    row = handover(actor, day, shift)
    facts = row.facts if row else handover_facts(actor, shift_of(actor, day, shift))
    ids = {one[0] for part in ("open", "away", "exceptions", "incidents") for one in facts[part]}
    names = db.session.execute(select(Resident.id, Resident.name).where(Resident.id.in_(ids))).all()
    return HandoverShown(row, facts, dict(names))
