"""One contract, seven signatures over three ways: four at a kitchen table without network, two from accounts, one on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import current_app
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, expect

from app.contracts.models import Contract, Slot
from app.contracts.rules import State
from app.contracts.rules.signing import Medium
from app.core import clock
from app.core.db import db
from tests.contracts.conftest import NOON, Table, seal
from tests.factories import PASSWORD, County, found_county
from tests.journeys.binding import check_the_sealed_file
from tests.journeys.serving import Served, served
from tests.journeys.tablet import Tablet, tablet, words
from tests.journeys.walking import House, zh
from tests.settlement.conftest import publish_pay_table

pytestmark = pytest.mark.journey


def _fill() -> None:
    from app.core.rotation import register_keys

    register_keys()
    found_county()
    with clock.at(NOON):
        publish_pay_table()
        current_app.extensions["seal"].create(seal())
        Table(County()).ready()


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A small county, served today: a browser's clock cannot be moved with the server's."""
    with served(tmp_path_factory.mktemp("seven"), _fill, clock.today()) as county:
        yield county


@pytest.mark.long
def test_seven_parties_sign_on_a_tablet_from_accounts_and_on_paper(
    village: Served, browser: Browser, tmp_path: Path
) -> None:
    people = House(browser, village.address, PASSWORD, "seven")
    _seal_picture(people, tmp_path)
    _draft(people)
    with tablet(browser, village.address, "seven") as own:
        own.set_up("township_officer_a")
        expect(own.page.get_by_role("heading", level=1)).to_have_text(words("contracts_title"))
        own.context.set_offline(True)
        _at_the_table(own)
        _file_paper(people, tmp_path)
        own.context.set_offline(False)
        own.send()
        own.counters(saved=4, waiting=0, accepted=4, refused=0)
    for account, slot in (("county_officer_a", "P3"), ("county_reviewer", "P1")):
        with people.signing_in(account) as signer:
            signer.open("/contracts?mine=1")
            signer.press(signer.page.locator("main table a").first)
            signer.press(signer.page.locator(f"a[href$='/sign/{slot}']"))
            signer.choose("means", "seal")
            signer.press(signer.page.locator("form[data-signature-form] button[type=submit]"))
            signer.told(zh("The signature is stored."))
    with people.signing_in("village_officer_a") as checker:
        checker.open("/contracts")
        checker.press(checker.page.locator(".notice a[href*='/contracts/papers/']").first)
        checker.sees("院长", "2026年")
        checker.station("25-scan")
        checker.choose("agrees", "yes")
        checker.press(zh("Store"))
        checker.told(zh("All seven have signed: the contract is in force."))
        checker.station("26-in-force")
        check_the_sealed_file(checker, "26-seven-parties.pdf")
    with village.inside():
        row = db.session.get_one(Contract, 1)
        assert row.state is State.IN_FORCE
        media = [party.medium for party in row.parties]
        (former,) = row.former
        assert (former.slot, former.reason) == (Slot.CAREGIVER, "笔没有墨，看不清")
        counted = {medium: media.count(medium) for medium in Medium}
        assert counted == {Medium.TABLE: 4, Medium.ACCOUNT: 2, Medium.PAPER: 1}
        db.session.remove()


def _seal_picture(people: House, folder: Path) -> None:
    """The bureau's official seal, stored once by its own account."""
    path = folder / "seal.png"
    picture = Image.new("RGBA", (400, 400))
    ImageDraw.Draw(picture).ellipse((10, 10, 390, 390), outline=(200, 20, 20, 255), width=14)
    picture.save(path)
    with people.signing_in("county_officer_a") as officer:
        officer.open("/contracts/seal")
        officer.page.set_input_files("input[name=file]", path)
        officer.press(zh("Store the picture"))
        officer.told(zh("The seal picture is stored; it is set at your signatures from now on."))


def _draft(people: House) -> None:
    with people.signing_in("township_officer_a") as officer:
        officer.open("/residents")
        officer.follow("甲老人")
        officer.follow(zh("Draw up a contract"))
        officer.page.locator("[name=caregiver_id]").select_option(index=0)
        officer.press(zh("Draw up the contract"))
        officer.confirm(zh("Open for signing"))
        officer.told(zh("The contract is open for the seven signatures."))


def _at_the_table(own: Tablet) -> None:
    """Township, village, caregiver and resident sign on the township's tablet; the tab dies in between and nothing is lost."""
    page = own.page
    page.get_by_role("link", name=words("contract_open")).click()
    expect(page.locator("[data-party=P7]")).to_be_visible()
    own.look("21-contract")
    for slot, name in (("P2", None), ("P4", "村主任·娜仁"), ("P6", None)):
        _open(own, slot)
        page.locator("label[for='means-hand']").click()
        if name:
            page.locator("#signer").fill(name)
        page.locator("label[for='identity-id_card']").click()
        own.handwriting("own")
        if slot == "P4":
            own.look("22-sign-village")
        _store(own, slot)
    _sign_anew(own, "P6")
    _open(own, "P7")
    page.locator("label[for='means-witnessed_mark']").click()
    page.locator("label[for='identity-known']").click()
    page.locator("#witness-0").fill("见证人甲")
    page.locator("#witness-1").fill("巴图·孟和")
    expect(page.locator(".contract-sign[data-saved=true]")).to_be_visible()
    own.page.reload()
    own.unlock()
    expect(page.locator("#witness-1")).to_have_value("巴图·孟和")
    own.handwriting("own")
    own.look("23-sign-resident")
    _store(own, "P7")
    own.counters(saved=4, waiting=4, accepted=0, refused=0)


def _sign_anew(own: Tablet, slot: str) -> None:
    """The pen was dry: the signature given a minute ago is taken back on the tablet, with a reason, and given again."""
    page = own.page
    page.locator(f"[data-party={slot}]").get_by_role("link", name=words("contract_look")).click()
    page.get_by_role("link", name=words("contract_anew")).click()
    page.locator("label[for='why-unclear']").click()
    page.locator("#anew-reason").fill("笔没有墨，看不清")
    page.locator("label[for='means-hand']").click()
    page.locator("label[for='identity-known']").click()
    own.handwriting("own")
    own.look("22-sign-anew")
    _store(own, slot)


def _open(own: Tablet, slot: str) -> None:
    own.page.locator(f"[data-party={slot}]").get_by_role("link", name=words("contract_sign")).click()
    expect(own.page.locator(".contract-sign")).to_be_visible()


def _store(own: Tablet, slot: str) -> None:
    own.page.get_by_role("button", name=words("contract_done")).click()
    expect(own.page.locator(f"[data-party={slot}][data-state=waiting]")).to_be_visible()


def _file_paper(people: House, folder: Path) -> None:
    """The institution signed on paper; the township scans it."""
    path = folder / "scan.jpg"
    picture = Image.new("RGB", (1000, 1400), "white")
    ImageDraw.Draw(picture).line([(200, 900), (400, 1000), (600, 880)], fill="black", width=8)
    picture.save(path)
    with people.signing_in("township_officer_a") as officer:
        officer.open("/contracts")
        officer.press(officer.page.locator("main table a").first)
        officer.press(officer.page.locator("a[href$='/paper/P5']"))
        officer.station("20-paper")
        officer.fill(signer_name="院长")
        officer.choose("means", "hand")
        officer.choose("identity", "known")
        officer.page.set_input_files("input[name=file]", path)
        officer.press(zh("File the scan"))
        officer.told(zh("The scan is stored. It counts once somebody else has compared it."))
