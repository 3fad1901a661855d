"""What a person does in a browser, in one line each."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.auth.models import User
from app.core.db import db
from app.core.models import AuditEntry
from app.core.transaction import transaction
from tests.factories import PASSWORD


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page has no form token"
    return found[1]


def post(browser: FlaskClient, path: str, page: str | None = None, **fields: str) -> Any:
    """Open ``page`` and send its form, as a browser does."""
    csrf = token_of(browser.get(page or path).get_data(as_text=True))
    return browser.post(
        path, data={"csrf_token": csrf, **fields}, headers={"Referer": f"http://localhost{page or path}"}
    )


def enter(browser: FlaskClient, username: str, password: str = PASSWORD, onward: str = "") -> Any:
    return post(browser, f"/sign-in{onward}", username=username, password=password)


def new_password(browser: FlaskClient, old: str, new: str, again: str | None = None) -> Any:
    return post(browser, "/account/password", current_password=old, new_password=new, new_password_again=again or new)


def change(username: str, **values: Any) -> None:
    """Write to an account by hand."""
    with transaction() as tx:
        tx.act = "test.change"
        db.session.execute(update(User).where(User.username == username).values(**values))


def new_settings(app: Flask, **values: Any) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], **values)


def acts(act: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.act == act)))
