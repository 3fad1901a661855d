"""Before both assessors of a blind pair have handed in, nothing that leaves the county says what the first one scored.

Every page, export, PDF, JSON answer and bundle that anybody else can open is read whole and searched for marks that
stand only in the first assessor's sheet: the notes, the informant, the points, the sheet's own key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core import clock
from app.core.db import db
from app.grading import operations
from app.grading.models import Sheet, SheetPair
from app.grading.rules import SheetState
from app.tablet.models import SyncRecord
from tests.factories import USERS
from tests.grading.sheets import answers, facts, head
from tests.guards.routes import Cell, cells, choices, fill
from tests.guards.test_permissions import MATRIX
from tests.support.walker import Browser
from tests.tablet.conftest import Send, content, enrolled
from tests.tablet.device import Tablet

NOTES, INFORMANT = "墙上的蓝色日历", "独一无二的邻居"


def marks(row: Sheet) -> dict[str, str]:
    """What would give the sealed sheet away. Its 85 points are no points of anybody else here."""
    return {"notes": NOTES, "informant": INFORMANT, "key": row.client_key, "points": ">85<"}


def opened(county: Any) -> SheetPair:
    return operations.open_pair(
        county.actor("county_officer_a"), county.resident().id, county.assessor(1).id, county.assessor(2).id, "抽取"
    )


def on_the_web(county: Any) -> Sheet:
    actor = county.actor("assessor_a")
    row = operations.open_sheet(actor, county.resident().id)
    fields = {
        **head(county),
        "first_assessor_id": actor.assessor_id,
        "second_assessor_id": None,
        "informant_name": INFORMANT,
    }
    operations.save_draft(actor, row.id, answers=answers("c"), facts=facts(), notes=NOTES, **fields)
    return operations.submit_sheet(actor, row.id)


def from_a_device(county: Any, send: Send, pair: SheetPair) -> tuple[Sheet, Tablet]:
    tablet = enrolled(county)
    made = content(
        county, answers=answers("c"), assessors=[county.assessor(1).id], notes=NOTES, informant={"name": INFORMANT, "relation": "5"},
    ) | {"pair": pair.token}  # fmt: skip
    made["signatures"] = [
        {"role": "first", "name": INFORMANT, "width": 300, "height": 100, "strokes": [[[1, 2, 0, 0], [3, 4, 0, 9]]]}
    ]
    counter = tablet.write("sheet", "sealed-sheet-0001", made, now=clock.now())
    send(tablet)
    assert tablet.heard[counter]["code"] == "sealed"
    return db.session.scalars(select(Sheet)).unique().one(), tablet


def looks(app: Flask, role: str, sheet: Sheet, pair: SheetPair) -> Iterator[tuple[Cell, dict[str, Any]]]:
    """Every GET address a role may open, filled with the resident, the sealed sheet and the pair."""
    ids = {"resident_id": pair.resident_id, "sheet_id": sheet.id, "pair_id": pair.id, "record_id": 1, "device_id": 1}
    for cell in cells(app):
        if cell.method != "GET" or not {role, "signed_in", "public"} & set(MATRIX[cell.endpoint]):
            continue
        if cell.endpoint in {"quality.audit", "quality.audit_entry", "auth.sign_out"}:
            continue  # the log of auditors is no place of assessors; who scored what stands in it, as it must
        for words in choices(cell.rule):
            yield cell, {**fill(cell.rule, ids), **words}


def leaks(response: TestResponse, found: dict[str, str]) -> list[str]:
    text = response.get_data()
    return [name for name, mark in found.items() if mark.encode() in text]


@pytest.mark.long
@pytest.mark.parametrize("way", ["web", "device"])
def test_no_page_export_or_answer_says_what_the_first_one_scored(app: Flask, county: Any, send: Send, way: str) -> None:
    pair = opened(county)
    sheet = on_the_web(county) if way == "web" else from_a_device(county, send, pair)[0]
    assert sheet.state is SheetState.SEALED
    found, wrong, seen = marks(sheet), [], 0
    for username in ("assessor_b", "county_officer_a", "auditor")[: 1 if way == "device" else 3]:
        browser = Browser(app, username)
        browser.client.inspecting = False
        for cell, ids in looks(app, USERS[username][0].value, sheet, pair):
            response = browser.send(cell, ids)
            seen += 1
            wrong += [f"{username} {cell.endpoint} {ids}: {name}" for name in leaks(response, found)]
        for q in (NOTES, INFORMANT, sheet.number, "85"):
            for path in (f"/sheets?q={q}", f"/grade-proposals?q={q}", f"/sheets.csv?q={q}", f"/sheet-pairs?q={q}"):
                response = browser.client.get(path)
                if path.startswith("/sheets.csv") and response.status_code == 200:
                    assert len(response.get_data(as_text=True).splitlines()) == 3, (
                        "a row beside the head and the two notes"
                    )
                body = response.get_data(as_text=True).replace(f'value="{q}"', "").replace(f"q={q}", "")
                wrong += [f"{username} {path}: {name}" for name, mark in found.items() if mark in body and mark != q]
    assert wrong == []
    assert seen > 40


def test_no_bundle_and_no_answer_to_a_device_says_it(app: Flask, county: Any, send: Send, plain: Any) -> None:
    pair = opened(county)
    sheet, first = from_a_device(county, send, pair)
    second = enrolled(county, "assessor_b")
    for path, body in (("bundle", {}), ("records", second.body([], clock.now()))):
        answer = plain.post(f"/tablet/api/{path}", json=body, headers=second.headers)
        assert answer.status_code == 200
        assert leaks(answer, marks(sheet)) == []
    mine = plain.post("/tablet/api/bundle", json={}, headers=first.headers).get_json()
    theirs = plain.post("/tablet/api/bundle", json={}, headers=second.headers).get_json()
    number = county.resident().number
    of_pair = [next(r for r in b["residents"] if r["number"] == number)["pair"] for b in (mine, theirs)]
    assert of_pair == [{"token": pair.token, "open": False}, {"token": pair.token, "open": True}]


def test_a_record_of_an_open_pair_keeps_its_signatures_and_answers_closed(app: Flask, county: Any, send: Send) -> None:
    pair = opened(county)
    sheet, _tablet = from_a_device(county, send, pair)
    record = db.session.scalars(select(SyncRecord)).unique().one()
    browser = Browser(app, "county_officer_a")
    page = browser.client.get(f"/offline-records/{record.id}").get_data(as_text=True)
    assert INFORMANT not in page
    assert "盲评" in page
    second = enrolled(county, "assessor_b")
    made = content(county, answers={**answers("c"), "1.1": "A2"}, assessors=[county.assessor(2).id]) | {
        "pair": pair.token
    }
    second.write("sheet", "sealed-sheet-0002", made, now=clock.now())
    send(second)
    db.session.refresh(sheet)
    assert sheet.state is SheetState.SUBMITTED
    assert INFORMANT in browser.client.get(f"/offline-records/{record.id}").get_data(as_text=True)
    page = browser.client.get(f"/sheet-pairs/{pair.id}").get_data(as_text=True)
    assert sheet.number in page
    assert "裁定不一致之处" in page


def test_the_comparison_is_decided_on_its_page(app: Flask, county: Any) -> None:
    pair = opened(county)
    on_the_web(county)
    actor = county.actor("assessor_b")
    row = operations.open_sheet(actor, pair.resident_id)
    fields = {**head(county), "first_assessor_id": actor.assessor_id, "second_assessor_id": None}
    changed = {**answers("c"), "1.1": "A2", "B.2.1": 1}
    operations.save_draft(actor, row.id, answers=changed, facts={**facts(), "falls": 1}, **fields)
    operations.submit_sheet(actor, row.id)
    browser = Browser(app, "county_officer_a")
    first = browser.open(f"/sheet-pairs/{pair.id}/adjudicate", "POST", reason="看过")
    assert first.status_code == 422
    good = {
        "choice_0": "1",
        "choice_1": "0",
        "choice_2": "1",
        "reason_0": "进食要人帮",
        "reason_1": "记得清楚",
        "reason_2": "上周跌倒",
        "reason": "上门复看",
    }
    done = browser.open(f"/sheet-pairs/{pair.id}/adjudicate", "POST", **good)
    assert done.status_code == 302
    page = browser.client.get(f"/sheet-pairs/{pair.id}").get_data(as_text=True)
    assert all(words in page for words in ("进食要人帮", "上门复看", "已裁定"))
