"""An assessor with a tablet: set up once with network, then scoring, signing and sending as people do."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, Request, expect

from app.tablet.words import WORDS
from tests.factories import PASSWORD
from tests.journeys.walking import CATALOGUE, HEIGHTS, OVERFLOW, PICTURES, axe

PIN = "284619"
TOUCH = {"width": 1024, "height": 768}
PHONE = {"width": 360, "height": 780}
WIDTHS = (1024, 768, 360)
SETTLED = "() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null))).then(() => true)"
UNREACHED = "Failed to load resource: net::"
"""What Chromium writes to its console when there is no network; the only complaint allowed."""


def words(name: str, **values: object) -> str:
    """A text of the app in Chinese."""
    english = str(WORDS[name]._args[0])  # type: ignore[attr-defined]  # the message of a lazy text
    text = CATALOGUE.gettext(english)
    return text % values if values else text


QUICKLY = """async (parts) => {
  const until = async (holds) => { while (!holds()) await new Promise((next) => setTimeout(next, 5)); };
  for (const part of parts) {
    const step = () => document.querySelector(`.step[data-step="${part}"]`);
    await until(step);
    for (const { id } of [...step().querySelectorAll("fieldset.observation:not([data-answered])")]) {
      document.getElementById(id).querySelector("input").click();
      await until(() => !step() || document.getElementById(id).dataset.answered);
    }
    await until(() => !step());
  }
}"""
"""The best answer everywhere, question by question as the disk takes them, without a finger."""


GO = """(to) => {
  if (location.hash === to) return;
  delete document.documentElement.dataset.shown;
  location.hash = to;
}"""


class Tablet:
    """One tablet: a browser profile of its own, one window at a time. ``taps`` counts what a finger did."""

    def __init__(self, context: BrowserContext, address: str, name: str, size: dict[str, int] | None = None) -> None:
        self.context, self.address, self.name, self.size = context, address, name, size or TOUCH
        self.complaints: list[str] = []
        self.taps = 0
        self.expected: tuple[str, ...] = (UNREACHED,)
        self.page = self.window()

    def window(self) -> Page:
        """A new window of the same tablet."""
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(self.expected):
            self.complaints.append(message.text)

    def set_up(self, account: str, first: str = ".person") -> None:
        """Sign in once with network, choose a PIN, take the residents along; ``first`` is what stands there then."""
        page = self.page
        page.goto(f"{self.address}/tablet/")
        page.get_by_role("link", name=words("sign_in"), exact=True).click()
        page.fill("[name=username]", account)
        page.fill("[name=password]", PASSWORD)
        page.locator("main").get_by_role("button", name=words("sign_in"), exact=True).click()
        self.enter_pin()
        expect(page.locator("label[for=pin]")).to_have_text(words("pin_again"))
        self.enter_pin()
        expect(page.locator(first).first).to_be_visible(timeout=20_000)
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")

    def enter_pin(self) -> None:
        """Six digits on the large keys."""
        for digit in PIN:
            self.page.locator(".pin-key", has_text=digit).click()

    def unlock(self) -> None:
        """The PIN opens what lies on the disk."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words("locked_title"))
        self.enter_pin()
        expect(self.page.locator(".counters")).to_be_visible()

    def cold_open(self, hash_: str = "") -> float:
        """A new window without anything in memory; milliseconds until something can be touched."""
        self.page.close()
        self.page = self.window()
        session = self.context.new_cdp_session(self.page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        self.page.goto(f"{self.address}/tablet/{hash_}")
        expect(self.page.locator(".pin-key").first).to_be_visible()
        shown: float = self.page.evaluate("() => performance.getEntriesByName('shown')[0].startTime")
        session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        return shown

    def kill(self) -> None:
        """The window's process dies as at a dead battery, and a new window is opened."""
        with suppress(Error):  # the process that should answer is gone: that is the point
            self.page.goto("chrome://crash", timeout=5000)
        self.page.close()
        self.page = self.window()

    def go(self, hash_: str) -> None:
        """Another page of the app, as its links do it."""
        self.page.evaluate(GO, hash_)
        expect(self.page.locator(f"html[data-shown='{hash_}']")).to_be_attached()

    def tap(self, target: Locator) -> None:
        """One touch of a finger."""
        target.tap()
        self.taps += 1

    def counters(self, **wanted: int) -> None:
        """The four figures that are always there; each given one must become what is said."""
        for name, number in wanted.items():
            expect(self.page.locator(f"[data-counter={name}] strong")).to_have_text(str(number), timeout=20_000)

    def begin(self, resident: str) -> None:
        """Open a sheet from the list."""
        row = self.page.locator(".person", has=self.page.get_by_role("link", name=resident, exact=True))
        self.tap(row.get_by_role("button", name=words("begin")))
        expect(self.page.locator(".step")).to_be_visible()

    def answer(self, part: str, levels: dict[str, int] | None = None) -> None:
        """Every question of a part: the best answer, or the one named by its place; the next part comes by itself."""
        step = self.page.locator(f".step[data-step='{part}']")
        expect(step).to_be_visible()
        ids: list[str] = step.locator("fieldset.observation").evaluate_all("all => all.map((one) => one.id)")
        for name in ids:
            place = (levels or {}).get(name.split(".", 1)[1], 0)
            question = step.locator(f"fieldset[id='{name}']")
            self.tap(question.locator("label.choice").nth(place))
            stored = self.page.locator(f"fieldset[id='{name}'][data-answered], .step:not([data-step='{part}'])")
            expect(stored).to_be_attached()

    def answer_quickly(self, parts: list[str]) -> None:
        """The best answer to what is open in each part, where the journey is about something else than touching."""
        self.page.evaluate(QUICKLY, parts)

    def sign(self, *roles: str) -> None:
        """All four of a sheet (or the ones named) by hand, with a line of their own."""
        for role in roles or ("first", "second", "informant", "resident"):
            self.handwriting(role)
        expect(self.page.locator(".finish button")).to_be_enabled()

    def handwriting(self, role: str) -> None:
        """A line by hand on one pad."""
        pad = self.page.locator(f"[data-role={role}] canvas")
        # in the middle of the glass: what sticks above and below may cover a place that counts as seen
        pad.evaluate("pad => pad.scrollIntoView({block: 'center', behavior: 'instant'})")
        box = pad.bounding_box()
        assert box
        self._stroke([(box["x"] + 20 + 12 * n, box["y"] + 30 + (n % 5) * 12) for n in range(12)])
        expect(self.page.locator(f"[data-role={role}]")).to_have_attribute("data-signed", "true")

    def _stroke(self, points: list[tuple[float, float]]) -> None:
        """A finger with changing pressure, through the browser's own touch input."""
        session = self.context.new_cdp_session(self.page)
        for number, (x, y) in enumerate(points):
            kind = "touchStart" if number == 0 else "touchMove"
            force = 0.3 + 0.05 * number
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y, "force": force}]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def finish(self) -> None:
        """Finish the sheet and say yes. Clicks: Chromium now and then makes no click of a tap that follows made-up strokes."""
        self.page.get_by_role("button", name=words("finish"), exact=True).click()
        self.page.get_by_role("dialog").get_by_role("button", name=words("finish"), exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words("records_title"), timeout=15_000)

    def trace(self) -> list[str]:
        """The reasons step by step, as they stand on the screen."""
        return self.page.locator(".trace li").all_text_contents()

    def look(self, name: str, *widths: int) -> None:
        """A picture on three widths (or the ones given); nothing sideways, nothing that axe-core finds."""
        for width in widths or WIDTHS:
            self.page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, TOUCH["height"])})
            self.page.evaluate(SETTLED)
            assert self.page.evaluate(OVERFLOW) is None, f"{name} scrolls sideways at {width}"
            found = axe(self.page)
            assert not found, f"axe on {name} at {width}: {found}"
            self.page.screenshot(path=PICTURES / f"tablet-{self.name}-{name}-{width}.png")
        self.page.set_viewport_size(self.size)  # type: ignore[arg-type]  # a plain dict of both

    def send(self) -> None:
        """Press the button that sends now. A click: strokes may have been made up just before (see ``finish``)."""
        self.go("#/records")
        self.page.locator("[data-send]").click()


def _settings(size: dict[str, int] | None = None) -> dict[str, Any]:
    return {
        "viewport": size or TOUCH,
        "has_touch": True,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "reduced_motion": "reduce",
        "accept_downloads": True,
    }


def _ready(context: BrowserContext) -> BrowserContext:
    context.set_default_timeout(15_000)
    return context


@contextmanager
def _watched(made: Tablet) -> Iterator[Tablet]:
    PICTURES.mkdir(parents=True, exist_ok=True)
    try:
        yield made
    except BaseException:
        made.page.screenshot(path=PICTURES / f"tablet-{made.name}-failed.png")
        raise
    assert made.complaints == [], "\n".join(made.complaints)
    made.context.close()


@contextmanager
def tablet(browser: Browser, address: str, name: str, size: dict[str, int] | None = None) -> Iterator[Tablet]:
    """A tablet (or a phone) of its own; leaving checks that nothing went wrong unseen."""
    with _watched(Tablet(_ready(browser.new_context(**_settings(size))), address, name, size)) as made:
        yield made


class Battery:
    """A browser of its own on a real disk, which can lose its power."""

    def __init__(self, browser: Browser, launch: dict[str, Any], folder: Path) -> None:
        self.browser, self.launch, self.folder = browser, launch, folder

    def context(self) -> BrowserContext:
        """The browser on the same disk as before."""
        kind = self.browser.browser_type
        return _ready(kind.launch_persistent_context(self.folder, **self.launch, **_settings()))

    def dies(self, made: Tablet) -> None:
        """Every process of the browser is gone at once, nothing is written any more; then it is started again."""
        own, killed = f"--user-data-dir={self.folder}", 0
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                line = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                if own in line and not any(word.startswith("--type=") for word in line):
                    os.kill(int(entry.name), signal.SIGKILL)
                    killed += 1
        assert killed == 1, "the browser was not found"
        with suppress(Error):
            made.context.close()
        made.context = self.context()
        made.page = made.window()


@contextmanager
def durable_tablet(battery: Battery, address: str, name: str) -> Iterator[Tablet]:
    """A tablet whose data lie on a real disk: the usual windows of a test keep theirs in memory."""
    with _watched(Tablet(battery.context(), address, name)) as made:
        yield made


def half_sent(request: Request) -> None:
    """The beginning of a request reaches the server, then the connection dies."""
    place = urlsplit(request.url)
    body = request.post_data_buffer or b""
    head = [f"POST {place.path} HTTP/1.1", f"Host: {place.netloc}", f"Content-Length: {len(body)}"]
    head += [f"{name}: {value}" for name, value in request.headers.items() if name in {"authorization", "content-type"}]
    with socket.create_connection((place.hostname or "", place.port or 80), timeout=5) as line:
        line.sendall("\r\n".join([*head, "", ""]).encode() + body[: len(body) // 2])
