"""Care as it is recorded: a ward's round and a home's day without network, a visit and an incident on the phone.

Fingers are counted: what a round of thirty residents costs decides whether it is recorded at all.
"""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select

from app.care import operations as care
from app.care import queries, rules
from app.care.models import CarePlan, ChecklistDay, ChecklistNote, Handover, Incident, Recording, Visit
from app.core import clock
from app.core.db import db
from app.core.transaction import transaction
from app.people.models import Setting
from app.tablet.models import SyncRecord
from app.tablet.rules import read
from tests import factories
from tests.care.world import drafter, graded
from tests.factories import VILLAGE_A, County, found_county
from tests.grading.sheets import noon
from tests.journeys.serving import Served, served
from tests.journeys.tablet import PHONE, Tablet, tablet, words
from tests.journeys.walking import House, zh

pytestmark = pytest.mark.journey
WARD = 30
TAPS = 10
"""A whole round with three exceptions; two minutes are 120 seconds for them and for reading."""


def _first(day: dt.date) -> dt.date:
    return day.replace(day=1)


def _planned(name: str) -> CarePlan:
    """Full care with an approved plan from the first of the month on."""
    county, first = County(), _first(clock.today())
    graded(county, name, "d", on=first - dt.timedelta(days=20))
    with clock.at(noon(first)):
        row = care.draft_plan(drafter(county, name), county.resident(name).id, valid_from=first)
        care.update_plan(drafter(county, name), row.id, {}, valid_from=first, night={"lives_in": True})
        return care.approve_plan(county.actor("county_officer_a"), row.id)


def _copy(row: Any, **changes: Any) -> Any:
    """The same row for somebody else."""
    names = {column.key for column in row.__mapper__.column_attrs} - {"id", "uid"}
    return type(row)(**{name: getattr(row, name) for name in names} | changes)


def _fill() -> None:
    from app.core.rotation import register_keys

    register_keys()
    found_county()
    _planned("甲老人")
    plan = _planned("丙老人")
    house = County().organisation("institution_a").id
    with transaction() as tx:
        tx.act = "test.ward"
        for n in range(1, WARD):
            row = factories.resident(
                f"院内{n:02d}", area_code=VILLAGE_A, setting=Setting.INSTITUTIONAL, institution_id=house
            )
            # the plan of one is everybody's here: thirty decided grades would cost the journey ten seconds
            db.session.add(_copy(plan, resident_id=row.id, number=f"P-{n:02d}"))
    care.make_cards(County().actor("township_officer_a"), f"{clock.today():%Y-%m}")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A house with thirty residents and a home, served at the time it is: a browser's clock cannot be moved."""
    now = clock.now().astimezone(clock.ZONE)
    with served(tmp_path_factory.mktemp("house"), _fill, now.date()) as county:
        county.calendar.move_to(now.date(), now.hour, now.minute)
        yield county


def _except(own: Tablet, place: int, reason: str) -> None:
    """The first open service of a resident was not done: two touches."""
    row = own.page.locator(".round-row").nth(place)
    own.tap(row.locator(".chip[data-tone=open], .chip[data-tone=late]").first)
    own.tap(own.page.locator(f"dialog [data-reason={reason}]"))
    expect(own.page.locator("dialog")).to_have_count(0)
    expect(row.locator(".chip-drafted")).to_have_count(1)


def test_a_round_of_thirty_without_network(house: Served, browser: Browser) -> None:
    with tablet(browser, house.address, "round") as own:
        own.set_up("care_worker_a", ".round-row")
        assert own.page.locator(".round-row").count() == WARD
        own.context.set_offline(True)
        own.taps, began = 0, time.monotonic()
        for place, reason in ((0, "refused"), (7, "hospital"), (20, "ill")):
            _except(own, place, reason)
        assert own.page.locator(".round-foot p").inner_text().startswith(str(WARD))
        own.look("01-exceptions", 1024, 360)
        own.tap(own.page.locator("[data-whole]"))
        own.tap(own.page.get_by_role("dialog").get_by_role("button", name=words("round_whole")))
        own.counters(saved=1, waiting=1, accepted=0, refused=0)  # one round, one record
        expect(own.page.locator(".chip[data-tone=open], .chip[data-tone=late]")).to_have_count(0)
        own.look("02-recorded", 1024)
        assert own.taps <= TAPS, f"{own.taps} taps for a round"
        assert time.monotonic() - began < 60

        own.go("#/handover")
        own.page.locator("#receiver").select_option(index=1)
        own.page.fill("#note", "丙老人吃得少，夜里多看一次")
        own.sign("given", "taken")
        own.look("03-handover", 1024, 360)
        own.page.locator(".finish button").click()
        own.counters(saved=2, waiting=2)

        with house.inside():  # meanwhile somebody says otherwise: that day is refused, and no other one with it
            county = County()
            other = {"S01": {"outcome": "not_done", "reason": "refused"}}
            care.record_day(county.actor("institution_manager_a"), county.resident("院内05").id, clock.today(), other)
            _working(
                "institution_manager_a", works=False
            )  # who took over is no colleague any more: refused, and signed anew
        own.context.set_offline(False)
        own.send()
        own.counters(waiting=0, accepted=WARD - 1, refused=2)
        own.go("#/records")
        refused = own.page.locator('[data-record][data-state="refused"]')
        expect(refused.filter(has_text="院内05")).to_have_count(1)
        own.look("04-answered", 1024)
        with house.inside():
            _working("institution_manager_a", works=True)
        refused.get_by_role("link", name=words("handover_again")).click()
        assert own.page.locator("#note").input_value() == "丙老人吃得少，夜里多看一次"
        own.sign("given", "taken")
        own.look("05-again", 1024)
        own.page.locator(".finish button").click()
        own.send()
        own.counters(waiting=0, accepted=WARD, refused=1)
    with house.inside():
        days = list(db.session.scalars(select(ChecklistDay).where(ChecklistDay.day == clock.today())))
        notes = list(db.session.scalars(select(ChecklistNote)))
        handover = db.session.scalars(select(Handover)).one()
        assert len(days) == WARD
        assert sum(1 for day in days if not rules.total(day.done)) == 1
        assert sorted(note.reason_code or "" for note in notes) == ["hospital", "ill", "refused", "refused"]
        assert handover.received_at is not None
        db.session.remove()


def _working(name: str, *, works: bool) -> None:
    with transaction() as tx:
        tx.act = "test.account"
        County().user(name).active = works
    db.session.remove()


def _photo() -> bytes:
    """A picture as a phone takes it, with its place in the EXIF part."""
    picture = Image.new("RGB", (1600, 1200), (120, 160, 140))
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_day_at_home_on_the_phone_without_network(house: Served, browser: Browser) -> None:
    with house.inside():
        card = queries.card_code(queries.cards_of(County().resident().id)[0])
        db.session.remove()
    with tablet(browser, house.address, "home", PHONE) as own:
        own.set_up("caregiver_a", ".care-person")
        own.context.set_offline(True)
        own.look("01-tasks", 360, 768)
        own.taps = 0
        tasks = own.page.locator(".task")
        first, second = (str(tasks.nth(n).get_attribute("data-item")) for n in (0, 1))
        own.tap(tasks.nth(0).locator("[data-done]"))
        expect(own.page.locator(f".task.entered[data-item={first}]")).to_be_visible()
        own.tap(own.page.locator(f".task[data-item={second}] [data-not]"))
        own.tap(own.page.locator("dialog [data-reason=refused]"))
        expect(own.page.locator(f".task.entered[data-item={second}]")).to_be_visible()
        assert own.taps == 3
        picker = own.page.locator(f".task[data-item={first}] input[type=file]")
        picker.set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": _photo()})
        expect(own.page.locator(f".task[data-item={first}] label.btn")).to_contain_text("1")
        own.tap(own.page.locator(".care-card a"))
        own.page.fill("#card-code", "2222-2222-2222")
        own.page.keyboard.press("Enter")
        expect(own.page.get_by_role("alert")).to_contain_text("甲老人")
        own.look("02-card", 360)
        own.page.fill("#card-code", rules.shown_code(card).lower())
        own.page.keyboard.press("Enter")
        expect(own.page.locator("[data-card=true]")).to_be_visible()

        own.kill()  # the battery dies; what was touched is on the disk
        own.page.goto(f"{house.address}/tablet/")
        own.unlock()
        expect(own.page.locator(".task.entered")).to_have_count(2)
        own.counters(saved=1, waiting=0)
        own.tap(own.page.locator("[data-hand-in]"))
        own.counters(saved=1, waiting=1)
        own.look("03-handed-in", 360)

        own.context.set_offline(False)
        own.send()
        own.counters(waiting=0, accepted=1, refused=0)
        own.page.locator("[data-record] h3 a").click()
        expect(own.page.locator(".said")).to_be_visible()
        own.look("04-record", 360)
        number = own.page.evaluate("() => import('/static/js/tablet/state.js').then((s) => s.state.index[0].number)")
        today = clock.today().isoformat()
        own.go(f"#/care/{number}/{today}")
        own.look("05-day", 360)
        _corrected(own, first)
        assert own.page.evaluate(PARITY) == _parity()
    with house.inside():
        corrected = db.session.scalars(select(ChecklistNote).where(ChecklistNote.before == "done")).one()
        assert (corrected.item, "数错了" in (corrected.note or "")) == (first, True)
        kept = db.session.scalars(select(Recording).where(Recording.photos != [])).one()
        photo = db.session.scalars(select(SyncRecord).where(SyncRecord.kind == "attachment")).unique().one()
        content = read(photo.text or "").content
        assert (kept.presence.value, kept.photos) == ("card", [content["sha256"]])
        assert kept.surely_after is not None
        assert photo.resident_id == kept.resident_id
        assert b"Exif" not in base64.b64decode(content["data"])
        db.session.remove()


def _corrected(own: Tablet, item: str) -> None:
    """What stands becomes something else, with a reason, while something of it is still open."""
    own.page.locator(f"[data-item={item}] .person-act button").click()
    if own.page.locator("[data-correct]").is_visible():  # something is still open: what stands can be corrected too
        own.page.locator("[data-correct]").click()
    own.page.locator("#correction").fill("数错了")
    own.look("06-correction", 360)
    own.page.locator("dialog [data-reason=refused]").click()
    own.send()
    own.counters(waiting=0, accepted=2, refused=0)


CASES = [
    [(due, [(outcome, times, correction) for outcome, times, correction in entries])]
    for due, entries in [
        (3, [("done", 2, False), ("done", 1, False), ("not_done", 1, False)]),
        (3, [("not_done", 3, False), ("done", 2, True), ("done", 2, True)]),
        (12, [("done", 7, False), ("not_needed", 2, False), ("done", 12, True), ("done", 5, True)]),
        (1, [("done", 1, False), ("not_done", 1, False), ("not_done", 1, True)]),
        (4, [("not_done", 1, False), ("not_needed", 1, False), ("done", 4, True), ("not_done", 0, True)]),
    ]
]
PARITY = f"""async () => {{
  const {{ apply }} = await import("/static/js/tablet/care.js");
  return {json.dumps([case[0] for case in CASES])}.map(([due, entries]) => {{
    const counts = {{ done: 0, not_done: 0, not_needed: 0, extra: 0 }};
    for (const [outcome, times, correction] of entries) apply(counts, due, {{ outcome, times }}, correction);
    return [counts.done, counts.not_done, counts.not_needed];
  }});
}}"""
"""The phone's own arithmetic of a day."""


def _parity() -> list[list[int]]:
    """The county's arithmetic of the same days: only corrections take from another outcome."""
    found = []
    for ((due, entries),) in CASES:
        said, packed = rules.Said(), rules.pack({"S01": due})
        for name, times, correction in entries:
            outcome = rules.Outcome(name)
            have = said.of("S01", outcome)
            free = due - rules.times(said.all, "S01")
            wanted = times if correction else max(have, min(times, have + free))
            said = rules.with_entry(packed, said, "S01", outcome, wanted, late=False).said
        found.append(
            [said.of("S01", one) for one in (rules.Outcome.DONE, rules.Outcome.NOT_DONE, rules.Outcome.NOT_NEEDED)]
        )
    return found


def test_a_visit_and_an_incident_on_the_phone(house: Served, browser: Browser) -> None:
    people = House(browser, house.address, factories.PASSWORD, "care")
    with people.signing_in("village_officer_a", width=360) as officer:
        officer.open("/visits")
        officer.taps()
        officer.press(officer.page.locator(".whom a").filter(has_text="甲老人"))
        for name in ("ate_together", "talked"):
            officer.page.locator(f"main label:has(input[name={name}])").click()
        officer.choose("satisfaction", "4")
        officer.station("visit")
        officer.press(zh("Save the visit"))
        assert officer.taps() == 5, "whom, ate together, talked, how content, saved"
        officer.open("/incidents")
        officer.taps()
        if not officer.page.locator(".whom a").first.is_visible():
            officer.page.locator("summary", has_text=zh("Report an incident of …")).click()
        officer.press(officer.page.locator(".whom a").filter(has_text="甲老人"))
        officer.choose("kind", "fall")
        officer.choose("severity", "minor")
        officer.fill(note="院子里滑倒，擦破手")
        officer.station("incident")
        officer.press(zh("Report the incident"))
        assert officer.taps() <= 5, "the list, whom, what, how bad, reported; one sentence is written"
    with house.inside():
        counts = [db.session.scalar(select(func.count()).select_from(model)) for model in (Visit, Incident)]
        assert counts == [1, 1]
        db.session.remove()
