"""Somebody else's object chosen in a form or named in a filter: refused or not found, exactly as one that does not exist.

A hand-made request may carry any number. What a form offers is not what it must accept, and a filter, a search or a count
must not tell that something exists elsewhere.
"""

from __future__ import annotations

import inspect
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.auth.models import User
from app.core.db import db
from app.people.models import Setting
from tests.guards.ownership import EVERYWHERE, RESIDENTS, UNDER_CONTRACT, split
from tests.guards.routes import Cell, cells, choices, path
from tests.guards.test_hostile_forms import FORMS, NOT_NOW, Sender, _names_read
from tests.guards.test_permissions import MATRIX
from tests.support.lively import GUARDIANS, PERSONS, Lively
from tests.support.state import TRACES, counts
from tests.support.walker import Browser

NOBODY = 9_999_999
CHOSEN: dict[str, str] = {
    "area_code": "code",
    "area": "code",
    "institution_id": "organisation_id",
    "organisation_id": "organisation_id",
    "caregiver_id": "caregiver_id",
    "first_assessor_id": "assessor_id",
    "second_assessor_id": "assessor_id",
    "bed_id": "bed_id",
    "resident_id": "resident_id",
    "user_id": "user_id",
}
"""Field of a form that names an object → the kind of identifier."""
NOT_AN_OBJECT = frozenset({"id_number"})
NEVER_FOREIGN = frozenset({"area", "organisation_id", "resident_id"})
"""Sent only by people of the whole county here."""
ADMINISTRATORS = frozenset({"system_admin", "security_admin"})
"""They place accounts anywhere in the county: no area or organisation is foreign to them."""
FILTERED: dict[str, str] = {
    "area": "code",
    "institution": "organisation_id",
    "organisation": "organisation_id",
    "caregiver": "caregiver_id",
    "resident": "resident_id",
    "assessor": "assessor_id",
    "contract": "contract_id",
    "settlement": "settlement_id",
}
"""Name in a query string → the kind of identifier."""
LOOKING = ("township_officer_a", "institution_manager_a", "caregiver_a")


def _foreign(account: str, kind: str, county: Lively) -> list[object]:
    if kind == "user_id":
        if RESIDENTS[account] == EVERYWHERE:
            return []
        query = select(User.id).where(User.username.in_(["caregiver_b", "assessor_other"])).order_by(User.id)
        return list(db.session.scalars(query))
    return list(split(account, kind, county)[1])


def _own(account: str, kind: str, county: Lively) -> list[object]:
    return [] if kind == "user_id" else list(split(account, kind, county)[0])


def test_every_field_that_names_an_object_is_here() -> None:
    names = {n for n in _names_read() if n.endswith("_id") or n.startswith("id_") or n in {"area", "area_code"}}
    assert names - NOT_AN_OBJECT == set(CHOSEN)


def test_a_foreign_object_chosen_in_a_form_is_refused_like_a_missing_one(
    lively: Flask, enter: Callable[..., Browser], fresh: Callable[[], None]
) -> None:
    sender, wrong, sent = Sender(lively, enter, fresh), [], set[str]()
    county = Lively()
    for endpoint, (account, _page, good) in FORMS.items():
        if account not in RESIDENTS or account in ADMINISTRATORS:
            continue
        browser = enter(account)
        browser.client.inspecting = False  # type: ignore[attr-defined]  # our client; other guards look at pages
        shown = sender.find(browser, endpoint)
        careful = {**shown.values(), **good}
        for field in sorted(set(careful) & set(CHOSEN)):
            foreigners = _foreign(account, CHOSEN[field], county)
            if not foreigners:
                continue
            if field == "institution_id" and "setting" in careful:
                careful["setting"] = Setting.INSTITUTIONAL  # at home no institution is kept
            before = counts(without=TRACES)
            missing = browser.open(shown.address, "POST", **{**careful, field: str(NOBODY)})
            for foreign in foreigners:
                response = browser.open(shown.address, "POST", **{**careful, field: str(foreign)})
                sent.add(field)
                if response.status_code != missing.status_code or response.status_code not in {404, 409, 422}:
                    wrong.append(
                        f"{endpoint} {field}={foreign}: {response.status_code}, {missing.status_code} if missing"
                    )
                if name := _betrayed(response, account):
                    wrong.append(f"{endpoint} {field}={foreign}: the answer names {name}")
            if (after := counts(without=TRACES)) != before:
                wrong.append(f"{endpoint} {field}: stored {[n for n in after if after[n] != before[n]]}")
                fresh()
                browser = enter(account)
                browser.client.inspecting = False  # type: ignore[attr-defined]  # as above
            own = [careful[field], *_own(account, CHOSEN[field], county)]
            answers = (browser.open(shown.address, "POST", **{**careful, field: str(i)}).status_code for i in own)
            if endpoint not in NOT_NOW and all(status >= 400 for status in answers):
                wrong.append(f"{endpoint} {field}: no object of one's own is taken, so a refusal proves nothing")
            fresh()
            browser = enter(account)
            browser.client.inspecting = False  # type: ignore[attr-defined]  # as above
    assert not wrong, "\n".join(wrong)
    assert sent == set(CHOSEN) - NEVER_FOREIGN


def lists(app: Flask, role: str) -> Iterator[tuple[Cell, list[dict[str, Any]]]]:
    """Pages, files and API answers that a role may read and that are about no single object, with ways to fill them."""
    for cell in cells(app):
        words_only = choices(cell.rule)
        if cell.method == "GET" and role in MATRIX[cell.endpoint] and len(words_only[0]) == len(cell.rule.arguments):
            yield cell, words_only


def _asked(app: Flask, cell: Cell) -> Iterator[str]:
    """The filters that the code beside a view reads."""
    view = inspect.unwrap(app.view_functions[cell.endpoint])
    text = inspect.getsource(inspect.getmodule(view) or view)
    yield from (name for name in FILTERED if f'"{name}"' in text)


@pytest.mark.parametrize("account", LOOKING)
def test_a_filter_or_search_for_a_foreign_object_finds_what_one_for_nothing_finds(
    lively: Flask, enter: Callable[..., Browser], account: str
) -> None:
    county, browser, wrong, asked = Lively(), enter(account), [], 0
    role = county.user(account).role.value
    browser.client.inspecting = False  # type: ignore[attr-defined]  # our client; other guards look at pages
    stranger = _names(account)[0]
    for cell, ways in lists(lively, role):
        address = path(lively, cell, ways[0])
        joint = "&" if "?" in address else "?"
        pairs = [("q", stranger, "查无此人"[: len(stranger)])]
        for name in _asked(lively, cell):
            pairs += [(name, str(i), str(NOBODY)) for i in _foreign(account, FILTERED[name], county)[:1]]
        for name, foreign, nobody in pairs:
            one, none = (browser.open(f"{address}{joint}{name}={value}") for value in (foreign, nobody))
            asked += 1
            public = FILTERED.get(name) == "code"  # what a village is called is no secret; who lives there is
            if _betrayed(one, account) and name != "q":
                wrong.append(f"{address}{joint}{name}={foreign} names somebody")
            if public:
                continue
            if one.status_code != none.status_code or _plain(one, name, foreign) != _plain(none, name, nobody):
                wrong.append(f"{address}{joint}{name}={foreign} differs from {name}={nobody}")
    assert not wrong, "\n".join(wrong)
    assert asked > 10


@pytest.mark.parametrize("account", LOOKING)
def test_no_list_or_export_names_anybody_out_of_sight(
    lively: Flask, enter: Callable[..., Browser], account: str
) -> None:
    browser, wrong = enter(account), []
    for cell, ways in lists(lively, Lively().user(account).role.value):
        for ids in ways:
            if name := _betrayed(browser.send(cell, ids), account):
                wrong.append(f"{cell.endpoint} {ids} names {name}")
    assert not wrong, "\n".join(wrong)


def _names(account: str) -> list[str]:
    """People whom the account has nothing to do with."""
    known = RESIDENTS[account] | UNDER_CONTRACT[account]
    rows = [(place, row) for place, rows in PERSONS.items() if place not in known for row in rows]
    return [name for _place, row in rows for name in row if name] + [GUARDIANS[place] for place, _row in rows]


def _betrayed(response: TestResponse, account: str) -> str | None:
    text = response.get_data()
    if response.mimetype.endswith("spreadsheetml.sheet"):
        with zipfile.ZipFile(io.BytesIO(text)) as book:
            text = b"".join(book.read(member) for member in book.namelist())
    return next((name for name in _names(account) if name.encode() in text), None)


def _plain(response: TestResponse, name: str, asked: str) -> str:
    """The answer without what was asked and the request's own numbers."""
    text = response.get_data().decode("utf-8", "replace").replace(response.headers["X-Request-Id"], "REQUEST")
    asked = asked if name == "q" else f'(?<=name="{name}" value="){asked}(?=")|(?<={name}=){asked}'
    text = re.sub(rf"{asked}|(?<={name}=)(%[0-9A-F]{{2}}|\\d)+", "ASKED", text)
    return re.sub(r'\d\d:\d\d|(?<=导出编号)[0-9A-F]{8}|value="\.eJ[^"]+', "", text)
