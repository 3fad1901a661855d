"""Whoever sends a form learns of everything that is wrong at once, at the field and in the summary, and types once."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core.db import db
from app.people import operations
from app.people.models import Caregiver, Resident, Sex
from tests.factories import VILLAGE_A, id_number

RESIDENT = {
    "name": "单田芳",
    "sex": "1",
    "born_on": "1946-05-12",
    "id_number": "11010519460512002X0",
    "ethnicity": "02",
    "area_code": "",
    "address": "东城村3组",
    "phone": "12345",
    "setting": "",
    "supported_from": "1940-01-01",
    "guardian_phone": "13800000000",
    "education": "1",
    "marital": "3",
    "living": "1",
    "medical_payment": ["3", "4"],
    "income_sources": ["4"],
    "religion": "佛教",
    "health_notes": "高血压，青霉素过敏",
}
CAREGIVER = {
    "name": "",
    "sex": "2",
    "born_on": "2015-01-01",
    "area_code": VILLAGE_A,
    "bank_account": "6222021234567890",
}


def send(client: Any, url: str, data: dict[str, Any]) -> str:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(url).get_data(as_text=True))
    assert token
    answer = client.post(url, data={**data, "csrf_token": token[1]})
    assert answer.status_code == 422
    page: str = answer.get_data(as_text=True)
    return page


def named(page: str) -> set[str]:
    """Fields that the summary links to; each says it beside the field too."""
    summary = page.partition("data-error-summary")[2].partition("</ul>")[0]
    fields = set(re.findall(r'href="#([a-z_]+?)(?:-0)?"', summary))
    for field in fields:
        assert f'id="{field}-error' in page, field
    return fields


def test_every_fault_of_a_resident_is_told_at_once_and_nothing_typed_is_lost(county: Any, sign_in: Any) -> None:
    before = db.session.scalar(select(func.count()).select_from(Resident))
    page = send(sign_in("township_officer_a"), "/residents/new", RESIDENT)
    assert named(page) == {"id_number", "area_code", "phone", "setting", "supported_from", "guardian_name"}
    for field in ("name", "born_on", "id_number", "address", "phone", "supported_from", "guardian_phone", "religion"):
        assert re.search(rf'id="{field}"[^>]*value="{re.escape(str(RESIDENT[field]))}"', page), field
    assert "高血压，青霉素过敏" in page
    for field, code in (("sex", "1"), ("medical_payment", "3"), ("medical_payment", "4"), ("income_sources", "4")):
        assert re.search(rf"<input[^>]*checked[^>]*name=\"{field}\"[^>]*value=\"{code}\"", page), (field, code)
    assert db.session.scalar(select(func.count()).select_from(Resident)) == before


def test_every_fault_of_a_caregiver_is_told_at_once(county: Any, sign_in: Any) -> None:
    before = db.session.scalar(select(func.count()).select_from(Caregiver))
    page = send(sign_in("township_officer_a"), "/caregivers/new", CAREGIVER)
    assert named(page) == {"name", "born_on", "bank_account", "bank_name"}
    assert db.session.scalar(select(func.count()).select_from(Caregiver)) == before


def test_an_empty_form_names_every_needed_field_in_the_same_words(county: Any, sign_in: Any) -> None:
    page = send(sign_in("township_officer_a"), "/residents/new", {})
    assert named(page) == {"name", "sex", "born_on", "area_code", "setting", "supported_from"}
    assert page.count("请填写此项") == 12, "beside each field and in the summary"


def test_an_id_number_tells_sex_and_birth_when_they_are_left_empty(county: Any, sign_in: Any) -> None:
    given = {
        "name": "单田芳",
        "ethnicity": "01",
        "area_code": VILLAGE_A,
        "setting": "home",
        "supported_from": "2025-01-01",
    }
    row = operations.create_resident(
        county.actor("township_officer_a"), **given, id_number=id_number(dt.date(1946, 5, 12), Sex.FEMALE, 77)
    )
    assert (row.sex, row.born_on) == (Sex.FEMALE, dt.date(1946, 5, 12))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("999999194605120021", 1),
        ("99999919460512002", 1),
        ("000000194602300020", 2),
    ],
)
def test_an_id_number_is_told_everything_that_is_wrong_with_it(
    county: Any, sign_in: Any, number: str, words: int
) -> None:
    page = send(sign_in("township_officer_a"), "/residents/new", {**RESIDENT, "id_number": number})
    told = re.search(r'id="id_number-error"[^>]*>.*?<div>(.*?)</div>', page, re.DOTALL)
    assert told
    assert told[1].count("。") >= words
