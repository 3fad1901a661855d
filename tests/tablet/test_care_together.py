"""Days of care that a ward hands in together: a batch is answered as its records one by one, a round counts as a whole."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from typing import Any

from sqlalchemy import select

from app.care import queries
from app.care.models import ChecklistDay, Recording
from app.core import clock
from app.core.db import db
from app.tablet.models import SyncReceipt, SyncRecord
from app.tablet.operations import devices
from tests import factories
from tests.care.test_pages import post
from tests.care.world import TODAY, planned, record, said
from tests.factories import VILLAGE_B
from tests.grading.sheets import noon
from tests.tablet.conftest import Send, device_row, enrolled
from tests.tablet.device import Tablet
from tests.tablet.test_care import _today, count, recordings, write

__all__ = ["_today"]


def test_no_receipt_is_missing_and_none_doubled_when_a_ward_hands_in_its_round(county: Any, send: Send) -> None:
    house = county.organisation("institution_a").id
    for n in range(3):
        factories.resident(f"院内{n}", area_code=VILLAGE_B, setting="institutional", institution_id=house)
        planned(county, f"院内{n}", "a")
    ward = enrolled(county, "care_worker_a")
    with clock.at(noon(TODAY)):
        for n in range(3):
            write(ward, county, {"S01": ("done", 2), "S07": ("done", 1)}, name=f"院内{n}")
        for _ in range(2):
            send(ward, list(ward.texts))
    assert count(SyncReceipt) == 3
    assert [said(county, TODAY, f"院内{n}")["done"] for n in range(3)] == [{"S01": 2, "S07": 1}] * 3


def write_round(tablet: Tablet, county: Any, days: dict[str, dict[str, Any]], day: dt.date = TODAY) -> int:
    """A round as one record: by name, numbers or whole entries."""
    content = {
        "day": day.isoformat(), "anchor": None, "days": {county.resident(name).number: one for name, one in days.items()},
    }  # fmt: skip
    return tablet.write("care_round", str(uuid.uuid4()), content, now=clock.now())


def ward(county: Any, count: int) -> list[str]:
    house = county.organisation("institution_a").id
    names = [f"院内{n}" for n in range(count)]
    for name in names:
        factories.resident(name, area_code=VILLAGE_B, setting="institutional", institution_id=house)
        planned(county, name, "a")
    return names


def stands(county: Any, names: list[str]) -> list[Any]:
    """Everything that a day became, without what names its record."""
    found: list[Any] = []
    for name in names:
        row = db.session.get(ChecklistDay, (TODAY, county.resident(name).id), populate_existing=True)
        notes = [
            (n.item, n.times, n.outcome, n.before, n.extra) for n in queries.notes(county.resident(name).id, TODAY)
        ]
        acts = [(a.times, a.items, a.presence) for a in recordings() if a.resident_id == county.resident(name).id]
        mine = None if row is None else (row.done, row.excused, row.not_done_mask, row.late_mask)
        found.append((mine, sorted(notes, key=str), acts))
    return found


def test_a_batch_is_answered_as_its_records_one_by_one(county: Any, send: Send) -> None:
    """The same random entries for two wards, sent at once and one at a time: equal answers, equal days."""
    made = random.Random(5)
    at_once, singly = ward(county, 4), [f"{name}乙" for name in ["院内0", "院内1", "院内2", "院内3"]]
    house = county.organisation("institution_a").id
    for name in singly:
        factories.resident(name, area_code=VILLAGE_B, setting="institutional", institution_id=house)
        planned(county, name, "a")
    first, second = enrolled(county, "care_worker_a"), enrolled(county, "care_worker_a")
    with clock.at(noon(TODAY)):
        for _ in range(40):
            place, item = made.randrange(4), made.choice(["S01", "S02", "S05", "S07", "S13"])
            outcome = made.choice(["done", "done", "done", "not_done", "not_needed"])
            entry = (outcome, made.randint(1, 4), None if outcome == "done" else made.choice(["refused", "nonsense"]))
            correction = made.choice([None, None, None, "看错了"])
            write(first, county, {item: entry}, name=at_once[place], correction=correction)
            write(second, county, {item: entry}, name=singly[place], correction=correction)
        for n in range(0, 40, 10):
            send(first, list(first.texts)[n : n + 10])
        for n in second.texts:
            send(second, [n])
    told = [[(one["verdict"], one["code"]) for _n, one in sorted(each.heard.items())] for each in (first, second)]
    assert told[0] == told[1]
    assert len(set(told[0])) > 1
    assert stands(county, at_once) == stands(county, singly)


def test_a_round_is_one_record_and_counts_as_a_whole(county: Any, send: Send) -> None:
    names = ward(county, 3)
    tablet, other = enrolled(county, "care_worker_a"), enrolled(county, "care_worker_a")
    away = {"outcome": "not_needed", "times": 1, "reason": "hospital", "note": None}
    with clock.at(noon(TODAY)):
        counter = write_round(
            tablet, county, {names[0]: {"S01": 2, "S07": 1}, names[1]: {"S01": 1}, names[2]: {"S01": away}}
        )
        second = write_round(tablet, county, {names[0]: {"S01": 1}, names[1]: {"S01": 2}})
        send(tablet)
        days = [said(county, TODAY, name) for name in names]
        for _ in range(2):
            send(tablet, list(tablet.texts))
        assert [said(county, TODAY, name) for name in names] == days
    assert [tablet.heard[n]["verdict"] for n in (counter, second)] == ["accepted"] * 2
    assert tablet.heard[counter]["reference"] == "2026-03-10/3"
    assert [one["done"] for one in days] == [{"S01": 2, "S07": 1}, {"S01": 2}, {}]
    assert days[2]["excused"] == {"S01": 1}
    assert (count(Recording), count(SyncReceipt)) == (5, 2)
    with clock.at(noon(TODAY)):
        record(
            county,
            TODAY,
            {"S02": {"outcome": "not_done", "reason": "refused"}},
            names[0],
            "care_worker_a",
        )
        before = stands(county, names)
        wrong = [
            write_round(other, county, {names[1]: {"S01": 2}, names[0]: {"S02": 1}}),  # somebody said otherwise
            write_round(other, county, {names[1]: {"S07": 1}, "甲老人": {"S01": 1}}),  # not of this house
            write_round(other, county, {names[1]: {"S07": 15}}),
            write_round(other, county, {names[1]: {"S07": True}}),
            write_round(other, county, {names[1]: {}}),
            write_round(other, county, {}),
        ]
        send(other)
    assert {other.heard[n]["verdict"] for n in wrong} == {"refused"}
    assert all(other.heard[n]["reason"]["zh"] != other.heard[n]["reason"]["en"] for n in wrong)
    assert stands(county, names) == before


def test_of_a_blocked_devices_round_some_days_count_and_others_do_not(county: Any, send: Send, sign_in: Any) -> None:
    """Whoever decides sees each resident, what is written and what stands; what was left out is told, and is nobody's record."""
    names, tablet = ward(county, 3), enrolled(county, "care_worker_a")
    officer = county.actor("county_officer_a")
    with clock.at(noon(TODAY)):
        record(
            county, TODAY, {"S01": {"outcome": "not_done", "reason": "refused", "times": 1}}, names[2], "care_worker_a"
        )
        counter = write_round(tablet, county, {name: {"S01": 3, "S07": 1} for name in names})
        devices.block_device(officer, device_row(tablet).id, "平板丢失")
        send(tablet, status=403)
        assert tablet.heard[counter]["code"] == "blocked"
        row = db.session.scalars(select(SyncRecord)).one()
        path = f"/offline-records/{row.id}"
        browser = sign_in("county_officer_a")
        page = browser.get(path).get_data(as_text=True)
        for name in names:
            assert f'href="/residents/{county.resident(name).id}/checklist/{TODAY}"' in page
        assert page.count("已有其他记录") == 1
        ids = [county.resident(name).id for name in names]
        form = {"count": "yes", "reason": "与院长核对", "of_round": "1"}
        assert post(browser, path, f"{path}/settle", **form).status_code == 422, "nobody chosen"
        assert post(browser, path, f"{path}/settle", **form, resident=ids).status_code == 422, (
            "one of them says otherwise"
        )
        assert said(county, TODAY, names[0])["done"] == {}
        assert post(browser, path, f"{path}/settle", **form, resident=ids[:2]).status_code == 302
    assert [said(county, TODAY, name)["done"] for name in names] == [{"S01": 3, "S07": 1}] * 2 + [{}]
    last = db.session.scalars(select(SyncReceipt).order_by(SyncReceipt.id.desc())).first()
    assert last is not None
    assert last.detail == {"left_out": [county.resident(names[2]).number]}
    assert "未计入" in browser.get(path).get_data(as_text=True)
