"""The OpenAPI document is a valid one and describes every route, argument and refusal of the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.api.openapi import FILTERS, describe
from tests.support.json_schema import KNOWN, resolve

PREFIX = "/api/v1"
OPERATION = {
    "summary", "description", "operationId", "parameters", "requestBody", "responses", "security",
}  # fmt: skip


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in describe()["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema of the document: what stands under ``schema``, among the components, and inside of them."""
    if isinstance(node, dict):
        for name, child in node.items():
            if name == "schema":
                yield from inner(child)
            else:
                yield from schemas(child)
    elif isinstance(node, list):
        for child in node:
            yield from schemas(child)


def inner(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for child in schema.get("properties", {}).values():
        yield from inner(child)
    for child in schema.get("anyOf", []):
        yield from inner(child)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from inner(schema[name])


def test_the_document_has_the_form_of_openapi_3_1(client: FlaskClient) -> None:
    answer = client.get(f"{PREFIX}/openapi.json")
    assert answer.status_code == 200
    document = answer.get_json()
    assert document == describe()
    assert document["openapi"] == "3.1.0"
    assert {"title", "version"} <= set(document["info"])
    assert set(document) <= {"openapi", "info", "servers", "security", "paths", "components"}
    schemes = document["components"]["securitySchemes"]
    assert all(name in schemes for one in document["security"] for name in one)


def test_every_operation_is_complete_and_named_once(app: Flask) -> None:
    names = []
    for path, method, operation in operations():
        assert method in {"get", "post"}
        assert set(operation) <= OPERATION, path
        names.append(operation["operationId"])
        assert operation["responses"], path
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[2-5]\d\d|default", status)
            assert response["description"], (path, status)
            assert set(response) <= {"description", "headers", "content"}
        declared = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert declared == set(re.findall(r"\{(\w+)\}", path))
        for parameter in operation.get("parameters", []):
            assert parameter["in"] in {"path", "query"}
            assert parameter["schema"]
            assert parameter["required"] is (parameter["in"] == "path")
    assert len(names) == len(set(names))


def test_every_schema_uses_known_words_and_every_reference_leads_somewhere(app: Flask) -> None:
    document = describe()
    found = [*schemas(document["paths"])]
    for component in document["components"]["schemas"].values():
        found += inner(component)
    assert len(found) > 100
    for schema in found:
        assert set(schema) <= KNOWN, schema
        if "$ref" in schema:
            assert resolve(document, schema["$ref"])


def test_the_document_and_the_url_map_name_the_same_routes(app: Flask) -> None:
    routes = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            routes |= {(path, m.lower()) for m in rule.methods or () if m in {"GET", "POST", "PUT", "PATCH", "DELETE"}}
    assert routes == {(path, method) for path, method, _operation in operations()}


def test_every_operation_tells_its_refusals(app: Flask) -> None:
    for path, method, operation in operations():
        if operation.get("security") == []:
            continue
        told = set(operation["responses"])
        assert told >= {"401", "403", "405", "422", "500", "503", "default"}, path
        assert ("404" in told) == ("{" in path or method == "post")
        if method == "post":
            assert told >= {"400", "409", "413", "415", "429", "507"}


@pytest.mark.parametrize("path", sorted(FILTERS))
def test_the_described_filters_are_those_that_are_taken(app: Flask, sign_in: Any, path: str) -> None:
    client = sign_in("county_officer_a")
    described = {p["name"] for p in describe()["paths"][f"{PREFIX}/{path}"]["get"]["parameters"]}
    assert described == FILTERS[path]
    values = {"limit": "1", "area": "150422", "resident_id": "1", "from": "2026-01-01", "to": "2026-01-02",
              "on": "2026-01-01", "quarter": "2026-Q1", "settlement_id": "1"}  # fmt: skip
    choices = {
        p["name"]: p["schema"].get("enum", [""])[0]
        for p in describe()["paths"][f"{PREFIX}/{path}"]["get"]["parameters"]
    }
    query = {name: values.get(name) or choices[name] for name in described}
    assert client.get(f"{PREFIX}/{path}", query_string=query).status_code == 200
    refused = client.get(f"{PREFIX}/{path}", query_string={"resident": "1"})
    assert refused.status_code == 422
    assert set(refused.get_json()["error"]["fields"]) == {"resident"}
