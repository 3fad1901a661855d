"""Signing in and out, through the pages on a real database."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.auth import operations
from app.auth.models import SignInAttempt, WebSession
from app.auth.passwords import DEMO_PASSWORD, hash_password
from app.auth.rules import AccountPolicy, totp_code
from app.core import audit, clock
from app.core.db import db
from app.core.errors import DomainError
from tests.auth.browsing import acts, change, enter, new_settings, post, token_of
from tests.factories import PASSWORD, County

T0 = dt.datetime(2026, 3, 31, 2, 0, tzinfo=dt.UTC)


def after(**delta: float) -> Any:
    """The clock stands this long after ``T0``."""
    return clock.at(T0 + dt.timedelta(**delta))


def test_signing_in_opens_pages_and_leaves_an_entry(client: FlaskClient, county: County) -> None:
    assert client.get("/account").status_code == 302
    answer = enter(client, "  Auditor ", onward="?next=/account")
    assert (answer.status_code, answer.location) == (302, "/account")
    assert client.get("/account").status_code == 200
    (entry,) = acts("account.sign_in")
    assert entry.actor_id == county.user("auditor").id
    assert audit.verify()[1] is None


@pytest.mark.parametrize(
    ("username", "password"), [("auditor", "wrong-Password-1"), ("nobody-here", PASSWORD), ("王芳", "x")]
)
def test_all_failures_get_the_same_words(client: FlaskClient, username: str, password: str) -> None:
    answer = enter(client, username, password)
    assert answer.status_code == 422
    assert "账号或密码不正确" in answer.get_data(as_text=True)
    (entry,) = acts("account.sign_in_failed")
    assert username not in entry.changes
    assert db.session.scalar(select(func.count()).select_from(WebSession)) == 0


def test_the_fifth_failure_locks_the_account_also_for_the_right_password(client: FlaskClient) -> None:
    with after():
        for _ in range(5):
            assert enter(client, "auditor", "wrong-Password-1").status_code == 422
        answer = enter(client, "auditor")
        assert answer.status_code == 429
        assert "请等待 15 分钟" in answer.get_data(as_text=True)
        assert enter(client, "county_officer_a").status_code == 302, "others go on working"
    with after(minutes=14, seconds=50):
        client.post("/sign-out")
        assert enter(client.application.test_client(), "auditor").status_code == 429
    with after(minutes=15, seconds=1):
        assert enter(client.application.test_client(), "auditor").status_code == 302


def test_unknown_names_are_throttled_alike(client: FlaskClient) -> None:
    with after():
        statuses = [enter(client, "nobody-here", "wrong-Password-1").status_code for _ in range(7)]
    assert statuses == [422] * 5 + [429] * 2


def test_a_success_forgets_the_failures_before_it(client: FlaskClient, app: Flask) -> None:
    with after():
        for _ in range(4):
            enter(client, "auditor", "wrong-Password-1")
        assert enter(client, "auditor").status_code == 302
        other = app.test_client()
        for _ in range(4):
            assert enter(other, "auditor", "wrong-Password-1").status_code == 422
        assert enter(other, "auditor").status_code == 302


def test_guessing_over_many_accounts_locks_the_address(client: FlaskClient, app: Flask) -> None:
    with after():
        for number in range(30):
            assert enter(client, f"guess-{number}", "wrong-Password-1").status_code == 422
        assert enter(client, "guess-31", "wrong-Password-1").status_code == 429
        elsewhere = app.test_client()
        elsewhere.environ_base["REMOTE_ADDR"] = "10.9.8.7"
        assert enter(elsewhere, "auditor").status_code == 302


def test_names_that_cannot_exist_do_not_lock_an_office_out(client: FlaskClient) -> None:
    with after():
        for number in range(40):
            assert enter(client, f"<script>{number}", "x").status_code == 422
        assert enter(client, "auditor").status_code == 302


def test_old_attempts_are_forgotten(client: FlaskClient) -> None:
    with after():
        enter(client, "nobody-here", "wrong-Password-1")
    with after(hours=3):
        enter(client, "nobody-else", "wrong-Password-1")
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 1


def test_a_copied_cookie_is_dead_after_sign_out(client: FlaskClient, app: Flask) -> None:
    enter(client, "auditor")
    thief = app.test_client()
    copied = client.get_cookie("yiheng")
    assert copied is not None
    thief.set_cookie("yiheng", copied.value)
    assert thief.get("/account").status_code == 200
    assert post(client, "/sign-out", page="/account").status_code == 302
    assert thief.get("/account").status_code == 302
    assert client.get("/account").status_code == 302
    assert len(acts("account.sign_out")) == 1


def test_signing_in_gives_a_new_session_and_ends_the_one_before(client: FlaskClient) -> None:
    client.get("/sign-in")
    with client.session_transaction() as cookie:
        cookie["planted"] = "x"
        before = cookie["csrf_token"]
    enter(client, "auditor")
    with client.session_transaction() as cookie:
        first = cookie["token"]
        assert "planted" not in cookie
        assert cookie.get("csrf_token") != before
    with client.session_transaction() as cookie:
        del cookie["token"]
    page = client.get("/sign-in").get_data(as_text=True)
    with client.session_transaction() as cookie:
        cookie["token"] = first
    client.post("/sign-in", data={"csrf_token": token_of(page), "username": "auditor", "password": PASSWORD})
    with client.session_transaction() as cookie:
        assert cookie["token"] != first
    assert db.session.scalar(select(func.count()).where(WebSession.ended_at.is_(None))) == 1


def test_a_session_ends_after_half_an_hour_without_use(client: FlaskClient) -> None:
    with after():
        enter(client, "auditor")
    with after(minutes=29):
        assert client.get("/account").status_code == 200
    with after(minutes=58):
        assert client.get("/account").status_code == 200, "use keeps it open"
    with after(minutes=88, seconds=1):
        assert client.get("/account").status_code == 302


def test_a_session_ends_after_twelve_hours_in_any_case(client: FlaskClient) -> None:
    with after():
        enter(client, "auditor")
    for quarter in range(1, 48):
        with after(minutes=15 * quarter):
            assert client.get("/account").status_code == 200
    with after(hours=12):
        assert client.get("/account").status_code == 302


def test_at_most_three_sessions_the_oldest_ends(app: Flask, client: FlaskClient) -> None:
    assert client.get("/sign-in").status_code == 200
    browsers = [app.test_client() for _ in range(4)]
    for browser in browsers:
        enter(browser, "auditor")
    assert [b.get("/account").status_code for b in browsers] == [302, 200, 200, 200]


def test_changes_of_role_and_area_act_on_the_next_request(client: FlaskClient) -> None:
    enter(client, "system_admin")
    assert client.get("/accounts").status_code == 200
    change("system_admin", role="volunteer")
    assert client.get("/accounts").status_code == 403
    change("system_admin", active=False)
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "/%09/evil.example", "javascript:x"]
)
def test_after_signing_in_one_stays_on_this_host(client: FlaskClient, target: str) -> None:
    page = client.get("/sign-in", query_string={"next": target}).get_data(as_text=True)
    answer = client.post(
        "/sign-in",
        query_string={"next": target},
        data={"csrf_token": token_of(page), "username": "auditor", "password": PASSWORD, "next": target},
    )
    assert answer.status_code == 302
    assert answer.location.startswith("/")
    assert not answer.location.startswith(("//", "/\\"))


@pytest.mark.parametrize("token", ["", "x", "¿'\"(", "密钥", "\x00", "." * 5000])
def test_wrong_form_tokens_are_refused_in_words(client: FlaskClient, token: str) -> None:
    client.get("/sign-in")
    answer = client.post("/sign-in", data={"csrf_token": token, "username": "auditor", "password": PASSWORD})
    assert answer.status_code == 400
    assert db.session.scalar(select(func.count()).select_from(WebSession)) == 0


@pytest.mark.parametrize(
    "text", ["¿'\"(", "\x00", "張" * 300, "' or 1=1 --", "%(x)s{{7*7}}", "\u202e\ufeff", "x" * 100_000]
)
def test_no_input_of_the_sign_in_page_is_an_error(client: FlaskClient, text: str) -> None:
    assert enter(client, text, text).status_code == 422
    assert enter(client, "auditor", text).status_code == 422


def test_the_language_stays_with_the_account(client: FlaskClient, app: Flask, county: County) -> None:
    enter(client, "auditor")
    assert post(client, "/locale", page="/account", locale="en").location == "/account"
    assert "My account" in client.get("/account").get_data(as_text=True)
    assert county.user("auditor").locale == "en"
    other = app.test_client()
    enter(other, "auditor")
    assert "My account" in other.get("/account").get_data(as_text=True)
    assert post(other, "/locale", page="/account", locale="xx").status_code == 302
    assert county.user("auditor").locale == "en"


def test_the_language_switch_does_not_leave_the_host(client: FlaskClient) -> None:
    page = client.get("/sign-in").get_data(as_text=True)
    answer = client.post(
        "/locale",
        data={"csrf_token": token_of(page), "locale": "en"},
        headers={"Referer": "http://evil.example/accounts"},
    )
    assert answer.location == "/"


def test_production_refuses_demonstration_accounts_and_their_password(app: Flask, client: FlaskClient) -> None:
    change("auditor", demo=True)
    change("county_reviewer", password_hash=hash_password(DEMO_PASSWORD))
    assert enter(client, "auditor").status_code == 302
    post(client, "/sign-out", page="/account")
    new_settings(app, environment="production")
    assert enter(client, "auditor").status_code == 422
    assert enter(client, "county_reviewer", DEMO_PASSWORD).status_code == 422
    from app.auth import queries

    assert queries.demo_accounts_active() == 1
    assert [u.username for u in queries.demo_accounts()] == ["auditor"]


def test_an_old_password_has_to_be_changed_before_anything_else(client: FlaskClient, county: County) -> None:
    with after():
        change("auditor", password_changed_at=T0 - dt.timedelta(days=90))
        assert enter(client, "auditor").status_code == 302
        assert client.get("/account").location == "/account/password"
        answer = post(
            client,
            "/account/password",
            current_password=PASSWORD,
            new_password="Kite-7-river-stone",
            new_password_again="Kite-7-river-stone",
        )
        assert answer.location == "/account"
        assert client.get("/account").status_code == 200
        assert not county.user("auditor").must_change_password


def test_demonstration_accounts_keep_an_old_password(client: FlaskClient) -> None:
    change("auditor", demo=True, password_changed_at=T0 - dt.timedelta(days=900))
    enter(client, "auditor")
    assert client.get("/account").status_code == 200


def code_now(username: str, offset: int = 0) -> str:
    secret = County().user(username).totp
    assert secret
    return totp_code(secret, int(clock.now().timestamp()) // 30 + offset)


def test_the_second_factor_is_set_up_at_the_first_sign_in(app: Flask, client: FlaskClient, county: County) -> None:
    new_settings(app, require_second_factor=True)
    with after():
        answer = enter(client, "auditor", onward="?next=/account/tokens")
        assert answer.location == "/second-factor"
        assert client.get("/account").status_code == 302, "half signed in opens nothing"
        page = client.get("/second-factor").get_data(as_text=True)
        assert "/second-factor/qr.svg" in page
        picture = client.get("/second-factor/qr.svg")
        assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
        with client.session_transaction() as cookie:
            half = cookie["token"]
        answer = post(client, "/second-factor", code=code_now("auditor"))
        assert answer.location == "/account/tokens"
        with client.session_transaction() as cookie:
            assert cookie["token"] != half, "more rights, new token"
        assert client.get("/account").status_code == 200
        assert client.get("/second-factor/qr.svg").status_code == 404
        assert county.user("auditor").totp_confirmed_at is not None
        entry = acts("account.sign_in")[0]
        assert county.user("auditor").totp not in entry.changes


def test_a_code_works_once(app: Flask, client: FlaskClient) -> None:
    new_settings(app, require_second_factor=True)
    with after():
        enter(client, "auditor")
        code = code_now("auditor")
        assert post(client, "/second-factor", code=code).status_code == 302
        other = app.test_client()
        assert enter(other, "auditor").location == "/second-factor"
        assert "qr.svg" not in other.get("/second-factor").get_data(as_text=True)
        assert post(other, "/second-factor", code=code).status_code == 422, "used already"
        assert post(other, "/second-factor", code=code_now("auditor", -1)).status_code == 422, "older than the used one"
    with after(seconds=31):
        assert (
            post(other, "/second-factor", code=f" {code_now('auditor')[:3]} {code_now('auditor')[3:]}").status_code
            == 302
        )


def test_five_wrong_codes_lock_the_right_one_out(app: Flask, client: FlaskClient) -> None:
    new_settings(app, require_second_factor=True)
    with after():
        enter(client, "auditor")
        right = code_now("auditor")
        wrong = f"{(int(right) + 1) % 10**6:06d}"
        wrong = wrong if wrong not in {code_now("auditor", d) for d in (-1, 1)} else f"{(int(right) + 2) % 10**6:06d}"
        for _ in range(5):
            assert post(client, "/second-factor", code=wrong).status_code == 422
        assert post(client, "/second-factor", code=right).status_code == 429
    with after(minutes=16):
        assert post(client, "/second-factor", code=code_now("auditor")).status_code == 302


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "¿'\"(", "１２３４５６", "\x00", "9" * 5000])
def test_no_code_is_an_error(app: Flask, client: FlaskClient, code: str) -> None:
    new_settings(app, require_second_factor=True)
    enter(client, "auditor")
    assert post(client, "/second-factor", code=code).status_code == 422


def test_other_roles_and_demonstration_accounts_need_no_code(app: Flask, client: FlaskClient) -> None:
    new_settings(app, require_second_factor=True)
    change("county_officer_a", demo=True)
    for username in ("volunteer_a", "county_officer_a"):
        browser = app.test_client()
        enter(browser, username)
        assert browser.get("/account").status_code == 200


def test_tries_that_come_at_once_gain_nothing(app: Flask, client: FlaskClient) -> None:
    """Twelve wrong tries at the same moment: five are counted, the others are refused, and the right one too."""

    def guess(_number: int) -> str:
        with app.app_context():
            try:
                operations.sign_in("auditor", "wrong-Password-1", address="10.0.0.7", agent="", policy=AccountPolicy())
            except DomainError as error:
                return type(error).__name__
        return "in"

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(guess, range(12)))
    assert outcomes == ["SignInFailed"] * 5 + ["TooManyTries"] * 7
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 5
    assert enter(client, "auditor").status_code == 429
