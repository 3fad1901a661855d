"""What a device takes along: what its assessor may see, nothing that opens a bank account or names an illness, and audited."""

from __future__ import annotations

import json
from typing import Any

from app.core.db import db
from app.core.models import AuditEntry
from app.tablet import operations
from tests.factories import TOWNSHIP_A, TOWNSHIP_B
from tests.grading.sheets import submitted


def _numbers(bundle: dict[str, Any]) -> set[str]:
    return {row["number"] for row in bundle["residents"]}


def test_only_visible_residents_of_the_chosen_areas_go_along(county: Any) -> None:
    actor = county.actor("assessor_a")
    every, a, b = (_numbers(operations.take_along(actor, areas)) for areas in ([], [TOWNSHIP_A], [TOWNSHIP_B]))
    assert a
    assert b
    assert a.isdisjoint(b)
    assert every == a | b


def test_taking_along_is_a_read_that_the_audit_log_names(county: Any) -> None:
    bundle = operations.take_along(county.actor("assessor_a"), [TOWNSHIP_A])
    entry = db.session.query(AuditEntry).filter_by(act="bundle.take").one()
    assert set(json.loads(entry.changes)["residents"]) == _numbers(bundle)


def test_secrets_stay_in_the_county(county: Any) -> None:
    resident = county.resident()
    said = json.dumps(operations.take_along(county.actor("assessor_a")), ensure_ascii=False)
    assert resident.name in said
    for secret in (resident.id_number, resident.phone, resident.address, resident.health_notes):
        assert not secret or secret not in said


def test_earlier_sheets_go_along_with_their_result(county: Any) -> None:
    sheet = submitted(county, "b")
    rows = operations.take_along(county.actor("assessor_b"))["residents"]
    found = next(row for row in rows if row["number"] == sheet.resident.number)
    assert [kept["number"] for kept in found["sheets"]] == [sheet.number]
    assert found["sheets"][0]["result"]["proposed_grade"] == sheet.proposed_grade
    assert found["waiting"] is True


def test_a_wrong_area_and_a_wrong_role_are_refused_in_words(sign_in: Any) -> None:
    browser = sign_in("assessor_a")
    token = browser.get("/tablet/api/session").get_json()["csrf"]
    wrong = browser.post("/tablet/api/bundle", json={"areas": ["x"]}, headers={"X-CSRFToken": token})
    assert wrong.status_code == 422
    assert wrong.get_json()["error"]["message"]
    officer = sign_in("township_officer_a")
    token = officer.get("/tablet/api/session").get_json()["csrf"]
    assert officer.post("/tablet/api/bundle", json={}, headers={"X-CSRFToken": token}).status_code == 403
