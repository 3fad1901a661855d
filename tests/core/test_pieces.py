"""Cells, states and pictures of a page: what comes in is escaped once, what is markup already stays."""

from __future__ import annotations

import pytest
from flask import Flask
from markupsafe import Markup

from app.core.pieces import badge, icon, td

NASTY, SAFE = "<b>&\"'", "&lt;b&gt;&amp;&#34;&#39;"


@pytest.mark.parametrize("place", ["label", "value", "href", "note"])
@pytest.mark.parametrize("main", [False, True])
def test_a_cell_escapes_what_comes_in(place: str, main: bool) -> None:
    words = {"label": "l", "value": "v", "href": "/h", "note": "n", place: NASTY}
    cell = td(words["label"], words["value"], href=words["href"], note=words["note"], main=main)
    assert NASTY not in cell
    assert cell.count(SAFE) == (0 if main and place == "label" else 1)


def test_markup_stays_markup() -> None:
    assert "<i>x</i>" in td("l", Markup("<i>x</i>"))
    assert "<i>x</i>" in td("l", caller=lambda: Markup("<i>x</i>"))


@pytest.mark.parametrize(("value", "shown"), [(None, "—"), ("", "—"), (0, "0"), (False, "False")])
def test_only_an_empty_value_is_a_dash(value: object, shown: str) -> None:
    assert f">{shown}<" in td("l", value)


def test_a_state_has_its_picture_and_escapes_its_words(app: Flask) -> None:
    with app.test_request_context("/"):
        state = badge(NASTY, "good")
        assert SAFE in state
        assert NASTY not in state
        assert icon("check-circle-fill") in state
        assert NASTY not in icon(NASTY)
