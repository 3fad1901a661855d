"""A signed-in browser that walks over routes: fills the address, carries the form token, inspects what comes back."""

from __future__ import annotations

from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from tests.factories import open_session
from tests.guards.routes import Cell, path
from tests.support.inspected_client import InspectedClient

TOKEN = "0" * 40


class Browser:
    """One account's browser."""

    def __init__(self, app: Flask, username: str | None, locale: str = "zh_Hans_CN") -> None:
        app.test_client_class = InspectedClient
        self.app, self.client = app, app.test_client()
        if username:
            open_session(self.client, username)
        with self.client.session_transaction() as cookie:
            cookie["locale"] = locale
            cookie["csrf_token"] = TOKEN
        self.csrf = URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token").dumps(TOKEN)

    def send(self, cell: Cell, ids: dict[str, Any], /, **data: Any) -> TestResponse:
        """Open a route filled with ``ids``; a POST carries the token and ``data``."""
        return self.open(path(self.app, cell, ids), cell.method, **data)

    def open(self, address: str, method: str = "GET", /, **data: Any) -> TestResponse:
        """Open an address; a POST carries the token and ``data``."""
        if method == "GET":
            return self.client.get(address)
        if address.startswith("/api/"):
            return self.client.open(address, method=method, json=data, headers={"X-CSRFToken": self.csrf})
        return self.client.open(address, method=method, data={"csrf_token": self.csrf, **data})
