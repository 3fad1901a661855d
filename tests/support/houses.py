"""The houses of the lively county: rooms, beds, belongings, training and exceptions."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from app.core.db import db
from app.core.transaction import transaction
from app.demo import county as demo
from app.lodging import operations as lodging
from app.lodging.models import Bed
from app.people.models import Resident
from app.trends import operations as trends
from app.workforce import operations as workforce
from tests import factories
from tests.support.lively import (
    NOW,
    VILLAGE_OF,
)

TRAINEES = {"邻初学": "n", "丁初学": "ib"}


def houses(county: demo.County, persons: dict[str, Resident]) -> None:
    """On both sides a training session with somebody in it, a certificate, an exception, beds, a stay, a belonging."""
    today, trainees = NOW.date(), {}
    with transaction() as tx:
        tx.act = "test.trainees"
        for name, place in TRAINEES.items():
            home = county_home(place)
            row = factories.caregiver(name, area_code=VILLAGE_OF[place], institution_id=home)
            row.tier = row.tier_passed_on = row.tier_valid_to = None
            db.session.flush()
            trainees[place] = row
    for side, place, neighbour, inside in (("a", "n", "邻老人", "丙老人"), ("b", "ib", "丁老人", "丁老人")):
        township, manager = county.actor(f"township_officer_{side}"), county.actor(f"institution_manager_{side}")
        row = workforce.plan_session(
            township, course="basic", held_on=today, parts="4", place=f"{side}会议室", teacher="王老师"
        )
        workforce.add_to_session(township, row.id, [trainees[place].id])
        own = workforce.plan_session(manager, course="basic", held_on=today, parts="4", place="本院", teacher="李老师")
        worker = factories.County().caregiver({"a": "丙院护", "b": "丁院护"}[side])
        workforce.add_to_session(manager, own.id, [worker.id])
        workforce.record_credential(
            township, worker.id, kind="training", tier="T3", number=f"T3-{side}", issuer="旗民政局", issued_on=today
        )
        workforce.record_credential(
            township,
            trainees[place].id,
            kind="training",
            tier="T1",
            number=f"T1-{side}",
            issuer="旗民政局",
            issued_on=today,
        )
        workforce.record_credential(
            township, trainees[place].id, kind="health_check", fit="1", issuer="卫生院", issued_on=today
        )
        workforce.grant_override(
            county.actor("county_officer_a"),
            trainees[place].id,
            resident_id=persons[neighbour].id,
            from_on=today,
            until_on=today + dt.timedelta(days=30),
            reason="暂无合格人员",
        )
        for name in {neighbour, inside, {"a": "甲老人", "b": "乙老人"}[side]}:
            trends.record_measurement(township, persons[name].id, taken_on=today, weight="52.5", skin="0")
        house = manager.organisation_id or 0
        room = lodging.add_room(manager, house, name="东一", beds="2")
        bed = db.session.scalars(select(Bed).where(Bed.room_id == room.id).order_by(Bed.id)).unique().first()
        lodging.give_bed(manager, persons[inside].id, bed_id=bed.id if bed else 0, from_on=today)
        lodging.receive_belonging(
            manager,
            persons[inside].id,
            kind="aids",
            what="轮椅",
            quantity="1",
            received_on=today,
            given_by="侄子",
            witness="李某",
        )


def county_home(place: str) -> int | None:
    """The institution of a place, None for a village."""
    home = {"ia": "institution_a", "ib": "institution_b"}.get(place)
    return factories.County().organisation(home).id if home else None
