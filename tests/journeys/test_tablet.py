"""A day in the villages without network: nothing is lost when the tab dies, the network is cut or an answer gets lost."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Response, Route, expect

from app.auth.models import User
from app.core import clock
from app.core.db import db
from app.core.transaction import transaction
from app.grading.models import GradeProposal, Sheet
from app.grading.rules import SheetState
from app.tablet import shell
from app.tablet.models import Device
from app.tablet.operations.devices import block_device
from app.tablet.rules import DeviceState
from tests.factories import TOWNSHIP_A, VILLAGE_A, VILLAGE_B, County, found_county
from tests.journeys.serving import Served, served
from tests.journeys.tablet import Battery, Tablet, durable_tablet, half_sent, tablet, words

pytestmark = pytest.mark.journey
PARTS = [str(item) for item in range(1, 11)] + ["B.2", "B.3", "B.4"]
HELPED = {"2.2": 2, "4.1": 2, "7.2": 2, "8.2": 2, "9.2": 2}
"""Case b of domain.md 6.5: 75 points, five abilities unmet; the two scales disagree."""
RECORDS = "**/tablet/api/records"
TAPS = 45


def _fill() -> None:
    from app.core.rotation import register_keys
    from tests import factories

    register_keys()
    found_county()
    with transaction() as tx:
        tx.act = "test.more"
        for name in ("韩守田", "白玉兰", "宝音", "额尔敦"):
            factories.resident(name, area_code=VILLAGE_A, guardian_name="韩小山", guardian_relation="2")
        County().user("assessor_b").area_code = TOWNSHIP_A


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


HELD = """async () => {
  const [button, sync] = [document.querySelector("[data-send]"), await import("/static/js/tablet/sync.js")];
  button.dataset.held = "";
  button.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
  await sync.run();
  await new Promise((next) => setTimeout(next, 500));
  const there = button.isConnected;
  button.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
  return there;
}"""
"""Whether the button under a finger outlives a sending, which redraws the list of records."""


@pytest.mark.long
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
        own.page.get_by_role("button", name=words("voice")).tap()
        expect(own.page.locator(".voice [role=alert]")).to_have_text(words("voice_none"))
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
        own.cold_open()
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
        assert own.page.evaluate(HELD) is True
        expect(own.page.locator("[data-send]:not([data-held])")).to_be_visible()  # redrawn once the finger is up
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

    def gone(route: Route) -> None:
        route.abort("internetdisconnected")

    way = [gone]

    def by_turn(route: Route) -> None:
        """One route for all turns: what is under way while a route is taken off goes out untouched."""
        way[0](route)

    with tablet(browser, villages.address, "lost") as own:
        own.set_up("assessor_a")
        own.page.route(RECORDS, by_turn)
        _choose_pair(own)
        own.context.set_offline(True)
        trace = _write(own, "宝音")
        own.sign()
        own.finish()
        for interference in (cut, lost, forged):
            way[0] = interference
            own.context.set_offline(False)
            own.send()
            while interference.__name__ not in seen:
                own.page.wait_for_timeout(20)
            reached = "true" if interference is forged else "false"
            expect(own.page.locator(".connection")).to_have_attribute("data-reached", reached)
            own.counters(saved=1, waiting=1, accepted=0, refused=0)
            way[0] = gone
            own.context.set_offline(True)
        way[0] = Route.continue_
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
            own.page.get_by_role("button", name=words("courier_make")).click()
        file = tmp_path / "day.yiheng"
        download.value.save_as(file)
        assert "丙老人" not in file.read_text("utf-8")
        codes = _scanned(own)
        with tablet(browser, villages.address, "carrier") as other:
            other.set_up("assessor_b")
            other.go("#/device")
            other.page.evaluate(HAND_OVER, codes)
            expect(other.page.locator(".toasts .tone-good").last).to_be_visible()
            for _ in range(2):
                other.page.locator("#courier").set_input_files(file)
                expect(other.page.locator(".toasts .tone-good").last).to_be_visible()
            assert len(_stored(villages, "丙老人")) == 1
            own.counters(waiting=1, accepted=0)
            own.context.set_offline(False)
            own.send()
            own.counters(waiting=0, accepted=1)
            with villages.inside():
                proposals = db.session.query(GradeProposal).join(Sheet).filter(Sheet.resident.has(name="丙老人"))
                assert proposals.count() == 1

            _choose_pair(other)
            other.go("#/")
            other.begin("丙老人")  # taken along before the first sheet was in: nobody could know
            for question in ("4.1", "8.2"):  # sees it otherwise
                other.page.locator(f"[data-rail='{question[0]}']").tap()
                other.page.locator(f"fieldset[id='answers.{question}'] label.choice").nth(3).tap()
                expect(other.page.locator(f"fieldset[id='answers.{question}'][data-answered]")).to_be_attached()
            other.page.locator("[data-rail='1']").tap()
            other.answer_quickly(PARTS)
            _rest(other)
            other.sign()
            other.finish()
            other.counters(waiting=0, accepted=0, refused=1)
            expect(other.page.locator("[data-state=conflict]")).to_contain_text(words("state_conflict"))
            assert len(_stored(villages, "丙老人")) == 2, "both are kept"
            own.send()
            own.counters(accepted=0, refused=1)
            expect(own.page.locator("[data-state=conflict]")).to_be_visible()


HAND_OVER = """async (codes) => {
  const { Collector } = await import("/static/js/tablet/pieces.js");
  const { keepCarried } = await import("/static/js/tablet/screens/courier.js");
  const collector = new Collector();
  let whole = null;
  for (const code of [...codes.reverse(), ...codes]) whole ??= (await collector.take(code)).file ?? null;
  await keepCarried(whole);
}"""
"""What the camera of another tablet does with the codes it has read: in any order, some of them twice."""


def _scanned(tablet: Tablet) -> list[str]:
    """Every code of the sheet as another device's camera reads it from the screen."""
    page = tablet.page
    page.get_by_role("link", name="丙老人").click()
    page.get_by_role("link", name=words("as_codes")).click()
    canvas = page.locator("canvas.code")
    page.get_by_role("button", name=words("pause")).click()
    tablet.look("01-codes")
    count = int(re.findall(r"\d+", page.locator(".codes .count").inner_text())[-1])
    found: dict[int, str] = {}
    for _ in range(count):
        picture = Image.open(BytesIO(canvas.screenshot())).convert("L")
        read = {one.text for one in zxingcpp.read_barcodes(picture, zxingcpp.BarcodeFormat.QRCode)}
        assert len(read) == 1, f"the codes on one screen say {read}"
        found[int(canvas.get_attribute("data-piece") or 0)] = read.pop()
        page.get_by_role("button", name=words("next")).click()
    assert sorted(found) == list(range(1, count + 1))
    tablet.go("#/records")
    return list(found.values())


def _device(county: Served, account: str) -> int:
    with county.inside():
        found = db.session.query(Device).join(User, User.id == Device.user_id).filter(User.username == account)
        number = found.order_by(Device.id.desc()).first()
        assert number is not None
        return int(number.id)


def test_what_the_county_says_is_heeded(villages: Served, browser: Browser) -> None:
    with tablet(browser, villages.address, "county") as own:
        own.set_up("assessor_b")
        _choose_pair(own)
        own.context.set_offline(True)
        _write(own, "甲老人")
        own.go("#/")
        own.page.get_by_role("link", name=words("go_on")).tap()
        own.page.locator("[data-rail=head]").tap()
        own.page.locator("#assessed-on").fill("2020-01-01")
        own.page.locator("[data-rail=head]").tap()
        expect(own.page.locator("#assessed-on")).to_have_value("2020-01-01")
        own.page.get_by_role("link", name=words("look_result")).first.tap()
        own.sign()
        own.finish()
        own.context.set_offline(False)
        own.send()
        own.counters(saved=1, waiting=0, accepted=0, refused=1)
        expect(own.page.locator("[data-state=refused]")).to_contain_text("下一次定期评估已经到期")
        own.look("01-refused")
        own.page.get_by_role("button", name=words("correct")).tap()
        own.page.locator("[data-rail=head]").tap()
        own.page.locator("#assessed-on").fill(clock.today().isoformat())
        own.page.locator("[data-rail=head]").tap()
        own.page.get_by_role("link", name=words("look_result")).first.tap()
        own.sign()
        own.finish()
        own.send()
        own.counters(saved=1, waiting=0, accepted=1, refused=0)
        assert len(_stored(villages, "甲老人")) == 1

        _move(villages, "额尔敦", VILLAGE_B)
        own.send()
        own.go("#/")
        expect(own.page.locator(".notice.tone-warn")).to_contain_text(words("moved_title"))
        expect(own.page.locator(".person h2", has_text="额尔敦")).to_have_count(0)

        own.page.close()
        own.page = own.window()
        own.page.clock.install()
        own.page.goto(f"{villages.address}/tablet/")
        own.unlock()
        own.page.clock.run_for(11 * 60_000)
        expect(own.page.get_by_role("heading", level=1)).to_have_text(words("locked_title"))
        own.unlock()

        number = _device(villages, "assessor_b")
        _token_runs_out(own, villages, number)
        with villages.inside():
            block_device(County().actor("county_officer_a"), number, "平板在路上丢失")
        own.expected = (*own.expected, "Failed to load resource: the server responded with a status of 403")
        own.page.evaluate(
            "() => dispatchEvent(new Event('online'))"
        )  # what it was sending by itself may have told it already
        expect(own.page.get_by_role("heading", level=1)).to_have_text(words("setup_title"))
        left = own.page.evaluate(
            "async () => (await indexedDB.databases()).length && (await import('/static/js/tablet/store.js')).keys('boxes')"
        )
        assert left == []
        with villages.inside():
            state = db.session.get_one(Device, number).state
        assert state is DeviceState.FORGOTTEN


def _token_runs_out(own: Tablet, county: Served, number: int) -> None:
    """Somebody is signed in at the desk's pages of this browser: the tablet gets a new token by itself."""
    with county.inside(), transaction() as tx:
        tx.act = "test.expire"
        db.session.get_one(Device, number).token_until = clock.now() - dt.timedelta(days=1)
    own.expected = (*own.expected, "Failed to load resource: the server responded with a status of 401")
    renewed: list[Response] = []
    own.page.on(
        "response", lambda answer: renewed.append(answer) if answer.url.endswith("/tablet/api/devices") else None
    )
    for _ in range(20):  # what it sends by itself just now may still go out with the token that held
        own.send()
        own.page.wait_for_timeout(500)
        if renewed:
            break
    expect(own.page.locator(".connection[data-reached=true]")).to_contain_text(words("contact", when="")[:5])
    with county.inside():
        assert (db.session.get_one(Device, number).token_until or clock.now()) > clock.now()
        db.session.remove()


def _move(county: Served, name: str, area: str) -> None:
    with county.inside(), transaction() as tx:
        tx.act = "test.move"
        County().resident(name).area_code = area


def _release(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a newer version of the app had been installed in the county."""
    real = shell.listed
    monkeypatch.setattr(shell, "listed", lambda: ("f" * 16, real()[1]))


PUBLISHED = """async () => {
  const [store, vault] = [await import("/static/js/tablet/store.js"), await import("/static/js/tablet/vault.js")];
  const form = await vault.read("instrument:selfcare30@1");
  form.key = "selfcare30@2";
  form.items[0].subitems[1].title.zh += "（新）";
  form.items[1].subitems[0].caps[1] = 0;
  await store.write([await vault.boxed("instrument:selfcare30@2", form), await vault.boxed("meta", { ...(await vault.read("meta")), instrument: "selfcare30@2" })]);
}"""
"""As if a bundle had brought a newer form: other words at one place, other points at another."""


def test_a_photo_a_dead_battery_and_a_month_without_network(
    villages: Served,
    browser: Browser,
    browser_type_launch_args: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    Image.effect_noise((2400, 1200), 40).convert("RGB").save(photo, exif=exif, quality=95)
    battery = Battery(browser, browser_type_launch_args, tmp_path / "disk")
    with durable_tablet(battery, villages.address, "photo") as own:
        own.set_up("assessor_a")
        own.go("#/")
        own.begin("丁老人")
        own.page.locator("#photo").set_input_files(photo)
        expect(own.page.locator(".photos .badge-state")).to_have_text(words("photos_taken", count=1))
        kept = own.page.evaluate(
            """async () => {
              const [store, vault] = [await import("/static/js/tablet/store.js"), await import("/static/js/tablet/vault.js")];
              const [name] = await store.keys("boxes", "photo:");
              const raw = await store.get("boxes", name);
              return [name, await vault.read(name), new TextDecoder("latin1").decode(raw.data)];
            }"""
        )
        data = base64.b64decode(kept[1])
        assert kept[0] == f"photo:{hashlib.sha256(data).hexdigest()}"
        assert b"SECRET-CAMERA" not in data
        assert b"Exif" not in data
        assert "JFIF" not in kept[2], "the picture lies encrypted on the disk"
        with Image.open(BytesIO(data)) as small:
            assert max(small.size) == 1280

        own.page.locator("fieldset[id='answers.1.1'] input").first.focus()
        own.page.keyboard.press("Space")  # the keyboard does what a finger does
        expect(own.page.locator("fieldset[id='answers.1.1'][data-answered=A0]")).to_be_attached()
        battery.dies(own)
        own.page.goto(f"{villages.address}/tablet/")
        own.unlock()
        own.page.get_by_role("link", name=words("go_on")).tap()
        expect(own.page.locator("fieldset[id='answers.1.1'][data-answered=A0]")).to_be_attached()
        expect(own.page.locator(".photos .badge-state")).to_have_text(words("photos_taken", count=1))

        _release(monkeypatch)
        own.page.evaluate(
            "() => navigator.serviceWorker.getRegistration().then((one) => one.update()).then(() => true)"
        )
        own.page.locator(".update").tap()
        own.unlock()  # the new app came with a reload; what was tapped before is there
        expect(own.page.locator("fieldset[id='answers.1.1'][data-answered=A0]")).to_be_attached()
        assert len(own.page.evaluate("() => caches.keys()")) == 1, "the old shell is gone"

        own.page.evaluate(PUBLISHED)
        own.page.reload()
        own.unlock()
        own.page.get_by_text(words("newer_changes", count=2)).tap()
        own.look("01-newer-form")
        own.page.get_by_role("button", name=words("move_over", count=0)).tap()
        expect(own.page.get_by_text(words("newer_title"))).to_have_count(0)
        expect(own.page.locator("fieldset[id='answers.1.1'][data-answered=A0]")).to_be_attached()

        second = own.window()
        second.goto(f"{villages.address}/tablet/")
        expect(second.get_by_role("heading", level=1)).to_have_text(words("elsewhere_title"))
        second.close()
        own.expected = (*own.expected, "The Cross-Origin-Opener-Policy header has been ignored")
        plain = own.window()
        plain.route(
            "http://care.lan/**",
            lambda r: r.fulfill(response=r.fetch(url=r.request.url.replace("http://care.lan", villages.address))),
        )
        plain.goto("http://care.lan/tablet/")
        expect(plain.get_by_role("heading", level=1)).to_have_text(words("insecure_title"))
        plain.close()

        own.context.set_offline(True)
        own.page.close()
        own.page = own.window()
        own.page.clock.install(time=dt.datetime.now(dt.UTC) + dt.timedelta(days=31))
        own.page.goto(f"{villages.address}/tablet/")
        own.unlock()
        expect(own.page.locator(".nobody")).to_be_visible()
        own.counters(saved=1)
