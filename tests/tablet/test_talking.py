"""The conversation of devices with the county: nothing lost, nothing twice, nothing hidden, only receipts are success."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db
from app.core.errors import Refused
from app.core.transaction import transaction
from app.grading import operations as grading
from app.grading import queries
from app.grading.models import GradeProposal, Sheet
from app.grading.queries import pairs
from app.tablet.jobs import take_up
from app.tablet.models import SyncReceipt, SyncRecord
from app.tablet.operations import devices, keeping, records
from app.tablet.queries import records as stored
from tests.factories import VILLAGE_B
from tests.tablet.conftest import Send, content, device_row, enrolled, write_sheet
from tests.tablet.device import Tablet, jwk, verified

HOUR = dt.timedelta(hours=1)


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_sheet_is_accepted_once_however_often_it_comes(county: Any, send: Send) -> None:
    tablet = enrolled(county)
    counter = write_sheet(tablet, county)
    first = send(tablet, lost=True)
    said = verified(first["receipts"][0], tablet.keys)
    assert (said["verdict"], said["code"], said["clock"]) == ("accepted", "ok", "plausible")
    again = verified(send(tablet)["receipts"][0], tablet.keys)
    assert (again["verdict"], again["was"], again["reference"]) == ("duplicate", "accepted", said["reference"])
    sheet = db.session.scalars(select(Sheet)).unique().one()
    assert (sheet.number, count(SyncRecord), count(SyncReceipt), count(GradeProposal)) == (said["reference"], 1, 1, 1)
    assert tablet.heard[counter]["verdict"] == "accepted"
    assert (
        said["result"]
        == hashlib.sha256(
            json.dumps(sheet.result, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest()
    )


def test_one_bad_record_holds_up_no_other_and_says_why_in_both_languages(county: Any, send: Send) -> None:
    tablet = enrolled(county)
    bad = write_sheet(tablet, county, reason="9")
    wrong = write_sheet(tablet, county, "乙老人", wrong=True)
    nobody = tablet.write("sheet", "sheet-000", {**content(county), "resident": "R0"}, now=clock.now())
    kind = tablet.write("weather", "weather-1", {}, now=clock.now())
    good = write_sheet(tablet, county, "丙老人")
    send(tablet)
    found = {n: (said["verdict"], said["code"]) for n, said in tablet.heard.items()}
    assert found == {
        bad: ("refused", "invalid"), wrong: ("refused", "trace"), nobody: ("refused", "not_found"),
        kind: ("refused", "kind"), good: ("accepted", "ok"),
    }  # fmt: skip
    assert tablet.heard[bad]["fields"]["reason_code"] == {"zh": "请从列表中选择。", "en": "Choose one of the list."}
    assert all(set(tablet.heard[n]["reason"]) == {"zh", "en"} for n in (bad, wrong, nobody, kind))
    assert count(Sheet) == 1
    mine = db.session.scalars(select(SyncReceipt.detail).where(SyncReceipt.code == "trace")).one()
    assert mine is not None
    assert mine["result"]["total"] != content(county, wrong=True)["result"]["total"]


def test_a_correction_is_a_new_version_in_either_order(county: Any, send: Send) -> None:
    for name, turn in (("甲老人", 1), ("乙老人", -1)):
        tablet = enrolled(county)
        first = write_sheet(tablet, county, name, key="sheet-of-" + county.resident(name).number, reason="9")
        second = write_sheet(tablet, county, name, key="sheet-of-" + county.resident(name).number, version=2)
        for counter in (first, second)[::turn]:
            send(tablet, [counter])
        assert [tablet.heard[n]["verdict"] for n in (first, second)] == ["refused", "accepted"]


def test_a_changed_text_under_an_old_number_is_kept_and_refused(county: Any, send: Send) -> None:
    tablet = enrolled(county)
    counter = write_sheet(tablet, county)
    send(tablet)
    tablet.texts[counter] = tablet.texts[counter].replace("在家中评估", "在别处评估")
    assert verified(send(tablet, [counter])["receipts"][0], tablet.keys)["code"] == "counter"
    assert (count(SyncRecord), count(Sheet)) == (2, 1)


def test_nobody_writes_in_another_device_s_name(county: Any, send: Send) -> None:
    mine, other = enrolled(county), enrolled(county, "assessor_b")
    counter = write_sheet(other, county)
    mine.texts[1], mine.counter = other.texts[counter], 1
    assert verified(send(mine, [1], lost=True)["receipts"][0], mine.keys)["code"] == "unreadable"
    mine.texts = {2: json.dumps({**json.loads(other.texts[counter]), "device": mine.uid, "counter": 2})}
    taken = keeping.receive(device_row(mine), [keeping.Sent(mine.texts[2], other.sign(mine.texts[2]))])
    assert stored.receipts_of([taken[0].record_id])[taken[0].record_id].code.value == "signature"
    assert count(Sheet) == 0


@pytest.mark.parametrize(
    ("skew", "verdict"),
    [(0, "plausible"), (20, "plausible"), (-20, "plausible"), (30, "ahead"), (-30, "behind"), (9e5, "ahead")],
)
def test_a_wrong_clock_is_marked_and_both_times_are_kept(county: Any, send: Send, skew: float, verdict: str) -> None:
    tablet = enrolled(county)
    tablet.skew = skew * HOUR
    counter = write_sheet(tablet, county)
    send(tablet)
    assert (tablet.heard[counter]["verdict"], tablet.heard[counter]["clock"]) == ("accepted", verdict)
    row = db.session.scalars(select(SyncRecord)).unique().one()
    assert row.written_at is not None
    assert abs(row.written_at - row.received_at - tablet.skew) < HOUR


def test_two_devices_that_scored_one_resident_are_both_kept_and_told(county: Any, send: Send) -> None:
    one, two = enrolled(county), enrolled(county, "assessor_b")
    first = write_sheet(one, county)
    second = write_sheet(two, county, answers={**content(county)["answers"], "1.1": "A2"})
    send(one)
    send(two)
    assert (one.heard[first]["verdict"], two.heard[second]["verdict"]) == ("accepted", "conflict")
    send(one)
    assert one.heard[first]["verdict"] == "conflict"
    pair = pairs.unsettled_pair(county.resident().id)
    assert pair is not None
    assert len(pairs.members(pair.id)) == 2
    grading.adjudicate_pair(county.actor("county_officer_a"), pair.id, {"answers.1.1": "A2"}, {"1": "再看"}, "再次核对")
    send(one)
    send(two)
    assert (one.heard[first]["code"], two.heard[second]["code"]) == ("adjudicated", "adjudicated")
    send(one)
    assert count(SyncReceipt) == 5
    assert count(Sheet) == 3


def test_what_was_heard_in_a_history_that_a_restore_took_back_gives_way_to_what_holds(county: Any, send: Send) -> None:
    """The device holds "accepted", number 2 of a lost history; a request of its from then arrives late and unheard."""
    one, two = enrolled(county), enrolled(county, "assessor_b")
    write_sheet(one, county)
    mine = write_sheet(two, county, answers={**content(county)["answers"], "1.1": "A2"})
    send(one)
    send(two, lost=True)
    two.heard[mine], two.since = {"verdict": "accepted", "code": "ok"}, f"2-{'0' * 32}-1"
    assert [said["verdict"] for said in (verified(u, two.keys) for u in send(two)["updates"])] == ["conflict"]
    assert (two.heard[mine]["verdict"], send(two)["updates"]) == ("conflict", [])


def test_a_resident_who_moved_is_told_and_the_record_is_kept_for_the_officer_there(county: Any, send: Send) -> None:
    with transaction() as tx:
        tx.act = "test.narrow"
        county.user("assessor_a").area_code = "150422100"
    tablet = enrolled(county)
    counter = write_sheet(tablet, county)
    with transaction() as tx:
        tx.act = "test.move"
        county.resident().area_code = VILLAGE_B
    answer = send(tablet)
    assert (tablet.heard[counter]["code"], tablet.heard[counter]["routed_to"]) == ("routed", "巴林左旗隆昌镇隆昌村")
    assert answer["moved"] == [
        {"resident": county.resident().number, "since": clock.today().isoformat(), "to": "隆昌镇"}
    ]
    assert count(Sheet) == 0
    record = db.session.scalars(select(SyncRecord)).unique().one()
    there, elsewhere = county.actor("township_officer_b"), county.actor("township_officer_a")
    assert stored.counts(there)["queued"] == 1
    assert stored.counts(elsewhere)["queued"] == 0
    records.settle_record(there, record.id, count=True, reason="评估时仍在原址")
    assert queries.last_sheet(county.resident().id) is not None
    with pytest.raises(Refused):
        records.settle_record(there, record.id, count=False, reason="重复")
    send(tablet)
    assert tablet.heard[counter]["code"] == "ok"
    assert tablet.heard[counter]["reference"] == queries.last_sheet(county.resident().id).number


def test_a_blocked_device_hands_over_what_it_has_and_is_told_to_forget(
    county: Any, send: Send, plain: FlaskClient
) -> None:
    tablet = enrolled(county)
    counter = write_sheet(tablet, county)
    row = devices.block_device(county.actor("county_officer_a"), device_row(tablet).id, "平板丢失")
    answer = send(tablet, status=403)
    order = verified(answer["forget"], tablet.keys)
    assert (order["order"], order["device"], set(answer)) == ("forget", tablet.uid, {"receipts", "forget", "missing"})
    assert tablet.heard[counter]["code"] == "blocked"
    assert count(Sheet) == 0
    for path, body in (("bundle", {}), ("courier", {"v": 1}), ("devices", {})):
        assert plain.post(f"/tablet/api/{path}", json=body, headers=tablet.headers).status_code in {401, 403, 404}
    assert (
        plain.post("/tablet/api/forgotten", json={"order": answer["forget"]}, headers=tablet.headers).get_json() == {}
    )
    db.session.rollback()
    assert (row.state.value, plain.post("/tablet/api/records", json={"records": []}, headers=tablet.headers).status_code) == (
        "forgotten", 401,
    )  # fmt: skip
    with pytest.raises(Refused):
        enrolled(county, tablet=tablet)


def test_a_blocked_device_hands_over_what_a_restored_county_lost_before_it_forgets(county: Any, send: Send) -> None:
    """It holds an "accepted" of a record the county has not: until that came again there is no order to forget."""
    tablet = enrolled(county)
    lost = write_sheet(tablet, county)
    tablet.heard[lost] = {"verdict": "accepted", "code": "ok"}
    devices.block_device(county.actor("county_officer_a"), device_row(tablet).id, "平板丢失")
    first = send(tablet, status=403)
    assert (first, tablet.waiting) == ({"receipts": [], "missing": [[lost, lost]]}, [lost])
    second = send(tablet, status=403)
    assert (tablet.heard[lost]["code"], second["missing"], "forget" in second) == ("blocked", [], True)
    assert count(SyncRecord) == 1


def test_tokens_end_after_thirty_days_without_contact_and_come_back_with_the_same_key(county: Any, send: Send) -> None:
    tablet = enrolled(county)
    write_sheet(tablet, county)
    with clock.at(clock.now() + dt.timedelta(days=29)):
        send(tablet, [])
    with clock.at(clock.now() + dt.timedelta(days=58)):
        send(tablet, [])
    with clock.at(clock.now() + dt.timedelta(days=90)):
        send(tablet, status=401, lost=True)
        enrolled(county, tablet=tablet)
        send(tablet)
    assert tablet.waiting == []
    with pytest.raises(Refused):
        enrolled(county, "assessor_b", tablet)
    with pytest.raises(Refused):
        enrolled(county, tablet=Tablet(uid=tablet.uid))


def test_what_was_kept_and_not_acted_upon_is_taken_up_by_the_job(county: Any) -> None:
    tablet = enrolled(county)
    write_sheet(tablet, county)
    device = device_row(tablet)
    sent = [keeping.hear(device, keeping.Sent(one["text"], one["signature"])) for one in tablet.wire([1])]
    keeping.keep(keeping.system_actor(), device, sent, None, keeping.Route.DIRECT, None)
    assert (count(Sheet), len(stored.pending())) == (0, 1)
    assert take_up(clock.today()) == "1 of 1 kept records were acted upon"
    assert (count(Sheet), stored.pending()) == (1, [])


def test_attachments_are_kept_encrypted_and_must_be_what_they_say(county: Any, send: Send) -> None:
    tablet = enrolled(county)
    data = b"\xff\xd8\xff\xe0" + b"0" * 5000
    good = {"sheet": "sheet-0001", "sha256": hashlib.sha256(data).hexdigest(), "mime": "image/jpeg", "bytes": len(data),
            "of": "1.1", "taken_at": "2026-03-09T01:00:00.000Z", "data": base64.b64encode(data).decode()}  # fmt: skip
    tablet.write("attachment", good["sha256"], good, now=clock.now())
    for change in (
        {"mime": "image/png"},
        {"bytes": 3},
        {"data": "AAAA"},
        {"data": 7},
        {"mime": "text/html"},
        {"sheet": None},
    ):
        tablet.write("attachment", good["sha256"], {**good, **change}, now=clock.now())
    send(tablet)
    assert [tablet.heard[n]["verdict"] for n in sorted(tablet.heard)] == ["accepted", *["refused"] * 6]
    raw = db.session.execute(select(SyncRecord.text_enc).where(SyncRecord.counter == 1)).scalar_one()
    assert b"sheet-0001" not in bytes(raw)


def test_records_and_receipts_never_change(county: Any, send: Send) -> None:
    tablet = enrolled(county)
    write_sheet(tablet, county)
    send(tablet)
    for statement in (
        "UPDATE sync_record SET hash = 'x'", "UPDATE sync_record SET counter = 9", "DELETE FROM sync_record",
        "UPDATE sync_receipt SET verdict = 'refused'", "DELETE FROM sync_receipt", "UPDATE device SET public_key = 'x'",
        "DELETE FROM device",
    ):  # fmt: skip
        with pytest.raises(DBAPIError), transaction():
            db.session.connection().exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400), (b"[]", 400), (b'{"records": 1}', 422), (b'{"records": [{"text": "x"}]}', 422), (b'{"a": 1, "a": 2}', 400),
        (b'{"records": [], "since": 5}', 422), (b'{"records": [], "held": [[2, 1]]}', 422), (b'{"records": [], "now": 5}', 422),
        (b'{"records": [], "counts": {"saved": -1}}', 422), (b'{"records": [{"text": "\\ud800", "signature": "x"}]}', 422),
        (b'{"records": [' + b'{"text": "x", "signature": "y"},' * 500 + b'{"text": "x", "signature": "y"}]}', 422),
        (b'{"records": [' + b" " * 9_000_000 + b"]}", 413), (b'{"records": ' + b"[" * 100_000, 400),
    ],
)  # fmt: skip
def test_malformed_uploads_are_refused_in_words_and_leave_nothing(
    county: Any, plain: FlaskClient, body: bytes, status: int
) -> None:
    tablet = enrolled(county)
    response = plain.post("/tablet/api/records", data=body, headers=tablet.headers, content_type="application/json")
    assert response.status_code == status
    assert response.get_json()["error"]["message"]
    assert count(SyncRecord) == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"v": 1}', "x" * 50, '{"v":1,"v":1}', "\\u0000", "[" * 5000])
def test_a_text_that_is_no_record_is_kept_and_refused(county: Any, plain: FlaskClient, text: str) -> None:
    tablet = enrolled(county)
    body = {"records": [{"text": text, "signature": "x"}]}
    answer = plain.post("/tablet/api/records", json=body, headers=tablet.headers).get_json()
    assert verified(answer["receipts"][0], tablet.keys)["code"] == "unreadable"
    assert count(SyncRecord) == 1


def test_a_session_enrols_with_the_form_token_only(app: Any, county: Any) -> None:
    from tests.support.walker import Browser

    browser = Browser(app, "assessor_a")
    tablet = Tablet()
    body = {"id": tablet.uid, "name": "平板一", "public_key": jwk(tablet.key.public_key())}
    browser.client.inspecting = False
    assert browser.client.post("/tablet/api/devices", json=body).status_code == 400
    answer = browser.client.post("/tablet/api/devices", json=body, headers={"X-CSRFToken": browser.csrf}).get_json()
    assert (answer["device"], answer["offline_days"]) == (tablet.uid, 30)
    for wrong in ({"id": "x"}, {"name": ""}, {"public_key": {}}, {"public_key": {**body["public_key"], "x": "A" * 43}}):
        response = browser.client.post(
            "/tablet/api/devices", json={**body, **wrong}, headers={"X-CSRFToken": browser.csrf}
        )
        assert response.status_code == 422
