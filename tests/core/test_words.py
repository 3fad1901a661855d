"""The catalogue of a request is looked up once, and follows the language."""

from __future__ import annotations

from flask import Flask
from flask_babel import force_locale, gettext


def test_words_follow_a_language_that_changes_within_a_request(app: Flask) -> None:
    with app.test_request_context("/"):
        first = gettext("Residents")
        with force_locale("en"):
            assert gettext("Residents") == "Residents"
        assert gettext("Residents") == first != "Residents"
