"""Acts on residents' records: checks, versions, end of support, absences, full views."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Invalid, NotFound, Refused
from app.core.models import AuditEntry
from app.core.transaction import transaction
from app.people import operations, queries
from app.people.models import Resident, ResidentStatus, Setting, Sex
from tests.factories import TOWNSHIP_A, VILLAGE_A, VILLAGE_B, id_number

BORN = dt.date(1946, 5, 12)
GOOD = {
    "name": "单田芳",
    "sex": "2",
    "born_on": "1946-05-12",
    "ethnicity": "02",
    "area_code": VILLAGE_A,
    "setting": "home",
    "supported_from": "2025-01-01",
}


def _create(county, **fields: object) -> Resident:
    return operations.create_resident(county.actor("township_officer_a"), **{**GOOD, **fields})


def test_a_resident_gets_the_next_number_and_every_field(county) -> None:
    row = _create(
        county,
        id_number=id_number(BORN, Sex.FEMALE, 7).lower(),
        education="1",
        religion="萨满",
        marital="3",
        living="1",
        medical_payment=["3", "4"],
        income_sources=["1"],
        address="东城村12号",
        phone="138 0000 0000",
        health_notes="高血压\r\n青霉素过敏",
        guardian_name="单某",
        guardian_relation="3",
        guardian_phone="0476-7862000",
    )
    second = _create(county, name="第二人")
    assert (len(row.number), row.number[0]) == (7, "R")
    assert int(second.number[1:]) == int(row.number[1:]) + 1
    db.session.expire_all()
    assert row.id_number == id_number(BORN, Sex.FEMALE, 7)
    assert row.health_notes == "高血压\n青霉素过敏"
    assert (row.phone, row.religion, row.medical_payment) == ("13800000000", "萨满", ["3", "4"])
    assert "|shantianfang|stf" in row.search


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        (id_number(BORN, Sex.FEMALE, 7), True),
        (id_number(BORN, Sex.FEMALE, 7).replace("9", "９"), True),
        (id_number(BORN, Sex.MALE, 7), False),
        (id_number(dt.date(1946, 5, 13), Sex.FEMALE, 7), False),
        ("11010519491231002X", False),
        ("440524188001010014", False),
        ("999999460512002", False),
        ("abc", False),
    ],
)
def test_the_id_number_is_checked_against_birth_and_sex(county, number: str, fits: bool) -> None:
    if fits:
        assert _create(county, id_number=number).id_number == id_number(BORN, Sex.FEMALE, 7)
        return
    with pytest.raises(Invalid) as refused:
        _create(county, id_number=number)
    assert set(refused.value.errors) == {"id_number"}


def test_the_published_vector_is_accepted(county) -> None:
    row = _create(county, id_number="11010519491231002x", born_on="1949-12-31", sex="2")
    assert row.id_number == "11010519491231002X"


def test_a_second_record_of_one_id_does_not_tell_where_the_first_is(county) -> None:
    foreign = county.resident("乙老人")
    with pytest.raises(Invalid) as refused:
        _create(county, id_number=foreign.id_number, born_on=foreign.born_on, sex=foreign.sex)
    message = refused.value.errors["id_number"]
    assert not any(word in message for word in ("乙", foreign.number, "隆昌", VILLAGE_B))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"sex": "9"}, "sex"),
        ({"born_on": "2026-02-30"}, "born_on"),
        ({"born_on": "0001-01-01"}, "born_on"),
        ({"born_on": "9999-12-31"}, "born_on"),
        ({"ethnicity": "57"}, "ethnicity"),
        ({"area_code": VILLAGE_B}, "area_code"),
        ({"area_code": TOWNSHIP_A}, "area_code"),
        ({"area_code": "%"}, "area_code"),
        ({"phone": "12345"}, "phone"),
        ({"education": "7"}, "education"),
        ({"medical_payment": ["9"]}, "medical_payment"),
        ({"setting": "institutional"}, "institution_id"),
        ({"setting": "institutional", "institution_id": "9" * 25}, "institution_id"),
        ({"guardian_phone": "13800000000"}, "guardian_name"),
        ({"supported_from": "1930-01-01"}, "supported_from"),
    ],
)
def test_wrong_entries_are_named_and_nothing_is_stored(county, fields: dict[str, object], wrong: str) -> None:
    before = db.session.scalar(select(func.count()).select_from(Resident))
    with pytest.raises(Invalid) as refused:
        _create(county, **fields)
    assert wrong in refused.value.errors
    assert db.session.scalar(select(func.count()).select_from(Resident)) == before


def test_an_institution_is_one_of_the_actor_s(county) -> None:
    foreign, own = county.organisation("institution_b"), county.organisation("institution_a")
    with pytest.raises(Invalid):
        _create(county, setting="institutional", institution_id=foreign.id)
    assert _create(county, setting="institutional", institution_id=str(own.id)).institution_id == own.id
    assert _create(county, name="在家", setting="home", institution_id=own.id).institution_id is None


def test_a_change_meanwhile_is_refused(county) -> None:
    actor, row = county.actor("township_officer_a"), county.resident("甲老人")
    seen = row.version
    operations.update_resident(actor, row.id, seen, name="甲先生")
    with pytest.raises(Refused):
        operations.update_resident(actor, row.id, seen, name="甲女士")
    db.session.expire_all()
    assert (row.name, row.version) == ("甲先生", seen + 1)


def test_a_change_keeps_what_is_not_given_and_says_what_changed(county) -> None:
    actor, row = county.actor("township_officer_a"), county.resident("甲老人")
    number = row.id_number
    operations.update_resident(actor, row.id, row.version, phone="13911112222", setting=Setting.HOME)
    assert (row.id_number, row.phone) == (number, "13911112222")
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert "13911112222" not in entry.changes
    assert "phone_enc" in json.loads(entry.changes)


def test_a_change_of_birth_that_contradicts_the_id_is_refused(county) -> None:
    actor, row = county.actor("township_officer_a"), county.resident("甲老人")
    with pytest.raises(Invalid) as refused:
        operations.update_resident(actor, row.id, row.version, born_on="1950-01-01")
    assert "id_number" in refused.value.errors


@pytest.mark.parametrize("who", ["village_officer_a", "caregiver_a", "assessor_a", "auditor", "system_admin"])
def test_who_may_not_write_does_not(county, who: str) -> None:
    row = county.resident("甲老人")
    with pytest.raises(Forbidden):
        operations.update_resident(county.actor(who), row.id, row.version, name="x")


def test_a_foreign_record_does_not_exist(county) -> None:
    actor, foreign = county.actor("township_officer_a"), county.resident("乙老人")
    for act in (
        lambda: operations.update_resident(actor, foreign.id, foreign.version, name="x"),
        lambda: operations.end_support(actor, foreign.id, clock.today(), True, "x"),
        lambda: operations.record_absence(actor, foreign.id, "leave", clock.today()),
        lambda: operations.reveal(actor, foreign.id, "id_number", "because"),
    ):
        with pytest.raises(NotFound):
            act()


def test_support_ends_once_and_closes_the_open_absence(county) -> None:
    actor, row, today = county.actor("township_officer_a"), county.resident("甲老人"), clock.today()
    operations.record_absence(actor, row.id, "hospital", today - dt.timedelta(days=9))
    operations.end_support(actor, row.id, today, True, "死亡证明")
    assert (row.status, row.ended_on) == (ResidentStatus.DECEASED, today)
    assert [a.to_on for a in queries.absences(row.id)] == [today]
    with pytest.raises(Refused):
        operations.end_support(actor, row.id, today, True, "again")
    operations.resume_support(actor, row.id, "记错人")
    assert (row.status, row.ended_on, row.end_reason) == (ResidentStatus.ACTIVE, None, None)
    with pytest.raises(Refused):
        operations.resume_support(actor, row.id, "again")


@pytest.mark.parametrize("days", [1, -100_000])
def test_support_ends_neither_tomorrow_nor_before_it_began(county, days: int) -> None:
    actor, row = county.actor("township_officer_a"), county.resident("甲老人")
    with pytest.raises(Invalid) as refused:
        operations.end_support(actor, row.id, clock.today() + dt.timedelta(days=days), False, "x y")
    assert set(refused.value.errors) == {"ended_on"}


def test_absences_never_overlap(county) -> None:
    actor, row = county.actor("village_officer_a"), county.resident("甲老人")
    first = operations.record_absence(actor, row.id, "hospital", dt.date(2025, 3, 1), dt.date(2025, 3, 10))
    for begin, end in [((2025, 3, 10), (2025, 3, 12)), ((2025, 2, 1), (2025, 3, 1)), ((2025, 2, 1), None)]:
        with pytest.raises(Refused):
            operations.record_absence(actor, row.id, "leave", dt.date(*begin), dt.date(*end) if end else None)
    still_away = operations.record_absence(actor, row.id, "leave", dt.date(2025, 3, 11))
    with pytest.raises(Refused):
        operations.record_absence(actor, row.id, "leave", dt.date(2025, 6, 1), dt.date(2025, 6, 2))
    with pytest.raises(Invalid):
        operations.close_absence(actor, still_away.id, dt.date(2025, 3, 10))
    operations.close_absence(actor, still_away.id, dt.date(2025, 3, 20))
    with pytest.raises(Refused):
        operations.close_absence(actor, still_away.id, dt.date(2025, 3, 21))
    assert [a.id for a in queries.absences(row.id, (dt.date(2025, 3, 10), dt.date(2025, 3, 10)))] == [first.id]
    operations.cancel_absence(actor, first.id, reason="登记错误")
    assert [a.id for a in queries.absences(row.id)] == [still_away.id]


def test_a_full_view_needs_a_reason_and_leaves_an_entry(county) -> None:
    actor, row = county.actor("township_officer_a"), county.resident("甲老人")
    with pytest.raises(Invalid):
        operations.reveal(actor, row.id, "id_number", " ")
    with pytest.raises(NotFound):
        operations.reveal(actor, row.id, "search", "because")
    with pytest.raises(Forbidden):
        operations.reveal(county.actor("care_worker"), row.id, "id_number", "because")
    assert operations.reveal(actor, row.id, "id_number", "核对医保") == row.id_number
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.act, entry.object_type, entry.object_id, entry.reason) == (
        "people.reveal",
        "resident",
        str(row.id),
        "核对医保",
    )
    assert row.id_number not in entry.changes


def test_a_caregiver_is_assigned_inside_an_act_only(county) -> None:
    actor, row = county.actor("township_officer_a"), county.resident("丙老人")
    carer = county.caregiver("护理员1")
    with pytest.raises(RuntimeError):
        operations.assign_caregiver(actor, row.id, carer.id)
    with transaction() as tx:
        tx.act = "test"
        with pytest.raises(Forbidden):
            operations.assign_caregiver(county.actor("volunteer"), row.id, carer.id)
        operations.assign_caregiver(actor, row.id, carer.id)
    assert row.caregiver_id == carer.id
    with transaction() as tx:
        tx.act = "test"
        operations.assign_caregiver(actor, row.id, None)
    assert row.caregiver_id is None
