"""A quarter with contracts, records and money, a bearer client, and answers compared with the description."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.api.openapi import describe
from app.auth import operations
from tests.factories import PASSWORD, County
from tests.settlement.conftest import Quarter, quarter
from tests.support.json_schema import faults

__all__ = ["quarter"]

Bearer = Callable[[str], FlaskClient]


def fits(answer: TestResponse, path: str, method: str = "get") -> Any:
    """The body of an answer, which must be JSON and as the description of ``path`` says for its status."""
    assert answer.mimetype == "application/json", (path, answer.status_code, answer.mimetype)
    described = describe()
    responses = described["paths"][path][method]["responses"]
    response = responses.get(str(answer.status_code)) or responses["default"]
    body = answer.get_json()
    schema = response["content"]["application/json"]["schema"]
    assert faults(body, schema, described) == [], path
    assert answer.headers["Cache-Control"] == "no-store"
    return body


@pytest.fixture
def ready(quarter: Quarter) -> Quarter:
    """A contract of 护理员1 for 甲老人 with records and a confirmed evaluation; the settlement is open."""
    carer, person = quarter.county.caregiver("护理员1"), quarter.county.resident("甲老人")
    row = quarter.contract(carer=carer, person=person, grades=[(3, dt.date(2025, 1, 1), None)])
    quarter.records(row, dt.date(2026, 1, 1), dt.date(2026, 3, 31))
    quarter.fill()
    quarter.scored(row)
    quarter.settlement()
    return quarter


@pytest.fixture
def bearer(app: Flask, county: County) -> Bearer:
    """``bearer("auditor")`` → a client that sends that account's token and no cookie."""

    def client(username: str) -> FlaskClient:
        token = operations.create_token(county.actor(username), "test", 30, PASSWORD, address="")
        made = app.test_client(use_cookies=False)
        made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return made

    return client
