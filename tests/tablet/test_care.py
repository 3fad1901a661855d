"""Days of care written without network: they count once, add to what stands, correct only with a reason, and say when they were
written by every clock there is.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from app.care import operations as care
from app.care import queries, rules
from app.care.models import ChecklistDay, ChecklistNote, Handover, Recording
from app.care.rules import Presence
from app.core import clock
from app.core.db import db
from app.core.models import AuditEntry
from app.core.transaction import transaction
from app.tablet import operations
from app.tablet.anchors import anchor_for
from app.tablet.models import SyncRecord
from app.tablet.operations import records
from tests import factories
from tests.care.world import DAY, TODAY, planned, record, said
from tests.factories import VILLAGE_A
from tests.grading.sheets import noon
from tests.tablet.conftest import Send, enrolled
from tests.tablet.device import Tablet

HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.at(noon(TODAY - DAY * 5)):
        yield


def write(
    tablet: Tablet, county: Any, entries: dict[str, Any], day: dt.date = TODAY, name: str = "甲老人", **more: Any
) -> int:
    """A record of a resident's day: ``{"S01": ("done", 2)}``; returns its counter."""
    full = {
        item: {"outcome": one[0], "times": one[1], "reason": one[2] if len(one) > 2 else None, "note": None}
        for item, one in entries.items()
    }
    version = more.pop("version", 1)
    wrong = more.pop("wrong", {})
    content = {
        "resident": county.resident(name).number, "day": day.isoformat(), "entries": full, "correction": None, "card": None,
        "photos": [], "anchor": None, **more, **wrong,
    }  # fmt: skip
    return tablet.write("care_day", str(uuid.uuid4()), content, now=clock.now(), version=version)


def recordings() -> list[Recording]:
    db.session.rollback()
    return list(db.session.scalars(select(Recording).order_by(Recording.id)))


def count(model: type[Any]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_day_written_without_network_counts_for_its_author(county: Any, send: Send) -> None:
    planned(county)
    phone = enrolled(county, "caregiver_a")
    with clock.at(noon(TODAY)):
        first = write(phone, county, {"S01": ("done", 2), "S02": ("not_done", 1, "refused")})
        second = write(phone, county, {"S01": ("done", 3)})
    with clock.at(noon(TODAY) + 5 * HOUR):
        send(phone)
    assert [phone.heard[n]["verdict"] for n in (first, second)] == ["accepted", "accepted"]
    assert phone.heard[first]["reference"] == f"{county.resident().number}/2026-03-10"
    assert said(county, TODAY) == {"done": {"S01": 3}, "not_done": {"S02": 1}, "excused": {}}
    row = db.session.get(ChecklistDay, (TODAY, county.resident().id))
    assert row is not None
    assert (row.caregiver_id, row.late_mask) == (county.caregiver().id, 0)
    kept = recordings()
    assert [(one.times, rules.items_of(one.items)) for one in kept] == [(3, ["S01", "S02"]), (1, ["S01"])]
    assert {one.made_at for one in kept} == {noon(TODAY)}
    assert {one.recorded_at for one in kept} == {noon(TODAY) + 5 * HOUR}


def test_the_same_batch_twice_changes_nothing(county: Any, send: Send) -> None:
    planned(county)
    phone, other = enrolled(county, "caregiver_a"), enrolled(county, "caregiver_a")
    made = random.Random(11)
    with clock.at(noon(TODAY)):
        for _ in range(12):
            item, outcome = made.choice(["S01", "S02", "S05", "S11"]), made.choice(["done", "not_done", "not_needed"])
            reason = None if outcome == "done" else "refused"
            correction = made.choice([None, None, "看错了"])
            write(phone, county, {item: (outcome, made.randint(1, 3), reason)}, correction=correction)
        send(phone)
        stands, notes = said(county, TODAY), count(ChecklistNote)
        for _ in range(3):
            again = made.sample(sorted(phone.texts), len(phone.texts))
            answer = send(phone, again)
            assert len(answer["receipts"]) == len(again)
        assert (said(county, TODAY), count(ChecklistNote)) == (stands, notes)
        for item, times in stands["done"].items():  # what already stands, told by another device
            write(other, county, {item: ("done", made.randint(1, times))})
        send(other)
    assert {one["verdict"] for one in other.heard.values()} == {"accepted"}
    assert (said(county, TODAY), count(ChecklistNote)) == (stands, notes)


def test_a_record_on_which_everything_broke_after_acting_is_acted_upon_once(county: Any, send: Send) -> None:
    planned(county)
    phone = enrolled(county, "caregiver_a")
    with clock.at(noon(TODAY)):
        write(phone, county, {"S01": ("done", 1)})
        send(phone)
        row = db.session.scalars(select(SyncRecord)).unique().one()
        moment = rules.Moment(clock.now(), clock.now())
        written = care.Written(
            f"{phone.uid}:{row.key}:1", county.resident().id, TODAY, {"S01": {"outcome": "done", "times": 3}}, moment
        )
        care.bring_day(county.actor("caregiver_a"), written)
    assert said(county, TODAY)["done"] == {"S01": 1}
    assert len(recordings()) == 1


def test_what_somebody_else_recorded_otherwise_is_refused_with_words_and_corrected_with_a_reason(
    county: Any, send: Send
) -> None:
    planned(county)
    phone = enrolled(county, "caregiver_a")
    with clock.at(noon(TODAY)):
        record(county, TODAY, {"S02": {"outcome": "not_done", "reason": "refused", "times": "2"}})
        first = write(phone, county, {"S01": ("done", 1), "S02": ("done", 2)})
        send(phone)
        said_ = phone.heard[first]
        assert (said_["verdict"], said_["code"]) == ("refused", "invalid")
        assert "更正" in said_["reason"]["zh"]
        assert "correction" in said_["reason"]["en"]
        assert said(county, TODAY)["done"] == {}
        second = write(phone, county, {"S01": ("done", 1), "S02": ("done", 2)}, correction="下午又做了", version=2)
        send(phone)
    assert phone.heard[second]["verdict"] == "accepted"
    assert said(county, TODAY) == {"done": {"S01": 1, "S02": 2}, "not_done": {}, "excused": {}}
    notes = queries.notes(county.resident().id, TODAY)
    assert [(n.item, n.outcome, n.before) for n in notes] == [("S02", "not_done", None), ("S02", "done", "not_done")]
    assert "下午又做了" in (notes[1].note or "")


LATE = [
    # written (hours after the day's end), device clock off by (hours), anchored at, received at → late
    (-4, 0, -6, 60, False),  # in time by a clock that can be right, sent days later
    (-4, 0, None, 60, False),
    (30, 0, 20, 60, True),  # written too late
    (-4, -40, None, 60, True),  # a clock that cannot be right is not believed: it counts from when it came
    (-4, 0, 30, 60, True),  # it carries what the county said later than that: the clock was turned back
    (30, 0, 20, 22, False),  # it came in time, whatever the clock says
]


@pytest.mark.parametrize(("wrote", "skew", "anchor", "came", "late"), LATE)
def test_late_by_both_clocks(
    county: Any, send: Send, wrote: int, skew: int, anchor: int | None, came: int, late: bool
) -> None:
    planned(county)
    phone = enrolled(county, "caregiver_a")
    end = dt.datetime.combine(TODAY + DAY, dt.time(), tzinfo=clock.ZONE)
    text = None
    if anchor is not None:
        with clock.at(end + anchor * HOUR):
            text = anchor_for(phone.uid)
    phone.skew = skew * HOUR
    with clock.at(end + wrote * HOUR):
        write(phone, county, {"S01": ("done", 3)}, anchor=text)
    with clock.at(end + came * HOUR):
        send(phone)
    db.session.rollback()
    row = db.session.get(ChecklistDay, (TODAY, county.resident().id))
    assert row is not None
    assert bool(row.late_mask) is late


def test_an_anchor_of_another_device_or_made_up_proves_nothing(county: Any, send: Send) -> None:
    planned(county)
    phone, other = enrolled(county, "caregiver_a"), enrolled(county, "caregiver_a")
    with clock.at(noon(TODAY)):
        for text in (anchor_for(other.uid), "2026-03-10T04:00:00.000Z 00 00", "x", 7, anchor_for(phone.uid)):
            write(phone, county, {"S01": ("done", 1)}, anchor=text)
        send(phone)
    assert [one.surely_after for one in recordings()] == [None, None, None, None, noon(TODAY)]


def test_a_resident_who_changed_hands_is_passed_on_and_settled_as_the_authors_work(county: Any, send: Send) -> None:
    planned(county)
    phone = enrolled(county, "caregiver_a")
    with clock.at(noon(TODAY)):
        counter = write(phone, county, {"S01": ("done", 3)})
        with transaction() as tx:
            tx.act = "test.move"
            county.resident().caregiver_id = county.caregiver("护理员2").id
        send(phone)
        assert phone.heard[counter]["code"] == "routed"
        assert said(county, TODAY)["done"] == {}
        row = db.session.scalars(select(SyncRecord)).unique().one()
        records.settle_record(county.actor("township_officer_a"), row.id, count=True, reason="交接当天仍由她照护")
        send(phone)
    assert phone.heard[counter]["code"] == "ok"
    day = db.session.get(ChecklistDay, (TODAY, county.resident().id))
    assert day is not None
    assert (rules.counts(day.done), day.caregiver_id) == ({"S01": 3}, county.caregiver("护理员1").id)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"day": "2026-13-01"}, "day"),
        ({"day": "2026-03-11"}, "day"),
        ({"entries": {"S01": 3}}, "entries"),
        ({"entries": {"S13": {"outcome": "done", "times": 1}}}, "S13"),
        ({"entries": {"S01": {"outcome": "done", "times": 9}}}, "S01"),
        ({"entries": {"S01": {"outcome": "done", "times": -1}}}, "S01"),
        ({"entries": {"S01": {"outcome": "not_done", "times": 1}}}, "S01"),
        ({"photos": ["x"]}, "photos"),
        ({"correction": 7}, "correction"),
        ({"correction": "长" * 301}, "correction"),
    ],
)
def test_a_wrong_record_is_refused_at_its_field(county: Any, send: Send, content: dict[str, Any], field: str) -> None:
    planned(county)
    phone = enrolled(county, "caregiver_a")
    with clock.at(noon(TODAY)):
        counter = write(phone, county, {"S01": ("done", 1)}, wrong=content)
        send(phone)
    said_ = phone.heard[counter]
    assert said_["verdict"] == "refused"
    assert field in said_["fields"] or said_["code"] == "invalid"
    assert recordings() == []


def test_who_cares_takes_along_their_own_with_what_is_due_each_day(county: Any) -> None:
    plan = planned(county)
    planned(county, "丙老人")
    with clock.at(noon(TODAY)):
        record(county, TODAY - DAY, {"S01": {"outcome": "done", "times": "2"}})
        phone = operations.take_care_along(county.actor("caregiver_a"), None)
        ward = operations.take_care_along(county.actor("care_worker_a"), None)
    assert [row["name"] for row in phone["residents"]] == ["甲老人"]
    assert [row["name"] for row in ward["residents"]] == ["丙老人"]
    (row,) = phone["residents"]
    first = dt.date.fromisoformat(phone["first"])
    assert (first, len(row["due"])) == (TODAY - DAY * 6, 37)
    for n, digits in enumerate(row["due"]):
        day = first + n * DAY
        due = rules.due_times(plan.lines, day)
        assert {item: int(digits[place], 16) for place, item in enumerate(rules.ITEMS)} == {
            item: rules.times(due, item) for item in rules.ITEMS
        }, day
    assert row["said"] == {"2026-03-09": {"done": {"S01": 2}, "not_done": {}, "not_needed": {}, "extra": {}}}
    assert (phone["ward"], ward["ward"]) == (False, True)
    resident = county.resident()
    text = json.dumps(phone, ensure_ascii=False)
    for secret in (resident.id_number, resident.phone, resident.address, resident.health_notes):
        assert not secret or secret not in text
    entries = list(
        db.session.scalars(select(AuditEntry).where(AuditEntry.act == "bundle.take").order_by(AuditEntry.seq))
    )
    assert county.resident().number in entries[0].changes


def test_only_who_records_care_takes_it_along(sign_in: Any) -> None:
    for who, status in (("caregiver_a", 200), ("care_worker_a", 200), ("assessor_a", 403), ("township_officer_a", 403)):
        browser = sign_in(who)
        token = browser.get("/tablet/api/session").get_json()["csrf"]
        assert browser.post("/tablet/api/care", json={}, headers={"X-CSRFToken": token}).status_code == status, who


def hand_over(tablet: Tablet, **more: Any) -> int:
    content = {
        "day": TODAY.isoformat(), "shift": "early", "note": "丙老人晚饭吃得少", "receiver": None, "anchor": None,
        "seen": {"due": 9, "said": 8, "open": 1}, "signatures": [], **more,
    }  # fmt: skip
    return tablet.write("care_handover", str(uuid.uuid4()), content, now=clock.now())


def test_a_shift_is_handed_over_without_network_and_signed_by_both(county: Any, send: Send) -> None:
    planned(county, "丙老人")
    receiver = county.user("institution_manager_a").id
    ward = enrolled(county, "care_worker_a")
    with clock.at(noon(TODAY) + 2 * HOUR):  # 14 o'clock in China
        early = hand_over(ward, shift="late")
        own = hand_over(ward, receiver=county.user("care_worker_a").id)
        good = hand_over(ward, receiver=receiver)
        second = hand_over(ward)
        odd = hand_over(ward, shift="noon")
    with clock.at(noon(TODAY + DAY)):
        send(ward)
        send(ward, [good])
    verdicts = {n: ward.heard[n]["verdict"] for n in (early, own, good, second, odd)}
    assert verdicts == {early: "refused", own: "refused", good: "accepted", second: "refused", odd: "refused"}
    row = db.session.scalars(select(Handover)).one()
    assert (row.given_by, row.received_by) == (county.user("care_worker_a").id, receiver)
    assert row.given_at == noon(TODAY) + 2 * HOUR
    assert row.facts["offline"]["open"] == 1
    assert row.note == "丙老人晚饭吃得少"


def test_the_card_of_the_household_is_recognised_and_nothing_else(county: Any, send: Send) -> None:
    planned(county)
    factories.resident("戊老人", area_code=VILLAGE_A, caregiver_id=county.caregiver().id)
    officer = county.actor("township_officer_a")
    with clock.at(noon(TODAY)):
        care.make_cards(officer, "2026-03")
        mine, others = (queries.cards_of(county.resident(name).id)[0] for name in ("甲老人", "戊老人"))
        bundle = operations.take_care_along(county.actor("caregiver_a"), None)
        code = queries.card_code(mine)
        rows = {row["name"]: row for row in bundle["residents"]}
        assert rows["甲老人"]["cards"] == [rules.card_check(code)]
        assert code not in json.dumps(bundle)
        phone = enrolled(county, "caregiver_a")
        for text in (code, rules.shown_code(code).lower(), f"YHK1.{code}", queries.card_code(others), "ABC", None):
            write(phone, county, {"S01": ("done", 1)}, card=text)
        send(phone)
        care.end_card(officer, mine.id, "丢失")
    with clock.at(noon(TODAY) + HOUR):
        write(phone, county, {"S01": ("done", 2)}, card=code)
        send(phone)
        care.make_cards(officer, "2026-03")
        fresh = queries.card_code(queries.cards_of(county.resident().id)[0])
        assert fresh != code
        write(phone, county, {"S01": ("done", 2)}, card=fresh)
        send(phone)
    with clock.at(noon(dt.date(2026, 4, 8))):
        write(phone, county, {"S01": ("done", 1)}, day=dt.date(2026, 4, 8), card=fresh)
        send(phone)
    found = [one.presence for one in recordings()]
    assert found == [
        *[Presence.CARD] * 3, Presence.WRONG, Presence.WRONG, Presence.NONE, Presence.WRONG, Presence.CARD, Presence.WRONG,
    ]  # fmt: skip
