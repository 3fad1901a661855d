"""Beds, belongings, certificates, sessions and rosters of the demo county. Drawn apart, so that nothing else of it moves."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

from sqlalchemy import select

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.transaction import transaction
from app.demo.county import TOWNSHIPS, County
from app.demo.records import local
from app.lodging.models import Bed, Belonging, BelongingKind, LeftFor, Room, Stay
from app.lodging.rules import Kept
from app.people.models import Caregiver, Resident, ResidentStatus, Setting
from app.trends.models import Measurement
from app.workforce import operations
from app.workforce.models import Credential, CredentialKind, RosterShift
from app.workforce.queries import rule
from app.workforce.rules import valid_to

DAY = dt.timedelta(days=1)
BEDS = 4
"""Beds of a room."""
THINGS = (
    (BelongingKind.AIDS, "轮椅（黑色，带脚踏）", 1, None, None),
    (BelongingKind.CLOTHES, "棉衣、被褥", 3, None, None),
    (BelongingKind.MONEY, "零用现金", 1, 20000, "代管协议2026-01"),
    (BelongingKind.BANK_BOOK, "信用社存折", 1, None, "代管协议2026-02"),
    (BelongingKind.VALUABLES, "银手镯", 1, None, None),
)


def furnish(county: County, residents: Sequence[Resident], end: dt.date, seed: int) -> str:
    """Beds with their stays, belongings, certificates, three sessions and the rosters of a week."""
    rng = random.Random(seed + 4711)
    with clock.at(local(end, 7)):
        with transaction() as tx:
            tx.act, tx.actor = "demo.houses", county.actor("county_officer_a")
            beds = _beds(county, residents, rng, end)
            certificates = _certificates(rng, end)
            _weights(residents, rng, end)
        for side in county.townships:
            _rosters(county, side, end)
        _sessions(county, end)
    return f"houses: {beds} beds given; {certificates} certificates and health checks"


def _beds(county: County, residents: Sequence[Resident], rng: random.Random, end: dt.date) -> int:
    given = 0
    for side in county.townships:
        house = county.organisations[f"institution_{side}"]
        inside = [one for one in residents if one.setting is Setting.INSTITUTIONAL and one.institution_id == house.id]
        living = [one for one in inside if one.status is ResidentStatus.ACTIVE]
        number = max(3, -(-len(inside) // BEDS) + 1)
        rooms = [Room(institution_id=house.id, name=f"{'东南西北'[n % 4]}{n // 4 + 1:02d}") for n in range(number)]
        db.session.add_all(rooms)
        db.session.flush()
        beds = [Bed(room_id=room.id, name=str(n + 1)) for room in rooms for n in range(BEDS)]
        db.session.add_all(beds)
        db.session.flush()
        for bed, one in zip(beds, inside, strict=False):
            if living and one is living[-1]:
                continue  # the newest has no bed yet: something to do on the first day
            ended = one.ended_on is not None
            db.session.add(
                Stay(
                    bed_id=bed.id,
                    resident_id=one.id,
                    from_on=one.supported_from,
                    left_on=one.ended_on,
                    left_for=LeftFor.SUPPORT_ENDED if ended else None,
                    recorded_at=clock.now(),
                )
            )
            given += 1
        for one in living[:6]:
            for kind, what, quantity, value, paper in rng.sample(THINGS, 2):
                db.session.add(
                    Belonging(
                        resident_id=one.id,
                        kind=kind,
                        what=what,
                        quantity=quantity,
                        value=value,
                        paper=paper,
                        place="库房一号柜" if value is None else "财务室",
                        received_on=end - 20 * DAY,
                        given_by=one.name,
                        witness="李秀兰",
                        state=Kept.KEPT,
                        recorded_at=clock.now(),
                    )
                )
    db.session.flush()
    return given


def _certificates(rng: random.Random, end: dt.date) -> int:
    """What the caregivers' records say, as certificates; most health checks were done again within the last year."""
    months = int(rule(end).body["health_check"]["valid_months"])
    rows, made = db.session.scalars(select(Caregiver).order_by(Caregiver.id)).unique().all(), 0
    for serial, row in enumerate(rows, 1):
        if row.tier is not None and row.tier_passed_on is not None:
            db.session.add(
                Credential(
                    caregiver_id=row.id,
                    kind=CredentialKind.TRAINING,
                    tier=row.tier,
                    issuer="巴林左旗民政局",
                    number=f"MZ{row.tier_passed_on.year}-{serial:05d}",
                    issued_on=row.tier_passed_on,
                    valid_to=row.tier_valid_to,
                    recorded_at=clock.now(),
                )
            )
            made += 1
        if rng.random() < 0.93 or row.health_check_on is None:
            row.health_check_on = end - dt.timedelta(days=rng.randint(3, 350))
        day = row.health_check_on
        db.session.add(
            Credential(
                caregiver_id=row.id,
                kind=CredentialKind.HEALTH_CHECK,
                number=f"TJ{day:%Y%m%d}",
                fit=True,
                issuer="旗疾病预防控制中心",
                issued_on=day,
                valid_to=valid_to(day, months),
                recorded_at=clock.now(),
            )
        )
        made += 1
    db.session.flush()
    return made


def _weights(residents: Sequence[Resident], rng: random.Random, end: dt.date) -> None:
    """A third is weighed once a month; every twentieth of these lost weight since the last time."""
    for n, one in enumerate(row for row in residents if row.status is ResidentStatus.ACTIVE):
        if n % 3:
            continue
        weight, months = rng.randint(480, 720) * 100, 4
        for month in range(months):
            day = end - dt.timedelta(days=29 * (months - month) - 24)
            lost = n % 60 == 3 and month == months - 1
            grams = weight * 92 // 100 if lost else weight + rng.randint(-5, 5) * 100
            if day >= one.supported_from:
                db.session.add(
                    Measurement(
                        resident_id=one.id, taken_on=day, weight=grams // 100 * 100, skin=0, recorded_at=clock.now()
                    )
                )
    db.session.flush()


def _rosters(county: County, side: str, end: dt.date) -> None:
    """A week in three shifts, two people each or more, in turn."""
    house = county.organisations[f"institution_{side}"]
    query = select(Caregiver.id).where(Caregiver.institution_id == house.id, Caregiver.active).order_by(Caregiver.id)
    workers = list(db.session.scalars(query))
    pairs = max(2, len(workers) // 8)
    with transaction() as tx:
        tx.act, tx.actor = "demo.rosters", county.actor("county_officer_a")
        for n in range(7):
            for place, shift in enumerate(("early", "late", "night")):
                put = {workers[(n + place * pairs + k) % len(workers)] for k in range(pairs)}
                db.session.add_all(
                    [
                        RosterShift(institution_id=house.id, day=end + (n - 3) * DAY, shift=shift, caregiver_id=one)
                        for one in put
                    ]
                )


def _sessions(county: County, end: dt.date) -> None:
    """One session that gave certificates, one whose results wait for somebody to confirm them, one that is to come."""
    township, officer = county.actor("township_officer_a"), county.actor("county_officer_a")
    query = (
        select(Caregiver)
        .where(Caregiver.area_code.startswith(TOWNSHIPS["a"]), Caregiver.institution_id.is_(None), Caregiver.active)
        .order_by(Caregiver.tier_valid_to, Caregiver.id)
    )
    near = [row.id for row in db.session.scalars(query.limit(6)).unique()]
    for course, held_on, people, certify in (
        ("full", end - 30 * DAY, near[:3], True),
        ("half", end - 2 * DAY, near[3:5], False),
    ):
        row = _plan(township, course, held_on)
        if people:
            operations.add_to_session(township, row, people)
            operations.record_results(
                township, row, {one: ("6" if course == "full" else "4", str(78 + n)) for n, one in enumerate(people)}
            )
            if certify:
                operations.certify(officer, row)
    coming = _plan(officer, "basic", end + 12 * DAY)
    if near:
        operations.add_to_session(officer, coming, near[-1:])


def _plan(actor: Actor, course: str, held_on: dt.date) -> int:
    return operations.plan_session(
        actor,
        course=course,
        held_on=held_on,
        parts="6" if course == "full" else "4",
        place="林东镇政府二楼会议室",
        teacher="旗医院护理部 包春梅",
    ).id
