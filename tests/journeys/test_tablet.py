"""A day in the villages without network: nothing is lost when the tab dies, the network is cut or an answer gets lost."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from app.core import clock
from app.core.db import db
from app.core.transaction import transaction
from app.grading.models import GradeProposal, Sheet
from app.grading.rules import SheetState
from tests.factories import VILLAGE_A, found_county
from tests.journeys.serving import Served, served
from tests.journeys.tablet import Tablet, half_sent, tablet, words

PARTS = [str(item) for item in range(1, 11)] + ["B.2", "B.3", "B.4"]
HELPED = {"2.2": 2, "4.1": 2, "7.2": 2, "8.2": 2, "9.2": 2}
"""Case b of domain.md 6.5: 75 points, five abilities unmet; the two scales disagree."""
RECORDS = "**/tablet/api/records"
COLD_MS = 1000
"""Without network, with a processor four times slower; more where others use the machine too."""
TAPS = 45


def _fill() -> None:
    from app.core.rotation import register_keys
    from tests import factories

    register_keys()
    found_county()
    with transaction() as tx:
        tx.act = "test.more"
        for name in ("韩守田", "白玉兰", "宝音"):
            factories.resident(name, area_code=VILLAGE_A, guardian_name="韩小山", guardian_relation="2")


@pytest.fixture(scope="module")
def villages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A small county, served today: a browser's clock cannot be moved with the server's."""
    with served(tmp_path_factory.mktemp("villages"), _fill, clock.today()) as county:
        yield county


def _write(tablet: Tablet, resident: str) -> list[str]:
    """A whole sheet from the list to the signatures; returns the trace on the screen."""
    tablet.go("#/")
    tablet.begin(resident)
    tablet.answer_quickly(PARTS)
    return _rest(tablet)


def _rest(tablet: Tablet) -> list[str]:
    page = tablet.page
    tablet.tap(page.get_by_role("button", name=words("none_of_all")))
    expect(page.locator(".step")).to_have_attribute("data-step", "head")
    tablet.tap(page.locator("#informant label.choice").first)
    expect(page.locator(".signatures")).to_be_visible()
    return tablet.trace()


def _choose_pair(tablet: Tablet) -> None:
    tablet.go("#/")
    tablet.page.locator("#pair").select_option(index=1)


def _stored(county: Served, resident: str) -> list[dict[str, Any]]:
    """The sheets of a resident as the server has them."""
    with county.inside():
        rows = db.session.query(Sheet).filter(Sheet.resident.has(name=resident), Sheet.state == SheetState.SUBMITTED)
        found = [dict(row.result or {}) for row in rows]
        db.session.remove()
        return found


def test_a_day_without_network(villages: Served, browser: Browser) -> None:
    with tablet(browser, villages.address, "day") as own:
        own.set_up("assessor_a")
        own.look("01-list")
        _choose_pair(own)
        own.context.set_offline(True)
        own.taps = 0
        own.begin("韩守田")
        for part in PARTS:
            own.answer(part, HELPED)
        first = _rest(own)
        assert own.taps <= TAPS, f"{own.taps} taps for one sheet"
        own.sign()
        own.look("02-signed")
        own.finish()
        own.counters(saved=1, waiting=1, accepted=0, refused=0)

        own.go("#/")
        own.begin("白玉兰")
        own.answer_quickly(["1"])
        own.tap(own.page.locator("fieldset[id='answers.2.1'] label.choice").first)
        expect(own.page.locator("fieldset[id='answers.2.1'][data-answered]")).to_be_attached()  # it is on the disk
        own.kill()
        own.page.goto(f"{villages.address}/tablet/")
        own.unlock()
        own.counters(saved=2, waiting=1)
        own.page.get_by_role("link", name=words("go_on")).tap()
        expect(own.page.locator(".step")).to_have_attribute("data-step", "2")
        assert own.page.locator("fieldset[data-answered]").count() == 1
        opened, busy = min(own.cold_open() for _ in range(2)), max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
        assert opened < COLD_MS * busy, f"{opened:.0f} ms until the cold tablet can be touched, load {busy:.1f}"
        own.unlock()
        own.page.get_by_role("link", name=words("go_on")).tap()
        own.answer_quickly(PARTS[1:])
        second = _rest(own)
        own.sign()
        own.finish()
        own.counters(saved=2, waiting=2, accepted=0)

        own.context.set_offline(False)
        own.send()
        own.counters(saved=2, waiting=0, accepted=2, refused=0)
        own.look("03-accepted")
    for name, seen in (("韩守田", first), ("白玉兰", second)):
        sheets = _stored(villages, name)
        assert len(sheets) == 1
        assert [step["zh"] for step in sheets[0]["trace"]] == seen


def test_what_is_cut_or_lost_on_the_way_arrives_once(villages: Served, browser: Browser) -> None:
    seen: list[str] = []

    def cut(route: Route) -> None:
        half_sent(route.request)
        route.abort("connectionreset")
        seen.append("cut")

    def lost(route: Route) -> None:
        assert route.fetch().status == 200  # the server has stored everything
        route.abort("connectionreset")
        seen.append("lost")

    def forged(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        for receipt in body["receipts"]:
            receipt["text"] = receipt["text"].replace('"seq":', '"seq": ', 1)
        route.fulfill(response=answer, body=json.dumps(body))
        seen.append("forged")

    with tablet(browser, villages.address, "lost") as own:
        own.set_up("assessor_a")
        _choose_pair(own)
        own.context.set_offline(True)
        trace = _write(own, "宝音")
        own.sign()
        own.finish()
        for interference in (cut, lost, forged):
            own.page.route(RECORDS, interference)
            own.context.set_offline(False)
            own.send()
            while interference.__name__ not in seen:
                own.page.wait_for_timeout(20)
            reached = "true" if interference is forged else "false"
            expect(own.page.locator(".connection")).to_have_attribute("data-reached", reached)
            own.counters(saved=1, waiting=1, accepted=0, refused=0)
            own.context.set_offline(True)
            own.page.unroute(RECORDS)
        own.context.set_offline(False)
        assert set(seen) == {"cut", "lost", "forged"}
        own.send()
        own.counters(saved=1, waiting=0, accepted=1, refused=0)
    sheets = _stored(villages, "宝音")
    assert len(sheets) == 1
    assert [step["zh"] for step in sheets[0]["trace"]] == trace


def test_a_courier_carries_what_no_network_reaches(villages: Served, browser: Browser, tmp_path: Path) -> None:
    with tablet(browser, villages.address, "courier") as own:
        own.set_up("assessor_a")
        _choose_pair(own)
        own.context.set_offline(True)
        _write(own, "丙老人")
        own.sign()
        own.finish()
        with own.page.expect_download() as download:
            own.page.get_by_role("button", name=words("courier_make")).tap()
        file = tmp_path / "day.yiheng"
        download.value.save_as(file)
        assert "丙老人" not in file.read_text("utf-8")
        with tablet(browser, villages.address, "carrier") as other:
            other.set_up("assessor_b")
            other.go("#/device")
            for _ in range(2):
                other.page.locator("#courier").set_input_files(file)
                expect(other.page.locator(".toasts .tone-good").last).to_be_visible()
        assert len(_stored(villages, "丙老人")) == 1
        own.counters(waiting=1, accepted=0)
        own.context.set_offline(False)
        own.send()
        own.counters(waiting=0, accepted=1)
    with villages.inside():
        assert db.session.query(GradeProposal).join(Sheet).filter(Sheet.resident.has(name="丙老人")).count() == 1
