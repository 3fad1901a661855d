"""Everybody's own menu: each page of it and one page behind each list, on the screen and on the phone's width.

A page that stands in several menus is looked at by one of the roles, the one that may do most there. That it opens for each
of the others, and keeps the rules of every page, is asked in ``tests/guards/test_pages.py`` without a browser.
"""

from __future__ import annotations

import re
from itertools import pairwise

import lxml.html
import pytest
from playwright.sync_api import Browser, expect

from tests.factories import open_session
from tests.journeys.conftest import house
from tests.journeys.serving import Served
from tests.journeys.walking import HEIGHTS, Person, zh

pytestmark = pytest.mark.journey

EVERYBODY = (
    "township_officer_a",
    "county_officer_a",
    "institution_manager_a",
    "caregiver_a",
    "care_worker_a",
    "assessor_a",
    "village_officer_a",
    "volunteer_a",
    "county_reviewer_a",
    "security_admin",
    "system_admin",
    "auditor",
)
"""Who may do most on a page comes first: he or she looks at it."""
BEHIND = re.compile(r"^/(?!.*\.(?:pdf|xlsx|csv)\b)[^?#]*/\d+[^?#]*$")
CHINESE = re.compile("[\u4e00-\u9fff]")
HREFS = "links => links.map(link => link.getAttribute('href'))"


def menu_of(person: Person) -> list[str]:
    """Addresses of the menu, as the person sees it."""
    found: list[str] = person.page.locator("nav.side a").evaluate_all(HREFS)
    return found


def menus(county: Served) -> dict[str, list[str]]:
    """Addresses of everybody's menu, read without a browser."""
    found = {}
    with county.inside():
        for username in EVERYBODY:
            client = county.app.test_client()
            open_session(client, username)
            page = lxml.html.document_fromstring(client.get("/").get_data(as_text=True))
            found[username] = [str(link) for link in page.xpath("//nav[contains(@class,'side')]//a/@href")]
    return found


class Walk:
    """Opens page after page and goes on after a fault, so that one walk tells all of them."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.faults: list[str] = []

    def look(self, path: str, *, structure: bool = True) -> None:
        """Open a page and look at it on the phone's width as well. Without ``structure`` axe does not look: it finds the
        same in every language, and words only differ in how wide they are.
        """
        page = self.person.page
        try:
            if structure:
                self.person.open(path)
            else:
                self.person.glance(path)
            page.set_viewport_size({"width": 360, "height": HEIGHTS[360]})
            self.person.fits()
        except AssertionError as fault:
            self.faults.append(f"{path}: {fault}")
            self.person.complaints.clear()
        page.set_viewport_size({"width": 1280, "height": HEIGHTS[1280]})

    def behind(self) -> str | None:
        """The first page behind the list that is open."""
        links = self.person.page.locator("main a").evaluate_all(HREFS)
        return next((link for link in links if BEHIND.match(link)), None)


@pytest.mark.parametrize("username", EVERYBODY)
def test_every_role_walks_its_menu(browser: Browser, lived_in_county: Served, username: str) -> None:
    """Every page of the menu that is this role's to look at, and the first page behind each list, opens; nothing is wrong
    with any of them.
    """
    everybody = menus(lived_in_county)
    before = EVERYBODY[: EVERYBODY.index(username)]
    looked_at = {path for other in before for path in everybody[other]}
    people = house(browser, lived_in_county, f"menu-{username}")
    with people.signing_in(username) as person:
        person.station("home")
        menu = menu_of(person)
        assert len(menu) >= 2, "every role has something to do"
        assert menu == everybody[username]
        walk = Walk(person)
        for path in menu:
            if path in looked_at:
                continue
            walk.look(path)
            if path.startswith("/tablet/"):
                continue  # an app of its own, without the menu: test_tablet
            expect(person.page.locator("nav.side a[aria-current=page]")).to_have_count(1)
            if behind := walk.behind():
                walk.look(behind)
        assert walk.faults == [], "\n\n".join(walk.faults)


def test_in_english_nothing_of_the_frame_is_chinese(browser: Browser, lived_in_county: Served) -> None:
    """The whole frame, headings, column heads and buttons are English; names of people and places stay as they are."""
    people = house(browser, lived_in_county, "english")
    with people.visitor() as person:
        person.open("/sign-in")
        person.press(person.page.get_by_role("button", name="English"))
        person.fill(username="township_officer_a", password=people.password)
        person.press("Sign in")
        expect(person.page.locator("html")).to_have_attribute("lang", "en")
        walk = Walk(person)
        for path in menu_of(person):
            if path == "/tablet/":
                continue  # the tablet's language is chosen on the tablet and kept there
            walk.look(path, structure=False)
            frame = person.page.locator("nav.side a, main th[scope=col], main label, main h2, footer").all_inner_texts()
            left = [text for text in frame if CHINESE.search(text.replace("颐衡", ""))]
            walk.faults += [f"{path}: {left}"] if left else []
        assert walk.faults == [], "\n\n".join(walk.faults)
        person.open("/")
        person.station("home")


def test_by_keyboard_alone(browser: Browser, lived_in_county: Served) -> None:
    """Sign in, skip the menu, reach the first act, open and close the account menu, without a mouse."""
    people = house(browser, lived_in_county, "keyboard")
    with people.visitor() as person:
        person.open("/sign-in")
        keys, page = person.page.keyboard, person.page
        expect(page.locator("[name=username]")).to_be_focused()
        keys.type("township_officer_a")
        keys.press("Tab")
        expect(page.locator("[name=password]")).to_be_focused()
        keys.type(people.password)
        with page.expect_navigation():
            keys.press("Enter")
        person.inspect()
        keys.press("Tab")
        skip = page.locator("a.skip-link")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        keys.press("Enter")
        expect(page.locator("#main")).to_be_focused()
        keys.press("Tab")
        assert page.evaluate("() => document.activeElement.closest('main') !== null"), (
            "the skip link leads past the menu"
        )
        person.open("/residents")
        keys.press("/")
        expect(page.locator("[data-search]")).to_be_focused()
        order = focus_order(person, 12)
        assert all(one != other for one, other in pairwise(order)), f"the focus stays somewhere: {order}"
        page.locator("details.user-menu summary").focus()
        keys.press("Enter")
        expect(page.get_by_role("button", name=zh("Sign out"))).to_be_visible()
        keys.press("Escape")
        expect(page.get_by_role("button", name=zh("Sign out"))).to_be_hidden()
        expect(page.locator("details.user-menu summary")).to_be_focused()


def focus_order(person: Person, steps: int) -> list[str]:
    """What the Tab key reaches; each place must show that it has the focus."""
    reached = []
    for _ in range(steps):
        person.page.keyboard.press("Tab")
        place, shown = person.page.evaluate(
            """() => {
              const here = document.activeElement, style = getComputedStyle(here);
              return [here.outerHTML.slice(0, 90), style.outlineStyle !== 'none' || style.boxShadow !== 'none'];
            }"""
        )
        assert shown, f"no visible focus on {place}"
        reached.append(place)
    return reached
