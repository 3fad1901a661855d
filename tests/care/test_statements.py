"""Boards, lists and figures of care take the same number of SQL statements however many residents they show."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from sqlalchemy import select

from app.care import rules
from app.care.models import CarePlan, ChecklistDay, Incident, Visit
from app.care.queries.recorded import MANY, recorded_where
from app.care.views.completion import PAGE
from app.core import clock
from app.core.db import db
from app.core.transaction import transaction
from app.people.models import Resident, Setting
from tests.care.world import DAY, TODAY, planned, record
from tests.factories import VILLAGE_A, caregiver, resident
from tests.people.test_statements import statements

PAGES = [
    ("care_worker_a", "/checklist"),
    ("caregiver_a", "/checklist"),
    ("county_officer_a", "/care-plans"),
    ("county_officer_a", "/completion?by=resident"),
    ("county_officer_a", "/completion?by=caregiver"),
    ("county_officer_a", "/completion?by=village"),
    ("county_officer_a", "/completion?by=day"),
    ("county_officer_a", "/completion?by=item"),
    ("village_officer_a", "/visits"),
    ("village_officer_a", "/incidents"),
    ("county_officer_a", "/"),
    ("township_officer_a", "/"),
    ("village_officer_a", "/"),
    ("care_worker_a", "/"),
    ("county_officer_a", "/overview"),
    ("county_officer_a", "/lessons"),
    ("county_officer_a", f"/completion/report.pdf?from={TODAY - 9 * DAY}&to={TODAY}"),
]


def more(county: Any, plan: CarePlan) -> None:
    """Twelve more residents at home and twelve in the institution, each with plan, record, visit and incident."""
    house, carer = county.organisation("institution_a").id, county.caregiver().id
    officer = county.user("village_officer_a").id
    shared = {c.name: getattr(plan, c.name) for c in CarePlan.__table__.columns if c.name not in {"id", "number"}}
    with transaction() as tx:
        tx.act = "test.more"
        for n in range(24):
            home = n % 2 == 0
            one = resident(
                f"更多{n}",
                area_code=VILLAGE_A,
                setting=Setting.HOME if home else Setting.INSTITUTIONAL,
                institution_id=None if home else house,
                caregiver_id=carer if n % 4 == 0 else caregiver(f"更多护理{n}").id,
            )
            own = CarePlan(**{**shared, "number": f"JH2026-9{n:05d}", "resident_id": one.id, "setting": one.setting})
            db.session.add(own)
            db.session.flush()
            db.session.add(
                ChecklistDay(
                    day=TODAY - DAY, resident_id=one.id, plan_id=own.id, done=rules.pack({"S01": 1, "S02": 1}),
                    excused=0, not_done_mask=0, late_mask=1, caregiver_id=one.caregiver_id, recorded_at=clock.now(),
                )
            )  # fmt: skip
            db.session.add(
                Visit(
                    resident_id=one.id, visited_on=TODAY - DAY, visitor_id=officer, role="village_officer",
                    recorded_at=clock.now(),
                )
            )  # fmt: skip
            db.session.add(
                Incident(
                    resident_id=one.id, kind="fall", happened_on=TODAY - DAY, reported_at=clock.now(),
                    reported_by=officer, severity="minor",
                )
            )  # fmt: skip


@pytest.mark.parametrize(("who", "url"), PAGES)
def test_a_page_takes_the_same_statements_for_many_residents_as_for_few(
    county: Any, sign_in: Any, who: str, url: str
) -> None:
    plan = planned(county)
    planned(county, "丙老人")
    record(county, TODAY - DAY, {"S01": "done"})
    client = sign_in(who)
    client.get(url)
    few = statements(client, url)
    more(county, plan)
    many = statements(client, url)
    assert many <= few + 4, "relations that no row had before may be asked for once"
    assert many < 50


def test_thousands_of_residents_are_asked_for_as_the_few_among_them(county: Any) -> None:
    """Beyond ``MANY`` the numbers go to the database as one value: the rows are the same."""
    more(county, planned(county))
    known = list(db.session.scalars(select(Resident.id).order_by(Resident.id)))
    wanted, padding = known[::2], range(10_000, 10_000 + MANY)
    assert len(wanted) <= MANY < len(wanted) + len(padding)
    query = select(ChecklistDay.resident_id, ChecklistDay.day).order_by(ChecklistDay.resident_id, ChecklistDay.day)
    few, many = (
        db.session.execute(query.where(*recorded_where(ids, TODAY - 9 * DAY, TODAY))).all()
        for ids in (wanted, [*wanted, *padding])
    )
    assert few == many
    assert 0 < len(few) < len(db.session.execute(query).all())


def test_a_county_of_many_residents_comes_in_pages(county: Any, sign_in: Any) -> None:
    plan = planned(county)
    shared = {c.name: getattr(plan, c.name) for c in CarePlan.__table__.columns if c.name not in {"id", "number"}}
    with transaction() as tx:
        tx.act = "test.more"
        for n in range(PAGE + 4):
            one = resident(f"更多{n}", area_code=VILLAGE_A)
            db.session.add(CarePlan(**{**shared, "number": f"JH2026-8{n:05d}", "resident_id": one.id}))
    client, seen = sign_in("county_officer_a"), []
    address: str | None = "/completion?by=resident"
    while address:
        page = client.get(address).get_data(as_text=True)
        seen.append(re.findall(r"by=day&amp;resident=(\d+)|resident=(\d+)&amp;by=day", page))
        following = re.search(r'href="([^"]*)" rel="next"', page)
        address = html.unescape(following[1]) if following else None
    assert [len(rows) for rows in seen] == [PAGE, 5]
    assert len({one for rows in seen for one in rows}) == PAGE + 5
    beyond = client.get("/completion?by=resident&start=9999").get_data(as_text=True)
    assert 'rel="next"' in beyond, "a place beyond the end is the beginning"
