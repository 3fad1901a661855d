"""The home of each role and the overview: what waits, the way for the role, and every figure opens a page that role may open."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from app.care import operations as care
from app.core import clock
from app.core.db import db
from app.core.transaction import transaction
from app.overview import queries
from app.people.models import Resident
from tests.care.world import DAY, TODAY, graded, planned, record
from tests.factories import USERS
from tests.grading.sheets import noon, proposed

ONE_OF_EACH = list({role: name for name, (role, *_rest) in reversed(USERS.items())}.values())
"""One account of each role: the sister accounts see the same pages of another township."""


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.at(noon(TODAY)):
        yield


@pytest.fixture
def asked(app: Flask) -> Iterator[None]:
    """Inside a request: figures carry addresses and words."""
    with app.test_request_context():
        yield


def _text(page: Any) -> str:
    return str(page.get_data(as_text=True))


def _main(page: Any) -> str:
    return _text(page).split("<main", 1)[1].split("</main>", 1)[0]


def _links(page: Any) -> list[str]:
    found = re.findall(r'<a[^>]* href="(/[^"#]*)', _main(page))
    return list(dict.fromkeys(link.replace("&amp;", "&") for link in found))


def _busy(county: Any) -> None:
    """Something of everything: a plan with gaps, a proposal, a draft plan, an incident, a person never assessed."""
    planned(county)
    record(county, TODAY - DAY, {"S01": "done"})
    planned(county, "丙老人", "a")
    proposed(county, "b", "乙老人")
    proposed(county, "a", "丁老人")
    care.report_incident(
        county.actor("caregiver_a"), county.resident().id, kind="fall", happened_on=TODAY, severity="minor", note="跌倒"
    )


@pytest.mark.parametrize("who", ONE_OF_EACH)
def test_every_link_of_every_home_opens_for_its_role(county: Any, sign_in: Any, who: str) -> None:
    """On a first day and on a busy one; nothing on the page leads to a refusal."""
    browser = sign_in(who)
    for prepare in (lambda _county: None, _busy):
        prepare(county)
        page = browser.get("/")
        assert page.status_code == 200
        for link in _links(page):
            assert browser.get(link).status_code == 200, link


@pytest.mark.parametrize(
    "who", [u for u in ONE_OF_EACH if u.split("_")[0] in {"township", "county", "auditor", "village", "institution"}]
)
def test_every_figure_of_the_overview_opens_its_list(county: Any, sign_in: Any, who: str) -> None:
    _busy(county)
    browser = sign_in(who)
    for path in ("/", "/overview"):
        for link in _links(browser.get(path)):
            assert browser.get(link).status_code == 200, (path, link)


@pytest.mark.parametrize("who", ONE_OF_EACH)
def test_the_way_for_the_role_stands_open_on_the_first_day(sign_in: Any, who: str) -> None:
    """First sign-in shows the way."""
    page = _text(sign_in(who).get("/"))
    assert 'class="guide"' in page
    assert page.count("<li><a href=") >= 1


def test_what_waits_goes_with_the_permission(county: Any, asked: None) -> None:
    """A disagreeing sheet waits for the reviewer, an agreeing one for the officer, neither for the township."""
    _busy(county)

    def labels(who: str) -> dict[str, str]:
        return {str(figure.label): figure.value for figure in queries.to_do(county.actor(who))}

    assert labels("county_reviewer")["待复核的档次"] == "1"
    assert labels("county_officer_a")["待认定的档次"] == "1"
    assert labels("county_officer_a")["待判定的意外事件"] == "1"
    assert not any("档次" in label for label in labels("township_officer_a"))
    assert labels("system_admin") == {}


def test_a_township_sees_nothing_of_its_neighbour(county: Any) -> None:
    """Figures, grades and completion are those of the own area."""
    _busy(county)
    other = county.actor("township_officer_b")
    assert queries.completion(other)[1] == []
    codes = {area.code[:9] for area, _numbers in queries.grades_by_area(other, TODAY)}
    assert codes == {"150422101"}


def test_grades_are_counted_by_the_areas_below(county: Any) -> None:
    """Townships for the county, villages for a township; who has no grade yet is not forgotten."""
    _busy(county)
    whole = {area.name: numbers for area, numbers in queries.grades_by_area(county.actor("county_officer_a"), TODAY)}
    assert whole == {"林东镇": {3: 1, 2: 1}, "隆昌镇": {0: 2}}
    part = {area.name: numbers for area, numbers in queries.grades_by_area(county.actor("township_officer_a"), TODAY)}
    assert part == {"东城村": {3: 1, 2: 1}}


def test_the_overview_shows_percent_and_each_chart_its_table(county: Any, sign_in: Any) -> None:
    _busy(county)
    page = _text(sign_in("county_officer_a").get("/overview"))
    assert re.search(r">\d+%<", page)
    assert page.count('class="chart"') == page.count("以表格查看数据")
    assert 'class="stats"' in page


def test_overdue_assessments_are_a_deadline_that_went_by(county: Any, asked: None) -> None:
    """Assessed on 10 February: due on 10 August, late from the 11th on."""
    graded(county)
    officer = county.actor("county_officer_a")
    for day, late in ((dt.date(2026, 8, 10), 0), (dt.date(2026, 8, 11), 1)):
        with clock.at(noon(day)):
            assert len([d for d in queries.deadlines(officer) if d.over and "1" in d.words and "人" in d.words]) == late


def test_the_caregivers_home_tells_how_far_the_day_is(county: Any, sign_in: Any) -> None:
    planned(county)
    browser = sign_in("caregiver_a")
    assert "还有 1 人有待记录的项目" in _text(browser.get("/"))
    with clock.at(dt.datetime.combine(TODAY, dt.time(22, 30), tzinfo=clock.ZONE)):
        care.record_round(county.actor("caregiver_a"), TODAY, [county.resident().id])
    assert "今天应做的都已记录" in _text(browser.get("/"))


def test_without_a_contract_there_is_no_money_so_far(county: Any) -> None:
    """Nothing is promised that no contract promises."""
    planned(county)
    assert queries.so_far(county.actor("caregiver_a")) is None


def test_the_list_of_who_is_due_can_be_read_by_who_watches_deadlines(county: Any, sign_in: Any) -> None:
    """The county reads the list; only assessors begin a sheet from it."""
    page = _text(sign_in("county_officer_a").get("/sheets/due"))
    assert "甲老人" in page
    assert f"/residents/{county.resident().id}/sheets" not in page
    assert f"/residents/{county.resident().id}/sheets" in _text(sign_in("assessor_a").get("/sheets/due"))


def test_figures_of_the_overview_are_as_exact_as_its_charts(county: Any, app: Flask) -> None:
    one = dict(db.session.execute(select(Resident.__table__).where(Resident.name == "甲老人")).mappings().one())
    own = {
        "id_number_index": None,
        "id_number_enc": None,
    }  # written past the unit of work: a thousand people in one statement
    rows = [{**one, **own, "id": 90000 + n, "number": f"R{90000 + n}", "uid": f"{n:032x}"} for n in range(1001)]
    with transaction() as tx:
        tx.act = "test.crowd"
        db.session.execute(insert(Resident.__table__), rows)
    with app.test_request_context():
        figure = queries.county_figures(county.actor("county_officer"))[0].value
    grades = queries.grades_by_area(county.actor("county_officer"), clock.today())
    charted = sum(sum(found.values()) for _area, found in grades)
    assert figure == f"{charted:,}"
    assert charted > 1001
