"""What an officer sees and hears of a record: signatures where they were drawn, a voice note whose hearing is logged."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import lxml.html

from app.core import clock
from app.core.db import db
from app.core.models import AuditEntry
from app.grading.models import Sheet
from app.tablet import operations
from app.tablet.models import SyncRecord
from tests.care.world import TODAY, planned
from tests.factories import TOWNSHIP_A
from tests.grading.sheets import noon
from tests.grading.test_more_instruments import GB, given
from tests.tablet.conftest import Send, content, enrolled
from tests.tablet.device import Tablet

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 500
WEBM = b"\x1a\x45\xdf\xa3" + bytes(range(200))


def attach(tablet: Tablet, of: str, data: bytes, mime: str) -> None:
    """A photo or sound of a record."""
    digest = hashlib.sha256(data).hexdigest()
    note = {"sheet": of, "sha256": digest, "mime": mime, "bytes": len(data), "of": "1",
            "taken_at": tablet.clock(clock.now()), "data": base64.b64encode(data).decode()}  # fmt: skip
    tablet.write("attachment", digest, note, now=clock.now())


def test_a_signature_is_drawn_where_the_finger_was(county: Any, send: Send, sign_in: Any) -> None:
    tablet = enrolled(county)
    strokes = [[[0.1, 0.5, 0.4, 0], [0.25, 0.75, 0.6, 20], [1.0, 0.0, 0.5, 40]], [[0.5, 0.5, 0.5, 90]]]
    made = content(county) | {
        "signatures": [{"role": "first", "name": "评估员1", "width": 600, "height": 200, "strokes": strokes}]
    }
    tablet.write("sheet", "signed-sheet-0001", made, now=clock.now())
    send(tablet)
    record = db.session.query(SyncRecord).filter_by(kind="sheet").one()
    page = lxml.html.document_fromstring(
        sign_in("county_officer_a").get(f"/offline-records/{record.id}").get_data(as_text=True)
    )
    lines = [line.get("points") for line in page.xpath("//polyline[@class='ink']")]
    assert lines == ["60,100 150,150 600,0", "300,100"]


def test_a_voice_note_is_heard_on_the_page_and_hearing_it_is_logged(county: Any, send: Send, sign_in: Any) -> None:
    tablet = enrolled(county)
    tablet.write("sheet", "spoken-sheet-0001", content(county), now=clock.now())
    digest = hashlib.sha256(WEBM).hexdigest()
    note = {
        "sheet": "spoken-sheet-0001", "sha256": digest, "mime": "audio/webm", "bytes": len(WEBM), "of": "1",
        "taken_at": tablet.clock(clock.now()), "data": base64.b64encode(WEBM).decode(),
    }  # fmt: skip
    tablet.write("attachment", digest, note, now=clock.now())
    send(tablet)
    record = db.session.query(SyncRecord).filter_by(kind="attachment").one()
    officer = sign_in("county_officer_a")
    page = lxml.html.document_fromstring(officer.get(f"/offline-records/{record.id}").get_data(as_text=True))
    (sound,) = page.xpath("//audio")
    assert sound.get("preload") == "none", "a page that is only looked at hears nothing"
    assert not db.session.query(AuditEntry).filter_by(act="record.look").count()
    heard = officer.get(sound.get("src"))
    assert (heard.mimetype, heard.data) == ("audio/webm", WEBM)
    assert db.session.query(AuditEntry).filter_by(act="record.look", object_id=str(record.id)).count() == 1
    assert sign_in("township_officer_b").get(sound.get("src")).status_code == 404


def test_only_the_tablet_app_may_ask_for_the_microphone(county: Any, sign_in: Any) -> None:
    client = sign_in("assessor_a")
    assert "microphone=(self)" in client.get("/tablet/").headers["Permissions-Policy"]
    assert "microphone=()" in client.get("/sheets/due").headers["Permissions-Policy"]


def test_the_forms_of_earlier_sheets_and_those_that_may_be_chosen_go_along(county: Any) -> None:
    sheet = given(county, GB)
    bundle = operations.take_along(county.actor("assessor_b"), [TOWNSHIP_A])
    assert bundle["offered"][0] == bundle["instrument"] == "selfcare30@1"
    assert set(bundle["offered"]) <= set(bundle["instruments"])
    found = next(row for row in bundle["residents"] if row["number"] == sheet.resident.number)
    assert found["sheets"][0]["instrument"] in bundle["instruments"]
    assert found["sheets"][0]["result"]["groups"] == {"B.1": 32, "B.2": 15, "B.3": 28, "B.4": 15}


def test_photos_and_sounds_stand_where_the_sheet_and_the_day_are_read(county: Any, send: Send, sign_in: Any) -> None:
    """With the permission of that page: who reads the sheet or the day hears and sees, and it is logged; nobody else does."""
    planned(county, "丙老人")
    who_was = county.resident("丙老人")
    tablet, phone = enrolled(county), enrolled(county, "care_worker_a")
    tablet.write("sheet", "spoken-sheet-0001", content(county), now=clock.now())
    attach(tablet, "spoken-sheet-0001", WEBM, "audio/webm")
    send(tablet)
    key = "day-with-photo-0001"
    digest = hashlib.sha256(JPEG).hexdigest()
    entries = {"S01": {"outcome": "done", "times": 1, "reason": None, "note": None}}
    said = {"resident": county.resident("丙老人").number, "day": TODAY.isoformat(), "entries": entries, "correction": None,
            "card": None, "photos": [digest], "anchor": None}  # fmt: skip
    with clock.at(noon(TODAY)):
        phone.write("care_day", key, said, now=clock.now())
        attach(phone, key, JPEG, "image/jpeg")
        send(phone)
        sheet = db.session.query(Sheet).filter_by(client_key="spoken-sheet-0001:1").one()
        pages = {f"/sheets/{sheet.id}": ("county_officer_a", WEBM, "//audio", "township_officer_b"),
                 f"/residents/{who_was.id}/checklist/{TODAY}": ("care_worker_a", JPEG, "//img[@class='evidence']", "caregiver_a")}  # fmt: skip
        for path, (who, data, place, stranger) in pages.items():
            browser = sign_in(who)
            (found,) = lxml.html.document_fromstring(browser.get(path).get_data(as_text=True)).xpath(place)
            assert browser.get(found.get("src")).data == data
            assert sign_in(stranger).get(found.get("src")).status_code == 404
        number = db.session.query(SyncRecord).filter_by(kind="attachment", of_key="spoken-sheet-0001").one().id
        assert db.session.query(AuditEntry).filter_by(act="record.look", object_id=str(number)).count() == 1
        assert sign_in("caregiver_a").get(f"/checklist/evidence/{number}").status_code == 404, (
            "of a sheet, not of a day"
        )
