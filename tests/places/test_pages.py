"""Pages of areas and organisations, and the mark of the menu."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core import tables
from app.core.db import db
from app.places.models import Organisation
from tests.factories import COUNTY, TOWNSHIP_A, TOWNSHIP_B, VILLAGE_A, VILLAGE_B


def token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def test_areas_open_from_the_own_top_down_and_count_people_and_organisations(county: Any, sign_in: Any) -> None:
    client = sign_in("county_officer_a")
    assert "巴林左旗" in client.get("/areas").get_data(as_text=True)
    page = client.get(f"/areas/{TOWNSHIP_A}").get_data(as_text=True)
    assert f"/residents?village={VILLAGE_A}" in page.replace("&amp;", "&") or VILLAGE_A in page
    for name in ("林东镇", "东城村", "西城村"):
        assert name in page
    assert "隆昌村" not in page


@pytest.mark.parametrize("code", [TOWNSHIP_B, VILLAGE_B, "0", "x" * 64, "999999999999"])
def test_areas_of_others_do_not_exist(county: Any, sign_in: Any, code: str) -> None:
    assert sign_in("township_officer_a").get(f"/areas/{code}").status_code == 404


@pytest.mark.parametrize(("q", "names"), [("东城", {"东城村"}), (VILLAGE_A, {"东城村"}), ("隆昌", set()), ("%", set())])
def test_areas_are_found_within_the_own_area(county: Any, sign_in: Any, q: str, names: set[str]) -> None:
    page = sign_in("township_officer_a").get("/areas", query_string={"q": q}).get_data(as_text=True)
    found = set(re.findall(r">(东城村|西城村|隆昌村|隆昌镇)<", page))
    assert found == names


def test_organisations_are_narrowed_by_kind_area_and_words_and_exported_as_shown(county: Any, sign_in: Any) -> None:
    client = sign_in("county_officer_a")
    address = f"kind=institution&area={TOWNSHIP_A}&q=养老院"
    page = client.get(f"/organisations?{address}").get_data(as_text=True)
    assert "林东镇养老院" in page
    assert "隆昌镇养老院" not in page
    for kind in ("xlsx", "csv"):
        file = client.get(f"/organisations.{kind}?{address}")
        assert [r.cells["全称"] for r in tables.read_rows(f"a.{kind}", file.data).rows] == ["林东镇养老院"]
    assert client.get("/organisations?kind=nonsense&area=%00&cursor=").status_code == 200
    assert client.get("/organisations?cursor=zzz").status_code == 422


def test_a_wrong_organisation_is_told_field_by_field_with_the_input_kept(county: Any, sign_in: Any) -> None:
    client = sign_in("county_officer_a")
    before = db.session.scalar(select(func.count()).select_from(Organisation))
    typed = {
        "kind": "institution",
        "name": "新建养老院",
        "area_code": COUNTY,
        "credit_code": "91350100M000100Y44",
        "phone": "12",
        "beds": "many",
        "active": "y",
        "csrf_token": token(client.get("/organisations/new").get_data(as_text=True)),
    }
    answer = client.post("/organisations/new", data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for kept in ("新建养老院", "91350100M000100Y44", 'value="12"'):
        assert kept in page
    for name in ("credit_code", "phone", "beds"):
        assert f'href="#{name}"' in page
    assert db.session.scalar(select(func.count()).select_from(Organisation)) == before


def test_only_the_county_finds_the_forms(county: Any, sign_in: Any) -> None:
    own = county.organisation("institution_a").id
    client = sign_in("township_officer_a")
    assert client.get(f"/organisations/{own}").status_code == 200
    assert client.get(f"/organisations/{own}/edit").status_code == 403
    assert client.get("/organisations/new").status_code == 403
    assert client.get(f"/organisations/{county.organisation('institution_b').id}").status_code == 404


@pytest.mark.parametrize(
    ("path", "section", "current"),
    [
        ("/residents", "/residents", "page"),
        ("/residents/1", "/residents", "true"),
        ("/residents/1/edit", "/residents", "true"),
        ("/caregivers/1", "/caregivers", "true"),
        (f"/areas/{TOWNSHIP_A}", "/areas", "true"),
        ("/organisations/7", "/organisations", "true"),
        ("/account", None, None),
    ],
)
def test_the_menu_marks_the_section_of_a_page(
    county: Any, sign_in: Any, path: str, section: str | None, current: str | None
) -> None:
    page = sign_in("township_officer_a").get(path).get_data(as_text=True)
    menus = page.partition('class="side"')[2].partition("</nav>")[0]
    marked = re.findall(r'<a href="([^"]+)" aria-current="(\w+)"', menus)
    assert marked == ([(section, current)] if section else [])
