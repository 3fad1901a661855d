"""What leaves with every answer: nothing personal stays in a browser's store, and no script reads the session."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.auth import passwords
from app.config import Settings, flask_config
from tests.auth.browsing import enter
from tests.factories import County


@pytest.mark.parametrize(
    "path", ["/residents", "/residents.csv", "/account", "/residents/999999", "/caregivers/new", "/api/v1/residents"]
)
def test_nothing_personal_is_kept_by_a_browser_or_a_proxy(county: County, sign_in: Any, path: str) -> None:
    answer = sign_in("township_officer_a").get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_the_cookie_of_a_session_is_out_of_reach(client: FlaskClient, county: County) -> None:
    cookie = enter(client, "auditor").headers["Set-Cookie"]
    assert {part.strip() for part in cookie.split(";")[1:]} >= {"HttpOnly", "SameSite=Lax", "Path=/"}


def test_behind_https_the_cookie_is_bound_to_the_host(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_key="k" * 40, https=True)
    config = flask_config(settings)
    assert config["SESSION_COOKIE_NAME"] == "__Host-yiheng"
    assert config["SESSION_COOKIE_SECURE"] is True
    assert config.get("SESSION_COOKIE_DOMAIN") is None


def test_an_unknown_name_takes_as_long_as_a_known_one(app: Flask) -> None:
    stored = passwords.hash_password("Correct-horse-7-battery")

    def took(hashed: str | None) -> float:
        began = time.perf_counter()
        assert not passwords.matches(hashed, "wrong")
        return time.perf_counter() - began

    took(None)
    known, unknown = (median(took(hashed) for _ in range(7)) for hashed in (stored, None))
    assert 0.3 < unknown / known < 3
