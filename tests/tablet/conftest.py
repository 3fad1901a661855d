"""A county with two assessors' devices."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import assessments
from app.core import clock
from app.core.db import db
from app.tablet import signing
from app.tablet.models import Device
from app.tablet.operations.devices import enrol_device
from tests.grading.sheets import document
from tests.tablet.device import Tablet, jwk


def enrolled(county: Any, who: str = "assessor_a", tablet: Tablet | None = None) -> Tablet:
    """A device of an account, enrolled (again)."""
    tablet = tablet or Tablet()
    _row, tablet.token = enrol_device(county.actor(who), tablet.uid, f"{who}的平板", jwk(tablet.key.public_key()))
    tablet.keys, tablet.courier_key = [signing.receipt_key().public()], signing.courier_key().public()
    return tablet


def content(
    county: Any, name: str = "甲老人", *, wrong: bool = False, last: str | None = None, **changes: Any
) -> dict[str, Any]:
    """A sheet as a device writes it, with its own result; ``wrong`` scores otherwise than the county."""
    sheet = document(county, resident=county.resident(name).number, **changes)
    del sheet["client_key"]
    scored = {k: sheet[k] for k in ("instrument", "answers", "facts")}
    result = assessments.score(scored).as_dict()
    if wrong:
        result["total"] = 5
    return {
        **sheet, "result": result, "instrument_sha256": result["sha256"], "last_sheet": last, "pair": None,
        "started_at": "2026-03-09T01:00:00.000Z", "finished_at": "2026-03-09T01:05:00.000Z", "signatures": [], "attachments": [],
    }  # fmt: skip


def write_sheet(
    tablet: Tablet, county: Any, name: str = "甲老人", *, key: str = "", version: int = 1, **changes: Any
) -> int:
    """Write a sheet on a device; its counter."""
    return tablet.write(
        "sheet", key or str(uuid.uuid4()), content(county, name, **changes), now=clock.now(), version=version
    )


@pytest.fixture
def plain(app: Flask) -> FlaskClient:
    """A client that is no browser."""
    return app.test_client()


Send = Callable[..., dict[str, Any]]


@pytest.fixture
def send(plain: FlaskClient) -> Send:
    """``send(tablet)`` hands over what waits (or the given counters) and takes the answer in."""

    def act(
        tablet: Tablet, counters: list[int] | None = None, *, status: int = 200, lost: bool = False
    ) -> dict[str, Any]:
        body = tablet.body(tablet.waiting if counters is None else counters, clock.now())
        response = plain.post("/tablet/api/records", json=body, headers=tablet.headers)
        assert response.status_code == status, response.get_data(as_text=True)
        answer: dict[str, Any] = response.get_json()
        db.session.rollback()
        if not lost:
            tablet.hear(answer)
        return answer

    return act


def device_row(tablet: Tablet) -> Device:
    return db.session.query(Device).filter_by(uid=tablet.uid).one()
