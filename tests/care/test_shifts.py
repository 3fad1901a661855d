"""Hours of shifts: no gap and no overlap whatever changes, a change holds from its day on, and records keep what they had."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.care import operations, queries, rules
from app.care.models import Handover
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotFound
from app.core.rulebook import shipped
from app.quality.operations import read
from app.workforce.operations import set_hours
from app.workforce.queries.staffing import houses
from tests.care.test_handovers import _at
from tests.care.test_pages import _text, post
from tests.care.world import DAY, TODAY, planned
from tests.settlement.conftest import publish_pay_table

LONG = [(8, "early"), (20, "night")]
ZONE = clock.ZONE
three = st.lists(st.integers(0, 23), min_size=3, max_size=3, unique=True).map(
    lambda hours: rules.read_hours(list(zip(sorted(hours), ("early", "late", "night"), strict=True)), str(hours))
)
two = st.lists(st.integers(0, 23), min_size=2, max_size=2, unique=True).map(
    lambda hours: rules.read_hours(list(zip(hours, ("early", "night"), strict=True)), str(hours))
)


@settings(max_examples=60)
@given(three | two, three | two, st.sampled_from([dt.date(2026, 3, 10), dt.date(2028, 2, 29), dt.date(2026, 12, 31)]))
def test_shifts_follow_each_other_without_gap_or_overlap(old: rules.Hours, new: rules.Hours, change: dt.date) -> None:
    """Across midnight, month end, leap day and the day of the change: each hour lies in one shift, q2h is twelve a day."""

    def hours_on(day: dt.date) -> rules.Hours:
        return new if day >= change else old

    at, end = (dt.datetime.combine(change + n * DAY, dt.time(), tzinfo=ZONE) for n in (-2, 3))
    turns: dict[dt.date, int] = {}
    at = rules.shift_at(at, hours_on).begins
    while at < end:
        shift = rules.shift_at(at, hours_on)
        assert shift.begins == at < shift.ends
        assert rules.shift_at(shift.ends - dt.timedelta(seconds=1), hours_on) == shift
        assert rules.shift_of(shift.day, shift.id, hours_on, ZONE) == shift
        for day in shift.days:
            first, last = shift.part(day) or (0, 0)
            counted = rules.expected_by("q2h", 12, last) - rules.expected_by("q2h", 12, first)
            turns[day] = turns.get(day, 0) + counted
        at = shift.ends
    assert {turns[change + n * DAY] for n in (-1, 0, 1, 2)} == {12}


def test_the_shipped_hours_and_what_makes_none() -> None:
    (rule,) = shipped("shift_hours")
    assert rules.hours_of_rule(rule.body).begins == ((6, "early"), (14, "late"), (22, "night"))
    for wrong in ([(6, "early")], [(6, "early"), (6, "night")], [(6, "late"), (22, "night")], [(24, "early"), (6, "night")],
                  [(True, "early"), (6, "night")], [(6, "noon"), (22, "night")]):  # fmt: skip
        with pytest.raises(rules.BadHours):
            rules.read_hours(wrong)


def test_a_night_is_handed_over_once_with_both_its_days(county: Any, sign_in: Any) -> None:
    """At two in the morning the evening of yesterday is open and not overdue; the handover at six tells of both days."""
    planned(county, "丙老人")
    worker, person = county.actor("care_worker_a"), county.resident("丙老人")
    with _at(22, 30):
        late = queries.day_states([person], TODAY)[0]
        assert late.hours == (22, 24)
        assert late.items["S06"].overdue_at == 11
    with clock.at(dt.datetime.combine(TODAY + DAY, dt.time(2), tzinfo=ZONE)):
        assert queries.day_states([person], TODAY)[0].hours == (22, 24)
        assert queries.day_states([person], TODAY + DAY)[0].hours == (0, 6)
        assert "夜班" in _text(sign_in("care_worker_a").get("/checklist"))
    with clock.at(dt.datetime.combine(TODAY + DAY, dt.time(5, 30), tzinfo=ZONE)):
        row = operations.give_handover(worker, TODAY, "night", "")
        still = {(item, day): n for _id, item, n, day in row.facts["open"]}
        assert still["S06", TODAY.isoformat()] == 12
        assert still["S06", (TODAY + DAY).isoformat()] == 3
        assert (row.facts["shift"]["id"], row.facts["shift"]["begins"]) == ("night", f"{TODAY}T22:00:00+08:00")
        with pytest.raises(NotFound):
            operations.give_handover(worker, TODAY, "noon", "")
        page = sign_in("care_worker_a").get(f"/handovers/{TODAY}/night")
        assert "2026年3月11日" in _text(page)
        assert sign_in("institution_manager_a").get(f"/handovers/{TODAY}/night/summary.pdf").data.startswith(b"%PDF")


def test_a_house_changes_its_hours_from_a_day_on_and_what_was_recorded_stays(county: Any) -> None:
    planned(county, "丙老人")
    worker, manager = county.actor("care_worker_a"), county.actor("institution_manager_a")
    house, person = county.organisation("institution_a").id, county.resident("丙老人")
    with _at(13, 30):
        before = operations.give_handover(worker, TODAY, "early", "")
        kept = dict(before.facts)
        for wrong in (TODAY, TODAY - DAY, TODAY + 400 * DAY, None):
            with pytest.raises(Invalid):
                set_hours(manager, house, wrong, LONG, "改为两班")
        with pytest.raises(Invalid):
            set_hours(manager, house, TODAY + DAY, [(8, "early"), (8, "night")], "改为两班")
        with pytest.raises(Invalid):
            set_hours(manager, house, TODAY + DAY, LONG, " ")
        with pytest.raises(NotFound):
            set_hours(county.actor("institution_manager_b"), house, TODAY + DAY, LONG, "改为两班")
        set_hours(manager, house, TODAY + DAY, LONG, "改为两班")
        set_hours(manager, house, TODAY + 2 * DAY, [], "恢复旗县统一时间")
        hours = queries.hours_of(house)
        assert [[hour for hour, _shift in hours(TODAY + n * DAY).begins] for n in range(3)] == [
            [6, 14, 22],
            [8, 20],
            [6, 14, 22],
        ]
        assert queries.day_states([person], TODAY)[0].hours == (6, 14)
        (roster,) = houses(manager, TODAY + DAY, house)
        assert [(one.shift, one.begins, one.ends) for one in roster.shifts] == [("early", 8, 20), ("night", 20, 6)]
    with clock.at(
        dt.datetime.combine(TODAY + DAY, dt.time(7), tzinfo=ZONE)
    ):  # the night of the old hours ends by the new
        assert queries.day_states([person], TODAY + DAY)[0].hours == (0, 8)
        with pytest.raises(NotFound):
            operations.give_handover(worker, TODAY + DAY, "late", "")
        night = operations.give_handover(worker, TODAY, "night", "")
        assert night.facts["shift"]["ends"] == f"{TODAY + DAY}T08:00:00+08:00"
        assert night.facts["shift"]["key"] == shipped("shift_hours")[0].sha256
    with clock.at(dt.datetime.combine(TODAY + DAY, dt.time(19, 30), tzinfo=ZONE)):
        assert operations.give_handover(worker, TODAY + DAY, "early", "").facts["shift"]["key"] == "house-1"
    db.session.refresh(before)
    assert before.facts == kept
    with pytest.raises(Exception, match="append-only"):
        db.session.execute(text("UPDATE house_hours SET reason = 'x'"))
    db.session.rollback()


def test_a_county_publishes_its_hours_and_homes_and_houses_follow(county: Any) -> None:
    (rule,) = shipped("shift_hours")
    body = """kind = "shift_hours"
code = "county-hours"
version = 1
in_force_from = 2026-03-11
status = "local"
source = "旗县通知"
[title]
zh = "班次时间"
en = "Hours of the shifts"
[[shift]]
id = "early"
begins = 7
[[shift]]
id = "night"
begins = 19
"""
    publish_pay_table(body=body)
    for house in (None, county.organisation("institution_a").id):
        hours = queries.hours_of(house)
        assert (hours(TODAY).key, hours(TODAY + DAY).begins) == (rule.sha256, ((7, "early"), (19, "night")))
    with pytest.raises(Invalid):
        read("shift_hours", body.replace("begins = 19", "begins = 7"))


def test_a_tablet_hands_over_by_the_hours_it_knew(county: Any) -> None:
    """Other hours were decided while it had no network: what it names is taken, a shift no version knows is not."""
    planned(county, "丙老人")
    worker, manager = county.actor("care_worker_a"), county.actor("institution_manager_a")
    house, known = county.organisation("institution_a").id, queries.county_hours(TODAY).key
    set_hours(manager, house, TODAY + DAY, LONG, "改为两班")
    set_hours(manager, house, TODAY + 2 * DAY, [(7, "early"), (15, "late"), (23, "night")], "改为三班")
    came = dt.datetime.combine(TODAY + DAY, dt.time(22), tzinfo=ZONE)

    def left(shift: str, key: str) -> operations.Left:
        return operations.Left(str(uuid.uuid4()), TODAY + DAY, shift, "", rules.Moment(None, came), {}, None, key)

    with clock.at(came):
        for shift, key in (("late", ""), ("noon", known), ("late", "house-1"), ("late", "house-2"), ("late", "0" * 64)):
            with pytest.raises(Invalid):
                operations.bring_handover(worker, left(shift, key))
        operations.bring_handover(worker, left("late", known))
    row = db.session.query(Handover).one()
    assert (row.shift, row.facts["shift"]["key"]) == ("late", known)


def test_the_page_of_a_house_shows_and_stores_hours(county: Any, sign_in: Any) -> None:
    house = county.organisation("institution_a").id
    manager, path = sign_in("institution_manager_a"), f"/staffing/{house}/hours"
    assert "本院按县级班次时间执行" in _text(manager.get(path))
    entry = {"follows": "own", "early": "7", "late": "15", "night": "23", "in_force_from": (TODAY + DAY).isoformat()}
    assert post(manager, path, f"{path}/store", **entry, reason="").status_code == 422
    assert post(manager, path, f"{path}/store", **{**entry, "night": "7"}, reason="冬季作息").status_code == 422
    assert post(manager, path, f"{path}/store", **entry, reason="冬季作息").status_code == 302
    page = _text(manager.get(path))
    assert "夜班 23:00–07:00" in page
    assert "尚未执行" in page
    assert "保存时间" not in _text(sign_in("county_officer_a").get(path))
    assert post(sign_in("county_officer_a"), path, f"{path}/store", **entry, reason="冬季作息").status_code == 403
    assert sign_in("institution_manager_b").get(path).status_code == 404
