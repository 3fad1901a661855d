"""Who sees whom, and how people are found."""

from __future__ import annotations

import datetime as dt

import pytest

from app.auth.roles import system_actor
from app.core.db import db
from app.core.names import search_key
from app.core.transaction import transaction
from app.people import queries
from app.people.models import Setting
from app.places.models import Area
from tests.factories import TOWNSHIP_A, TOWNSHIP_B, VILLAGE_A, VILLAGE_B
from tests.factories import resident as make

NAMES = {"甲老人", "乙老人", "丙老人", "丁老人"}


@pytest.mark.parametrize(
    ("who", "whom"),
    [
        ("county_officer_a", NAMES),
        ("county_reviewer", NAMES),
        ("auditor", NAMES),
        ("assessor_a", NAMES),
        ("township_officer_a", {"甲老人", "丙老人"}),
        ("township_officer_b", {"乙老人", "丁老人"}),
        ("village_officer_a", {"甲老人", "丙老人"}),
        ("volunteer_a", {"甲老人", "丙老人"}),
        ("institution_manager_a", {"丙老人"}),
        ("institution_manager_b", {"丁老人"}),
        ("care_worker_a", {"丙老人"}),
        ("caregiver_a", {"甲老人"}),
        ("caregiver_b", {"乙老人"}),
        ("system_admin", set()),
        ("security_admin", set()),
    ],
)
def test_each_role_sees_its_own_people(county, who: str, whom: set[str]) -> None:
    assert {r.name for r in queries.rows(queries.visible(county.actor(who)))} == whom


def test_the_installation_sees_everybody(county) -> None:
    assert queries.count(queries.visible(system_actor())) == 4


@pytest.mark.parametrize(
    ("who", "whom"),
    [
        ("county_officer_a", {"护理员1", "护理员2"}),
        ("township_officer_a", {"护理员1"}),
        ("village_officer_b", {"护理员2"}),
        ("institution_manager_a", set()),
        ("caregiver_b", {"护理员2"}),
        ("system_admin", set()),
    ],
)
def test_caregivers_likewise(county, who: str, whom: set[str]) -> None:
    rows = db.session.scalars(queries.visible_caregivers(county.actor(who))).unique()
    assert {c.name for c in rows} == whom


def test_assessors_see_their_agency(county) -> None:
    for who, number in (("assessor_a", 2), ("county_officer", 2), ("township_officer_a", 0), ("caregiver_a", 0)):
        assert len(db.session.scalars(queries.visible_assessors(county.actor(who))).unique().all()) == number, who


def test_accounts_are_linked(county) -> None:
    links = queries.links_of(county.user("caregiver_a"))
    assert links == {"caregiver_id": county.caregiver("护理员1").id, "assessor_id": None}
    assert county.actor("assessor_b").assessor_id == county.assessor(2).id


@pytest.fixture
def people(county) -> None:
    with transaction() as tx:
        tx.act = "test"
        for code in (TOWNSHIP_A, TOWNSHIP_B, VILLAGE_A, VILLAGE_B):
            area = db.session.get(Area, code)
            assert area is not None
            area.search = search_key(area.name)
        for day, name in enumerate(("单芳", "曾国富", "仇万里", "欧阳娜", "任贤", "阿卜杜·热合曼", "O'Neil"), 1):
            make(name, born_on=dt.date(1933, 1, day)).search = search_key(name)
        make("解珍", area_code=VILLAGE_B, born_on=dt.date(1933, 2, 1)).search = search_key("解珍")


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("单芳", {"单芳"}),
        ("芳", {"单芳"}),
        ("sf", {"单芳"}),
        ("shan", {"单芳"}),
        ("SHANFANG", {"单芳"}),
        ("zeng", {"曾国富"}),
        ("ZGF", {"曾国富"}),
        ("qwl", {"仇万里"}),
        ("ouyang", {"欧阳娜"}),
        ("oyn", {"欧阳娜"}),
        ("xie", {"解珍"}),
        ("阿卜杜•热合曼", {"阿卜杜·热合曼"}),
        ("o'n", {"O'Neil"}),
        ("隆昌村", {"解珍", "乙老人", "丁老人"}),
        ("longchang", {"解珍", "乙老人", "丁老人"}),
        ("%", set()),
        ("_", set()),
        ("|", set()),
        ("' OR 1=1 --", set()),
    ],
)
def test_search_by_name_pinyin_and_village(county, people, q: str, names: set[str]) -> None:
    actor = county.actor("county_officer")
    assert {r.name for r in queries.rows(queries.found(actor, q=q))} == names


def test_search_by_numbers(county) -> None:
    actor, row = county.actor("county_officer"), county.resident("甲老人")
    assert row.id_number is not None
    for q in (row.number, row.number.lower(), row.id_number, row.id_number.lower(), row.id_number[-4:]):
        assert row.id in {r.id for r in queries.rows(queries.found(actor, q=q))}, q
    assert queries.rows(queries.found(county.actor("township_officer_b"), q=row.id_number)) == []
    assert queries.rows(queries.found(actor, q=row.id_number[:10])) == []


def test_filters(county) -> None:
    actor = county.actor("county_officer")
    homes = queries.rows(queries.found(actor, setting=Setting.HOME, area_code=TOWNSHIP_A))
    assert {r.name for r in homes} == {"甲老人"}
    assert queries.count_by_area(actor, [TOWNSHIP_A, TOWNSHIP_B]) == {TOWNSHIP_A: 2, TOWNSHIP_B: 2}
    assert queries.count_by_area(county.actor("township_officer_a"), [TOWNSHIP_A, TOWNSHIP_B]) == {TOWNSHIP_A: 2}
