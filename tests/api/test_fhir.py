"""FHIR R4: valid under ``fhir.resources`` and its value sets, out and in again, through the same operations and scope."""

from __future__ import annotations

import copy
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from sqlalchemy import func, select

import assessments
from app.api.fhir import CLIENT_KEY, MIME
from app.api.openapi import describe
from app.core.db import db
from app.core.models import AuditEntry
from app.grading.models import GradeProposal, Sheet
from tests.api.conftest import Bearer
from tests.factories import County
from tests.grading.sheets import document, submitted
from tests.support.json_schema import faults

FHIR = "/api/v1/fhir"
RESPONSES = f"{FHIR}/QuestionnaireResponse"
CODES = {
    ("Questionnaire", "status"): {"draft", "active", "retired", "unknown"},
    ("QuestionnaireResponse", "status"): {"in-progress", "completed", "amended", "entered-in-error", "stopped"},
    ("Observation", "status"): {"registered", "preliminary", "final", "amended", "corrected", "cancelled"},
    ("Bundle", "type"): {"searchset", "collection"},
    ("CapabilityStatement", "status"): {"draft", "active", "retired", "unknown"},
    ("CapabilityStatement", "kind"): {"instance", "capability", "requirements"},
    ("Patient", "gender"): {"male", "female", "other", "unknown"},
}
"""Required value sets of FHIR 4.0.1, which ``fhir.resources`` does not check."""
TYPES = {"group", "choice", "integer", "string", "text"}
SEVERITIES = {"fatal", "error", "warning", "information"}
ISSUES = {"invalid", "business-rule", "informational"}


def valid(body: dict[str, Any]) -> dict[str, Any]:
    """A resource that its model takes without loss, with codes of the value sets and unique ids of questions."""
    model = get_fhir_model_class(body["resourceType"]).model_validate(copy.deepcopy(body))
    assert model.get_resource_type() == body["resourceType"]
    for (kind, field), codes in CODES.items():
        if body["resourceType"] == kind:
            assert body[field] in codes
    if body["resourceType"] == "OperationOutcome":
        assert {one["severity"] for one in body["issue"]} <= SEVERITIES
        assert {one["code"] for one in body["issue"]} <= ISSUES
    if body["resourceType"] in {"Questionnaire", "QuestionnaireResponse"}:
        links = list(linked(body))
        assert len({one["linkId"] for one in links}) == len(links)
        assert {one["type"] for one in links if "type" in one} <= TYPES
    for entry in body.get("entry", []):
        valid(entry["resource"])
    return body


def linked(body: dict[str, Any]) -> Any:
    for item in body.get("item", []):
        yield item
        yield from linked(item)


def got(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == MIME
    return valid(answer.get_json(force=True))


def kept() -> tuple[int, ...]:
    return tuple(
        db.session.scalar(select(func.count()).select_from(m)) or 0 for m in (Sheet, GradeProposal, AuditEntry)
    )


def test_every_instrument_is_a_questionnaire_that_asks_what_the_instrument_asks(county: County, bearer: Bearer) -> None:
    client = bearer("assessor_a")
    found = got(client.get(f"{FHIR}/Questionnaire"))
    assert [one["resource"]["id"] for one in found["entry"]] == [k.replace("@", "-") for k in assessments.available()]
    for entry in found["entry"]:
        one = entry["resource"]
        assert got(client.get(f"{FHIR}/Questionnaire/{one['id']}")) == one
        instrument = assessments.load(*one["id"].split("-"))
        asked = {item["linkId"].partition(".")[2] for item in linked(one) if item["linkId"].startswith("answers.")}
        assert asked == set(instrument.fields)
    assert client.get(f"{FHIR}/Questionnaire/nothing-1").status_code == 404
    assert client.get(f"{FHIR}/Questionnaire/selfcare30").status_code == 404


def test_metadata_is_a_capability_statement(county: County, client: Any) -> None:
    assert got(client.get(f"{FHIR}/metadata"))["fhirVersion"] == "4.0.1"


def test_a_sheet_goes_out_with_its_scores(county: County, bearer: Bearer) -> None:
    row = submitted(county, "b")
    found = got(bearer("auditor").get(f"{RESPONSES}/{row.id}/$everything"))
    by_kind: dict[str, list[Any]] = {}
    for entry in found["entry"]:
        by_kind.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    response = by_kind["QuestionnaireResponse"][0]
    assert response["status"] == "completed"
    asked = {item["linkId"] for item in linked(by_kind["Questionnaire"][0])}
    assert {item["linkId"] for item in linked(response)} <= asked
    results = {one["code"]["coding"][0]["code"]: one for one in by_kind["Observation"]}
    assert results["total"]["valueQuantity"]["value"] == row.total
    points = {one["code"]["coding"][0]["code"]: one["valueQuantity"]["value"] for one in results["total"]["component"]}
    assert row.result is not None
    assert points == row.result["items"]
    assert results["ability-level"]["valueCodeableConcept"]["coding"][0]["code"] == str(row.ability_level)
    assert results["proposed-grade"]["valueCodeableConcept"]["coding"][0]["code"] == str(row.proposed_grade)
    met = {one["code"]["coding"][0]["code"]: one["valueBoolean"] for one in results["abilities"]["component"]}
    assert met == row.result["abilities"]
    assert "birthDate" in by_kind["Patient"][0]
    assert "999999" not in str(by_kind["Patient"][0]) or "*" in str(by_kind["Patient"][0])


def exported(county: County, bearer: Bearer, **changes: Any) -> dict[str, Any]:
    """A response that is not stored: the one of a draft-like document of 乙老人's county, made by storing and renaming."""
    client = bearer("assessor_a")
    row = client.post("/api/v1/sheets", json=document(county)).get_json()
    body = got(client.get(f"{RESPONSES}/{row['id']}"))
    del body["id"]
    return body | changes


def other(county: County, body: dict[str, Any], key: str = "other-system:1") -> dict[str, Any]:
    """The same sheet for another resident under another key."""
    person = county.resident("乙老人")
    return {
        **body,
        "identifier": {"system": CLIENT_KEY, "value": key},
        "subject": {"reference": f"Patient/{person.id}"},
    }


def test_what_goes_out_comes_in_again_as_the_same_sheet(county: County, bearer: Bearer) -> None:
    client = bearer("assessor_a")
    body = exported(county, bearer)
    before = kept()
    again = got(client.post(RESPONSES, json=body, content_type=MIME), 201)
    assert {**again, "id": None} == {**body, "id": None}
    assert kept()[:2] == before[:2]


def test_a_trial_tells_what_would_be_stored_and_stores_nothing(county: County, bearer: Bearer) -> None:
    client, account = bearer("assessor_a"), county.user("assessor_a").username
    body = other(county, exported(county, bearer))
    assert account
    before = kept()
    told = got(client.post(f"{RESPONSES}/$validate", json=body, content_type=MIME))
    assert {one["severity"] for one in told["issue"]} == {"information"}
    assert county.resident("乙老人").number in told["issue"][0]["diagnostics"]
    assert kept() == before
    stored = got(client.post(RESPONSES, json=body, content_type=MIME), 201)
    row = db.session.get(Sheet, int(stored["id"]))
    assert row is not None
    assert row.result is not None
    assert [one["diagnostics"] for one in told["issue"]][-len(row.result["trace"]) :] == [
        s["zh"] for s in row.result["trace"]
    ]


def test_an_unfinished_one_is_a_draft(county: County, bearer: Bearer) -> None:
    client = bearer("assessor_a")
    body = other(county, exported(county, bearer, status="in-progress"))
    body["item"] = body["item"][:3]
    told = got(client.post(f"{RESPONSES}/$validate", json=body))
    assert "9" in told["issue"][0]["diagnostics"]
    stored = got(client.post(RESPONSES, json=body), 201)
    assert stored["status"] == "in-progress"
    row = db.session.get(Sheet, int(stored["id"]))
    assert row is not None
    assert len(row.answers) == 9


def _first(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body["item"][0]["item"][0]
    return found


WRONG: list[tuple[str, Any]] = [
    ("status", lambda b: b.update(status="stopped")),
    ("questionnaire", lambda b: b.update(questionnaire="urn:yiheng:questionnaire:nothing|1")),
    ("questionnaire", lambda b: b.update(questionnaire=None)),
    ("identifier", lambda b: b.update(identifier={"system": "urn:x", "value": "12345678"})),
    ("subject", lambda b: b.update(subject={"reference": "Patient/x"})),
    ("authored", lambda b: b.update(authored="31.3.2026")),
    ("authored", lambda b: b.update(authored="2026-01-11T10:00:00")),
    ("modifierExtension", lambda b: b.update(modifierExtension=[{"url": "urn:x"}])),
    ("answers.1.1", lambda b: _first(b)["answer"][0]["valueCoding"].update(code="A7")),
    ("answers.1.1", lambda b: _first(b)["answer"][0]["valueCoding"].update(system="urn:other")),
    ("answers.1.1", lambda b: _first(b).update(answer=[{"valueInteger": 1}])),
    ("answers.1.1", lambda b: _first(b).update(answer=_first(b)["answer"] * 2)),
    ("answers.1.1", lambda b: b["item"].append(copy.deepcopy(_first(b)))),
    ("answers.1.1", lambda b: b["item"][0]["item"].pop(0)),
    ("answers.99", lambda b: _first(b).update(linkId="answers.99")),
    ("item", lambda b: b.update(item="x")),
    ("head.reason", lambda b: b["item"][-1]["item"].pop(4)),
    ("head.second_assessor", lambda b: b["item"][-1]["item"][1]["answer"][0].update(valueInteger=b["item"][-1]["item"][0]["answer"][0]["valueInteger"])),
]  # fmt: skip


def test_what_is_wrong_is_refused_in_words_at_its_place(county: County, bearer: Bearer) -> None:
    client = bearer("assessor_a")
    good = other(county, exported(county, bearer))
    before = kept()
    for place, damage in WRONG:
        body = copy.deepcopy(good)
        damage(body)
        told = got(client.post(f"{RESPONSES}/$validate", json=body))
        refused = got(client.post(RESPONSES, json=body), 422)
        assert refused == told
        assert place in {path for one in refused["issue"] for path in one.get("expression", [])}, (place, refused)
        assert all(one["diagnostics"] and one["severity"] == "error" for one in refused["issue"])
        assert kept() == before
    for body in ({}, {"resourceType": "Patient"}, {"resourceType": "QuestionnaireResponse"}):
        got(client.post(RESPONSES, json=body), 422)
    got(client.post(RESPONSES, json=good), 201)


def test_only_assessors_write_and_nobody_reaches_a_stranger(county: County, bearer: Bearer) -> None:
    body = exported(county, bearer)
    assert bearer("auditor").post(RESPONSES, json=body).status_code == 403
    assert bearer("auditor").post(f"{RESPONSES}/$validate", json=body).status_code == 403
    stranger = {**body, "subject": {"reference": "Patient/9999999"}}
    assert bearer("assessor_a").post(RESPONSES, json=stranger).status_code == 404
    assert bearer("assessor_a").post(f"{RESPONSES}/$validate", json=stranger).status_code == 404
    assert bearer("assessor_a").get(f"{RESPONSES}/9999999").status_code == 404


def test_a_search_is_paged_and_knows_its_arguments(county: County, bearer: Bearer) -> None:
    submitted(county)
    submitted(county, name="乙老人")
    client = bearer("auditor")
    first = got(client.get(RESPONSES, query_string={"limit": "1"}))
    onward = next(link["url"] for link in first["link"] if link["relation"] == "next")
    second = got(client.get(onward.removeprefix("http://localhost")))
    assert len({one["entry"][0]["resource"]["id"] for one in (first, second)}) == 2
    person = county.resident("乙老人")
    only = got(client.get(RESPONSES, query_string={"patient": person.id}))
    assert [one["resource"]["subject"]["reference"] for one in only["entry"]] == [f"Patient/{person.id}"]
    assert client.get(RESPONSES, query_string={"subject": "1"}).status_code == 422


def test_the_answers_fit_the_description(county: County, bearer: Bearer) -> None:
    row = submitted(county)
    document, client = describe(), bearer("auditor")
    for path in (
        f"{RESPONSES}/{{sheet_id}}",
        f"{RESPONSES}/{{sheet_id}}/$everything",
        RESPONSES,
        f"{FHIR}/Questionnaire",
    ):
        body = client.get(path.replace("{sheet_id}", str(row.id))).get_json(force=True)
        schema = document["paths"][path]["get"]["responses"]["200"]["content"][MIME]["schema"]
        assert faults(body, schema, document) == []
