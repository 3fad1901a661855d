"""Training from the session to the gate of the contract; certificates, exceptions, what runs out, rosters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.auth.roles import system_actor
from app.care import operations as care
from app.contracts import drafting
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import DomainError, Forbidden, Invalid, NotFound, Refused
from app.core.transaction import transaction
from app.people.models import Caregiver, Resident, Tier
from app.workforce import documents, jobs, operations, queries
from app.workforce.models import Credential, SessionState, TrainingEntry, TrainingSession
from app.workforce.queries import lessons
from app.workforce.queries.expiries import Asked, expiries
from app.workforce.queries.staffing import houses
from tests import factories
from tests.care import world
from tests.factories import VILLAGE_B, County
from tests.grading.sheets import noon

TODAY = dt.date(2026, 3, 10)
DAY = dt.timedelta(days=1)
PLAIN = Asked()


@pytest.fixture(autouse=True)
def _today(app: Any) -> Iterator[None]:
    with clock.at(noon(TODAY)):
        yield


def novice(name: str = "新手", **fields: Any) -> Caregiver:
    """A caregiver without any training."""
    with transaction() as tx:
        tx.act = "test.novice"
        row = factories.caregiver(name, **fields)
        row.tier = row.tier_passed_on = row.tier_valid_to = None
        db.session.flush()
    return row


def planned(actor: Actor, course: str = "full", held_on: dt.date = TODAY, parts: str = "5") -> TrainingSession:
    return operations.plan_session(
        actor, course=course, held_on=held_on, parts=parts, place="镇会议室", teacher="王老师"
    )


def test_who_passes_gets_the_tier_and_who_recorded_does_not_confirm(county: County) -> None:
    township, officer = county.actor("township_officer_a"), county.actor("county_officer_a")
    good, late, absent = novice("勤学"), novice("迟到"), novice("缺席")
    row = planned(township)
    operations.add_to_session(township, row.id, [good.id, late.id, absent.id])
    with pytest.raises(Refused):
        operations.certify(township, row.id)
    operations.record_results(township, row.id, {good.id: ("4", "60"), late.id: ("3", "100")})
    assert row.state is SessionState.PLANNED, "one entry is missing: nothing to confirm yet"
    operations.record_results(township, row.id, {good.id: ("4", "60"), late.id: ("3", "100"), absent.id: ("0", "")})
    assert row.state is SessionState.RECORDED
    with pytest.raises(Refused):
        operations.certify(township, row.id)
    other = county.actor("county_officer_b")
    assert operations.certify(other, row.id) == 1
    assert (good.tier, good.tier_passed_on, good.tier_valid_to) == (Tier.T3, TODAY, dt.date(2028, 3, 9))
    assert late.tier is None
    assert absent.tier is None
    made = db.session.scalars(select(Credential).where(Credential.caregiver_id == good.id)).unique().one()
    assert made.number == "PX2026-000001"
    data, name = documents.certificate_pdf(officer, made)
    assert data.getvalue().startswith(b"%PDF")
    assert name == "PX2026-000001.pdf"
    assert documents.attendance_pdf(township, row)[0].getvalue().startswith(b"%PDF")
    for act in (
        lambda: operations.add_to_session(township, row.id, [good.id]),
        lambda: operations.record_results(township, row.id, {}),
        lambda: operations.cancel_session(township, row.id, "不办了"),
        lambda: operations.certify(other, row.id),
    ):
        with pytest.raises(Refused):
            act()


def test_results_are_read_and_refused_in_words(county: County) -> None:
    township, carer = county.actor("township_officer_a"), novice()
    row = planned(township, held_on=TODAY + DAY)
    operations.add_to_session(township, row.id, [carer.id, carer.id])
    assert len(queries.entries(township, row.id)) == 1
    with pytest.raises(Refused):
        operations.record_results(township, row.id, {carer.id: ("1", "1")})
    row = planned(township)
    operations.add_to_session(township, row.id, [carer.id])
    with pytest.raises(Invalid) as told:
        operations.record_results(township, row.id, {carer.id: ("6", "101")})
    assert set(told.value.errors) == {f"attended_{carer.id}", f"points_{carer.id}"}
    operations.remove_from_session(township, row.id, carer.id)
    assert queries.entries(township, row.id) == []
    with pytest.raises(Invalid):
        operations.plan_session(township, course="nothing", held_on=TODAY, parts="0", place="", teacher="")
    with pytest.raises(NotFound):
        operations.add_to_session(township, row.id, [novice("外乡", area_code=VILLAGE_B).id])


def test_sessions_belong_to_who_holds_them(county: County) -> None:
    here, there = county.actor("township_officer_a"), county.actor("township_officer_b")
    manager, other = county.actor("institution_manager_a"), county.actor("institution_manager_b")
    town, house = planned(here), planned(manager)
    of_county = planned(county.actor("county_officer_a"))
    assert house.institution_id == manager.organisation_id
    for actor, row in ((there, town), (there, house), (other, house), (other, town)):
        with pytest.raises(NotFound):
            queries.session(actor, row.id)
    for actor in (here, there, manager, other):
        assert queries.session(actor, of_county.id) is not None
        with pytest.raises(NotFound):
            operations.cancel_session(actor, of_county.id, "不办了")
    with pytest.raises(Forbidden):
        operations.certify(manager, house.id)


def test_a_higher_tier_that_ran_out_gives_way_to_one_that_holds(county: County) -> None:
    officer, carer = county.actor("county_officer_a"), novice()
    given = {"kind": "training", "issuer": "旗民政局"}
    operations.record_credential(
        officer, carer.id, **given, tier="T1", number="A1", issued_on=TODAY - 300 * DAY, valid_to=TODAY + 400 * DAY
    )
    three = operations.record_credential(
        officer, carer.id, **given, tier="T3", number="A3", issued_on=TODAY - 200 * DAY, valid_to=TODAY + 10 * DAY
    )
    assert carer.tier is Tier.T3
    with clock.at(noon(TODAY + 11 * DAY)):
        assert "1 tiers renewed" in jobs.notice(TODAY + 11 * DAY)
        assert carer.tier is Tier.T1
        assert "0 tiers renewed" in jobs.notice(TODAY + 11 * DAY)
    operations.withdraw_credential(officer, three.id, "登记有误")
    assert (carer.tier, carer.tier_valid_to) == (Tier.T1, TODAY + 400 * DAY)
    with pytest.raises(Refused):
        operations.withdraw_credential(officer, three.id, "登记有误")


def test_an_institution_records_health_checks_and_no_training(county: County) -> None:
    manager = county.actor("institution_manager_a")
    carer = novice(institution_id=manager.organisation_id)
    with pytest.raises(Invalid) as told:
        operations.record_credential(
            manager, carer.id, kind="training", tier="T3", number="X", issuer="本院", issued_on=TODAY
        )
    assert set(told.value.errors) == {"kind"}
    made = operations.record_credential(
        manager, carer.id, kind="health_check", fit="0", issuer="卫生院", issued_on=TODAY
    )
    assert (made.fit, made.valid_to, carer.health_check_on) == (False, dt.date(2027, 3, 9), TODAY)
    with pytest.raises(Invalid):
        operations.record_credential(manager, carer.id, kind="health_check", fit="", issuer="", issued_on=TODAY + DAY)
    with pytest.raises(Invalid):
        operations.record_credential(manager, carer.id, kind="health_check", fit="1", issuer="卫生院", issued_on=TODAY)


def _graded(county: County, name: str, grade: int) -> Resident:
    """A resident with an approved plan for a grade."""
    world.planned(county, name, {2: "a", 3: "d"}[grade])
    return county.resident(name)


def test_the_gate_refuses_without_the_tier_and_opens_for_a_named_exception(county: County) -> None:
    resident, carer = _graded(county, "甲老人", 3), novice()
    officer = county.actor("county_officer_a")

    def obstacles(on: dt.date) -> list[str]:
        draft = drafting.gather(resident, carer, on, on + 300 * DAY)
        return [text for text in draft.obstacles if "培训" in text or "training" in text]

    assert len(obstacles(TODAY)) == 1
    with pytest.raises(Forbidden):
        operations.grant_override(county.actor("township_officer_a"), carer.id, resident_id=resident.id)
    wrong = {"resident_id": resident.id, "from_on": TODAY, "until_on": TODAY + 200 * DAY, "reason": ""}
    with pytest.raises(Invalid) as told:
        operations.grant_override(officer, carer.id, **wrong)
    assert set(told.value.errors) == {"until_on", "reason"}
    right = {**wrong, "until_on": TODAY + 20 * DAY, "reason": "本村暂无合格人员，4月补训"}
    made = operations.grant_override(officer, carer.id, **right)
    assert (made.tier, made.granted_by_name) == (Tier.T3, officer.name)
    with pytest.raises(Refused):
        operations.grant_override(officer, carer.id, **right)
    assert obstacles(TODAY) == obstacles(TODAY + 20 * DAY) == []
    assert len(obstacles(TODAY + 21 * DAY)) == 1, "the exception ends by itself"
    assert drafting.gather(resident, carer, TODAY, TODAY + 300 * DAY).exception is made
    assert len(drafting.gather(county.resident("乙老人"), carer, TODAY, TODAY).obstacles) > 0
    operations.end_override(officer, made.id, "已完成培训")
    assert len(obstacles(TODAY)) == 1
    with pytest.raises(Refused):
        operations.end_override(officer, made.id, "已完成培训")
    with pytest.raises(Refused):
        operations.grant_override(
            officer,
            county.caregiver("护理员1").id,
            resident_id=resident.id,
            from_on=TODAY,
            until_on=TODAY,
            reason="临时",
        )


def test_what_runs_out_is_told_once_and_only_to_whom_it_concerns(county: County) -> None:
    resident, carer = _graded(county, "甲老人", 3), novice("到期者")
    officer, township = county.actor("county_officer_a"), county.actor("township_officer_a")
    operations.record_credential(
        officer,
        carer.id,
        kind="training",
        tier="T2",
        number="B2",
        issuer="旗民政局",
        issued_on=TODAY - 100 * DAY,
        valid_to=TODAY + 60 * DAY,
    )
    for number, last in (("C1", 5), ("C2", 400)):
        operations.record_credential(
            officer,
            carer.id,
            kind="first_aid",
            number=number,
            issuer="红十字会",
            issued_on=TODAY - 10 * DAY,
            valid_to=TODAY + last * DAY,
        )
    operations.grant_override(
        officer, carer.id, resident_id=resident.id, from_on=TODAY, until_on=TODAY + 14 * DAY, reason="补训期间"
    )

    def told(on: dt.date, asked: Asked = PLAIN, actor: Actor = township) -> set[tuple[str, str]]:
        return {(one.kind, one.standing) for one in expiries(actor, on, asked) if one.person_id == carer.id}

    assert told(TODAY) == {("training", "soon"), ("health_check", "none"), ("override", "soon")}
    assert told(TODAY, Asked(until=TODAY + 500 * DAY)) == told(TODAY) | {("first_aid", "valid")}
    assert told(TODAY, Asked(standing="soon", kind="training")) == {("training", "soon")}
    assert told(TODAY + 61 * DAY) == {("training", "over"), ("health_check", "none")}
    with transaction() as tx:
        tx.act = "test.assign"
        resident.caregiver_id = carer.id
    assert ("gap", "over") not in told(TODAY), "the exception acts"
    assert told(TODAY + 15 * DAY) >= {("gap", "over"), ("override", "over")}
    assert told(TODAY, actor=county.actor("township_officer_b")) == set()
    assert {one.kind for one in expiries(officer, TODAY, Asked(until=dt.date(2100, 1, 1)))} > {"assessor", "training"}
    assert "override soon 1" in jobs.notice(TODAY)
    table = documents.expiry_table(officer, expiries(officer, TODAY, Asked()), "csv", {})
    assert "到期者" in table.data.decode("utf-8-sig")


def test_a_house_needs_workers_by_grade_presence_and_shift(county: County) -> None:
    manager, house_id = county.actor("institution_manager_a"), county.actor("institution_manager_a").organisation_id
    assert house_id is not None
    resident = _graded(county, "丙老人", 2)
    for n in range(6):
        factories.resident(f"未定档{n}", institution_id=house_id, setting="institutional", supported_from=TODAY)
    worker = factories.caregiver("院护理", institution_id=house_id)
    beginner = novice("院新手", institution_id=house_id)
    (house,) = houses(manager, TODAY)
    assert (house.residents, house.ungraded, house.needed, house.trained, house.short) == (7, 6, 3, 1, 2)
    assert [shift.needed for shift in house.shifts] == [1, 1, 1]
    assert [shift.unqualified for shift in house.shifts] == [True, True, True]
    operations.set_roster(manager, house_id, TODAY, {"early": [beginner.id], "night": [worker.id]})
    (house,) = houses(manager, TODAY)
    assert [(len(s.workers), s.short, s.unqualified) for s in house.shifts] == [
        (1, 0, True),
        (0, 1, True),
        (1, 0, False),
    ]
    operations.copy_day(manager, house_id, TODAY + DAY, TODAY)
    assert [len(s.workers) for s in houses(manager, TODAY + DAY)[0].shifts] == [1, 0, 1]
    operations.set_roster(manager, house_id, TODAY, {})
    assert [len(s.workers) for s in houses(manager, TODAY)[0].shifts] == [0, 0, 0]
    with pytest.raises(NotFound):
        operations.set_roster(manager, house_id, TODAY, {"early": [county.caregiver("护理员1").id]})
    with pytest.raises(NotFound):
        operations.set_roster(county.actor("institution_manager_b"), house_id, TODAY, {})
    with pytest.raises(Invalid):
        operations.set_roster(manager, house_id, TODAY + 93 * DAY, {})
    with pytest.raises(Invalid):
        operations.copy_day(manager, house_id, TODAY + 9 * DAY, TODAY + 8 * DAY)
    from app.people.operations import record_absence

    record_absence(manager, resident.id, "hospital", TODAY)
    (house,) = houses(manager, TODAY)
    assert (house.residents, house.away, house.needed) == (6, 1, 2)
    assert houses(county.actor("caregiver_a"), TODAY) == []


def test_the_database_keeps_certificates_as_they_were(county: County) -> None:
    officer, carer = county.actor("county_officer_a"), novice()
    made = operations.record_credential(
        officer, carer.id, kind="training", tier="T1", number="A1", issuer="旗民政局", issued_on=TODAY
    )

    def forge() -> None:
        with transaction() as tx:
            tx.act = "test.forge"
            made.tier = Tier.T3
            db.session.flush()

    with pytest.raises(DBAPIError, match="only withdrawn"):
        forge()


def test_the_system_refreshes_and_nobody_else(county: County) -> None:
    with pytest.raises(DomainError):
        operations.refresh_training(county.actor("county_officer_a"), TODAY)
    assert operations.refresh_training(system_actor(), TODAY) == 0


def test_avoidable_incidents_and_unsafe_signs_propose_lessons_in_pages(county: County, sign_in: Any) -> None:
    officer, mine = county.actor("county_officer_a"), county.caregiver()
    assert lessons.proposal(officer, mine.id, TODAY).weak == []
    given = {"kind": "choking", "happened_on": TODAY - DAY, "severity": "minor", "note": "喝水呛咳"}
    row = care.report_incident(county.actor("caregiver_a"), county.resident().id, **given)
    assert lessons.proposal(officer, mine.id, TODAY).weak == [], "not judged yet"
    care.judge_incident(officer, row.id, avoidable=True, reason="体位不对")
    found = lessons.proposal(officer, mine.id, TODAY)
    assert [(item, percent) for item, percent, _why in found.weak] == [("S01", None)]
    ((_item, _percent, (why,)),) = found.weak
    assert (why.name, why.page, dict(why.values)) == ("choking", "care.incident", {"incident_id": row.id})
    assert [one["id"] for one in found.lessons] == ["feeding"]
    other = factories.resident("乙远", area_code=VILLAGE_B, caregiver_id=novice("远方").id)
    second = care.report_incident(county.actor("township_officer_b"), other.id, **given | {"kind": "fall"})
    care.judge_incident(officer, second.id, avoidable=True, reason="地滑")
    pages = [lessons.weakest(officer, TODAY, size=1)]
    pages.append(lessons.weakest(officer, TODAY, pages[0].following or 0, size=1))
    assert [[row[1] for row in page.rows] for page in pages] in ([["护理员1"], ["远方"]], [["远方"], ["护理员1"]])
    assert pages[1].following is None
    assert 'rel="prev"' in sign_in("county_officer_a").get("/lessons?start=1").get_data(as_text=True)
    assert lessons.weakest(county.actor("township_officer_a"), TODAY).rows[0][1] == "护理员1"


def test_the_order_of_last_night_is_the_order_of_now(county: County) -> None:
    """The night's work changes nothing but how much is read; what it kept for another day is not used."""
    world.planned(county)
    world.planned(county, "乙老人")
    world.record(county, TODAY - DAY, {"S01": {"outcome": "done"}})
    officer = county.actor("county_officer_a")
    live = lessons.weakest(officer, TODAY).rows
    assert len(live) >= 2
    assert operations.keep_standings(system_actor(), TODAY) == len(live)
    assert operations.keep_standings(system_actor(), TODAY) == len(live), "the same night twice"
    assert lessons.weakest(officer, TODAY).rows == live
    world.record(county, TODAY - DAY, {"S02": {"outcome": "done"}})
    kept = {
        row[0]: {item: percent for item, percent, _why in row[3].weak} for row in lessons.weakest(officer, TODAY).rows
    }
    assert kept[county.caregiver().id] != {item: percent for item, percent, _why in live[-1][3].weak}, (
        "figures are read anew"
    )
    with clock.at(noon(TODAY + DAY)):
        assert lessons.weakest(officer, TODAY + DAY).rows[0][2] is not None
    mine = lessons.weakest(county.actor("township_officer_a"), TODAY).rows
    assert {row[0] for row in mine} < {row[0] for row in live}, "each area its own"


def test_what_a_visit_found_wanting_proposes_lessons_with_its_evidence(county: County, sign_in: Any) -> None:
    officer, mine = county.actor("county_officer_a"), county.caregiver()
    seen = {"visited_on": TODAY - DAY, "clean": False, "skin": False, "steady": True}
    visit = care.record_visit(county.actor("township_officer_a"), county.resident().id, **seen)
    found = {item: why for item, _percent, why in lessons.proposal(officer, mine.id, TODAY).weak}
    assert {item: [one.name for one in why] for item, why in found.items()} == {
        "S02": ["record_clean"], "S07": ["record_clean"], "S08": ["record_clean"], "S06": ["record_skin", "sign_skin"],
    }  # fmt: skip
    assert {dict(one.values).get("visit_id") for one in found["S02"]} == {visit.id}
    page = sign_in("county_officer_a").get("/lessons").get_data(as_text=True)
    assert f'href="/visits/{visit.id}"' in page
    assert f'href="/visits/{visit.id}"' in sign_in("county_officer_a").get(f"/caregivers/{mine.id}").get_data(
        as_text=True
    )


def test_training_by_pages(county: County, sign_in: Any) -> None:
    carer, client = novice("张三妹"), sign_in("township_officer_a")

    def token() -> dict[str, str]:
        page = client.get("/account").get_data(as_text=True)
        return {"csrf_token": page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]}

    course = {"course": "half", "held_on": TODAY.isoformat(), "parts": "4", "place": "镇政府", "teacher": "李医生"}
    assert client.post("/training/new", data={**token(), **course, "place": ""}).status_code == 422
    assert client.post("/training/new", data={**token(), **course}).status_code == 302
    row = db.session.scalars(select(TrainingSession)).unique().one()
    url = f"/training/{row.id}"
    client.post(f"{url}/people", data={**token(), "caregivers": [str(carer.id)]})
    assert "张三妹" in client.get(url).get_data(as_text=True)
    bad = client.post(f"{url}/results", data={**token(), f"attended_{carer.id}": "9", f"points_{carer.id}": "80"})
    assert bad.status_code == 422
    assert 'value="9"' in bad.get_data(as_text=True)
    client.post(f"{url}/results", data={**token(), f"attended_{carer.id}": "4", f"points_{carer.id}": "80"})
    client.post(f"{url}/certify", data=token())
    assert db.session.scalars(select(Credential)).unique().all() == [], "the same person does not confirm"
    client = sign_in("county_officer_a")
    client.post(f"{url}/certify", data=token())
    entry = db.session.scalars(select(TrainingEntry)).unique().one()
    assert entry.credential_id is not None
    assert client.get(f"/credentials/{entry.credential_id}/certificate.pdf").mimetype == "application/pdf"
    for page in ("/training", "/training.csv", "/expiries", "/expiries.csv", "/lessons", "/staffing", "/staffing.xlsx"):
        assert client.get(page).status_code == 200, page
    assert "PX2026-000001" in client.get(f"/caregivers/{carer.id}").get_data(as_text=True)
