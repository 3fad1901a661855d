"""The pages of assessment, opened and used as people do; every page is inspected by the client."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.core.db import db
from app.grading import operations, queries
from app.grading.models import CareGrade, Sheet
from app.grading.rules import ProposalState, SheetState
from tests.grading.sheets import answers, facts, head, proposed, submitted


def _token(page: Any) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get_data(as_text=True))
    assert found is not None
    return found[1]


def _version(page: Any) -> str:
    found = re.search(r'name="version"[^>]*value="([^"]*)"', page.get_data(as_text=True))
    assert found is not None
    return found[1]


def _draft(county: Any) -> int:
    return operations.open_sheet(county.actor("assessor_a"), county.resident().id).id


def _fields(county: Any, case: str = "whole") -> dict[str, str]:
    fields = {f"answers.{name}": str(code) for name, code in answers(case).items()}
    fields |= {f"facts.{name}": str(code) for name, code in facts().items()}
    return fields | {name: str(value) for name, value in head(county).items()}


def test_from_the_due_list_to_a_handed_in_sheet(county: Any, sign_in: Any) -> None:
    browser = sign_in("assessor_a")
    page = browser.get("/sheets/due")
    assert "甲老人" in page.get_data(as_text=True)
    begun = browser.post(f"/residents/{county.resident().id}/sheets", data={"csrf_token": _token(page)})
    assert begun.status_code == 302
    page = browser.get(begun.location)
    text = page.get_data(as_text=True)
    assert text.count('type="radio"') >= 150 + 12 * 3
    assert "checked" not in text
    data = {"csrf_token": _token(page), "version": _version(page), "act": "summary", **_fields(county, "a")}
    stored = browser.post(begun.location, data=data)
    assert stored.status_code == 302
    assert stored.location.endswith("/summary")
    page = browser.get(stored.location)
    assert "95 分" in page.get_data(as_text=True)
    done = browser.post(stored.location.replace("summary", "submit"), data={"csrf_token": _token(page)})
    assert done.status_code == 302
    page = browser.get(done.location)
    assert "半护理" in page.get_data(as_text=True)
    sheet = db.session.query(Sheet).one()
    assert (sheet.state, sheet.total) == (SheetState.SUBMITTED, 95)


def test_each_saved_tap_answers_with_the_scores_of_complete_items(county: Any, sign_in: Any) -> None:
    browser, sheet_id = sign_in("assessor_a"), _draft(county)
    page = browser.get(f"/sheets/{sheet_id}/edit")
    data = {"csrf_token": _token(page), "version": _version(page), "answers.1.1": "A2", "answers.1.2": "A0"}
    first = browser.post(f"/sheets/{sheet_id}/draft", data=data)
    assert first.status_code == 200
    assert first.json["running"]["items"]["1"] == {"answered": 2, "asked": 3, "score": None, "top": 10}
    data |= {"version": first.json["version"], "answers.1.3": "A0"}
    second = browser.post(f"/sheets/{sheet_id}/draft", data=data)
    assert second.json["running"]["items"]["1"]["score"] == 5
    assert (second.json["running"]["total"], second.json["running"]["points"]) == (None, 5)
    stale = browser.post(f"/sheets/{sheet_id}/draft", data=data | {"answers.1.3": "A4"})
    assert stale.status_code == 409
    wrong = browser.post(f"/sheets/{sheet_id}/draft", data={"csrf_token": _token(page), "answers.1.3": "A7"})
    assert wrong.status_code == 422
    assert "answers.1.3" in wrong.json["errors"]


@pytest.mark.parametrize(
    "hostile",
    ["\x00", "'; DROP TABLE x; --", "<script>alert(1)</script>", "💥" * 500, "9" * 400, "-1", "1e9", "％ｓ", "../.."],
)
def test_hostile_input_is_answered_in_words(county: Any, sign_in: Any, hostile: str) -> None:
    browser, sheet_id = sign_in("assessor_a"), _draft(county)
    token = _token(browser.get(f"/sheets/{sheet_id}/edit"))
    fields = ("answers.1.1", "facts.falls", "first_assessor_id", "assessed_on", "reason_code", "informant_name", "x")
    for field in fields:
        for address in (f"/sheets/{sheet_id}/draft", f"/sheets/{sheet_id}/edit"):
            answer = browser.post(address, data={"csrf_token": token, field: hostile})
            assert answer.status_code in {200, 302, 409, 422}, (field, address)
    for address in ("/sheets", "/sheets/due", "/grade-proposals"):
        for name in ("q", "area", "state", "cause", "from", "cursor"):
            assert browser.get(address, query_string={name: hostile}).status_code in {200, 422}
    assert queries.sheet(county.actor("assessor_a"), sheet_id).answers == {}


def test_a_wrong_entry_is_shown_beside_its_field_with_the_input_kept(county: Any, sign_in: Any) -> None:
    browser, sheet_id = sign_in("assessor_a"), _draft(county)
    page = browser.get(f"/sheets/{sheet_id}/edit")
    data = {"csrf_token": _token(page), "answers.2.1": "A3", "answers.2.2": "A9", "informant_name": "王五"}
    answer = browser.post(f"/sheets/{sheet_id}/edit", data=data)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="A3" checked' in text
    assert "王五" in text
    assert "表上没有这个选项" in text


def test_the_summary_lists_what_is_missing_with_links(county: Any, sign_in: Any) -> None:
    browser, sheet_id = sign_in("assessor_a"), _draft(county)
    text = browser.get(f"/sheets/{sheet_id}/summary").get_data(as_text=True)
    for anchor in ("#step-1", "#step-10", "#step-B2", "#step-facts", "#step-head"):
        assert f'{anchor}"' in text
    token = _token(browser.get(f"/sheets/{sheet_id}/edit"))
    refused = browser.post(f"/sheets/{sheet_id}/submit", data={"csrf_token": token})
    assert refused.status_code == 422


def test_review_and_decision_of_disagreeing_tiers(county: Any, sign_in: Any) -> None:
    proposal = proposed(county, "b")
    address = f"/grade-proposals/{proposal.id}"
    reviewer, officer = sign_in("county_reviewer"), sign_in("county_officer_a")
    assert "甲老人" in reviewer.get("/grade-proposals").get_data(as_text=True)
    assert "甲老人" not in officer.get("/grade-proposals").get_data(as_text=True)
    page = reviewer.get(address)
    empty = reviewer.post(f"{address}/review", data={"csrf_token": _token(page), "grade": "3"})
    assert empty.status_code == 422
    data = {"csrf_token": _token(page), "grade": "3", "reason": "五项未达到"}
    assert reviewer.post(f"{address}/review", data=data).status_code == 302
    page = officer.get(address)
    assert "五项未达到" in page.get_data(as_text=True)
    no_reason = officer.post(f"{address}/decide", data={"csrf_token": _token(page), "grade": "3"})
    assert no_reason.status_code == 422
    assert "请写明理由" in no_reason.get_data(as_text=True)
    data = {"csrf_token": _token(page), "grade": "3", "reason": "同意复核"}
    assert officer.post(f"{address}/decide", data=data).status_code == 302
    grade = db.session.query(CareGrade).one()
    assert grade.grade == 3
    again = officer.post(f"{address}/decide", data=data)
    assert again.status_code == 422
    text = officer.get(f"/residents/{grade.resident_id}/grades").get_data(as_text=True)
    assert "全护理" in text
    notice = officer.get(f"/grades/{grade.id}/notice.pdf")
    assert notice.data.startswith(b"%PDF")


def test_returning_a_sheet(county: Any, sign_in: Any) -> None:
    proposal = proposed(county)
    officer = sign_in("county_officer_a")
    address = f"/grade-proposals/{proposal.id}"
    data = {"csrf_token": _token(officer.get(address)), "reason": "请复看洗澡"}
    assert officer.post(f"{address}/return", data=data).status_code == 302
    assert queries.proposal(county.actor("county_officer_a"), proposal.id).state is ProposalState.RETURNED


def test_reporting_a_change(county: Any, sign_in: Any) -> None:
    village = sign_in("village_officer_a")
    address = f"/residents/{county.resident().id}/change-reports/new"
    page = village.get(address)
    assert village.post(address, data={"csrf_token": _token(page)}).status_code == 422
    data = {"csrf_token": _token(page), "cause": "change", "note": "不能下床"}
    assert village.post(address, data=data).status_code == 302
    assert village.get(f"/residents/{county.resident('乙老人').id}/change-reports/new").status_code == 404


def test_the_report_is_the_same_document_byte_for_byte(county: Any, sign_in: Any) -> None:
    sheet = submitted(county, "b")
    first = sign_in("assessor_a").get(f"/sheets/{sheet.id}/report.pdf")
    second = sign_in("county_officer_a").get(f"/sheets/{sheet.id}/report.pdf")
    assert first.data.startswith(b"%PDF")
    assert first.data == second.data


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_exports_hold_what_the_lists_show(county: Any, sign_in: Any, kind: str) -> None:
    submitted(county, "b")
    for address in (f"/sheets.{kind}", f"/grade-proposals.{kind}?state="):
        file = sign_in("county_officer_a").get(address)
        assert file.status_code == 200
        assert len(file.data) > 50


def test_strangers_get_404_for_every_object(county: Any, sign_in: Any) -> None:
    proposal = proposed(county)
    grade = operations.decide_grade(county.actor("county_officer_a"), proposal.id, 1)
    stranger = sign_in("township_officer_b")
    for address in (
        f"/sheets/{proposal.sheet_id}",
        f"/sheets/{proposal.sheet_id}/report.pdf",
        f"/grade-proposals/{proposal.id}",
        f"/residents/{proposal.resident_id}/grades",
        f"/grades/{grade.id}/notice.pdf",
        "/sheets/9223372036854775807",
    ):
        assert stranger.get(address).status_code == 404, address
    assert sign_in("volunteer_a").get(f"/sheets/{proposal.sheet_id}").status_code == 403


def test_a_resident_page_shows_the_grade(county: Any, sign_in: Any) -> None:
    proposal = proposed(county, "a")
    operations.decide_grade(county.actor("county_officer_a"), proposal.id, 2)
    text = sign_in("township_officer_a").get(f"/residents/{proposal.resident_id}").get_data(as_text=True)
    assert 'id="part-grades"' in text
    assert "半护理" in text
