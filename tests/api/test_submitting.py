"""A whole sheet through the API: scored as the engine scores, once, by those who may, or refused field by field."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import func, select

from app.config import ROOT
from app.core import clock
from app.core.db import db
from app.core.models import AuditEntry
from app.grading.models import GradeProposal, Sheet
from tests.api.conftest import Bearer, fits
from tests.factories import County
from tests.grading.sheets import CASES, answers, facts

SHEETS = "/api/v1/sheets"


def document(county: County, case: str = "whole", **fields: Any) -> dict[str, Any]:
    return {
        "client_key": f"test-{case}-0001",
        "resident": county.resident().number,
        "instrument": "selfcare30@1",
        "answers": answers(case),
        "facts": facts(),
        "assessors": [county.assessor(1).id, county.assessor(2).id],
        "informant": {"name": "邻居甲", "relation": "5"},
        "reason": "1",
        "assessed_on": clock.today().isoformat(),
        **fields,
    }


def kept() -> tuple[int, ...]:
    return tuple(
        db.session.scalar(select(func.count()).select_from(m)) or 0 for m in (Sheet, GradeProposal, AuditEntry)
    )


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_result_is_what_the_command_line_prints(county: County, bearer: Bearer, case: str) -> None:
    sent = document(county, case)
    answer = bearer("assessor_a").post(SHEETS, json=sent)
    body = fits(answer, SHEETS, "post")
    assert answer.status_code == 201, body
    printed = subprocess.run(
        [sys.executable, "-m", "assessments", "score", "-"],
        input=json.dumps({name: sent[name] for name in ("instrument", "answers", "facts")}),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert body["result"] == json.loads(printed.stdout)
    assert body["state"] == "submitted"
    assert fits(bearer("auditor").get(answer.headers["Location"]), f"{SHEETS}/{{sheet_id}}") == body
    assert db.session.scalar(select(GradeProposal.id).where(GradeProposal.sheet_id == body["id"]))


def test_sent_again_it_is_the_same_sheet_and_other_content_is_refused(county: County, bearer: Bearer) -> None:
    client = bearer("assessor_a")
    first = client.post(SHEETS, json=document(county)).get_json()
    before = kept()
    again = client.post(SHEETS, json=document(county))
    assert again.get_json() == first
    assert kept()[:2] == before[:2]
    other = client.post(SHEETS, json=document(county, answers=answers("a")))
    assert fits(other, SHEETS, "post")["error"]["status"] == 409
    assert set(other.get_json()["error"]["fields"]) == {"client_key"}
    foreign = bearer("assessor_b").post(SHEETS, json=document(county, resident=county.resident("乙老人").number))
    assert foreign.status_code == 409
    assert kept()[:2] == before[:2]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"client_key": "短"}, "client_key"),
        ({"client_key": None}, "client_key"),
        ({"instrument": "nothing@9"}, "instrument"),
        ({"instrument": 7}, "instrument"),
        ({"answers": []}, "answers"),
        ({"answers": {**answers(), "1.1": "A9"}}, "answers"),
        ({"answers": {**answers(), "99.9": "A0"}}, "answers"),
        ({"answers": {k: v for k, v in answers().items() if k != "5.1"}}, "5.1"),
        ({"facts": {"falls": -1}}, "falls"),
        ({"assessors": [1]}, "assessors"),
        ({"assessors": [1, 1]}, "second_assessor_id"),
        ({"informant": {"name": "甲"}}, "informant"),
        ({"informant": {"name": "甲", "relation": "9"}}, "informant_relation"),
        ({"reason": "9"}, "reason_code"),
        ({"assessed_on": "2026-02-30"}, "assessed_on"),
        ({"assessed_on": "2199-01-01"}, "assessed_on"),
        ({"surplus": 1}, "surplus"),
        ({"resident": {}}, "resident"),
    ],
)
def test_a_wrong_sheet_is_refused_field_by_field_and_nothing_is_stored(
    county: County, bearer: Bearer, changes: dict[str, Any], field: str
) -> None:
    client, before = bearer("assessor_a"), kept()[:2]
    answer = client.post(SHEETS, json=document(county, **changes))
    body = fits(answer, SHEETS, "post")
    assert answer.status_code == 422, body
    assert any(field in name for name in body["error"]["fields"]), body
    assert all(re.search("[\u4e00-\u9fff]", words) for words in body["error"]["fields"].values())
    assert kept()[:2] == before


def test_several_faults_are_told_at_once(county: County, bearer: Bearer) -> None:
    body = bearer("assessor_a").post(SHEETS, json={"client_key": "x", "reason": 1}).get_json()
    assert len(body["error"]["fields"]) >= 8


@pytest.mark.parametrize(
    ("data", "mimetype", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"{}", "application/json", 422),
        (b"0" * (12 * 1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_unreadable_bodies_are_refused_as_json(
    county: County, bearer: Bearer, data: bytes, mimetype: str, status: int
) -> None:
    before = kept()[:2]
    answer = bearer("assessor_a").post(SHEETS, data=data, content_type=mimetype)
    assert fits(answer, SHEETS, "post")["error"]["status"] == status
    assert kept()[:2] == before


@pytest.mark.parametrize("who", ["auditor", "county_officer_a", "caregiver_a", "system_admin"])
def test_only_assessors_submit(county: County, bearer: Bearer, who: str) -> None:
    assert bearer(who).post(SHEETS, json=document(county)).status_code == 403


def test_an_unknown_resident_is_404(county: County, bearer: Bearer) -> None:
    for wanted in ("R999999", 10**15, "x'; --"):
        assert bearer("assessor_a").post(SHEETS, json=document(county, resident=wanted)).status_code == 404


def test_a_session_must_show_that_our_page_sent_it_a_token_need_not(county: County, sign_in: Any) -> None:
    client, before = sign_in("assessor_a"), kept()[:2]
    for headers in ({}, {"X-CSRFToken": "x"}):
        answer = client.post(SHEETS, json=document(county), headers=headers)
        assert fits(answer, SHEETS, "post")["error"]["status"] == 400
    assert kept()[:2] == before
    page = client.get("/account").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    assert client.post(SHEETS, json=document(county), headers={"X-CSRFToken": token[1]}).status_code == 201
