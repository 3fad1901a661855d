"""A round of thirty in few taps, and the shift handed over by two people."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from app.care import operations, queries
from app.care.models import CarePlan
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.core.transaction import transaction
from app.people.models import Setting
from tests.care.test_pages import _text, post
from tests.care.world import TODAY, planned, record, said
from tests.factories import VILLAGE_A, resident


def _at(hour: int, minute: int = 0) -> Any:
    return clock.at(dt.datetime.combine(TODAY, dt.time(hour, minute), tzinfo=clock.ZONE))


def _ward(county: Any, people: int) -> CarePlan:
    """So many residents of one institution with the same plan."""
    plan, house = planned(county, "丙老人"), county.organisation("institution_a").id
    shared = {c.name: getattr(plan, c.name) for c in CarePlan.__table__.columns if c.name not in {"id", "number"}}
    with transaction() as tx:
        tx.act = "test.ward"
        for n in range(people - 1):
            one = resident(f"同室{n:02d}", area_code=VILLAGE_A, setting=Setting.INSTITUTIONAL, institution_id=house)
            db.session.add(CarePlan(**{**shared, "number": f"JH2026-8{n:05d}", "resident_id": one.id}))
    return plan


def test_a_round_of_thirty_takes_eighteen_taps_with_two_exceptions(county: Any, sign_in: Any) -> None:
    """Each exception takes eight taps: the name, the outcome, how many (field and digit), open the reason, its list, the
    reason, record. Then the whole round and its confirmation. At five seconds a tap that is a minute and a half of two.
    """
    _ward(county, 30)
    with _at(9):
        browser, taps = sign_in("care_worker_a"), 0
        page = _text(browser.get("/checklist"))
        assert page.count('class="round-row') == 30
        for name in ("同室03", "同室17"):
            link = re.search(rf'href="(/residents/\d+/checklist/[^"]*)">{name}', page)
            assert link is not None
            path = link[1].replace("&amp;", "&")
            taps += 8
            sent = post(
                browser, path, act="save", outcome_S01="not_done", reason_S01="refused", times_S01="1", then="board"
            )
            assert sent.status_code == 302
        ids = re.findall(r'name="resident" value="(\d+)"', _text(browser.get("/checklist")))
        assert post(browser, "/checklist", act="round", resident=ids).status_code == 302
        taps += 2  # whole round as planned; yes
        assert taps * 5 <= 120
        assert _text(browser.get("/checklist")).count("is-done") == 30
        assert said(county, TODAY, "同室03")["not_done"] == {"S01": 1}
        assert said(county, TODAY, "同室03")["done"]["S01"] == 1
        assert said(county, TODAY, "同室04")["done"]["S01"] == 2


def test_a_shift_is_handed_over_by_two_people(county: Any) -> None:
    """The snapshot stays what it was; the same person cannot sign for both."""
    planned(county, "丙老人")
    worker, manager = county.actor("care_worker_a"), county.actor("institution_manager_a")
    with _at(10):
        record(
            county, TODAY, {"S01": {"outcome": "not_done", "times": 1, "reason": "refused"}}, "丙老人", "care_worker_a"
        )
        with pytest.raises(Invalid):
            operations.give_handover(worker, TODAY, "early", "")
    with _at(13, 30):
        row = operations.give_handover(worker, TODAY, "early", "夜里咳嗽，注意保暖")
        with pytest.raises(Refused):
            operations.give_handover(manager, TODAY, "early", "")
        with pytest.raises(Refused):
            operations.receive_handover(worker, TODAY, "early")
    with _at(14, 5):
        record(county, TODAY, {"S01": {"outcome": "done", "times": 1}}, "丙老人", "care_worker_a")
        operations.receive_handover(manager, TODAY, "early")
        with pytest.raises(Refused):
            operations.receive_handover(manager, TODAY, "early")
    resident_id = county.resident("丙老人").id
    assert row.facts["exceptions"] == [[resident_id, "S01", "not_done", "refused", 1, TODAY.isoformat()]]
    assert [resident_id, "S01", 1, TODAY.isoformat()] in row.facts["open"]
    assert row.facts["said"] == 1
    with pytest.raises(NotFound):
        operations.receive_handover(county.actor("institution_manager_b"), TODAY, "early")
    with pytest.raises(NotFound):
        operations.give_handover(worker, TODAY, "noon", "")


def test_the_handover_on_its_page_and_on_paper(county: Any, sign_in: Any) -> None:
    planned(county, "丙老人")
    with _at(21, 30):
        worker, path = sign_in("care_worker_a"), f"/handovers/{TODAY.isoformat()}/late"
        assert "交班" in _text(worker.get("/checklist"))
        assert "丙老人" in _text(worker.get(path))
        assert post(worker, path, note="二楼热水停").status_code == 302
        assert "须由下一班的人签字" in _text(worker.get(path))
        manager = sign_in("institution_manager_a")
        assert post(manager, path, f"{path}/receive").status_code == 302
        page = _text(manager.get(path))
        assert "两班均已签字" in page
        assert "二楼热水停" in page
        assert manager.get(f"{path}/summary.pdf").data.startswith(b"%PDF")
        assert "丙老人" not in _text(sign_in("institution_manager_b").get(path))


def test_what_is_left_over_from_yesterday_is_told(county: Any, sign_in: Any) -> None:
    planned(county, "丙老人")
    assert "昨天还有" in _text(sign_in("care_worker_a").get("/checklist"))
    assert queries.day_states([county.resident("丙老人")], TODAY)[0].hours == (6, 14)
