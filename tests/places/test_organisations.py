"""Organisations of the seven kinds."""

from __future__ import annotations

import pytest

from app.core.errors import Forbidden, Invalid, NotFound
from app.places import operations, queries
from app.places.models import OrganisationKind
from tests.factories import COUNTY, TOWNSHIP_A, TOWNSHIP_B, VILLAGE_A

GOOD = {"kind": "institution", "name": "碧流台镇敬老院", "area_code": TOWNSHIP_A, "beds": "40"}


def test_an_organisation_is_added_and_found_by_pinyin(county) -> None:
    actor = county.actor("county_officer")
    row = operations.create_organisation(actor, **GOOD, credit_code="91350100M000100Y43", phone="0476-7862000")
    assert (row.beds, row.credit_code, row.phone) == (40, "91350100M000100Y43", "0476-7862000")
    for q in ("碧流台", "blt", "biliutai", "91350100m000100y43"):
        found = queries.found_organisations(actor, q=q)
        assert [o.id for o in queries.db.session.scalars(found)] == [row.id], q


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("credit_code", "91350100M000100Y44"),
        ("credit_code", "9135"),
        ("name", ""),
        ("name", "x" * 121),
        ("name", "a\x00b"),
        ("kind", "club"),
        ("area_code", TOWNSHIP_A + "999"),
        ("area_code", "15"),
        ("phone", "123"),
        ("beds", "-1"),
        ("beds", "9" * 25),
    ],
)
def test_wrong_entries_are_named(county, field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        operations.create_organisation(county.actor("county_officer"), **{**GOOD, field: value})
    assert set(refused.value.errors) == {field}


def test_a_kind_stands_on_its_level(county) -> None:
    with pytest.raises(Invalid) as refused:
        operations.create_organisation(
            county.actor("county_officer"), kind="village_committee", name="x", area_code=COUNTY
        )
    assert set(refused.value.errors) == {"area_code"}


def test_one_credit_code_belongs_to_one_organisation(county) -> None:
    actor = county.actor("county_officer")
    operations.create_organisation(actor, **GOOD, credit_code="91350100M000100Y43")
    with pytest.raises(Invalid) as refused:
        operations.create_organisation(actor, **GOOD, credit_code="91350100 m000100y43")
    assert set(refused.value.errors) == {"credit_code"}


def test_only_the_county_writes(county) -> None:
    with pytest.raises(Forbidden):
        operations.create_organisation(county.actor("township_officer"), **GOOD)


def test_a_township_sees_its_own_and_the_county_s(county) -> None:
    actor = county.actor("township_officer_a")
    names = {o.name for o in queries.organisations(actor)}
    assert {"林东镇养老院", "巴林左旗民政局"} <= names
    assert "隆昌镇养老院" not in names
    with pytest.raises(NotFound):
        queries.organisation(actor, county.organisation("institution_b").id)
    assert [o.kind for o in queries.organisations(actor, "institution")] == [OrganisationKind.INSTITUTION]


def test_a_change_keeps_what_is_not_given(county) -> None:
    actor = county.actor("county_officer")
    row = operations.create_organisation(actor, **GOOD, phone="13800000000")
    operations.update_organisation(actor, row.id, name="新名敬老院")
    assert (row.name, row.phone, row.beds) == ("新名敬老院", "13800000000", 40)
    assert TOWNSHIP_B not in row.area_code
    operations.update_organisation(actor, row.id, kind="volunteer_group", area_code=VILLAGE_A, active=False)
    assert row.active is False
