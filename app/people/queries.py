"""Reading residents, caregivers and assessors, each from what the actor may see."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, union
from sqlalchemy.orm import selectinload

from app.auth.models import User
from app.core.actor import Actor, Role
from app.core.db import db, one_row
from app.core.models import AuditEntry
from app.core.names import normalise, term_of
from app.core.together import held
from app.people.models import (
    FOUND_BY,
    Absence,
    Assessor,
    Caregiver,
    CaregiverTerm,
    ImportRun,
    Resident,
    ResidentStatus,
    ResidentTerm,
    Setting,
    Tier,
)
from app.places.queries import areas_named, in_any, matching, within

BY_AREA = {
    Role.COUNTY_OFFICER,
    Role.COUNTY_REVIEWER,
    Role.AUDITOR,
    Role.TOWNSHIP_OFFICER,
    Role.VILLAGE_OFFICER,
    Role.ASSESSOR,
    Role.VOLUNTEER,
}
"""Roles that see the people of their area."""
BY_INSTITUTION = {Role.INSTITUTION_MANAGER, Role.CARE_WORKER}
"""Roles that see the people of their institution."""
_TAIL = re.compile(r"\d{3}[\dXx]")
_FULL = re.compile(r"\d{17}[\dXx]")


def visible(actor: Actor) -> Select[Resident]:
    """Residents the actor may see: by area, by institution, or the caregiver's own."""
    query = select(Resident)
    if actor.system:
        return query
    if actor.role in BY_AREA and actor.area_code:
        return query.where(within(Resident.area_code, actor.area_code))
    if actor.role in BY_INSTITUTION and actor.organisation_id:
        return query.where(Resident.institution_id == actor.organisation_id)
    if actor.role is Role.CAREGIVER and actor.caregiver_id:
        return query.where(Resident.caregiver_id == actor.caregiver_id)
    return query.where(false())


def in_care(query: Select[Resident]) -> Select[Resident]:
    """The query for many residents at once: each one's institution and caregiver come along, in one statement each."""
    return query.options(selectinload(Resident.institution), selectinload(Resident.caregiver))


def resident(actor: Actor, resident_id: int, *, lock: bool = False) -> Resident:
    """One visible resident. Raises ``NotFound``."""
    return held(actor, Resident, resident_id, visible, lock=lock)


def sees_identity(actor: Actor) -> bool:
    """Whether masked numbers and days of birth are shown at all: not to those who only care or visit."""
    return actor.may("people.reveal") or actor.may("people.export")


def _person(model: type[Resident | Caregiver], q: str) -> list[ColumnElement[bool]]:
    """Number, ID tail, whole ID number (by keyed hash); nothing for what can be none of them."""
    text = normalise(q)
    ways: list[ColumnElement[bool]] = []
    if any(
        char.isdigit() for char in text
    ):  # a number has digits, a name rarely: it is then looked for by its name alone
        ways.append(model.number == text.upper())
    if _TAIL.fullmatch(text):
        ways.append(model.id_tail == text.upper())
    if _FULL.fullmatch(text):
        ways.append(model.id_number_index == model.id_number.lookup(text.upper()))
    return ways


Person = TypeVar("Person", Resident, Caregiver)


def _sought(query: Select[Person], model: type[Person], actor: Actor, q: str, area_code: str) -> Select[Person]:
    """Those of a query whom ``q`` names: by name or pinyin, as ``matching`` says, by number, ID tail, ID number or village.

    Who sees an area has a name looked up in the table of terms. When nothing but a name can be meant that table drives the
    query, within the area and in the order of the list, so that it stops after a page however large the county is; else the
    few people found in each way are put together. Who sees the people of one house reads all of them.
    """
    ways: list[ColumnElement[bool]] = _person(model, q)
    table: type[ResidentTerm | CaregiverTerm] = FOUND_BY[model]
    areas, term = areas_named(q), term_of(normalise(q))
    if term is None or not (actor.system or actor.role in BY_AREA):
        return query.where(or_(matching(model.search, q), *ways, in_any(model.area_code, areas)))
    person = table.resident_id if issubclass(table, ResidentTerm) else table.caregiver_id
    here = [table.term == term[0], *(within(table.area_code, code) for code in (actor.area_code, area_code) if code)]
    if not ways and not areas:
        query = query.join(table, person == model.id).where(*here)
        query = query.execution_options(along={"id": person, "area_code": table.area_code})
        return query if term[1] else query.where(matching(model.search, q))
    named = select(person).where(*here)
    if not term[1]:
        named = named.join(model, model.id == person).where(matching(model.search, q))
    others = [select(model.id).where(way) for way in (*ways, in_any(model.area_code, areas))]
    return query.where(model.id.in_(union(named, *others)))


def found(
    actor: Actor,
    *,
    q: str = "",
    area_code: str = "",
    setting: Setting | None = None,
    status: ResidentStatus | None = None,
) -> Select[Resident]:
    """The list of residents narrowed by search text (name, pinyin, village, ID tail or number, file number), area,
    setting and status.
    """
    query = visible(actor)
    if q:
        query = _sought(query, Resident, actor, q, area_code)
    if area_code:
        query = query.where(within(Resident.area_code, area_code))
    if setting is not None:
        query = query.where(Resident.setting == setting)
    if status is not None:
        query = query.where(Resident.status == status)
    return query


def count(query: Select[Resident]) -> int:
    """How many residents a query finds."""
    return db.session.scalar(select(func.count()).select_from(query.with_only_columns(Resident.id).subquery())) or 0


def count_by_area(actor: Actor, codes: Sequence[str]) -> dict[str, int]:
    """Supported residents the actor may see at or below each of ``codes`` (all of one level), in one query."""
    if not codes:
        return {}
    prefix = func.substr(Resident.area_code, 1, len(codes[0])).label("code")
    query = (
        visible(actor)
        .where(Resident.status == ResidentStatus.ACTIVE, prefix.in_(codes))
        .with_only_columns(prefix, func.count().label("number"))
        .group_by(prefix)
    )
    return {row.code: row.number for row in db.session.execute(query)}


def visible_caregivers(actor: Actor) -> Select[Caregiver]:
    """Caregivers the actor may see: by area, by institution, or oneself."""
    query = select(Caregiver)
    if actor.system:
        return query
    if actor.role in BY_AREA and actor.area_code:
        return query.where(within(Caregiver.area_code, actor.area_code))
    if actor.role is Role.INSTITUTION_MANAGER and actor.organisation_id:
        return query.where(Caregiver.institution_id == actor.organisation_id)
    return query.where(Caregiver.id == (actor.caregiver_id or 0))


def housed(query: Select[Caregiver]) -> Select[Caregiver]:
    """The query for many caregivers at once: each one's institution comes along, in one statement."""
    return query.options(selectinload(Caregiver.institution))


def caregiver(actor: Actor, caregiver_id: int, *, lock: bool = False) -> Caregiver:
    """One visible caregiver. Raises ``NotFound``."""
    return held(actor, Caregiver, caregiver_id, visible_caregivers, lock=lock)


def sees_caregiver(actor: Actor, caregiver_id: int | None) -> bool:
    """Whether the actor may open this caregiver's record, so that a page can link to it."""
    query = visible_caregivers(actor).where(Caregiver.id == caregiver_id).with_only_columns(Caregiver.id)
    return caregiver_id is not None and db.session.scalar(query) is not None


def found_caregivers(
    actor: Actor, *, q: str = "", area_code: str = "", tier: Tier | None = None, active: bool | None = None
) -> Select[Caregiver]:
    """The list of caregivers narrowed by search text, area, tier and use."""
    query = visible_caregivers(actor)
    if q:
        query = _sought(query, Caregiver, actor, q, area_code)
    if area_code:
        query = query.where(within(Caregiver.area_code, area_code))
    if tier is not None:
        query = query.where(Caregiver.tier == tier)
    if active is not None:
        query = query.where(Caregiver.active.is_(active))
    return query


def visible_assessors(actor: Actor) -> Select[Assessor]:
    """Assessors the actor may see: of the county, and an assessor's colleagues of the same agency."""
    query = select(Assessor)
    if actor.system:
        return query
    own = Assessor.id == (actor.assessor_id or 0)
    if actor.role is Role.ASSESSOR:
        return query.where(or_(own, Assessor.organisation_id == (actor.organisation_id or 0)))
    if actor.role in BY_AREA and actor.area_code:
        return query.where(within(Assessor.area_code, actor.area_code))
    return query.where(own)


def assessor(actor: Actor, assessor_id: int, *, lock: bool = False) -> Assessor:
    """One visible assessor. Raises ``NotFound``."""
    return held(actor, Assessor, assessor_id, visible_assessors, lock=lock)


def found_assessors(actor: Actor, *, q: str = "", active: bool | None = None) -> Select[Assessor]:
    """The list of assessors narrowed by name, certificate number and use."""
    query = visible_assessors(actor)
    if q:
        query = query.where(or_(matching(Assessor.search, q), Assessor.certificate_number == q.strip()))
    if active is not None:
        query = query.where(Assessor.active.is_(active))
    return query


def links_of(user: User) -> dict[str, int | None]:
    """Which caregiver and which assessor an account is."""
    as_caregiver = select(Caregiver.id).where(Caregiver.user_id == user.id, Caregiver.active).scalar_subquery()
    as_assessor = select(Assessor.id).where(Assessor.user_id == user.id, Assessor.active).scalar_subquery()
    row = db.session.execute(select(as_caregiver, as_assessor)).one()
    return {"caregiver_id": row[0], "assessor_id": row[1]}


ACCOUNT_ROLES = {
    Caregiver: (Role.CAREGIVER, Role.CARE_WORKER),
    Assessor: (Role.ASSESSOR,),
}
"""Roles of the accounts that caregivers and assessors sign in with."""


def free_accounts(actor: Actor, model: type[Caregiver] | type[Assessor]) -> list[User]:
    """Accounts of the right role, within the actor's area or institution, that belong to nobody of ``model`` yet."""
    query = select(User).where(
        User.role.in_(ACCOUNT_ROLES[model]),
        User.active,
        User.id.not_in(select(model.user_id).where(model.user_id.is_not(None))),
    )
    if actor.role is Role.INSTITUTION_MANAGER:
        query = query.where(User.organisation_id == (actor.organisation_id or 0))
    elif actor.role is Role.COUNTY_OFFICER and actor.area_code:
        query = query.where(or_(User.area_code.is_(None), within(User.area_code, actor.area_code)))
    elif not actor.system:
        query = query.where(within(User.area_code, actor.area_code) if actor.area_code else false())
    return list(db.session.scalars(query.order_by(User.username)))


def touching(first: dt.date, last: dt.date) -> ColumnElement[bool]:
    """Of an ``Absence``: whether it touches the days from ``first`` to ``last``, both counted."""
    return and_(Absence.from_on <= last, or_(Absence.to_on.is_(None), Absence.to_on >= first))


def absences(resident_id: int, days: tuple[dt.date, dt.date] | None = None) -> list[Absence]:
    """Absences of one resident that touch ``days`` (first, last; both counted), oldest first. None means all."""
    query = select(Absence).where(Absence.resident_id == resident_id)
    if days is not None:
        query = query.where(touching(*days))
    return list(db.session.scalars(query.order_by(Absence.from_on)))


def absence(actor: Actor, absence_id: int) -> Absence:
    """One absence of a visible resident. Raises ``NotFound``."""
    query = select(Absence).where(
        Absence.id == absence_id, Absence.resident_id.in_(visible(actor).with_only_columns(Resident.id))
    )
    return one_row(query)


def import_runs(actor: Actor, limit: int = 10) -> list[tuple[ImportRun, str]]:
    """The actor's own latest imports with the importer's name."""
    query = select(ImportRun, User.name).join(User, User.id == ImportRun.by).where(ImportRun.by == actor.user_id)
    return [(run, name) for run, name in db.session.execute(query.order_by(ImportRun.id.desc()).limit(limit))]


def history(object_type: str, object_id: int, limit: int = 30) -> list[AuditEntry]:
    """The latest audit entries of one record, newest first; a resident's with those of the absences."""
    query = select(AuditEntry).where(AuditEntry.object_type == object_type, AuditEntry.object_id == str(object_id))
    if object_type == "resident":
        away = [str(a) for a in db.session.scalars(select(Absence.id).where(Absence.resident_id == object_id))]
        own = and_(AuditEntry.object_type == object_type, AuditEntry.object_id == str(object_id))
        absent = and_(AuditEntry.object_type == "absence", AuditEntry.object_id.in_(away))
        query = select(AuditEntry).where(or_(own, absent)) if away else query
    return list(db.session.scalars(query.order_by(AuditEntry.seq.desc()).limit(limit)))


def residents_of(
    actor: Actor, *, caregiver_id: int | None = None, institution_id: int | None = None
) -> Select[Resident]:
    """Supported residents whom a caregiver cares for, or who live in an institution, as far as the actor sees them."""
    query = visible(actor).where(Resident.status == ResidentStatus.ACTIVE)
    if caregiver_id is not None:
        query = query.where(Resident.caregiver_id == caregiver_id)
    if institution_id is not None:
        query = query.where(Resident.institution_id == institution_id)
    return query


def rows(query: Select[Resident], limit: int = 200) -> list[Resident]:
    """Residents of a query in the order of their villages."""
    return list(db.session.scalars(query.order_by(Resident.area_code, Resident.id).limit(limit)).unique())


def resident_counts(actor: Actor, caregiver_ids: Sequence[int]) -> dict[int, int]:
    """How many supported residents each caregiver cares for, in one query."""
    query = (
        visible(actor)
        .where(Resident.status == ResidentStatus.ACTIVE, Resident.caregiver_id.in_(caregiver_ids))
        .with_only_columns(Resident.caregiver_id, func.count().label("number"))
        .group_by(Resident.caregiver_id)
    )
    return {row.caregiver_id: row.number for row in db.session.execute(query)}
