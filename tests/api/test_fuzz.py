"""The described API under generated requests (schemathesis): never a 5xx, never an answer the description does not know, never
an answer without a valid token. A few requests each in the suite, 50 with ``LONG_RUNS=1``.
"""

from __future__ import annotations

import os
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.api.openapi import describe
from tests.api.conftest import Bearer
from tests.factories import County
from tests.grading.sheets import submitted

EXAMPLES = 50 if os.environ.get("LONG_RUNS") == "1" else 2
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_generated_requests_are_answered_as_described(app: Flask, county: County, bearer: Bearer) -> None:
    row = submitted(county)
    tokens = [bearer(name).environ_base["HTTP_AUTHORIZATION"] for name in ("assessor_a", "county_officer_a")]
    schema = schemathesis.openapi.from_dict(describe())
    schema.app = app
    tried = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        _send(operation, tokens, row.id)
        tried.add((operation.method, operation.path))
    assert len(tried) == sum(len(methods) for methods in describe()["paths"].values())


def _send(operation: Any, tokens: list[str], sheet_id: int) -> None:
    """Generated requests to one operation, by two accounts, by nobody and with a token that is none."""
    public = operation.definition.raw.get("security") == []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        if case.path_parameters and "sheet_id" in case.path_parameters:
            case.path_parameters["sheet_id"] = sheet_id
        for token in tokens:
            answer = case.call(headers={"Authorization": token})
            case.validate_response(answer, checks=CHECKS)
        for wrong in ({}, {"Authorization": "Bearer nothing"}):
            refused = case.call(headers=wrong)
            assert public or refused.status_code == 401, (case.method, case.path, refused.status_code)

    send()
