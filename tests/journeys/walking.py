"""A person at the browser: signs in, opens pages, fills forms. Every page is inspected when an account opens it first.

Inspected means: axe-core finds nothing, nothing scrolls sideways, no error in the console (which is where a breach of the
content policy shows), no request to anywhere but our server, no answer of 400 or worse. At a *station* the page is also
looked at on 1280, 768 and 360 pixels, again by axe on the phone, and pictures are kept in ``test-results/journeys``.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Response, expect

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "test-results" / "journeys"
CATALOGUE = gettext.translation("messages", ROOT / "app" / "translations", ["zh_Hans_CN"])
WIDTHS = (1280, 768, 360)
HEIGHTS = {1280: 900, 768: 1024, 360: 780}
AXE = "() => axe.run({resultTypes: ['violations']}).then((found) => found.violations)"
AXE_THERE = "() => 'axe' in window"
STRUCTURE = """() => [...new Set([...document.querySelectorAll('body, body *')].map((e) => [
  e.parentElement.tagName, e.parentElement.getAttribute('class'), e.tagName, e.getAttribute('class'), e.getAttribute('role'),
  e.getAttributeNames().join(), e.childElementCount > 0 || e.textContent.trim() !== ''].join('|')))]"""


def axe(page: Page) -> list[dict[str, Any]]:
    """What axe-core finds on a page. It is read by the pages it looks at only: as much script as half an app costs time."""
    if not page.evaluate(AXE_THERE):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(AXE)
    return found


LOOKED_AT: dict[tuple[str, int], set[str]] = {}
"""Page and width → what axe has seen on it, for any account: it looks again where somebody finds something new there."""
OVERFLOW = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return null;
  const out = [...document.querySelectorAll('main *, header *, footer *')]
    .filter((e) => e.getBoundingClientRect().right > wide + 1).slice(0, 5);
  return out.map((e) => `${e.tagName.toLowerCase()}.${e.className}`);
}"""


def zh(text: str, **values: object) -> str:
    """What a page says in Chinese for the English ``text`` of the code: a text that is gone fails here, by name."""
    chinese = CATALOGUE.gettext(text)
    assert chinese != text, f"no page says “{text}”"
    return chinese % values if values else chinese


COUNT_TAPS = """addEventListener('pointerdown', () => {
  sessionStorage.taps = Number(sessionStorage.taps || 0) + 1;
}, true)"""
TAPS_SO_FAR = """() => {
  const taps = Number(sessionStorage.taps || 0);
  sessionStorage.taps = 0;
  return taps;
}"""


class Person:
    """Somebody with a browser window of their own. ``inspected`` is what this account has had inspected already."""

    def __init__(self, page: Page, address: str, prefix: str, inspected: set[str]) -> None:
        self.page, self.address, self.prefix, self.inspected = page, address, prefix, inspected
        self.complaints: list[str] = []
        self.opened: set[str] = set()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._answered)
        page.on("framenavigated", lambda frame: self.opened.add(_path(frame.url)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _answered(self, response: Response) -> None:
        if not response.url.startswith((self.address, "blob:")):
            self.complaints.append(f"{self.page.url} asked {response.url}")
        elif response.status >= 400:
            self.complaints.append(f"{response.request.method} {response.url}: {response.status}")

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.address + path)
        self.inspect()

    def glance(self, path: str) -> None:
        """Type an address whose structure axe has seen: all that is asked of every page but that."""
        self.page.goto(self.address + path)
        assert self.complaints == [], "\n".join(self.complaints)
        self.inspected.add(_path(self.page.url))
        self.fits()

    def follow(self, name: str, within: str = "main") -> None:
        """Click the first link that begins with these words, and arrive on the next page."""
        begins = re.compile("^" + re.escape(name))
        self.press(self.page.locator(within).get_by_role("link", name=begins).first)

    def press(self, target: Locator | str) -> None:
        """Press what leads to another page, and arrive there: a locator, or the words on a button of the page."""
        if isinstance(target, str):
            target = self.page.locator("main, dialog").get_by_role("button", name=target, exact=True).last
        with self.page.expect_navigation():
            target.click()
        self.inspect()

    def confirm(self, words: str, act: str | None = None) -> str:
        """Press a button that asks first, and say yes with ``act``; returns the question as it was read."""
        main = self.page.locator("main")
        main.get_by_role("button", name=words, exact=True).or_(main.locator("summary", has_text=words)).first.click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        question = dialog.inner_text()
        self.press(dialog.get_by_role("button", name=act or words, exact=True))
        return question

    def taps(self) -> int:
        """How often a finger touched the screen since this was asked last, over all pages of the window."""
        found: int = self.page.evaluate(TAPS_SO_FAR)
        return found

    def fill(self, **fields: str) -> None:
        """Type into fields by their names."""
        for name, value in fields.items():
            control = self.page.locator(f'main [name="{name}"]').first
            if control.evaluate("e => e.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)

    def choose(self, name: str, value: str) -> None:
        """Tap one of the large cards of a question."""
        self.page.locator(f'main label:has(input[name="{name}"][value="{value}"])').click()

    def sees(self, *words: str) -> None:
        """Each of the words stands in the page, visibly."""
        for text in words:
            expect(self.page.locator("main").get_by_text(text).locator("visible=true").first).to_be_visible()

    def told(self, words: str) -> None:
        """The message after an act."""
        expect(self.page.locator(".flash, .toast, .notice, .alert").filter(has_text=words).first).to_be_visible()

    def title(self, words: str) -> None:
        """The page's one heading."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)

    def axe(self) -> None:
        """No finding of axe-core on what is shown now, unless it has seen all of it on this page before."""
        known = LOOKED_AT.setdefault((_path(self.page.url), self._width()), set())
        shown = set(self.page.evaluate(STRUCTURE))
        if shown <= known:
            return
        known |= shown
        found = axe(self.page)
        words = [f"{v['id']}: {n['html'][:160]} ({n['failureSummary']})" for v in found for n in v["nodes"][:3]]
        assert not words, f"axe on {self.page.url}:\n" + "\n".join(words)

    def inspect(self) -> None:
        """Everything that is asked of every page."""
        assert self.complaints == [], "\n".join(self.complaints)
        path = _path(self.page.url)
        if path in self.inspected:
            return
        self.inspected.add(path)
        self.axe()
        self.fits()

    def fits(self) -> None:
        wide = self.page.evaluate(OVERFLOW)
        assert wide is None, f"{self.page.url} scrolls sideways at {self._width()} px: {wide}"

    def _width(self) -> int:
        return self.page.viewport_size["width"]  # type: ignore[index,return-value]  # set for every window here

    def station(self, name: str, *, full: bool = True) -> None:
        """Look at the page on three widths and keep the pictures."""
        before: Any = self.page.viewport_size
        self.inspect()
        self.page.evaluate("() => scrollTo(0, 0)")
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            self.fits()
            if width == 360:
                self.axe()
            self.page.screenshot(path=PICTURES / f"{self.prefix}-{name}-{width}.png", full_page=full)
        self.page.set_viewport_size(before)


def _path(url: str) -> str:
    """An address without host, numbers of rows and question."""
    return re.sub(r"(?<=/)\d+(?=/|\.|$)", "n", re.sub(r"^\w+://[^/]*", "", url).split("?")[0].split("#")[0])


class House:
    """Where people come in: one browser, one address."""

    def __init__(self, browser: Browser, address: str, password: str, prefix: str) -> None:
        self.browser, self.address, self.password, self.prefix = browser, address, password, prefix
        self.signed_in: list[str] = []
        self.inspected: dict[str, set[str]] = {}
        PICTURES.mkdir(parents=True, exist_ok=True)
        for old in PICTURES.glob(f"{prefix}-*.png"):
            old.unlink()

    @contextmanager
    def visitor(self, account: str = "", *, width: int = 1280) -> Iterator[Person]:
        """Somebody with a fresh window who has not signed in. Leaving checks that nothing went wrong unseen."""
        touch = width < 500
        context: BrowserContext = self.browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=touch,
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        seen = self.inspected.setdefault(f"{account} {width}", set())
        context.add_init_script(COUNT_TAPS)
        person = Person(context.new_page(), self.address, self.prefix, seen)
        try:
            yield person
        except BaseException:
            person.page.screenshot(path=PICTURES / f"{self.prefix}-failed.png", full_page=True)
            raise
        assert person.complaints == [], "\n".join(person.complaints)
        left = {p for p in person.opened - person.inspected if p.startswith("/")}
        assert left == set(), f"opened, not inspected: {left}"
        context.close()

    @contextmanager
    def signing_in(self, username: str, *, width: int = 1280) -> Iterator[Person]:
        """One of the accounts, from the sign-in form to signing out."""
        with self.visitor(username, width=width) as person:
            anybody = self.inspected.setdefault(f" {width}", set())
            person.inspected |= anybody  # the page to sign in is the same for all
            person.open("/sign-in")
            anybody.add("/sign-in")
            person.fill(username=username, password=self.password)
            person.press(zh("Sign in"))
            expect(person.page.locator("details.user-menu summary")).to_be_visible()
            self.signed_in.append(username)
            yield person
            person.page.locator("details.user-menu summary").click()
            with person.page.expect_navigation():
                person.page.get_by_role("button", name=zh("Sign out")).click()
            expect(person.page).to_have_url(re.compile("/sign-in"))
