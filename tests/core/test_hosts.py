"""A request under a name that is not ours is refused in words, never with an error page that cannot be made."""

from __future__ import annotations

import pytest
from flask import Flask


@pytest.mark.parametrize("path", ["/sign-in", "/healthz", "/api/v1/residents", "/nothing-here"])
def test_a_foreign_host_is_refused_in_words(app: Flask, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["care.example.gov.cn"])
    browser = app.test_client()
    refused = browser.get(path, headers={"Host": "evil.example"})
    assert refused.status_code == 400
    assert b"Traceback" not in refused.data
    assert browser.get("/healthz", headers={"Host": "care.example.gov.cn"}).status_code == 200
