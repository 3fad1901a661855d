"""Tables need no county, only words: an application of nothing but the translations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel


@pytest.fixture(autouse=True)
def _chinese(request: pytest.FixtureRequest) -> Iterator[None]:
    if "county" in request.fixturenames:
        yield
        return
    words = Flask("app")
    Babel(words, default_locale="zh_Hans_CN")
    with words.test_request_context():
        yield
