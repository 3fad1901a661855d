"""What runs out: certificates, health checks, tiers and exceptions of everybody the actor answers for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import String, case, cast, func, or_, select

from app.core.actor import Actor
from app.core.db import db
from app.grading.models import CareGrade
from app.people import queries as people
from app.people.models import Assessor, Caregiver, Resident, ResidentStatus
from app.places.queries import within
from app.workforce import queries
from app.workforce.models import Credential, CredentialKind, TierOverride
from app.workforce.rules import TIER_FOR_GRADE, standing

KINDS = ("training", "gap", "health_check", "care_worker", "first_aid", "other", "override", "assessor")
STANDINGS = ("over", "soon", "none")
"""What needs somebody: run out, running out, never had. ``later`` in a question means everything up to a day."""


@dataclass(frozen=True)
class Expiry:
    """One thing that ends: what, whose, when; ``standing`` is ``over``, ``soon``, ``valid`` or ``none`` (never had)."""

    kind: str
    tier: str | None
    person_kind: str
    person_id: int
    person: str
    area_code: str
    institution_id: int | None
    ends_on: dt.date | None
    standing: str
    about_id: int | None = None
    """The resident of an exception."""
    about: str = ""


@dataclass(frozen=True)
class Asked:
    """The question: kinds, standing, area, and a last day for a forecast beyond the days of notice."""

    kind: str = ""
    standing: str = ""
    area_code: str = ""
    until: dt.date | None = None


def expiries(actor: Actor, today: dt.date, asked: Asked) -> list[Expiry]:
    """What has run out, runs out within its days of notice (or until ``asked.until``), or was never there, soonest first.

    For each caregiver in use only the newest certificate of a kind counts: who was trained again has nothing running out.
    """
    body = queries.rule(today).body
    notice = {
        "training": int(body["training"]["notice_days"]),
        "health_check": int(body["health_check"]["notice_days"]),
        "override": int(body["override"]["notice_days"]),
    }
    other = int(body["other"]["notice_days"])
    found = [
        *_of_caregivers(actor, today, asked, notice, other),
        *_overrides(actor, today, asked, notice["override"]),
        *_gaps(actor, today, asked),
    ]
    if actor.may("assessors.read"):
        found += _assessors(actor, today, asked, other)
    wanted = [one for one in found if _fits(one, asked)]
    return sorted(wanted, key=lambda one: (one.ends_on or dt.date.min, one.kind, one.person, one.person_id))


def counted(found: Iterable[Expiry]) -> Counter[tuple[str, str]]:
    """How many by kind and standing."""
    return Counter((one.kind, one.standing) for one in found)


def _fits(one: Expiry, asked: Asked) -> bool:
    if asked.kind and one.kind != asked.kind:
        return False
    if asked.standing:
        return one.standing == asked.standing
    if one.standing == "valid":
        return asked.until is not None and one.ends_on is not None and one.ends_on <= asked.until
    return True


def _of_caregivers(actor: Actor, today: dt.date, asked: Asked, notice: dict[str, int], other: int) -> list[Expiry]:
    query = people.visible_caregivers(actor).where(Caregiver.active)
    if asked.area_code:
        query = query.where(within(Caregiver.area_code, asked.area_code))
    columns = (
        Caregiver.id, Caregiver.name, Caregiver.area_code, Caregiver.institution_id, Caregiver.tier, Caregiver.tier_valid_to,
    )  # fmt: skip
    staff = {row.id: row for row in db.session.execute(query.with_only_columns(*columns))}
    newest = (
        select(Credential.caregiver_id, Credential.kind, func.max(Credential.valid_to))
        .where(Credential.withdrawn_on.is_(None), Credential.kind != CredentialKind.TRAINING)
        .where(Credential.caregiver_id.in_(query.with_only_columns(Caregiver.id)))
        .group_by(Credential.caregiver_id, Credential.kind)
    )
    held = {(row[0], row[1].value): row[2] for row in db.session.execute(newest)}
    found = []

    def add(row_id: int, kind: str, tier: str | None, ends_on: dt.date | None) -> None:
        row = staff[row_id]
        state = standing(ends_on, today, notice.get(kind, other))
        found.append(
            Expiry(kind, tier, "caregiver", row.id, row.name, row.area_code, row.institution_id, ends_on, state)
        )

    for row in staff.values():
        add(row.id, "training", row.tier.value if row.tier else None, row.tier_valid_to)
        add(row.id, "health_check", None, held.get((row.id, "health_check")))
    for (caregiver_id, kind), ends_on in held.items():
        if kind != "health_check" and ends_on is not None and caregiver_id in staff:
            add(caregiver_id, kind, None, ends_on)
    return found


def _overrides(actor: Actor, today: dt.date, asked: Asked, notice: int) -> list[Expiry]:
    """Exceptions that hold; and those that ended while the caregiver still cares for the resident without the tier."""
    query = queries.visible_overrides(actor).where(TierOverride.ended_on.is_(None), TierOverride.from_on <= today)
    found: dict[tuple[int, int], Expiry] = {}
    for row in db.session.scalars(query.order_by(TierOverride.until_on, TierOverride.id)).unique():
        over = row.until_on < today
        still = row.resident.caregiver_id == row.caregiver_id and _lacks(row, today)
        if (over and not still) or (asked.area_code and not row.resident.area_code.startswith(asked.area_code)):
            found.pop((row.caregiver_id, row.resident_id), None)
            continue
        found[row.caregiver_id, row.resident_id] = Expiry(
            "override", row.tier.value, "caregiver", row.caregiver_id, row.caregiver.name, row.resident.area_code,
            row.caregiver.institution_id, row.until_on, standing(row.until_on, today, notice), row.resident_id,
            row.resident.name,
        )  # fmt: skip
    return list(found.values())


def _gaps(actor: Actor, today: dt.date, asked: Asked) -> list[Expiry]:
    """Who cares for a resident whose grade rose above the training, without an exception: it should not be so today."""
    wanted = case(dict(TIER_FOR_GRADE), value=CareGrade.grade)
    allowed = queries.acting(select(TierOverride.id), today).where(
        TierOverride.caregiver_id == Caregiver.id, TierOverride.resident_id == Resident.id, TierOverride.tier >= wanted
    )
    query = (
        people.visible(actor)
        .with_only_columns(
            Resident.id,
            Resident.name,
            Resident.area_code,
            Caregiver.id,
            Caregiver.name,
            Caregiver.institution_id,
            wanted,
        )
        .join(Caregiver, Caregiver.id == Resident.caregiver_id)
        .join(CareGrade, CareGrade.resident_id == Resident.id)
        .where(
            Resident.status == ResidentStatus.ACTIVE,
            CareGrade.valid_from <= today,
            or_(CareGrade.valid_to.is_(None), CareGrade.valid_to >= today),
            Caregiver.tier_valid_to >= today,
            cast(Caregiver.tier, String) < wanted,
            ~allowed.exists(),
        )
    )
    if asked.area_code:
        query = query.where(within(Resident.area_code, asked.area_code))
    return [
        Expiry("gap", tier, "caregiver", caregiver_id, name, area, house, None, "over", resident_id, resident)
        for resident_id, resident, area, caregiver_id, name, house, tier in db.session.execute(query)
    ]


def _lacks(row: TierOverride, today: dt.date) -> bool:
    held = row.caregiver
    return held.tier is None or held.tier < row.tier or held.tier_valid_to is None or held.tier_valid_to < today


def _assessors(actor: Actor, today: dt.date, asked: Asked, notice: int) -> list[Expiry]:
    query = people.visible_assessors(actor).where(Assessor.active)
    if asked.area_code:
        query = query.where(within(Assessor.area_code, asked.area_code))
    return [
        Expiry(
            "assessor", None, "assessor", row.id, row.name, row.area_code, row.organisation_id,
            row.certificate_valid_to, standing(row.certificate_valid_to, today, notice),
        )
        for row in db.session.scalars(query)
    ]  # fmt: skip
