"""Beds, stays and belongings on the database: a bed is never two people's, a person never in two beds."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.auth.roles import system_actor
from app.care.queries import Wanted, completion
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotFound, Refused
from app.core.periods import Month
from app.core.transaction import transaction
from app.lodging import documents, operations, queries
from app.lodging.models import Bed, BelongingKind, LeftFor, Stay
from app.lodging.rules import Days, Kept, share
from app.people import operations as people
from app.people.models import Resident
from tests import factories
from tests.care import world
from tests.factories import County
from tests.grading.sheets import noon

TODAY = dt.date(2026, 3, 10)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _today(app: Any) -> Iterator[None]:
    with clock.at(noon(TODAY)):
        yield


def house(county: County, beds: int = 2) -> tuple[Actor, list[Bed]]:
    manager = county.actor("institution_manager_a")
    assert manager.organisation_id is not None
    room = operations.add_room(manager, manager.organisation_id, name="东一", beds=str(beds))
    return manager, list(db.session.scalars(select(Bed).where(Bed.room_id == room.id).order_by(Bed.id)).unique())


def inmates(county: County, number: int) -> list[Resident]:
    house_id = county.actor("institution_manager_a").organisation_id
    more = [factories.resident(f"住院{n}", institution_id=house_id, setting="institutional") for n in range(number - 1)]
    return [county.resident("丙老人"), *more]


def test_random_acts_never_put_two_people_in_one_bed(county: County) -> None:
    manager, beds = house(county, 3)
    persons = inmates(county, 4)
    done = refused = 0
    for seed in range(6):
        rng = random.Random(seed)
        for _step in range(25):
            person, day = rng.choice(persons), TODAY - rng.randint(0, 40) * DAY
            try:
                running = queries.running_stay(person.id)
                act = rng.random()
                if act < 0.65 or running is None:
                    operations.give_bed(manager, person.id, bed_id=rng.choice(beds).id, from_on=day)
                elif act < 0.9:
                    operations.end_stay(manager, running.id, left_on=day, left_for="home")
                else:
                    operations.take_back_stay(manager, running.id, "记错了")
                done += 1
            except DomainError:
                db.session.rollback()
                refused += 1
            stays = list(db.session.scalars(select(Stay)).unique())
            for n, a in enumerate(stays):
                for b in stays[n + 1 :]:
                    if a.bed_id == b.bed_id or a.resident_id == b.resident_id:
                        assert not share((a.from_on, a.left_on), (b.from_on, b.left_on)), (seed, a.id, b.id)
    assert done > 30
    assert refused > 10


def test_the_database_refuses_two_in_one_bed_by_itself(county: County) -> None:
    manager, beds = house(county)
    one, two = inmates(county, 2)
    operations.give_bed(manager, one.id, bed_id=beds[0].id, from_on=TODAY - 9 * DAY)

    def crowd(bed: Bed, person: Resident) -> None:
        with transaction() as tx:
            tx.act = "test.crowd"
            db.session.add(
                Stay(
                    bed_id=bed.id,
                    resident_id=person.id,
                    from_on=TODAY - 3 * DAY,
                    left_on=TODAY,
                    left_for=LeftFor.HOME,
                    recorded_at=clock.now(),
                )
            )
            db.session.flush()

    for bed, person in ((beds[0], two), (beds[1], one)):
        with pytest.raises(DBAPIError, match="share a day"):
            crowd(bed, person)


def test_admission_transfer_and_leaving(county: County) -> None:
    manager, beds = house(county)
    one, two = inmates(county, 2)
    (board,) = queries.boards(manager, TODAY)
    assert (len(board.places), board.taken, board.free, len(board.waiting)) == (2, 0, 2, 2)
    operations.give_bed(manager, one.id, bed_id=beds[0].id, from_on=TODAY - 20 * DAY)
    with pytest.raises(Refused) as told:
        operations.give_bed(manager, two.id, bed_id=beds[0].id, from_on=TODAY - 30 * DAY)
    assert "丙老人" in told.value.message
    second = operations.give_bed(manager, one.id, bed_id=beds[1].id, from_on=TODAY - 5 * DAY)
    first = queries.stays_of(one.id)[1]
    assert (first.left_on, first.left_for) == (TODAY - 5 * DAY, LeftFor.TRANSFER)
    operations.give_bed(manager, two.id, bed_id=beds[0].id, from_on=TODAY - 5 * DAY)
    with pytest.raises(Refused):
        operations.give_bed(manager, one.id, bed_id=beds[1].id, from_on=TODAY)
    with pytest.raises(Refused):
        operations.take_back_stay(manager, first.id, "记错了")
    with pytest.raises(Invalid):
        operations.end_stay(manager, second.id, left_on=TODAY - 6 * DAY, left_for="transfer")
    operations.end_stay(manager, second.id, left_on=TODAY, left_for="home", note="回家过节后不再返回")
    (board,) = queries.boards(manager, TODAY)
    assert (board.taken, board.free, [r.name for r in board.waiting]) == (1, 1, ["丙老人"])
    operations.take_back_stay(manager, second.id, "登记错误")
    with pytest.raises(Refused):
        operations.give_bed(manager, county.resident("丙老人").id, bed_id=beds[0].id, from_on=TODAY)
    operations.change_beds(manager, beds[1].id, "close")
    assert len(queries.boards(manager, TODAY)[0].places) == 1
    with pytest.raises(Refused):
        operations.change_beds(manager, beds[0].id, "close")


def test_a_mistaken_transfer_is_undone(county: County) -> None:
    manager, beds = house(county)
    one = county.resident("丙老人")
    first = operations.give_bed(manager, one.id, bed_id=beds[0].id, from_on=TODAY - 9 * DAY)
    second = operations.give_bed(manager, one.id, bed_id=beds[1].id, from_on=TODAY)
    operations.take_back_stay(manager, second.id, "床号写错")
    assert (first.left_on, first.left_for) == (None, None)


def test_other_houses_and_forms_of_support_are_refused(county: County) -> None:
    manager, beds = house(county)
    other = county.actor("institution_manager_b")
    for act in (
        lambda: operations.give_bed(other, county.resident("丙老人").id, bed_id=beds[0].id, from_on=TODAY),
        lambda: operations.give_bed(other, county.resident("丁老人").id, bed_id=beds[0].id, from_on=TODAY),
        lambda: operations.give_bed(manager, county.resident("甲老人").id, bed_id=beds[0].id, from_on=TODAY),
        lambda: operations.change_beds(other, beds[0].id, "close"),
        lambda: operations.add_room(other, beds[0].room.institution_id, name="西一", beds="1"),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Invalid):
        operations.change_beds(manager, beds[0].id, "burn")
    with pytest.raises(Invalid):
        operations.add_room(manager, beds[0].room.institution_id, name="东一", beds="1")
    with pytest.raises(Invalid):
        operations.add_room(manager, beds[0].room.institution_id, name="东二", beds="13")


def test_days_away_are_the_absences_that_care_counts(county: County) -> None:
    manager, beds = house(county)
    plan = world.planned(county, "丙老人", "a")
    one = county.resident("丙老人")
    operations.give_bed(manager, one.id, bed_id=beds[0].id, from_on=dt.date(2026, 2, 20))
    people.record_absence(manager, one.id, "hospital", dt.date(2026, 3, 3), dt.date(2026, 3, 5))
    people.record_absence(manager, one.id, "leave", dt.date(2026, 3, 9))
    (row,) = queries.month(manager, manager.organisation_id or 0, Month(2026, 3), TODAY)
    assert row.days == Days(bed=10, hospital=3, leave=2)
    assert row.days.present == 5
    assert queries.month(manager, manager.organisation_id or 0, Month(2026, 2), TODAY)[0].days == Days(9)
    first, last = dt.date(2026, 3, 1), TODAY
    due = completion(manager, Wanted(first, last, resident_id=one.id), "resident")[0].due
    away = {dt.date(2026, 3, n) for n in (3, 4, 5, 9, 10)}
    expected = sum(sum(world.due(plan, first + n * DAY).values()) for n in range(10) if first + n * DAY not in away)
    assert due == expected, "planned care leaves out exactly the days the bed's month calls hospital and leave"
    (board,) = queries.boards(manager, TODAY)
    assert (board.taken, board.away, board.free) == (1, 1, 1)
    assert documents.month_pdf(manager, board.institution, Month(2026, 3), [row])[0].getvalue().startswith(b"%PDF")


def test_the_night_ends_stays_of_the_dead_and_the_moved(county: County) -> None:
    manager, beds = house(county)
    one, two = inmates(county, 2)
    first = operations.give_bed(manager, one.id, bed_id=beds[0].id, from_on=TODAY - 20 * DAY)
    second = operations.give_bed(manager, two.id, bed_id=beds[1].id, from_on=TODAY - 20 * DAY)
    assert operations.close_stays(system_actor(), TODAY) == 0
    township = county.actor("township_officer_a")
    people.end_support(township, one.id, TODAY - 2 * DAY, deceased=True, reason="病故")
    people.update_resident(township, two.id, two.version, setting="home", institution_id=None)
    assert operations.close_stays(system_actor(), TODAY) == 2
    assert (first.left_on, first.left_for) == (TODAY - 2 * DAY, LeftFor.SUPPORT_ENDED)
    assert (second.left_on, second.left_for) == (TODAY, LeftFor.HOME)
    assert operations.close_stays(system_actor(), TODAY) == 0


GIVEN = {
    "kind": "clothes", "what": "棉衣", "quantity": "2", "received_on": TODAY, "given_by": "本人", "witness": "李某",
}  # fmt: skip


def test_belongings_are_kept_given_back_and_reported(county: County) -> None:
    worker, one = county.actor("care_worker_a"), county.resident("丙老人")
    coat = operations.receive_belonging(worker, one.id, **GIVEN)
    for wrong, fields in (
        ({"kind": "money"}, {"value", "paper"}),
        ({"kind": "bank_book"}, {"paper"}),
        ({"kind": "money", "value": "12.345", "paper": "协议1"}, {"value"}),
        ({"witness": "本人"}, {"witness"}),
        ({"quantity": "0", "what": "", "given_by": ""}, {"quantity", "what", "given_by"}),
    ):
        with pytest.raises(Invalid) as told:
            operations.receive_belonging(worker, one.id, **{**GIVEN, **wrong})
        assert set(told.value.errors) == fields
    cash = operations.receive_belonging(
        worker, one.id, **{**GIVEN, "kind": "money", "value": "1318.35", "paper": "2026-3"}
    )
    assert (cash.value, cash.kind) == (131835, BelongingKind.MONEY)
    change = {"changed_on": TODAY, "changed_with": "侄子"}
    with pytest.raises(Invalid):
        operations.change_belonging(worker, coat.id, state="lost", **change)
    operations.change_belonging(worker, coat.id, state="lost", note="洗衣房遗失，已告知侄子", **change)
    operations.change_belonging(worker, coat.id, state="kept", **change)
    operations.change_belonging(worker, coat.id, state="returned", **change)
    with pytest.raises(Refused):
        operations.change_belonging(worker, coat.id, state="kept", **change)
    assert queries.belonging_counts(one.id) == {Kept.RETURNED.value: 1, Kept.KEPT.value: 1}
    assert documents.belongings_pdf(worker, one)[0].getvalue().startswith(b"%PDF")
    with pytest.raises(NotFound):
        operations.receive_belonging(worker, county.resident("丁老人").id, **GIVEN)
    with pytest.raises(NotFound):
        operations.change_belonging(county.actor("institution_manager_b"), cash.id, state="returned", **change)


def test_beds_by_pages(county: County, sign_in: Any) -> None:
    client, manager = sign_in("institution_manager_a"), county.actor("institution_manager_a")
    house_id, one = manager.organisation_id, county.resident("丙老人")

    def token() -> dict[str, str]:
        page = client.get("/account").get_data(as_text=True)
        return {"csrf_token": page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]}

    assert client.post(f"/beds/{house_id}/rooms", data={**token(), "name": "", "beds": "x"}).status_code == 422
    assert client.post(f"/beds/{house_id}/rooms", data={**token(), "name": "南三", "beds": "2"}).status_code == 302
    bed = db.session.scalars(select(Bed).order_by(Bed.id)).unique().first()
    assert bed is not None
    new = f"/residents/{one.id}/stays/new"
    assert "南三-1" in client.get(new).get_data(as_text=True)
    assert client.post(new, data={**token(), "bed_id": "", "from_on": TODAY.isoformat()}).status_code == 422
    assert client.post(new, data={**token(), "bed_id": bed.id, "from_on": "2026-03-01"}).status_code == 302
    page = client.get("/beds").get_data(as_text=True)
    assert "丙老人" in page
    assert "2026年3月1日" in page
    for url in (
        f"/beds/{house_id}", f"/beds/{house_id}/days", f"/beds/{house_id}/days?month=2026-02", f"/beds/{house_id}/days.xlsx",
        f"/beds/{house_id}/days.pdf", "/beds.csv", f"/residents/{one.id}/belongings", f"/residents/{one.id}/belongings.pdf",
        f"/residents/{one.id}",
    ):  # fmt: skip
        assert client.get(url).status_code == 200, url
    stay = db.session.scalars(select(Stay)).unique().one()
    gone = {"left_on": TODAY.isoformat(), "left_for": "home"}
    assert client.post(f"/stays/{stay.id}/end", data={**token(), **gone, "left_for": ""}).status_code == 422
    assert client.post(f"/stays/{stay.id}/end", data={**token(), **gone}).status_code == 302
    client = sign_in("county_officer_a")
    assert client.get("/beds").status_code == 200
    assert client.get(new).status_code == 403
    assert sign_in("institution_manager_b").get(f"/beds/{house_id}").status_code == 404
