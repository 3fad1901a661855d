"""Reading care plans; every list starts from the residents the actor may see."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, select

from app.care import rules
from app.care.models import CarePlan, CareProfile, PlanState
from app.core import rulebook
from app.core.actor import Actor
from app.core.db import db
from app.core.policies import Policy
from app.core.together import PIECE, asked, held, next_number
from app.grading.models import CareGrade
from app.people import queries as people
from app.people.models import Resident, ResidentStatus

COUNTS = (PlanState.APPROVED, PlanState.REPLACED)


def standard_of(plan: CarePlan) -> Policy:
    """The exact standard a plan was drawn from."""
    return rulebook.rule_by_sha("care_standard", plan.standard_sha256)


def personal_of(plan: CarePlan) -> Policy:
    """The exact rules for one person a plan was drawn from; plans from before them are read by the first."""
    if plan.personal_sha256 is None:
        return rulebook.shipped("personal_plan")[0]
    return rulebook.rule_by_sha("personal_plan", plan.personal_sha256)


def missing(plan: CarePlan) -> list[str]:
    """What a plan lacks before it can be in force (see ``rules.missing``)."""
    personal = personal_of(plan).body
    return rules.missing(personal, plan.setting.value, plan.lines, plan.night, plan.texture, plan.confirmed)


def _profiles(resident_ids: Sequence[int]) -> dict[int, CareProfile]:
    query = select(CareProfile).where(CareProfile.resident_id.in_(resident_ids)).order_by(CareProfile.version)
    return {row.resident_id: row for row in db.session.scalars(query)}


@asked(_profiles, reads={"care_profile": "resident_id"})
def profile_of(resident_id: int) -> CareProfile | None:
    """The newest version of what a person told about eating, faith and room, and of teeth and swallowing."""
    query = select(CareProfile).where(CareProfile.resident_id == resident_id).order_by(CareProfile.version.desc())
    return db.session.scalars(query.limit(1)).one_or_none()


@dataclass(frozen=True)
class ProfileFacts:
    """One version of a profile with its encrypted parts opened."""

    row: CareProfile
    wishes: dict[str, str]
    orders: str | None


def profile_facts(profile_id: int | None) -> ProfileFacts | None:
    """A version of a profile, opened; None when a plan was drawn from none."""
    row = db.session.get(CareProfile, profile_id) if profile_id is not None else None
    return None if row is None else ProfileFacts(row, json.loads(row.wishes) if row.wishes else {}, row.orders)


def profiles_of(resident_id: int) -> list[CareProfile]:
    """All versions, newest first."""
    query = select(CareProfile).where(CareProfile.resident_id == resident_id).order_by(CareProfile.version.desc())
    return list(db.session.scalars(query))


def visible_plans(actor: Actor) -> Select[CarePlan]:
    """Plans of the residents the actor may see."""
    return select(CarePlan).where(CarePlan.resident_id.in_(people.visible(actor).with_only_columns(Resident.id)))


def plan(actor: Actor, plan_id: int, *, lock: bool = False) -> CarePlan:
    """One visible plan. Raises ``NotFound``."""
    return held(actor, CarePlan, plan_id, visible_plans, lock=lock)


def residents_of(actor: Actor, plan_ids: Collection[int]) -> list[int]:
    """The residents of some visible plans."""
    query = visible_plans(actor).where(CarePlan.id.in_(plan_ids)).with_only_columns(CarePlan.resident_id)
    return list(db.session.scalars(query))


def _plans_on(keys: Sequence[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], CarePlan]:
    found: dict[tuple[int, dt.date], CarePlan] = {}
    for day in {day for _resident_id, day in keys}:
        rows = plans_on([resident_id for resident_id, on in keys if on == day], day)
        found |= {(resident_id, day): row for resident_id, row in rows.items()}
    return found


@asked(_plans_on, reads={"care_plan": "resident_id"})
def plan_on(resident_id: int, day: dt.date) -> CarePlan | None:
    """The approved plan that covers ``day``."""
    return db.session.scalars(_covering(day).where(CarePlan.resident_id == resident_id)).unique().one_or_none()


def _covering(day: dt.date) -> Select[CarePlan]:
    return select(CarePlan).where(
        CarePlan.state.in_(COUNTS),
        CarePlan.valid_from <= day,
        (CarePlan.valid_to.is_(None)) | (CarePlan.valid_to >= day),
    )


def plans_on(resident_ids: Sequence[int], day: dt.date) -> dict[int, CarePlan]:
    """Approved plans of many residents that cover ``day``, in one query."""
    rows = db.session.scalars(_covering(day).where(CarePlan.resident_id.in_(resident_ids))).unique()
    return {row.resident_id: row for row in rows}


def plans_by_day(resident_ids: Sequence[int], days: Collection[dt.date]) -> dict[dt.date, dict[int, Any]]:
    """The approved plans that cover each of some days, by resident; of each plan no more than its number and its lines. A plan
    that covers many of the days is read once.
    """
    query = select(CarePlan.id, CarePlan.resident_id, CarePlan.valid_from, CarePlan.valid_to, CarePlan.lines).where(
        CarePlan.resident_id.in_(resident_ids),
        CarePlan.state.in_(COUNTS),
        CarePlan.valid_from <= max(days),
        (CarePlan.valid_to.is_(None)) | (CarePlan.valid_to >= min(days)),
    )
    found: dict[dt.date, dict[int, Any]] = {day: {} for day in days}
    for row in db.session.execute(query):
        for day, plans in found.items():
            if row.valid_from <= day and (row.valid_to is None or row.valid_to >= day):
                plans[row.resident_id] = row
    return found


def plans_between(resident_ids: Sequence[int], first: dt.date, last: dt.date) -> dict[int, list[CarePlan]]:
    """Approved plans of many residents that cover a day of first … last, oldest first."""
    found: dict[int, list[CarePlan]] = {}
    for start in range(0, len(resident_ids), PIECE):
        query = select(CarePlan).where(
            CarePlan.resident_id.in_(resident_ids[start : start + PIECE]),
            CarePlan.state.in_(COUNTS),
            CarePlan.valid_from <= last,
            (CarePlan.valid_to.is_(None)) | (CarePlan.valid_to >= first),
        )
        for row in db.session.scalars(query.order_by(CarePlan.valid_from)).unique():
            found.setdefault(row.resident_id, []).append(row)
    return found


def plans_of(actor: Actor, resident_id: int) -> list[CarePlan]:
    """A resident's plans, newest first."""
    query = visible_plans(actor).where(CarePlan.resident_id == resident_id).order_by(CarePlan.id.desc())
    return list(db.session.scalars(query).unique())


def next_plan_number(year: int) -> str:
    """The next plan number of a year; the unique constraint is the last word."""
    return next_number(f"JH{year}-", _last_number)


def _last_number(prefix: str) -> str | None:
    query = select(CarePlan.number).where(CarePlan.number.startswith(prefix))
    return db.session.scalar(query.order_by(CarePlan.number.desc()).limit(1))


def _plans_from(keys: Sequence[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], list[CarePlan]]:
    found: dict[tuple[int, dt.date], list[CarePlan]] = {}
    for day in {day for _resident_id, day in keys}:
        query = select(CarePlan).where(
            CarePlan.resident_id.in_([resident_id for resident_id, on in keys if on == day]),
            CarePlan.state.in_(COUNTS),
            (CarePlan.valid_to.is_(None)) | (CarePlan.valid_to >= day),
        )
        for row in db.session.scalars(query.order_by(CarePlan.id).with_for_update(of=CarePlan)).unique():
            found.setdefault((row.resident_id, day), []).append(row)
    return found


@asked(_plans_from, reads={"care_plan": "resident_id"}, none=())
def plans_from(resident_id: int, day: dt.date) -> Sequence[CarePlan]:
    """The approved plans that cover ``day`` or a later one, locked for the act that puts another one in force."""
    return _plans_from([(resident_id, day)]).get((resident_id, day), ())


def without_plan(actor: Actor, day: dt.date) -> Select[Resident]:
    """Residents in support for whom no approved plan covers ``day``."""
    covered = _covering(day).with_only_columns(CarePlan.resident_id)
    return people.visible(actor).where(Resident.status == ResidentStatus.ACTIVE, Resident.id.not_in(covered))


def _open_drafts(resident_ids: Sequence[int]) -> dict[int, CarePlan]:
    query = select(CarePlan).where(CarePlan.resident_id.in_(resident_ids), CarePlan.state == PlanState.DRAFT)
    return {row.resident_id: row for row in db.session.scalars(query.order_by(CarePlan.id)).unique()}


@asked(_open_drafts, reads={"care_plan": "resident_id"})
def open_draft(resident_id: int) -> CarePlan | None:
    """The draft of a resident that waits for its approval."""
    query = select(CarePlan).where(CarePlan.resident_id == resident_id, CarePlan.state == PlanState.DRAFT)
    return db.session.scalars(query.order_by(CarePlan.id.desc()).limit(1)).unique().one_or_none()


def outdated(actor: Actor, day: dt.date) -> Select[Resident]:
    """Residents in support whose plan of ``day`` was drawn from another care grade or form of support than today's."""
    covering = (
        CarePlan.resident_id == Resident.id,
        CarePlan.state.in_(COUNTS),
        CarePlan.valid_from <= day,
        (CarePlan.valid_to.is_(None)) | (CarePlan.valid_to >= day),
    )
    graded = select(CareGrade.id).where(
        CareGrade.resident_id == Resident.id,
        CareGrade.valid_from <= day,
        (CareGrade.valid_to.is_(None)) | (CareGrade.valid_to >= day),
    )
    other = exists().where(*covering, CarePlan.grade_id.not_in(graded))
    moved = exists().where(*covering, CarePlan.setting != Resident.setting)
    return people.visible(actor).where(Resident.status == ResidentStatus.ACTIVE, other | moved)


def to_redraft(today: dt.date) -> list[tuple[int, dt.date]]:
    """Residents whose plan belongs to an earlier grade than the latest one decided, with the day the new plan should begin:
    the first day of that grade, or today when it is in force already. Who has an open draft is being looked after.
    """
    latest = (
        select(CareGrade.resident_id, func.max(CareGrade.valid_from).label("valid_from"))
        .where(CareGrade.valid_to.is_(None))
        .group_by(CareGrade.resident_id)
        .subquery()
    )
    start = case((latest.c.valid_from > today, latest.c.valid_from), else_=today)
    covering = exists().where(
        CarePlan.resident_id == Resident.id,
        CarePlan.state.in_(COUNTS),
        CarePlan.valid_from <= start,
        (CarePlan.valid_to.is_(None)) | (CarePlan.valid_to >= start),
        CarePlan.grade_id != CareGrade.id,
    )
    drafted = exists().where(CarePlan.resident_id == Resident.id, CarePlan.state == PlanState.DRAFT)
    query = (
        select(Resident.id, latest.c.valid_from)
        .join(latest, latest.c.resident_id == Resident.id)
        .join(CareGrade, and_(CareGrade.resident_id == Resident.id, CareGrade.valid_from == latest.c.valid_from))
        .where(Resident.status == ResidentStatus.ACTIVE, covering, ~drafted)
        .order_by(Resident.id)
    )
    return [(resident_id, max(first, today)) for resident_id, first in db.session.execute(query)]
