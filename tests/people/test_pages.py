"""Pages of people and places, as each role opens them."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from app.core.db import db
from app.core.models import AuditEntry
from app.people import operations
from app.people.models import Assessor, Caregiver, Resident
from app.places.models import Organisation
from tests.factories import VILLAGE_A, VILLAGE_B

FORM = {
    "name": "单田芳",
    "sex": "2",
    "born_on": "1946-05-12",
    "ethnicity": "02",
    "area_code": VILLAGE_A,
    "setting": "home",
    "supported_from": "2025-01-01",
}
HOSTILE = [
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    '=HYPERLINK("http://x")',
    "${7*7}",
    "%n%s%x",
    "𠮷田",
    "مرحبا",
    "🏠",
]


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    return found[1] if found else ""


def _post(client, url: str, **data: object):
    page = client.get(url).get_data(as_text=True)
    return client.post(url, data={"csrf_token": _token(page), **data})


def test_every_list_opens_for_those_who_may(county, sign_in) -> None:
    urls = (
        "/residents",
        "/caregivers",
        "/assessors",
        "/areas",
        "/organisations",
        "/areas?q=东城",
        "/residents?q=nobody",
    )
    for who in ("county_officer_a", "auditor"):
        client = sign_in(who)
        for url in urls:
            assert client.get(url).status_code == 200, (who, url)


def test_a_township_opens_every_form(county, sign_in) -> None:
    client, row = sign_in("township_officer_a"), county.resident("甲老人")
    carer = county.caregiver("护理员1")
    for url in (
        "/residents/new",
        "/residents/import",
        f"/residents/{row.id}",
        f"/residents/{row.id}/edit",
        f"/residents/{row.id}/end",
        f"/residents/{row.id}/resume",
        f"/residents/{row.id}/reveal?field=phone",
        f"/residents/{row.id}/absences/new",
        "/caregivers/new",
        f"/caregivers/{carer.id}",
        f"/caregivers/{carer.id}/edit",
        f"/caregivers/{carer.id}/reveal?field=bank_account",
    ):
        assert client.get(url).status_code == 200, url


def test_pages_in_english(county, sign_in) -> None:
    client, row = sign_in("township_officer_a"), county.resident("甲老人")
    with client.session_transaction() as cookie:
        cookie["locale"] = "en"
    for url in ("/residents", f"/residents/{row.id}", "/residents/new", "/residents/import", "/caregivers", "/areas"):
        page = client.get(url)
        assert page.status_code == 200
    assert "Add a resident" in client.get("/residents").get_data(as_text=True)


def test_somebody_else_s_objects_do_not_exist(county, sign_in) -> None:
    client, row, carer = sign_in("township_officer_a"), county.resident("乙老人"), county.caregiver("护理员2")
    house = county.organisation("institution_b")
    urls = [
        f"/residents/{row.id}",
        f"/residents/{row.id}/edit",
        f"/residents/{row.id}/end",
        f"/residents/{row.id}/reveal?field=phone",
        f"/residents/{row.id}/absences/new",
        f"/caregivers/{carer.id}",
        f"/caregivers/{carer.id}/edit",
        f"/organisations/{house.id}",
        f"/areas/{VILLAGE_B}",
    ]
    missing = client.get("/residents/999999999").get_data(as_text=True)
    for url in urls:
        answer = client.get(url)
        assert answer.status_code == 404, url
        assert "乙老人" not in answer.get_data(as_text=True)
    assert "乙老人" not in missing


@pytest.mark.parametrize("bad", ["0", "-1", "9" * 25, "1'", "%00"])
def test_impossible_ids_are_404(county, sign_in, bad: str) -> None:
    client = sign_in("county_officer_a")
    for base in ("residents", "caregivers", "assessors", "organisations"):
        assert client.get(f"/{base}/{bad}").status_code == 404


def test_a_resident_is_added_changed_and_shown_masked(county, sign_in) -> None:
    client = sign_in("township_officer_a")
    answer = _post(client, "/residents/new", **FORM, phone="13800001234", medical_payment=["3", "4"])
    assert answer.status_code == 302
    row = db.session.scalars(select(Resident).where(Resident.name == "单田芳")).unique().one()
    page = client.get(f"/residents/{row.id}").get_data(as_text=True)
    assert "138****1234" in page
    assert "13800001234" not in page
    edit = f"/residents/{row.id}/edit"
    assert "13800001234" not in client.get(edit).get_data(as_text=True)
    answer = _post(client, edit, **FORM, version=row.version)
    assert answer.status_code == 302
    db.session.expire_all()
    assert row.phone == "13800001234"
    assert row.medical_payment == []
    _post(client, edit, **FORM, version=row.version, remove="phone")
    db.session.expire_all()
    assert row.phone is None


def test_what_was_typed_stays_when_somebody_was_faster(county, sign_in) -> None:
    client, row = sign_in("township_officer_a"), county.resident("甲老人")
    seen = row.version
    operations.update_resident(county.actor("township_officer_a"), row.id, seen, name="甲先生")
    answer = _post(client, f"/residents/{row.id}/edit", **{**FORM, "born_on": "1945-03-01", "sex": "1"}, version=seen)
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "单田芳" in page
    assert f'name="version" type="hidden" value="{seen}"' in page


def test_hostile_texts_come_back_as_they_were(county, sign_in) -> None:
    client = sign_in("township_officer_a")
    for text in HOSTILE:
        answer = _post(client, "/residents/new", **{**FORM, "name": text})
        assert answer.status_code == 302, text
        row = db.session.scalars(select(Resident).order_by(Resident.id.desc())).unique().first()
        assert row is not None
        assert row.name == text
        assert client.get(f"/residents/{row.id}").status_code == 200
        assert client.get("/residents", query_string={"q": text}).status_code == 200
        assert "<script>alert" not in client.get("/residents").get_data(as_text=True)


def test_wrong_input_is_422_with_the_input_kept_and_nothing_stored(county, sign_in) -> None:
    client = sign_in("township_officer_a")
    before = db.session.scalar(select(func.count()).select_from(Resident))
    for fields in ({"born_on": "2026-02-30"}, {"id_number": "110105194912310021"}, {"name": ""}, {"sex": "7"}):
        answer = _post(client, "/residents/new", **{**FORM, "address": "保留我", **fields})
        assert answer.status_code == 422, fields
        assert "保留我" in answer.get_data(as_text=True)
    assert db.session.scalar(select(func.count()).select_from(Resident)) == before


def test_a_full_view_is_shown_once_and_logged(county, sign_in) -> None:
    client, row = sign_in("township_officer_a"), county.resident("甲老人")
    url = f"/residents/{row.id}/reveal?field=id_number"
    assert row.id_number not in client.get(url).get_data(as_text=True)
    assert client.post(url, data={"csrf_token": _token(client.get(url).get_data(as_text=True))}).status_code == 422
    assert row.id_number in _post(client, url, reason="核对医保").get_data(as_text=True)
    assert row.id_number not in client.get(url).get_data(as_text=True)
    assert db.session.scalar(select(func.count()).where(AuditEntry.act == "people.reveal")) == 1
    assert client.get(f"/residents/{row.id}/reveal?field=uid").status_code == 404


def test_the_page_tells_the_history(county, sign_in) -> None:
    row, actor = county.resident("甲老人"), county.actor("township_officer_a")
    operations.update_resident(actor, row.id, row.version, living="1", phone="13800000000")
    page = sign_in("township_officer_a").get(f"/residents/{row.id}").get_data(as_text=True)
    assert 'id="history"' in page
    assert actor.name in page
    assert "13800000000" not in page


def test_a_caregiver_sees_large_cards_of_the_own_residents(county, sign_in) -> None:
    client = sign_in("caregiver_a")
    page = client.get("/residents").get_data(as_text=True)
    assert "甲老人" in page
    assert "乙老人" not in page
    row = county.resident("甲老人")
    page = client.get(f"/residents/{row.id}").get_data(as_text=True)
    assert row.id_number[:6] + "*" not in page
    assert 'id="history"' not in page
    assert client.get(f"/residents/{county.resident('乙老人').id}").status_code == 404
    assert client.get("/caregivers").status_code == 403


def test_who_cares_reads_the_health_notes_and_the_look_is_on_record(county, sign_in) -> None:
    row, client = county.resident("甲老人"), sign_in("caregiver_a")
    page = client.get(f"/residents/{row.id}").get_data(as_text=True)
    assert "没有登记健康情况" in page
    county_officer = county.actor("county_officer_a")
    operations.update_resident(county_officer, row.id, row.version, health_notes="青霉素过敏", religion="佛教")
    page = client.get(f"/residents/{row.id}").get_data(as_text=True)
    assert "青霉素过敏" not in page
    token = {"csrf_token": _token(page)}
    answer = client.post(f"/residents/{row.id}/health-notes", data=token)
    assert "青霉素过敏" in answer.get_data(as_text=True)
    assert "佛教" not in answer.get_data(as_text=True)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "people.reveal")).one()
    assert (entry.object_id, entry.actor_name) == (str(row.id), "caregiver_a")
    other = county.resident("乙老人").id
    assert client.post(f"/residents/{other}/health-notes", data=token).status_code == 404
    village = sign_in("village_officer_a")
    token = {"csrf_token": _token(village.get("/account").get_data(as_text=True))}
    assert village.post(f"/residents/{row.id}/health-notes", data=token).status_code == 403


def test_support_ends_by_form(county, sign_in) -> None:
    client, row = sign_in("township_officer_a"), county.resident("甲老人")
    answer = _post(
        client,
        f"/residents/{row.id}/end",
        how="deceased",
        ended_on="2026-01-31",
        reason="死亡证明",
        version=row.version,
    )
    assert answer.status_code == 302
    db.session.expire_all()
    assert row.status == "deceased"
    assert "死亡证明" in client.get(f"/residents/{row.id}").get_data(as_text=True)
    answer = _post(
        client, f"/residents/{row.id}/end", how="deceased", ended_on="2026-01-31", reason="again", version=row.version
    )
    assert answer.status_code == 409
    assert _post(client, f"/residents/{row.id}/resume", reason="记错").status_code == 302


def test_absences_by_form(county, sign_in) -> None:
    client, row = sign_in("village_officer_a"), county.resident("甲老人")
    url = f"/residents/{row.id}/absences/new"
    assert _post(client, url, kind="hospital", from_on="2026-03-01").status_code == 302
    assert _post(client, url, kind="leave", from_on="2026-04-01").status_code == 409
    absence = operations.residents.queries.absences(row.id)[0]
    assert _post(client, f"/absences/{absence.id}/close", to_on="2026-02-01").status_code == 422
    assert _post(client, f"/absences/{absence.id}/close", to_on="2026-03-05").status_code == 302
    assert _post(client, f"/absences/{absence.id}/cancel", reason="登记错误").status_code == 302
    assert operations.residents.queries.absences(row.id) == []
    assert sign_in("village_officer_b").get(url).status_code == 404


def test_caregivers_and_assessors_by_form(county, sign_in) -> None:
    client = sign_in("county_officer_a")
    carer = {"name": "覃护理", "sex": "2", "born_on": "1970-01-01", "area_code": VILLAGE_A, "active": "y"}
    assert _post(client, "/caregivers/new", **carer, bank_account="6222021234567895", bank_name="行").status_code == 422
    good = {
        "bank_account": "6222021234567894",
        "bank_name": "信用社",
    }
    assert _post(client, "/caregivers/new", **carer, **good).status_code == 302
    row = db.session.scalars(select(Caregiver).where(Caregiver.name == "覃护理")).unique().one()
    assert "|qinhuli|qhl" in row.search
    assert "6222021234567894" not in client.get(f"/caregivers/{row.id}").get_data(as_text=True)
    edit = {k: v for k, v in good.items() if k != "bank_account"}
    assert _post(client, f"/caregivers/{row.id}/edit", **carer, **edit, version=row.version).status_code == 302
    db.session.expire_all()
    assert row.bank_account == "6222021234567894"
    agency = county.organisation("agency")
    assessor = {
        "name": "翟评估",
        "organisation_id": agency.id,
        "qualification": "medical",
        "certificate_number": "Z-9",
        "certificate_valid_to": "2027-01-01",
        "active": "y",
    }
    assert _post(client, "/assessors/new", **assessor).status_code == 302
    made = db.session.scalars(select(Assessor).where(Assessor.name == "翟评估")).unique().one()
    assert _post(client, f"/assessors/{made.id}/edit", **{**assessor, "name": "翟医生"}).status_code == 302
    assert client.get(f"/assessors/{made.id}").status_code == 200


def test_an_institution_manages_its_own_workers(county, sign_in) -> None:
    client = sign_in("institution_manager_a")
    carer = {"name": "院内护工", "sex": "2", "born_on": "1970-01-01", "area_code": VILLAGE_A, "active": "y"}
    assert _post(client, "/caregivers/new", **carer).status_code == 302
    row = db.session.scalars(select(Caregiver).where(Caregiver.name == "院内护工")).unique().one()
    assert row.institution_id == county.organisation("institution_a").id
    assert client.get(f"/caregivers/{county.caregiver('护理员1').id}").status_code == 404


def test_organisations_by_form(county, sign_in) -> None:
    client = sign_in("county_officer_a")
    house = {"kind": "institution", "name": "新建敬老院", "area_code": "150422100", "beds": "30", "active": "y"}
    assert _post(client, "/organisations/new", **house, credit_code="91350100M000100Y44").status_code == 422
    assert _post(client, "/organisations/new", **house, credit_code="91350100M000100Y43").status_code == 302
    row = db.session.scalars(select(Organisation).where(Organisation.name == "新建敬老院")).one()
    assert _post(client, f"/organisations/{row.id}/edit", **{**house, "beds": "31"}).status_code == 302
    db.session.expire_all()
    assert row.beds == 31
    assert sign_in("township_officer_a").get("/organisations/new").status_code == 403
