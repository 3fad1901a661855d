"""The administration of accounts by two people."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.auth import operations, queries, sessions
from app.auth.models import User, WebSession
from app.auth.roles import SYSTEM_PERMISSIONS
from app.auth.rules import totp_code
from app.core import clock
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.errors import Forbidden, Invalid, Refused
from app.core.models import AuditEntry
from tests.auth.browsing import acts, change, enter, new_password, new_settings, post
from tests.factories import PASSWORD, TOWNSHIP_A, TOWNSHIP_B, County

NEW = "Kite-7-river-stone"
T0 = dt.datetime(2026, 3, 31, 2, 0, tzinfo=dt.UTC)
REASON = "人员调动"


def made(county: County, **fields: Any) -> tuple[User, str]:
    values: dict[str, Any] = {
        "username": "Wang.Fang",
        "name": "王芳",
        "id_number": None,
        "role": Role.TOWNSHIP_OFFICER,
        "area_code": TOWNSHIP_A,
        **fields,
    }
    return operations.create_account(county.actor("system_admin"), **values)


def confirmed(county: County, user: User, **fields: Any) -> User:
    values: dict[str, Any] = {"role": user.role, "area_code": user.area_code, "organisation_id": None, "reason": REASON}
    return operations.confirm_account(county.actor("security_admin"), user.id, **{**values, **fields})


def test_a_new_account_works_once_a_second_administrator_confirmed_it(
    client: FlaskClient, app: Flask, county: County
) -> None:
    admin, security, person = app.test_client(), app.test_client(), app.test_client()
    client.get("/sign-in")
    enter(admin, "system_admin")
    answer = post(
        admin,
        "/accounts/new",
        username="Wang.Fang",
        name="王芳",
        id_number="",
        role="township_officer",
        area_code=TOWNSHIP_A,
        organisation_id="",
    )
    assert answer.status_code == 201
    found = re.search(r'id="one-time-password"[^>]*>([^<]+)<', answer.get_data(as_text=True))
    assert found
    password = found[1].replace("&#43;", "+")
    user_id = county.user("wang.fang").id
    assert enter(person, "wang.fang", password).status_code == 422, "waits"
    assert admin.get(f"/accounts/{user_id}/role").status_code == 403, "who makes it does not give it its role"
    enter(security, "security_admin")
    assert security.get("/accounts/new").status_code == 403
    answer = post(
        security,
        f"/accounts/{user_id}/role",
        role="township_officer",
        area_code=TOWNSHIP_B,
        organisation_id="",
        reason=REASON,
    )
    assert answer.location == f"/accounts/{user_id}"
    assert enter(person, "wang.fang", password).status_code == 302
    assert person.get("/account").location == "/account/password"
    assert new_password(person, password, "River-7-kite-stone").location == "/account"
    user = county.user("wang.fang")
    assert (user.area_code, user.active, user.must_change_password) == (TOWNSHIP_B, True, False)
    entry = next(e for e in acts("account.confirm:update") if '"area_code"' in e.changes)
    assert entry.reason == REASON


def test_nobody_administers_the_own_account_or_another_one_of_the_same_person(app: Flask, county: County) -> None:
    security, own = county.actor("security_admin"), county.user("security_admin")
    change("volunteer_a", person_key=own.person_key)
    for user in (own, county.user("volunteer_a")):
        with pytest.raises(Refused):
            operations.confirm_account(
                security, user.id, role=Role.COUNTY_OFFICER, area_code="150422", organisation_id=None, reason=REASON
            )
        with pytest.raises(Refused):
            operations.stop_account(security, user.id, reason=REASON)


def test_who_made_an_account_does_not_confirm_it_even_after_a_change_of_role(app: Flask, county: County) -> None:
    user, _password = made(county)
    change("system_admin", role="security_admin")
    db.session.rollback()
    with pytest.raises(Refused):
        operations.confirm_account(
            county.actor("system_admin"),
            user.id,
            role=user.role,
            area_code=TOWNSHIP_A,
            organisation_id=None,
            reason=REASON,
        )


@pytest.mark.parametrize(
    "fields",
    [
        {"username": "ab"},
        {"username": "王芳"},
        {"username": "auditor"},
        {"username": "AUDITOR"},
        {"name": "  "},
        {"area_code": None},
        {"area_code": "999999"},
        {"role": Role.CARE_WORKER, "area_code": None},
        {"organisation_id": 987654},
    ],
)
def test_an_account_that_says_too_little_is_not_made(app: Flask, county: County, fields: dict[str, Any]) -> None:
    before = db.session.scalar(select(func.count()).select_from(User))
    with pytest.raises(Invalid) as caught:
        made(county, **fields)
    assert caught.value.errors
    assert db.session.scalar(select(func.count()).select_from(User)) == before
    assert acts("account.create:create") == []


def test_two_accounts_of_one_person_are_known_as_such(app: Flask, county: County) -> None:
    first, _ = made(county, id_number="11010519491231002X")
    second, _ = made(county, username="fang.wang", id_number=" 11010519491231002x ")
    other, _ = made(county, username="third.one")
    assert first.person_key == second.person_key != other.person_key
    stored = db.session.scalars(select(AuditEntry.changes)).all()
    assert not any("11010519491231002X" in changes for changes in stored)


def test_a_one_time_password_dies_after_three_days(client: FlaskClient, app: Flask, county: County) -> None:
    with clock.at(T0):
        user, password = made(county)
    with clock.at(T0 + dt.timedelta(days=5)):
        confirmed(county, user)
    with clock.at(T0 + dt.timedelta(days=7, hours=23)):
        assert enter(client, "wang.fang", password).status_code == 302
    with clock.at(T0 + dt.timedelta(days=8, seconds=1)):
        assert enter(app.test_client(), "wang.fang", password).status_code == 422


def test_stopping_an_account_ends_its_session_and_tokens_at_once(
    client: FlaskClient, app: Flask, county: County
) -> None:
    person = app.test_client()
    enter(person, "auditor")
    token = operations.create_token(county.actor("auditor"), "a", 30, PASSWORD, address="")
    enter(client, "system_admin")
    page = f"/accounts/{county.user('auditor').id}"
    assert post(client, f"{page}/stop", page=page, reason="").status_code == 422
    assert post(client, f"{page}/stop", page=page, reason=REASON).status_code == 302
    assert person.get("/account").status_code == 302
    assert sessions.by_api_token(token) is None
    assert enter(app.test_client(), "auditor").status_code == 422
    assert post(client, f"{page}/stop", page=page, reason=REASON).status_code == 409
    confirmed(county, county.user("auditor"))
    assert enter(app.test_client(), "auditor").status_code == 302
    assert sessions.by_api_token(token) is None, "a token once revoked stays so"


def test_an_open_session_has_its_new_rights_on_the_next_page(client: FlaskClient, county: County) -> None:
    enter(client, "volunteer_a")
    assert client.get("/accounts").status_code == 403
    confirmed(county, county.user("volunteer_a"), role=Role.SYSTEM_ADMIN, area_code=None)
    assert client.get("/accounts").status_code == 200


def test_an_administrator_takes_a_lock_off(client: FlaskClient, app: Flask, county: County) -> None:
    for _ in range(5):
        enter(client, "auditor", "wrong-Password-1")
    admin = app.test_client()
    enter(admin, "security_admin")
    page = f"/accounts/{county.user('auditor').id}"
    assert "锁定至" in admin.get(page).get_data(as_text=True)
    assert post(admin, f"{page}/unlock", page=page, reason=REASON).status_code == 302
    assert enter(client, "auditor").status_code == 302


def test_a_lost_second_factor_is_reset_by_a_security_administrator(
    client: FlaskClient, app: Flask, county: County
) -> None:
    new_settings(app, require_second_factor=True)
    enter(client, "auditor")
    secret = county.user("auditor").totp
    assert secret
    post(client, "/second-factor", code=totp_code(secret, int(clock.now().timestamp()) // 30))
    with pytest.raises(Forbidden):
        operations.reset_second_factor(county.actor("system_admin"), county.user("auditor").id, reason=REASON)
    operations.reset_second_factor(county.actor("security_admin"), county.user("auditor").id, reason=REASON)
    assert client.get("/account").status_code == 302
    assert enter(client, "auditor").location == "/second-factor"
    assert county.user("auditor").totp != secret


def test_a_new_one_time_password_ends_sessions_and_keeps_the_second_factor(
    client: FlaskClient, app: Flask, county: County
) -> None:
    enter(client, "auditor")
    admin = app.test_client()
    enter(admin, "system_admin")
    page = f"/accounts/{county.user('auditor').id}"
    answer = post(admin, f"{page}/reset-password", page=page, reason=REASON)
    found = re.search(r'id="one-time-password"[^>]*>([^<]+)<', answer.get_data(as_text=True))
    assert found
    assert client.get("/account").status_code == 302
    enter(client, "auditor", found[1])
    assert client.get("/account").location == "/account/password"


def test_the_list_finds_by_name_pinyin_area_role_and_state(client: FlaskClient, county: County) -> None:
    made(county)
    enter(client, "system_admin")

    def found(**query: str) -> list[str]:
        page = client.get("/accounts", query_string=query).get_data(as_text=True)
        return re.findall(r'href="/accounts/\d+">([^<]+)<', page)

    for text in ("王芳", "wangfang", "WF", "wang.f"):
        assert found(q=text) == ["王芳"], text
    assert "township_officer_a" in found(q="林东镇")
    assert found(role="system_admin") == ["system_admin"]
    assert found(state="waiting") == ["王芳"]
    assert found(q="%") == found(q="zzz") == []
    assert len(found(role="nonsense", state="nonsense")) == db.session.scalar(select(func.count()).select_from(User))
    for text in ("\x00", "'; --", "张" * 500, "\\", "_"):
        assert client.get("/accounts", query_string={"q": text}).status_code == 200
    assert client.get("/accounts", query_string={"cursor": "¿"}).status_code == 422
    assert client.get("/accounts", query_string={"kind": "csv", "_external": "1", "endpoint": "x"}).status_code == 200


def test_the_export_holds_what_the_list_shows_and_is_on_record(client: FlaskClient, county: County) -> None:
    made(county, name="=1+1王")
    enter(client, "system_admin")
    answer = client.get("/accounts/export.csv?state=waiting")
    lines = answer.get_data().decode("utf-8-sig").splitlines()
    assert [line[:2] for line in lines] == ["# ", "账号", "wa", "# "]
    assert ",'=1+1王," in lines[2]
    assert client.get("/accounts/export.xlsx?state=waiting").data[:2] == b"PK"
    assert client.get("/accounts/export.pdf").status_code == 404
    assert len(acts("table.export")) == 2


@pytest.mark.parametrize("number", ["0", "-1", "9" * 25, "x", "99999"])
def test_wrong_account_numbers_are_no_address(client: FlaskClient, number: str) -> None:
    enter(client, "system_admin")
    assert client.get(f"/accounts/{number}").status_code == 404


def test_seed_and_command_line_make_accounts_in_one_go(app: Flask, county: County) -> None:
    system = Actor(None, "system", None, SYSTEM_PERMISSIONS)
    fields: dict[str, Any] = {"name": "演示", "role": Role.AUDITOR, "area_code": "150422", "organisation_id": None}
    user = operations.create_user(system, username="demo_x", password="Yiheng-2026-demo", demo=True, **fields)
    assert (user.active, user.demo, user.must_change_password) == (True, True, False)
    assert queries.demo_accounts_active() == 1
    with pytest.raises(Invalid):
        operations.create_user(system, username="real_x", password="Yiheng-2026-demo", **fields)
    with pytest.raises(Forbidden):
        operations.create_user(county.actor("system_admin"), username="real_x", password=NEW, **fields)
    waiting = operations.create_user(
        county.actor("system_admin"), username="real_x", password=NEW, active=False, **fields
    )
    assert not waiting.active


def test_ending_all_sessions_of_an_account(client: FlaskClient, app: Flask, county: County) -> None:
    enter(client, "auditor")
    operations.end_account_sessions(county.actor("security_admin"), county.user("auditor").id, reason=REASON)
    assert client.get("/account").status_code == 302
    assert db.session.scalar(select(func.count()).select_from(WebSession).where(WebSession.ended_at.is_(None))) == 0


def test_the_name_is_corrected_by_a_system_administrator(client: FlaskClient, county: County) -> None:
    enter(client, "system_admin")
    page = f"/accounts/{county.user('auditor').id}"
    assert post(client, f"{page}/name", page=page, name="").status_code == 422
    assert post(client, f"{page}/name", page=page, name="李审计").status_code == 302
    assert county.user("auditor").search.endswith("|lsj")
