"""One's own account: password, sessions, second factor, tokens."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.auth import operations, sessions
from app.auth.models import ApiToken, PasswordHistory
from app.auth.passwords import matches
from app.auth.rules import AccountPolicy, totp_code
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from tests.auth.browsing import change, enter, new_password, post
from tests.factories import PASSWORD, County

NEW = "Kite-7-river-stone"
POLICY = AccountPolicy()
T0 = dt.datetime(2026, 3, 31, 2, 0, tzinfo=dt.UTC)


def test_a_new_password_ends_the_other_sessions_and_changes_the_token(client: FlaskClient, app: Flask) -> None:
    other = app.test_client()
    enter(client, "auditor")
    enter(other, "auditor")
    with client.session_transaction() as cookie:
        before = cookie["token"]
    assert new_password(client, PASSWORD, NEW).location == "/account"
    with client.session_transaction() as cookie:
        assert cookie["token"] != before
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert sessions.find(before, idle_minutes=30) is None
    assert enter(app.test_client(), "auditor", NEW).status_code == 302
    assert enter(app.test_client(), "auditor").status_code == 422


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", NEW, NEW),
        (PASSWORD, NEW, NEW + "x"),
        (PASSWORD, "Short-1", "Short-1"),
        (PASSWORD, "Auditor-2026-kite", "Auditor-2026-kite"),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, "Kite-7-" + "r" * 300, "Kite-7-" + "r" * 300),
        (PASSWORD, "\x00", "\x00"),
    ],
)
def test_a_bad_new_password_is_refused_in_words(
    client: FlaskClient, county: County, old: str, new: str, again: str
) -> None:
    enter(client, "auditor")
    answer = new_password(client, old, new, again)
    assert answer.status_code == 422
    assert "field-error" in answer.get_data(as_text=True)
    assert matches(county.user("auditor").password_hash, PASSWORD)


def test_the_last_five_passwords_do_not_come_back(app: Flask, county: County) -> None:
    actor, now = county.actor("auditor"), PASSWORD
    token = sessions.start(county.user("auditor"), address="", agent="", absolute_hours=12, needs_second_factor=False)
    names = [f"Kite-{n}-river-stone" for n in range(6)]
    for new in names:
        token = operations.change_password(actor, now, new, policy=POLICY, token=token, address="")
        now = new
    for old in names[1:]:
        with pytest.raises(Invalid):
            operations.change_password(actor, now, old, policy=POLICY, token=token, address="")
    operations.change_password(actor, now, names[0], policy=POLICY, token=token, address="")
    assert db.session.scalar(select(func.count()).select_from(PasswordHistory)) == 7


def test_guessing_the_present_password_in_an_open_session_locks(client: FlaskClient) -> None:
    enter(client, "auditor")
    for _ in range(5):
        assert new_password(client, "wrong-Password-1", NEW).status_code == 422
    assert new_password(client, PASSWORD, NEW).status_code == 429


def test_demonstration_accounts_keep_their_password(client: FlaskClient) -> None:
    change("auditor", demo=True)
    enter(client, "auditor")
    assert new_password(client, PASSWORD, NEW).status_code == 409


def test_one_ends_the_other_sessions_with_the_password(client: FlaskClient, app: Flask) -> None:
    other = app.test_client()
    enter(client, "auditor")
    enter(other, "auditor")
    assert post(client, "/account/end-sessions", page="/account", current_password="wrong").status_code == 422
    assert other.get("/account").status_code == 200
    assert post(client, "/account/end-sessions", page="/account", current_password=PASSWORD).status_code == 302
    assert other.get("/account").status_code == 302
    assert client.get("/account").status_code == 200


def test_a_second_factor_is_set_up_in_the_own_account(client: FlaskClient, app: Flask, county: County) -> None:
    with clock.at(T0):
        enter(client, "volunteer_a")
        assert client.get("/account/second-factor/qr.svg").status_code == 404
        assert post(client, "/account/second-factor", current_password="wrong").status_code == 422
        assert post(client, "/account/second-factor", current_password=PASSWORD).status_code == 302
        assert client.get("/account/second-factor/qr.svg").mimetype == "image/svg+xml"
        page = "/account/second-factor"
        assert post(client, f"{page}/confirm", page=page, code="000000").status_code in {422, 302}
        secret = county.user("volunteer_a").totp
        assert secret
        code = totp_code(secret, int(T0.timestamp()) // 30)
        assert post(client, f"{page}/confirm", page=page, code=code).location == "/account"
        assert client.get("/account").status_code == 200
        assert client.get("/account/second-factor/qr.svg").status_code == 404
    with clock.at(T0 + dt.timedelta(minutes=1)):
        other = app.test_client()
        assert enter(other, "volunteer_a").location == "/second-factor"


def test_a_token_is_shown_once_and_works_until_it_is_revoked(client: FlaskClient, county: County) -> None:
    enter(client, "auditor")
    answer = post(client, "/account/tokens", label="统计程序", days="30", current_password=PASSWORD)
    assert answer.status_code == 201
    found = re.search(r'id="new-token"[^>]*>([^<]+)<', answer.get_data(as_text=True))
    assert found
    token = found[1]
    assert token not in client.get("/account/tokens").get_data(as_text=True)
    user = sessions.by_api_token(token)
    assert user is not None
    assert user.username == "auditor"
    row = db.session.scalars(select(ApiToken)).one()
    assert token not in row.token_hash
    with pytest.raises(NotFound):
        operations.revoke_token(county.actor("county_officer_a"), row.id)
    answer = post(client, f"/account/tokens/{row.id}/revoke", page="/account/tokens")
    assert answer.status_code == 302
    assert sessions.by_api_token(token) is None


def test_tokens_end_and_are_limited(app: Flask, county: County) -> None:
    actor = county.actor("auditor")
    with clock.at(T0):
        token = operations.create_token(actor, "a", 1, PASSWORD, address="")
        assert sessions.by_api_token("¿'\"(密") is None
        for number in range(9):
            operations.create_token(actor, str(number), 90, PASSWORD, address="")
        with pytest.raises(Refused):
            operations.create_token(actor, "one too many", 90, PASSWORD, address="")
        for label, days in (("", 1), ("a", 0), ("a", 366)):
            with pytest.raises(Invalid):
                operations.create_token(actor, label, days, PASSWORD, address="")
    with clock.at(T0 + dt.timedelta(days=1)):
        assert sessions.by_api_token(token) is None
