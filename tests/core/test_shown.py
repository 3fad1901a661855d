"""Days and quarters stand on the pages as people of the reader's language write them."""

import datetime as dt

import pytest
from flask import Flask
from flask_babel import force_locale

from app.core import shown
from app.core.periods import Quarter

DAY = dt.date(2026, 3, 31)
NOON = dt.datetime(2026, 3, 31, 4, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("locale", "day", "instant", "quarter"),
    [
        ("zh_Hans_CN", "2026年3月31日", "2026年3月31日 12:05", "2026年第1季度"),
        ("en", "31 Mar 2026", "31 Mar 2026 12:05", "Q1 2026"),
    ],
)
def test_each_language_has_its_own_way_of_writing(
    app: Flask, locale: str, day: str, instant: str, quarter: str
) -> None:
    """2026-Q1 is a code for machines; people read the quarter of the year."""
    with app.test_request_context(), force_locale(locale):
        assert shown.date(DAY) == day
        assert shown.instant(NOON) == instant
        assert shown.quarter("2026-Q1") == quarter == shown.quarter(Quarter(2026, 1))


@pytest.mark.parametrize(("locale", "words"), [("zh_Hans_CN", "甲、乙"), ("en", "甲, 乙")])
def test_several_things_stand_in_a_row(app: Flask, locale: str, words: str) -> None:
    """Each language has its own mark between the members of a row."""
    with app.test_request_context(), force_locale(locale):
        assert shown.listed(["甲", "乙"]) == words


def test_nothing_is_shown_for_nothing(app: Flask) -> None:
    """A missing day leaves no words such as None."""
    with app.test_request_context():
        assert shown.date(None) == shown.instant(None) == shown.quarter(None) == shown.quarter("") == ""


def test_a_text_that_is_no_quarter_is_an_error(app: Flask) -> None:
    """A wrong code must not reach a page unnoticed."""
    with app.test_request_context(), pytest.raises(ValueError, match="quarter"):
        shown.quarter("2026-Q5")
