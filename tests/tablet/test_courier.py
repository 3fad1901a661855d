"""Courier files and codes: only the county opens them, any number of times, in any order, with the same result."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Invalid
from app.grading.models import Sheet
from app.tablet.models import SyncReceipt, SyncRecord
from app.tablet.operations import talking
from tests.tablet.conftest import Send, enrolled, write_sheet
from tests.tablet.device import Tablet


def state() -> tuple[list[Any], ...]:
    """What the county has, apart from numbers and times."""
    records = db.session.execute(
        select(SyncRecord.counter, SyncRecord.hash, SyncReceipt.verdict, SyncReceipt.code)
        .join(SyncReceipt, SyncReceipt.record_id == SyncRecord.id)
        .order_by(SyncRecord.counter, SyncReceipt.number)
    )
    sheets = db.session.execute(select(Sheet.client_key, Sheet.state, Sheet.total).order_by(Sheet.client_key))
    return [tuple(row) for row in records], [tuple(row) for row in sheets]


def test_files_and_network_in_any_order_and_number_give_the_same_county(county: Any, send: Send) -> None:
    officer = county.actor("township_officer_a")
    tablet = enrolled(county)
    for name in ("甲老人", "乙老人", "丙老人"):
        write_sheet(tablet, county, name)
    write_sheet(tablet, county, "丁老人", wrong=True)
    files = [tablet.courier(part, clock.now()) for part in ([1, 2], [2, 3, 4], [4, 1])]
    first = talking.summary(talking.bring(officer, files[0])[1])
    assert (first["accepted"], first["again"]) == (2, 0)
    for order in itertools.permutations(files):
        for file in order:
            talking.bring(officer, file)
    once = state()
    send(tablet)
    assert state() == once
    assert {n: said["verdict"] for n, said in tablet.heard.items()} == {
        1: "accepted", 2: "accepted", 3: "accepted", 4: "refused",
    }  # fmt: skip
    rows = db.session.scalars(select(SyncRecord)).unique().all()
    assert {row.route.value for row in rows} == {"courier"}
    assert {row.brought_by for row in rows} == {officer.user_id}


def test_another_device_hands_a_file_in_unopened(county: Any, plain: Any) -> None:
    writer, carrier = enrolled(county), enrolled(county, "assessor_b")
    counter = write_sheet(writer, county)
    file = writer.courier([counter], clock.now())
    assert "answers" not in file
    answer = plain.post(
        "/tablet/api/courier", data=file.encode(), headers=carrier.headers, content_type="application/json"
    )
    assert answer.status_code == 200
    writer.hear(answer.get_json())
    assert writer.heard[counter]["verdict"] == "accepted"


def test_a_file_that_was_cut_changed_or_made_for_others_is_refused_whole(county: Any) -> None:
    officer, tablet = county.actor("township_officer_a"), enrolled(county)
    counter = write_sheet(tablet, county)
    good = json.loads(tablet.courier([counter], clock.now()))
    stranger = Tablet(keys=tablet.keys, courier_key=tablet.courier_key)
    stranger.texts = {1: tablet.texts[counter]}
    changed: list[Any] = [
        {**good, "box": good["box"][:-8]}, {**good, "box": "A" + good["box"][1:]}, {**good, "iv": good["salt"]},
        {**good, "to": "0" * 16}, {**good, "epk": {}}, {**good, "signature": stranger.sign(good["box"])}, {**good, "v": 2},
        {**good, "device": stranger.uid}, {"v": 1}, [], "x", json.loads(stranger.courier([1], clock.now())),
    ]  # fmt: skip
    for wrong in changed:
        with pytest.raises(Invalid):
            talking.bring(officer, json.dumps(wrong))
    for text in ("", "{", "\x00", json.dumps(good)[:-3]):
        with pytest.raises(Invalid):
            talking.bring(officer, text)
    with pytest.raises(Forbidden):
        talking.bring(county.actor("auditor"), json.dumps(good))
    assert db.session.scalar(select(func.count()).select_from(SyncRecord)) == 0


def test_codes_of_one_sheet_join_in_any_order(county: Any) -> None:
    tablet = enrolled(county)
    file = tablet.courier([write_sheet(tablet, county)], clock.now())
    codes = tablet.codes(file)
    assert len(codes) > 3
    assert all(len(code) <= 900 for code in codes)
    shuffled = random.Random(1).sample(codes * 2, len(codes) * 2)
    assert talking.join_codes([*shuffled, "", "  "]) == file
    with pytest.raises(Invalid, match=r"2、4|2"):
        talking.join_codes([c for n, c in enumerate(codes, 1) if n not in {2, 4}])
    for wrong in (
        [], ["x"], [codes[0].replace("YH1", "YH2")], [*codes, codes[0].replace(codes[0].split(".")[1], "0" * 8)],
        [code.replace(".1.", ".one.", 1) for code in codes], [codes[1][:-9] + "AAAAAAAAA" if n == 1 else c for n, c in enumerate(codes)],
    ):  # fmt: skip
        with pytest.raises(Invalid):
            talking.join_codes(wrong)
