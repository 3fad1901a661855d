"""Reading training, certificates and exceptions, each from what the actor may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flask_babel import get_locale
from sqlalchemy import Select, and_, false, func, or_, select

from app.core import clock, rulebook
from app.core.actor import Actor
from app.core.db import db, one_row
from app.core.policies import Policy
from app.core.rulebook import rule_in_force
from app.people import queries as people
from app.people.models import Caregiver, Resident
from app.places.models import Organisation, OrganisationKind
from app.places.queries import ancestors_of, within
from app.workforce.models import (
    Credential,
    CredentialKind,
    SessionState,
    TierOverride,
    TrainingEntry,
    TrainingSession,
)
from app.workforce.rules import TIER_FOR_GRADE, Training

rulebook.ship(Path(__file__).parent.parent / "policies")
OWN_HOUSE = people.BY_INSTITUTION
"""Roles that see their own institution only."""


def rule(on: dt.date | None = None) -> Policy:
    """The county's rule on training, certificates and ratios in force on a day (today). Raises ``Refused``."""
    return rule_in_force("workforce", on or clock.today())


def worded(entry: Mapping[str, Any]) -> str:
    """A course, lesson or shift in the reader's language."""
    return str(entry["en" if str(get_locale()) == "en" else "zh"])


def courses(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Courses of a rule by id."""
    return {course["id"]: course for course in body["course"]}


def course_of(row: TrainingSession) -> Mapping[str, Any]:
    """The course of a session, as the rule said when the session was planned."""
    return courses(rulebook.rule_by_sha("workforce", row.rule_sha256).body)[row.course]


def institutions(actor: Actor) -> Select[Organisation]:
    """Institutions in use that the actor answers for: the own house, or those of the area."""
    query = select(Organisation).where(Organisation.kind == OrganisationKind.INSTITUTION, Organisation.active)
    if actor.system:
        return query
    if actor.role in OWN_HOUSE:
        return query.where(Organisation.id == (actor.organisation_id or 0))
    if actor.role in people.BY_AREA and actor.area_code:
        return query.where(within(Organisation.area_code, actor.area_code))
    return query.where(false())


def institution(actor: Actor, institution_id: int, *, lock: bool = False) -> Organisation:
    """One institution the actor answers for. Raises ``NotFound``."""
    return one_row(institutions(actor).where(Organisation.id == institution_id), lock=lock)


def visible_sessions(actor: Actor) -> Select[TrainingSession]:
    """Sessions of the actor's area and of the levels above it; a house's own only for the house and its area."""
    query = select(TrainingSession)
    if actor.system:
        return query
    if not actor.area_code:
        return query.where(false())
    inside = within(TrainingSession.area_code, actor.area_code)
    open_to_all = and_(
        TrainingSession.institution_id.is_(None),
        or_(inside, TrainingSession.area_code.in_(ancestors_of(actor.area_code))),
    )
    if actor.role in OWN_HOUSE:
        return query.where(or_(open_to_all, TrainingSession.institution_id == (actor.organisation_id or 0)))
    return query.where(or_(open_to_all, inside))


def session(actor: Actor, session_id: int, *, lock: bool = False) -> TrainingSession:
    """One visible session. Raises ``NotFound``."""
    return one_row(visible_sessions(actor).where(TrainingSession.id == session_id), lock=lock)


def keeps(actor: Actor, row: TrainingSession) -> bool:
    """Whether a session is the actor's to plan and record: of the own house or the own area, not of a level above."""
    if actor.system:
        return True
    if actor.role in OWN_HOUSE:
        return row.institution_id is not None and row.institution_id == actor.organisation_id
    return bool(actor.area_code) and row.area_code.startswith(str(actor.area_code))


def found_sessions(
    actor: Actor, *, state: SessionState | None = None, tier: str = "", area_code: str = ""
) -> Select[TrainingSession]:
    """The list of sessions narrowed by state, tier and area."""
    query = visible_sessions(actor)
    if state is not None:
        query = query.where(TrainingSession.state == state)
    if tier:
        query = query.where(TrainingSession.tier == tier)
    if area_code:
        query = query.where(within(TrainingSession.area_code, area_code))
    return query


def entries(actor: Actor, session_id: int) -> list[TrainingEntry]:
    """Who takes part in a session, as far as the actor sees them, by name."""
    seen = people.visible_caregivers(actor).with_only_columns(Caregiver.id)
    query = (
        select(TrainingEntry)
        .join(Caregiver, Caregiver.id == TrainingEntry.caregiver_id)
        .where(TrainingEntry.session_id == session_id, TrainingEntry.caregiver_id.in_(seen))
        .order_by(Caregiver.name, TrainingEntry.id)
    )
    return list(db.session.scalars(query).unique())


def entry_counts(session_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(taking part, certificates) of many sessions, in one query."""
    query = (
        select(TrainingEntry.session_id, func.count(), func.count(TrainingEntry.credential_id))
        .where(TrainingEntry.session_id.in_(session_ids))
        .group_by(TrainingEntry.session_id)
    )
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query)}


def could_join(actor: Actor, row: TrainingSession, limit: int = 200) -> list[Caregiver]:
    """Caregivers who do not take part yet; those who lack the tier or lose it soonest first."""
    taking = select(TrainingEntry.caregiver_id).where(TrainingEntry.session_id == row.id)
    query = (
        people.visible_caregivers(actor)
        .where(Caregiver.active, Caregiver.id.not_in(taking))
        .order_by(func.coalesce(Caregiver.tier_valid_to, dt.date(1, 1, 1)), Caregiver.id)
        .limit(limit)
    )
    if row.institution_id is not None:
        query = query.where(Caregiver.institution_id == row.institution_id)
    return list(db.session.scalars(query).unique())


def visible_credentials(actor: Actor) -> Select[Credential]:
    """Certificates of the caregivers the actor may see."""
    seen = people.visible_caregivers(actor).with_only_columns(Caregiver.id)
    return select(Credential).where(Credential.caregiver_id.in_(seen))


def credential(actor: Actor, credential_id: int, *, lock: bool = False) -> Credential:
    """One visible certificate. Raises ``NotFound``."""
    return one_row(visible_credentials(actor).where(Credential.id == credential_id), lock=lock)


def credentials_of(caregiver_id: int) -> list[Credential]:
    """Every certificate of one caregiver, newest first."""
    query = select(Credential).where(Credential.caregiver_id == caregiver_id)
    return list(db.session.scalars(query.order_by(Credential.issued_on.desc(), Credential.id.desc())).unique())


def trainings_of(caregiver_id: int) -> list[Training]:
    """Certificates of tiered training that were not withdrawn."""
    query = select(Credential.tier, Credential.issued_on, Credential.valid_to).where(
        Credential.caregiver_id == caregiver_id,
        Credential.kind == CredentialKind.TRAINING,
        Credential.withdrawn_on.is_(None),
    )
    return [Training(str(tier), first, last) for tier, first, last in db.session.execute(query) if tier and last]


def last_health_check(caregiver_id: int) -> dt.date | None:
    """Day of the latest health check that was not withdrawn."""
    query = select(func.max(Credential.issued_on)).where(
        Credential.caregiver_id == caregiver_id,
        Credential.kind == CredentialKind.HEALTH_CHECK,
        Credential.withdrawn_on.is_(None),
    )
    return db.session.scalar(query)


def visible_overrides(actor: Actor) -> Select[TierOverride]:
    """Exceptions for the residents the actor may see."""
    seen = people.visible(actor).with_only_columns(Resident.id)
    return select(TierOverride).where(TierOverride.resident_id.in_(seen))


def override(actor: Actor, override_id: int, *, lock: bool = False) -> TierOverride:
    """One visible exception. Raises ``NotFound``."""
    return one_row(visible_overrides(actor).where(TierOverride.id == override_id), lock=lock)


def acting(query: Select[TierOverride], on: dt.date) -> Select[TierOverride]:
    """Exceptions that hold on a day."""
    return query.where(
        TierOverride.from_on <= on,
        TierOverride.until_on >= on,
        or_(TierOverride.ended_on.is_(None), TierOverride.ended_on > on),
    )


def override_on(caregiver_id: int, resident_id: int, grade: int, on: dt.date) -> TierOverride | None:
    """The exception that lets a caregiver care for a resident of a grade on a day without the tier; the longest one."""
    query = acting(select(TierOverride), on).where(
        TierOverride.caregiver_id == caregiver_id,
        TierOverride.resident_id == resident_id,
        TierOverride.tier >= TIER_FOR_GRADE[grade],
    )
    return db.session.scalars(query.order_by(TierOverride.until_on.desc(), TierOverride.id)).unique().first()


def overrides_of(
    actor: Actor, *, caregiver_id: int | None = None, resident_id: int | None = None
) -> list[TierOverride]:
    """Exceptions of one caregiver or for one resident, newest first."""
    query = visible_overrides(actor)
    if caregiver_id is not None:
        query = query.where(TierOverride.caregiver_id == caregiver_id)
    if resident_id is not None:
        query = query.where(TierOverride.resident_id == resident_id)
    return list(db.session.scalars(query.order_by(TierOverride.from_on.desc(), TierOverride.id.desc())).unique())


def names(organisation_ids: Iterable[int | None]) -> dict[int, str]:
    """Names of organisations in one query."""
    wanted = {one for one in organisation_ids if one}
    query = select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted))
    return dict(db.session.execute(query).all()) if wanted else {}
