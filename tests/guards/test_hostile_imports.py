"""Broken and bomb files at every import: refused in words, nothing half stored, no 5xx."""

from __future__ import annotations

import datetime as dt
import io
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from flask_wtf.file import FileField

from app.people.models import Sex
from tests.factories import TOWNSHIP_A, VILLAGE_A, id_number
from tests.support import hostile
from tests.support.lively import NOW, Lively
from tests.support.state import counts
from tests.support.walker import Browser

TAKES_A_FILE = {
    "app.people.forms.ImportForm": "/residents/import",
    "app.tablet.forms.CourierForm": "/courier",
    "app.settlement.forms.BankAnswerForm": "/settlements/%d/bank-answer",
    "app.contracts.forms.SealPictureForm": "/contracts/seal",
    "app.contracts.forms.PaperForm": "/contracts/1/paper/P5, tests/contracts/test_paper_and_seals.py",
    "app.contracts.forms.SignForm": "/contracts/1/sign/P7, tests/contracts/test_paper_and_seals.py",
}
"""Forms with a file, with their address. A new one fails the test below until it stands here."""
SECONDS = 20


def _forms(kind: type) -> list[type]:
    return [form for sub in kind.__subclasses__() for form in [sub, *_forms(sub)]]


def test_every_form_that_takes_a_file_is_here(app: Flask) -> None:
    found = {
        f"{form.__module__}.{form.__name__}"
        for form in _forms(FlaskForm)
        if form.__module__.startswith("app.")
        for name in dir(form)
        if getattr(getattr(form, name, None), "field_class", None) is FileField
    }
    assert found == set(TAKES_A_FILE)


def good_rows() -> list[list[Any]]:
    """Headings and a hundred rows that can be imported."""
    rows = [["name", "sex", "born_on", "id_number", "ethnicity", "area_code", "setting", "supported_from"]]
    for number in range(100):
        born = dt.date(1944, 1 + number % 12, 1 + number % 28)
        own = id_number(born, Sex.MALE, 400 + number)
        rows.append([f"张{number}", "1", born.isoformat(), own, "01", VILLAGE_A, "home", "2024-01-01"])
    return rows


@pytest.fixture
def send(enter: Callable[..., Browser]) -> Callable[[str, bytes], Any]:
    browser = enter("county_officer_a")

    def sent(name: str, content: bytes, step: str = "import") -> Any:
        response = browser.open("/residents/import", "POST", file=(io.BytesIO(content), name), step=step)
        response.request.environ["wsgi.input"].close()  # a large body lies in a file of the test client
        return response

    return sent


def test_a_good_table_is_imported_whole(lively: Flask, send: Callable[..., Any]) -> None:
    """Else the refusals below would prove nothing."""
    before = counts()
    response = send("a.xlsx", hostile.workbook(good_rows()))
    assert response.status_code == 302
    assert counts()["resident"] == before["resident"] + 100


def test_broken_files_are_refused_in_words_and_store_nothing(lively: Flask, send: Callable[..., Any]) -> None:
    before, wrong, tried = counts(), [], 0
    for what, name, content in hostile.tables(good_rows()):
        start, tried = time.process_time(), tried + 1
        response = send(name, content)
        words = response.get_data(as_text=True)
        if response.status_code not in {400, 413, 422}:
            wrong.append(f"{what}: {response.status_code}")
        elif "invalid-feedback" not in words and "alert" not in words and "error" not in words:
            wrong.append(f"{what}: no words")
        if time.process_time() - start > SECONDS:
            wrong.append(f"{what}: took {time.process_time() - start:.0f} s")
    assert not wrong, "\n".join(wrong)
    assert counts() == before
    assert tried > 45


def test_broken_files_for_the_courier_and_from_the_bank_store_nothing(
    lively: Flask, enter: Callable[..., Browser]
) -> None:
    settlement = Lively().of("settlement_id")[TOWNSHIP_A][0]
    wrong = []
    for account, form in (
        ("county_officer_a", "tablet.forms.CourierForm"),
        ("county_officer_a", "settlement.forms.BankAnswerForm"),
        ("village_officer_a", "contracts.forms.SealPictureForm"),
    ):
        browser, address = enter(account), TAKES_A_FILE[f"app.{form}"].replace("%d", str(settlement))
        before = counts()
        for what, name, content in list(hostile.tables(good_rows()))[::2]:
            response = browser.open(address, "POST", file=(io.BytesIO(content), name), paid_on=NOW.date().isoformat())
            response.request.environ["wsgi.input"].close()  # as above
            if response.status_code >= 500 or (
                response.status_code < 300 and "notice" not in response.get_data(as_text=True)
            ):
                wrong.append(f"{address} {what}: {response.status_code}")
        if counts() != before:
            wrong.append(f"{address}: something was stored")
    assert not wrong, "\n".join(wrong)
