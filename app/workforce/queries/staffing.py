"""How many workers each institution needs by the grades of who lives there, has, and puts on the roster in a shift."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sqlalchemy import or_, select

from app.care import queries as care
from app.care.rules import HoursOn, shift_at
from app.core.actor import Actor
from app.core.db import db
from app.grading.queries import grades_on
from app.people.models import Absence, Caregiver, Resident
from app.people.queries import touching
from app.places.models import Organisation
from app.workforce import queries
from app.workforce.models import RosterShift
from app.workforce.rules import TIER_FOR_GRADE, load, needed


@dataclass
class ShiftStaff:
    """One shift: workers asked for and put down, and how many of them hold the tier of the heaviest grade present."""

    shift: str
    words: str
    begins: int
    ends: int
    needed: int
    workers: list[Caregiver] = field(default_factory=list)
    qualified: int = 0
    tier: str = ""
    """The tier of the heaviest grade present; at least one of the shift must hold it."""

    @property
    def short(self) -> int:
        """Workers missing."""
        return max(0, self.needed - len(self.workers))

    @property
    def unqualified(self) -> bool:
        """Whether somebody needs a tier that nobody on the roster holds."""
        return bool(self.tier) and not self.qualified


@dataclass
class House:
    """One institution on one day."""

    institution: Organisation
    grades: dict[int, int]
    ungraded: int
    away: int
    workers: list[Caregiver]
    trained: int
    load: Fraction
    shifts: list[ShiftStaff]

    @property
    def residents(self) -> int:
        """Who lives there and is there, graded or not."""
        return sum(self.grades.values()) + self.ungraded

    @property
    def needed(self) -> int:
        """Workers by the ratio, all shifts together."""
        return needed(self.load)

    @property
    def short(self) -> int:
        """Workers missing by the ratio; who has no valid training does not count."""
        return max(0, self.needed - self.trained)


def houses(actor: Actor, day: dt.date, institution_id: int | None = None) -> list[House]:
    """The institutions the actor answers for on a day. Who has no grade yet is counted as full care is: nobody knows less.

    Residents in hospital or on leave that day are away: nobody cares for them in the house.
    """
    body = queries.rule(day).body
    query = queries.institutions(actor).order_by(Organisation.area_code, Organisation.name, Organisation.id)
    if institution_id is not None:
        query = query.where(Organisation.id == institution_id)
    found = list(db.session.scalars(query))
    ids = [row.id for row in found]
    living = _living(ids, day)
    graded = grades_on([resident for rows in living.values() for resident, _away in rows], day)
    staff = _staff(ids)
    rostered = _rostered(ids, day)
    hours = care.hours_among(ids)
    people = {k: g.grade for k, g in graded.items()}
    return [
        _house(row, living.get(row.id, ()), people, staff[row.id], rostered, day, body, hours[row.id]) for row in found
    ]


def _house(
    row: Organisation,
    living: Sequence[tuple[int, bool]],
    graded: Mapping[int, int],
    staff: list[Caregiver],
    rostered: Mapping[tuple[int, str], set[int]],
    day: dt.date,
    body: Mapping[str, Any],
    hours_on: HoursOn,
) -> House:
    present = [resident for resident, away in living if not away]
    grades = Counter(graded[resident] for resident in present if resident in graded)
    ungraded = sum(resident not in graded for resident in present)
    asked = Counter(grades)
    asked[3] += ungraded
    work = load(asked, body["ratio"])
    heaviest = max((grade for grade, count in asked.items() if count), default=0)
    tier = TIER_FOR_GRADE.get(heaviest, "")
    shifts = []
    rule = {shift["id"]: shift for shift in body["shift"]}
    for hour, word in hours_on(day).begins:
        if word not in rule:
            continue
        shift, put = rule[word], rostered.get((row.id, word), set())
        workers = [one for one in staff if one.id in put]
        shifts.append(
            ShiftStaff(
                word,
                queries.worded(shift),
                hour,
                _ends(day, hour, hours_on),
                needed(work, int(shift["percent"])),
                workers,
                sum(holds(one, tier, day) for one in workers),
                tier,
            )
        )
    trained = sum(holds(one, "T1", day) for one in staff)
    active = [one for one in staff if one.active]
    return House(row, dict(grades), ungraded, len(living) - len(present), active, trained, work, shifts)


def _ends(day: dt.date, hour: int, hours_on: HoursOn) -> int:
    """The hour at which the shift ends that begins at ``hour``: of the next day after midnight."""
    begins = dt.datetime.combine(day, dt.time(hour))
    return shift_at(begins, hours_on).ends.hour


def holds(row: Caregiver, tier: str, on: dt.date) -> bool:
    """Whether a caregiver in use holds a tier (or a higher one) on a day."""
    return bool(row.active and row.tier and row.tier >= tier and row.tier_valid_to and row.tier_valid_to >= on)


def _living(ids: Sequence[int], day: dt.date) -> dict[int, list[tuple[int, bool]]]:
    """Supported residents of each institution on a day, and whether they are away."""
    people = db.session.execute(
        select(Resident.institution_id, Resident.id).where(
            Resident.institution_id.in_(ids),
            Resident.supported_from <= day,
            or_(Resident.ended_on.is_(None), Resident.ended_on >= day),
        )
    ).all()
    gone = set(
        db.session.scalars(
            select(Absence.resident_id).where(Absence.resident_id.in_([row[1] for row in people]), touching(day, day))
        )
    )
    found: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for institution_id, resident_id in people:
        found[int(institution_id or 0)].append((resident_id, resident_id in gone))
    return found


def _staff(ids: Sequence[int]) -> dict[int, list[Caregiver]]:
    found: dict[int, list[Caregiver]] = defaultdict(list)
    query = select(Caregiver).where(Caregiver.institution_id.in_(ids)).order_by(Caregiver.name, Caregiver.id)
    for row in db.session.scalars(query).unique():
        found[int(row.institution_id or 0)].append(row)
    return found


def _rostered(ids: Sequence[int], day: dt.date) -> dict[tuple[int, str], set[int]]:
    found: dict[tuple[int, str], set[int]] = defaultdict(set)
    query = select(RosterShift).where(RosterShift.institution_id.in_(ids), RosterShift.day == day)
    for row in db.session.scalars(query):
        found[row.institution_id, row.shift].add(row.caregiver_id)
    return found
