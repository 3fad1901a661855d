"""Closed by default: the matrix of roles is kept here, apart from the code, and equals the URL map both ways."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.auth.roles import PERMISSIONS, SYSTEM_PERMISSIONS
from app.core.access import PUBLIC, SIGNED_IN, declared_permission
from app.core.actor import Role
from app.core.operation import PERMISSIONS_USED
from tests.guards.routes import cells, path

MATRIX = tomllib.loads((Path(__file__).parent / "matrix.toml").read_text())
LEADS_BACK_TO_SIGN_IN = {"auth.second_factor", "auth.sign_out"}
"""Public pages that, without a half or a whole sign-in, have nothing to show but the sign-in page."""


def _accounts() -> dict[Role, str]:
    from tests.factories import USERS

    first: dict[Role, str] = {}
    for username, (role, _area, _organisation) in USERS.items():
        first.setdefault(role, username)
    return first


def test_every_route_declares_a_permission(app: Flask) -> None:
    missing = sorted({c.endpoint for c in cells(app) if declared_permission(app, c.endpoint) is None})
    assert missing == []


def test_declared_permissions_exist_in_the_table_of_roles(app: Flask) -> None:
    known = set(PERMISSIONS) | {PUBLIC, SIGNED_IN}
    assert {declared_permission(app, c.endpoint) for c in cells(app)} <= known
    assert set(PERMISSIONS_USED.values()) <= SYSTEM_PERMISSIONS | {"account.self"}


def test_the_matrix_names_exactly_the_routes_of_the_url_map(app: Flask) -> None:
    assert set(MATRIX) == {c.endpoint for c in cells(app)}


def test_url_parameters_are_typed_and_paths_are_kebab_case(app: Flask) -> None:
    for cell in cells(app):
        for name in cell.rule.arguments:
            kind = type(cell.rule._converters[name]).__name__
            assert kind in {"IdConverter", "DayConverter", "AnyConverter", "TokenConverter", "InstrumentConverter"}, (
                f"{cell.rule}: {name}"
            )
        fixed = re.sub(r"<[^>]+>", "", cell.rule.rule)
        own_names = r"[A-Za-z0-9/.$-]*"  # FHIR's clients ask for resources by FHIR's own names
        form = own_names if fixed.startswith("/api/v1/fhir/") else r"[a-z0-9/.-]*"
        assert re.fullmatch(form, fixed), cell.rule.rule


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_open_exactly_what_the_matrix_says(
    app: Flask, sign_in: Callable[[str], FlaskClient], role: Role
) -> None:
    browser = sign_in(_accounts()[role])
    browser.inspecting = False  # type: ignore[attr-defined]  # our own client
    app.config["WTF_CSRF_ENABLED"] = False
    wrong = []
    for cell in cells(app):
        if cell.endpoint == "auth.sign_out":
            continue
        allowed = (
            MATRIX[cell.endpoint] == ["public"]
            or MATRIX[cell.endpoint] == ["signed_in"]
            or role.value in MATRIX[cell.endpoint]
        )
        response = browser.open(path(app, cell), method=cell.method)
        denied = response.status_code == 403
        if denied == allowed:
            wrong.append(f"{cell.method} {cell.endpoint}: {response.status_code}, allowed={allowed}")
        if response.status_code >= 500:
            wrong.append(f"{cell.method} {cell.endpoint}: {response.status_code}")
    assert wrong == []


def test_nobody_gets_in_without_signing_in(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client.inspecting = False  # type: ignore[attr-defined]  # our own client
    wrong = []
    for cell in cells(app):
        response = client.open(path(app, cell), method=cell.method)
        shut = response.status_code == 401 or (
            response.status_code in {302, 303} and "/sign-in" in response.headers["Location"]
        )
        leads_back = cell.endpoint in LEADS_BACK_TO_SIGN_IN
        if shut == (MATRIX[cell.endpoint] == ["public"] and not leads_back):
            wrong.append(f"{cell.method} {cell.endpoint}: {response.status_code}")
    assert wrong == []
