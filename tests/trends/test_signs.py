"""Signs on the database: what is measured, what the daily record says, who is proposed for assessment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.auth.roles import system_actor
from app.care import operations as care
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.grading.models import ReassessmentDue
from app.trends import documents, jobs, operations, queries
from app.trends.queries import Asked
from app.trends.rules import Sign
from tests.care import world
from tests.factories import County
from tests.grading.sheets import noon

TODAY = dt.date(2026, 3, 30)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _today(app: Any) -> Iterator[None]:
    with clock.at(noon(TODAY)):
        yield


def seen(
    county: County, who: str = "township_officer_a", today: dt.date = TODAY, **asked: Any
) -> set[tuple[str, Sign]]:
    return {(one.resident.name, one.sign) for one in queries.signs(county.actor(who), today, Asked(**asked))}


def drift(county: County) -> None:
    """For 24 days the person washes alone (planned), and is helped with bathing that nobody planned on those days."""
    world.planned(county, "甲老人", "d")
    for n in range(24):
        day = TODAY - (n + 1) * DAY
        with clock.at(noon(day)):
            due = world.due(queries.db.session.get_one(world.CarePlan, 1), day)
            world.record(
                county,
                day,
                {
                    "S02": {"outcome": "not_needed", "reason": "self", "times": due["S02"]},
                    **({"S03": "done"} if not due.get("S03") else {}),
                },
            )


def test_a_record_that_no_longer_fits_proposes_to_assess_again_once(county: County) -> None:
    drift(county)
    found = queries.signs(county.actor("township_officer_a"), TODAY, Asked())
    told = {one.sign: one.drift for one in found}
    assert set(told) == {Sign.GONE, Sign.CAME}
    gone, came = told[Sign.GONE], told[Sign.CAME]
    assert gone is not None
    assert came is not None
    assert (gone.item, came.item) == ("S02", "S03")
    assert gone.times * 100 >= gone.due * 80
    assert "1 residents" in jobs.drifts(TODAY)
    assert "0 residents" in jobs.drifts(TODAY)
    row = db.session.scalars(select(ReassessmentDue).where(ReassessmentDue.cause == "drift")).unique().one()
    assert row.note is not None
    assert "本人自行完成" in row.note
    assert "计划外" in row.note
    assert all(one.noted for one in queries.signs(county.actor("county_officer_a"), TODAY, Asked()))
    with pytest.raises(Refused):
        operations.propose_reassessment(county.actor("township_officer_a"), county.resident("甲老人").id)
    assert operations.note_drifts(system_actor(), TODAY + 61 * DAY) == 0, "the window has moved on"
    assert seen(county, "township_officer_b") == set()


def test_what_a_correction_took_back_is_no_drift(county: County) -> None:
    drift(county)
    for n in range(3):
        day = TODAY - (n + 1) * DAY
        world.record(county, day, {"S02": {"outcome": "done", "times": 2}}, reason="记错了")
    assert seen(county) == {("甲老人", Sign.CAME)}


def test_a_person_proposes_who_may_see_the_resident(county: County) -> None:
    world.planned(county, "甲老人", "d")
    resident = county.resident("甲老人")
    with pytest.raises(Refused):
        operations.propose_reassessment(county.actor("township_officer_a"), resident.id)
    for n in range(5):
        day = TODAY - (n + 1) * DAY
        with clock.at(noon(day)):
            due = world.due(queries.db.session.get_one(world.CarePlan, 1), day)
            free = next(item for item in ("S03", "S08", "S10") if not due.get(item))
            world.record(county, day, {free: "done"} if free == "S10" else {"S10": "done"})
    assert seen(county) == {("甲老人", Sign.CAME)}
    with pytest.raises(NotFound):
        operations.propose_reassessment(county.actor("village_officer_b"), resident.id)
    operations.propose_reassessment(county.actor("village_officer_a"), resident.id)
    assert db.session.scalars(select(ReassessmentDue.cause)).all().count("drift") == 1


def test_weight_skin_and_falls_are_seen(county: County) -> None:
    carer, resident = county.actor("caregiver_a"), county.resident("甲老人")
    for wrong in ({"weight": "5"}, {"weight": "52.55"}, {"weight": "１"}, {"skin": "5"}, {}):
        with pytest.raises(Invalid):
            operations.record_measurement(carer, resident.id, taken_on=TODAY, **wrong)
    with pytest.raises(Invalid):
        operations.record_measurement(carer, resident.id, taken_on=TODAY + DAY, weight="50")
    operations.record_measurement(carer, resident.id, taken_on=TODAY - 20 * DAY, weight="60")
    low = operations.record_measurement(carer, resident.id, taken_on=TODAY, weight="56.5", skin="0")
    assert low.weight == 56_500
    assert seen(county) == {("甲老人", Sign.WEIGHT)}
    operations.take_back_measurement(carer, low.id, "秤没有归零")
    assert seen(county) == set()
    with pytest.raises(Refused):
        operations.take_back_measurement(carer, low.id, "秤没有归零")
    sore = operations.record_measurement(carer, resident.id, taken_on=TODAY, skin="2")
    officer = county.actor("village_officer_a")
    for n in (3, 9):
        care.report_incident(
            officer, resident.id, kind="fall", happened_on=TODAY - n * DAY, severity="minor", note="滑倒"
        )
    assert seen(county) == {("甲老人", Sign.SKIN), ("甲老人", Sign.FALLS)}
    assert seen(county, sign=Sign.FALLS) == {("甲老人", Sign.FALLS)}
    assert seen(county, area_code="150422101") == set()
    with pytest.raises(NotFound):
        operations.take_back_measurement(county.actor("caregiver_b"), sore.id, "不是我的")
    rows = queries.signs(county.actor("county_officer_a"), TODAY, Asked())
    assert documents.signs_pdf(county.actor("county_officer_a"), rows, "")[0].getvalue().startswith(b"%PDF")


def test_signs_by_pages(county: County, sign_in: Any) -> None:
    client, resident = sign_in("caregiver_a"), county.resident("甲老人")
    url = f"/residents/{resident.id}/measurements"

    def token() -> dict[str, str]:
        page = client.get("/account").get_data(as_text=True)
        return {"csrf_token": page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]}

    assert client.post(f"{url}/new", data={**token(), "taken_on": TODAY.isoformat(), "weight": "x"}).status_code == 422
    for weight, day in (("60", TODAY - 9 * DAY), ("55", TODAY)):
        sent = client.post(f"{url}/new", data={**token(), "taken_on": day.isoformat(), "weight": weight})
        assert sent.status_code == 302
    assert "55.0" in client.get(url).get_data(as_text=True)
    page = client.get("/signs").get_data(as_text=True)
    assert "60.0公斤降至55.0公斤" in page
    for path in ("/signs.csv", "/signs.pdf", "/signs?sign=falls", f"/residents/{resident.id}"):
        assert client.get(path).status_code == 200, path
    assert sign_in("caregiver_b").get(url).status_code == 404
