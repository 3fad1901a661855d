"""A tablet with eyes and ears: a voice note, another instrument, and the camera reading another tablet's codes."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import segno
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, BrowserType, expect

from app.care import operations as care
from app.care import queries
from app.care.documents.cards import CODE_VERSION
from app.core import clock
from app.core.db import db
from app.grading.models import Sheet
from app.tablet.models import SyncReceipt, SyncRecord
from app.tablet.rules import Verdict, read
from tests import factories
from tests.factories import VILLAGE_A, County, found_county
from tests.journeys.serving import Served, served
from tests.journeys.tablet import PHONE, Tablet, tablet, words

pytestmark = pytest.mark.journey
GB = "gbt42195@2022"
CAMERA = (1280, 720)
FRAMES = 6
"""Pictures of each code: a fifth of a second at thirty a second, while the screen shows each for almost a second."""


def _fill() -> None:
    from app.core.rotation import register_keys

    register_keys()
    found_county()


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A small county, served today."""
    with served(tmp_path_factory.mktemp("senses"), _fill, clock.today()) as county:
        yield county


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera will see; it is filled before the camera is opened."""
    return tmp_path_factory.mktemp("camera") / "codes.mjpeg"


@pytest.fixture(scope="module")
def sensing(browser_type: BrowserType, browser_type_launch_args: dict[str, Any], film: Path) -> Iterator[Browser]:
    """A browser whose camera shows a film and whose microphone hears a beep, both allowed."""
    senses = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    arguments = [*browser_type_launch_args["args"], *senses, f"--use-file-for-fake-video-capture={film}"]
    started = browser_type.launch(**{**browser_type_launch_args, "args": arguments})
    yield started
    started.close()


MODULES = """async (text) => {
  const [{ qr }, { cut }] = [await import("/static/js/tablet/qr.js"), await import("/static/js/tablet/pieces.js")];
  return (await cut(text)).map((piece) => [piece, qr(piece).size, [...qr(piece).dark]]);
}"""
"""The codes of a file as the other tablet would show them: each text with its modules."""

SEEN = """async ([width, height, grey]) => {
  const { readCodes } = await import("/static/js/tablet/qrread.js");
  const bytes = Uint8Array.from(atob(grey), (sign) => sign.charCodeAt(0));
  const data = new Uint8ClampedArray(width * height * 4);
  bytes.forEach((value, n) => data.fill(value, 4 * n, 4 * n + 3));
  return readCodes({ width, height, data });
}"""
"""What the reader of the app finds in a grey picture."""


def _held(
    size: int, dark: list[int], corners: list[tuple[float, float]], *, blur: float = 0, noise: float = 0
) -> Image.Image:
    """A code on a screen that somebody holds the camera to: four corners (from the left above, clockwise), not quite sharp."""
    code = Image.fromarray(255 - 255 * np.array(dark, np.uint8).reshape(size, size))
    wide = size + 8
    page = Image.new("L", (wide, wide), 255)
    page.paste(code, (4, 4))
    page = page.resize((wide * 8, wide * 8), Image.Resampling.NEAREST)
    side = wide * 8
    rows, wanted = [], []
    for (x, y), (u, v) in zip(corners, ((0, 0), (side, 0), (side, side), (0, side)), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    way = np.linalg.solve(np.array(rows), np.array(wanted))
    picture = page.transform(CAMERA, Image.Transform.PERSPECTIVE, list(way), Image.Resampling.BICUBIC, fillcolor=96)
    light = np.linspace(0.55, 1.0, CAMERA[0])[None, :]  # a lamp on one side
    shown = np.asarray(picture.filter(ImageFilter.GaussianBlur(blur)), float) * light
    shown += np.random.default_rng(7).normal(0, noise, shown.shape)
    return Image.fromarray(np.clip(shown, 0, 255).astype(np.uint8))


WAYS: dict[str, tuple[list[tuple[float, float]], float, float]] = {
    "straight": ([(300, 20), (980, 20), (980, 700), (300, 700)], 0, 0),
    "turned": ([(640, 15), (1000, 360), (640, 705), (280, 360)], 0.6, 4),
    "upside down": ([(960, 690), (320, 690), (320, 50), (960, 50)], 0.8, 6),
    "from the side": ([(330, 60), (940, 20), (960, 700), (350, 640)], 0.8, 6),
    "from below": ([(360, 40), (920, 60), (990, 690), (300, 700)], 0.8, 8),
    "tilted both ways": ([(380, 30), (960, 90), (900, 690), (300, 640)], 0.9, 5),
}


def test_codes_are_read_however_the_camera_is_held(village: Served, sensing: Browser) -> None:
    rng = random.Random(11)
    text = json.dumps(
        {"v": 1, "device": str(uuid.UUID(int=5)), "box": base64.urlsafe_b64encode(rng.randbytes(1500)).decode()}
    )
    page = sensing.new_context().new_page()
    page.goto(f"{village.address}/healthz")
    codes = page.evaluate(MODULES, text)
    assert codes[0][1] == 97
    for name, (corners, blur, noise) in WAYS.items():
        for piece, size, dark in (codes[0], codes[-1]):
            picture = _held(size, dark, corners, blur=blur, noise=noise)
            assert page.evaluate(SEEN, [*CAMERA, base64.b64encode(picture.tobytes()).decode()]) == [piece], (name, size)
    blank = Image.effect_noise(CAMERA, 90)
    assert page.evaluate(SEEN, [*CAMERA, base64.b64encode(blank.tobytes()).decode()]) == []
    spoilt = _held(*codes[0][1:], WAYS["straight"][0])
    spoilt.paste(200, (560, 250, 900, 520))  # a thumb over more than can be put right
    assert page.evaluate(SEEN, [*CAMERA, base64.b64encode(spoilt.tobytes()).decode()]) == []
    page.context.close()


def test_the_camera_takes_over_another_tablets_codes(village: Served, sensing: Browser, film: Path) -> None:
    rng = random.Random(12)
    text = json.dumps(
        {"v": 1, "device": str(uuid.UUID(int=6)), "box": base64.urlsafe_b64encode(rng.randbytes(1200)).decode()}
    )
    with tablet(sensing, village.address, "camera") as own:
        own.set_up("assessor_b")
        codes = own.page.evaluate(MODULES, text)
        ways = zip(codes, [*WAYS.values()] * len(codes), strict=False)
        _seen_by(film, [_held(size, dark, way[0], blur=way[1], noise=way[2]) for (_piece, size, dark), way in ways])
        own.context.set_offline(True)
        own.go("#/device")
        own.page.get_by_role("link", name=words("scan")).tap()
        expect(own.page.get_by_text(words("courier_carrying", count=1))).to_be_visible(timeout=30_000)
        kept_text = own.page.evaluate(
            """async () => {
              const [store, vault] = [await import("/static/js/tablet/store.js"), await import("/static/js/tablet/vault.js")];
              const [name] = await store.keys("boxes", "carried:");
              return (await vault.read(name)).text;
            }"""
        )
        assert kept_text == text


def _seen_by(film: Path, pictures: list[Image.Image], frames: int = FRAMES) -> None:
    """Let the camera see pictures, one after the other, round and round."""
    film.write_bytes(b"".join(jpeg for picture in pictures for jpeg in [_jpeg(picture)] * frames))


def _jpeg(picture: Image.Image) -> bytes:
    kept = io.BytesIO()
    picture.convert("RGB").save(kept, "JPEG", quality=88)
    return kept.getvalue()


def test_the_card_on_the_wall_is_read_by_the_camera(village: Served, sensing: Browser, film: Path) -> None:
    """Another home's card is told apart, this home's is taken; without network."""
    with village.inside():
        county = County()
        second = factories.resident("戊老人", area_code=VILLAGE_A, caregiver_id=county.caregiver().id)
        care.make_cards(county.actor("township_officer_a"), f"{clock.today():%Y-%m}")
        codes = [queries.card_code(queries.cards_of(one.id)[0]) for one in (second, county.resident())]
        db.session.remove()
    with tablet(sensing, village.address, "wall", PHONE) as own:
        own.set_up("caregiver_a", ".care-person")
        own.context.set_offline(True)
        for code, verdict in zip(codes, (False, True), strict=True):
            matrix = segno.make_qr(
                f"YHK1.{code}", error="m", mask=2, version=CODE_VERSION, boost_error=False
            ).matrix  # as it is printed
            way = WAYS["from below"]
            dark = [int(one) for row in matrix for one in row]
            _seen_by(film, [_held(len(matrix), dark, way[0], blur=way[1], noise=way[2])])
            number = own.page.evaluate(
                "() => import('/static/js/tablet/care.js').then((c) => c.everybody().find((r) => r.name === '甲老人').number)"
            )
            own.go(f"#/card/{number}/{clock.today().isoformat()}")
            own.page.locator("[data-camera]").tap()
            if verdict:
                expect(own.page.get_by_text(words("card_seen")).first).to_be_visible(timeout=20_000)
                own.counters(saved=1)  # kept with the day
            else:
                expect(own.page.get_by_role("alert")).to_contain_text("甲老人", timeout=20_000)
                own.go("#/")


FOCUS = """async (href) => {
  const sync = await import("/static/js/tablet/sync.js");
  document.querySelector(`main a[href="${href}"]`).focus();
  await sync.run();
  await new Promise((next) => setTimeout(next, 400));
  return document.activeElement.getAttribute("href");
}"""
"""What has the keyboard after a sending has redrawn the list of records."""


def _spoken(own: Tablet) -> None:
    """A short note, kept and listened to; a second one is given up again."""
    for number in (1, 2):
        own.page.get_by_role("button", name=words("voice")).tap()
        expect(own.page.get_by_text(words("voice_running"))).to_be_visible()
        own.page.wait_for_timeout(600 * number)  # two of the same length may be the same to the last byte
        own.page.get_by_role("button", name=words("voice_stop")).tap()
        expect(own.page.locator(".voice-notes li")).to_have_count(number)
    own.page.get_by_role("button", name=words("voice_drop")).last.tap()
    own.page.get_by_role("dialog").get_by_role("button", name=words("voice_drop")).click()
    expect(own.page.locator(".voice-notes li")).to_have_count(1)
    own.page.get_by_role("button", name=words("voice_listen")).tap()
    own.page.wait_for_timeout(200)
    expect(own.page.locator(".voice [role=alert]")).to_have_count(0)


def test_a_sheet_of_another_instrument_with_a_spoken_note(village: Served, sensing: Browser) -> None:
    with tablet(sensing, village.address, "voice") as own:
        own.set_up("assessor_a")
        own.page.locator("#pair").select_option(index=1)
        own.context.set_offline(True)
        own.begin("甲老人")
        own.page.locator("[data-instrument] summary").tap()
        own.page.locator("#instrument").select_option(GB)
        expect(own.page.locator("[data-rail='26']")).to_be_attached()
        _spoken(own)
        own.look("01-item")
        own.page.get_by_role("button", name=words("voice")).tap()
        own.page.wait_for_timeout(2_600)
        own.kill()  # while it is spoken: what was said until then is there after opening again
        own.page.goto(f"{village.address}/tablet/")
        own.unlock()
        own.page.get_by_role("link", name=words("go_on")).tap()
        expect(own.page.locator(".voice-notes li")).to_have_count(2)
        own.page.get_by_role("button", name=words("voice_listen")).last.tap()
        own.page.wait_for_timeout(200)
        expect(own.page.locator(".voice [role=alert]")).to_have_count(0)
        helped = own.page.locator(".step[data-step='1'] label.choice").nth(3)
        helped.tap()
        expect(own.page.locator("[data-instrument]")).to_have_count(0)
        own.answer_quickly([str(item) for item in range(2, 27)])
        own.page.get_by_role("button", name=words("none_of_all")).tap()
        expect(own.page.locator(".step")).to_have_attribute("data-step", "head")
        own.page.locator("#informant label.choice").first.tap()
        expect(own.page.locator(".signatures")).to_be_visible()
        shown = own.page.locator("main").inner_text()
        for said in (
            "自理能力",
            "基础运动能力",
            "29 分（满分 32）",
            "87 分（满分 90）",
            words("total_no_grade"),
            "能力轻度受损",
        ):
            assert said in shown, said
        own.look("02-result")
        own.page.locator(".trace-part summary").tap()
        trace = own.trace()
        own.sign()
        own.finish()
        requests: list[str] = []
        own.page.on("request", lambda one: requests.append(one.url) if one.url.endswith("/api/records") else None)
        own.context.set_offline(False)
        own.send()
        own.counters(saved=1, waiting=0, accepted=1, refused=0)
        own.look("03-records")
        key = own.page.locator("[data-record]").get_attribute("data-record")
        assert own.page.evaluate(FOCUS, f"#/record/{key}") == f"#/record/{key}"
        before = len(requests)
        own.page.evaluate(
            "async () => { const { run } = await import('/static/js/tablet/sync.js'); const first = run(); await run(); await first; }"
        )
        assert len(requests) == before + 2, "what was asked for while a sending was under way follows it"
        own.page.get_by_role("link", name="甲老人").tap()
        expect(own.page.locator(".tier-why", has_text="87 分（满分 90）")).to_be_visible()
    with village.inside():
        row = db.session.query(Sheet).filter(Sheet.resident.has(name="甲老人")).one()
        assert (row.instrument, row.total) == (GB, 87)
        assert [step["zh"] for step in (row.result or {})["trace"]] == trace
        sounds = [
            read(record.text or "").content
            for record in db.session.query(SyncRecord).join(SyncReceipt).filter(SyncReceipt.verdict == Verdict.ACCEPTED)
            if record.kind == "attachment"
        ]
        spoken = [one for one in sounds if one["mime"] == "audio/webm"]
        db.session.remove()
    assert [one["of"] for one in spoken] == ["1", "1"]
    data = base64.b64decode(spoken[0]["data"])
    assert data.startswith(b"\x1a\x45\xdf\xa3")
    assert hashlib.sha256(data).hexdigest() == spoken[0]["sha256"]
