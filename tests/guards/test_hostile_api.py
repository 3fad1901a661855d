"""Broken and hostile bodies at every route of the API that reads one: never a 5xx, always words, nothing stored."""

from __future__ import annotations

import ast
import inspect as source
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.api.views import fhir, reading
from tests.grading.sheets import answers, facts
from tests.support.hostile import Rotation, json_bodies, leaves, planted
from tests.support.lively import NOW, Lively
from tests.support.state import counts
from tests.support.walker import Browser

FHIR = "/api/v1/fhir/QuestionnaireResponse"
READS_A_BODY = {"api.submit_sheet": "/api/v1/sheets", "api.fhir_import": FHIR, "api.fhir_validate": f"{FHIR}/$validate"}
"""Routes of the API that read a body, with their address. A new one fails the test below until it stands here."""


def test_every_route_of_the_api_that_reads_a_body_is_here(app: Flask) -> None:
    posts = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set())
    }
    readers = {
        f"api.{node.name}"
        for module in (fhir, reading)
        for node in ast.parse(source.getsource(module)).body
        if isinstance(node, ast.FunctionDef) and node.decorator_list and "json_object(" in ast.unparse(node)
    }
    assert posts == readers == set(READS_A_BODY)


def good(county: Lively) -> dict[str, Any]:
    """A sheet that would be taken."""
    return {
        "client_key": "guard-0001",
        "resident": county.resident("甲老人").id,
        "instrument": "selfcare30@1",
        "answers": answers("a"),
        "facts": facts(),
        "assessors": [county.assessor(1).id, county.assessor(2).id],
        "informant": {"name": "邻居甲", "relation": "5"},
        "reason": "2",
        "assessed_on": NOW.date().isoformat(),
        "notes": "一切如常",
    }


def refused(
    browser: Browser, body: bytes, kind: str = "application/json", address: str = "/api/v1/sheets"
) -> str | None:
    """Post a body; what is wrong with the answer, if anything."""
    response = browser.client.post(address, data=body, content_type=kind, headers={"X-CSRFToken": browser.csrf})
    answer = response.get_json()
    if address.endswith("$validate") and response.status_code == 200:  # a trial always answers; its issues say no
        return None if any(issue["severity"] == "error" for issue in answer["issue"]) else "found nothing wrong"
    if response.status_code >= 500 or response.status_code < 400:
        return str(response.status_code)
    message = answer["issue"][0]["diagnostics"] if "issue" in answer else answer["error"]["message"]
    return None if len(message) > 5 else f"{response.status_code} without words"


def test_broken_bodies_are_refused_in_words_and_store_nothing(lively: Flask, enter: Callable[..., Browser]) -> None:
    browser, document = enter("assessor_a"), good(Lively())
    del document["notes"]  # may be missing or empty
    before, wrong, tried = counts(), [], 0
    for what, body in json_bodies(document):
        tried += 1
        if (problem := refused(browser, body)) is not None:
            wrong.append(f"{what}: {problem}")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", ""):
        if (problem := refused(browser, b"{}", kind)) is not None:
            wrong.append(f"content type {kind}: {problem}")
    for address in (FHIR, f"{FHIR}/$validate"):
        for what, body in list(json_bodies(document))[::3]:
            if (problem := refused(browser, body, "application/fhir+json", address)) is not None:
                wrong.append(f"{address} {what}: {problem}")
    assert not wrong, "\n".join(wrong)
    assert counts() == before
    assert tried > 300


def test_the_good_body_is_taken(lively: Flask, enter: Callable[..., Browser]) -> None:
    """Else the refusals above would prove nothing."""
    assert enter("assessor_a").open("/api/v1/sheets", "POST", **good(Lively())).status_code == 201


@pytest.mark.long
def test_hostile_texts_come_back_exactly_or_are_refused(
    lively: Flask, enter: Callable[..., Browser], fresh: Callable[[], None]
) -> None:
    browser, document, rotation = enter("assessor_a"), good(Lively()), Rotation()
    places, wrong = list(leaves(document)), []
    before, total, taken = counts(), len(rotation.strings), 0
    for number in range(total):
        path = places[number % len(places)] if number % 6 else ("notes",)
        text = rotation.next("notes" if path == ("notes",) else "other")
        wanted = planted({**document, "client_key": f"guard-{number:06d}"}, path, text)
        response = browser.open("/api/v1/sheets", "POST", **wanted)
        if response.status_code >= 500:
            wrong.append(f"{path} = {text!r}: {response.status_code}")
        elif response.status_code == 201:
            wrong += _kept(response.get_json(), path, text)
            fresh()  # the next would be refused for the proposal that now waits
            browser, taken = enter("assessor_a"), taken + 1
        elif counts() != before:
            wrong.append(f"{path} = {text!r}: {response.status_code} and something was stored")
    assert not wrong, "\n".join(wrong)
    assert taken > total / 12


def _kept(answer: dict[str, Any], path: tuple[Any, ...], text: str) -> list[str]:
    from app.core.db import db
    from app.grading.models import Sheet

    row = db.session.get(Sheet, answer["id"])
    stored = {"notes": row.notes if row else None}
    return (
        [] if path != ("notes",) or (stored["notes"] or "") == text.strip() else [f"{path}: {text!r} became {stored}"]
    )
