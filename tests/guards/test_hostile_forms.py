"""Public hostile strings in every field of every form: never a 5xx, refused in words with nothing stored, or kept exactly."""

from __future__ import annotations

import ast
import datetime as dt
import io
import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import DATABASE
from tests.guards.filled_forms import BLIND, CODED, FORMS, NO_TEXT, NOT_NOW, TOP_UP
from tests.guards.ownership import RESIDENTS, combinations
from tests.guards.routes import Cell, cells, choices, path
from tests.support.forms import TYPED, Field, Shown, forms, same, words
from tests.support.hostile import Rotation, strings
from tests.support.lively import NOW, Lively
from tests.support.pseudo import stored
from tests.support.state import AUDIT, TRACES, counts
from tests.support.walker import Browser

APP = Path(__file__).parent.parent.parent / "app"
LOOSE = TRACES | AUDIT
"""A refused password leaves its trace in these."""
CHOSEN = frozenset(
    "file picture step remove active act returned medical_payment income_sources ate_together talked caregiver_present problem "
    "alone food widget option_widget body residue show_at_bedside lives_in instrument month title_zh title_en caregivers fit".split()
)
"""Boxes that are ticked, buttons, files, widgets: nothing is typed. The text of a rule (body) has its own test below,
the titles of an instrument's version theirs in ``tests/quality/test_instrument_form.py``."""
TICKED = frozenset({"alone"})
"""Boxes without which a form is refused: they stay ticked."""
ROUNDS, ALONE, LOOKED_UP = (4, 3, 2) if DATABASE == "sqlite" else (3, 1, 1)
"""Sendings with every field hostile, with one field hostile, and how many of those taken are looked up in the database; fewer
on the second database: what a form does to a text is the same on both."""


class Sender:
    """Sends one form again and again, and collects what is wrong."""

    def __init__(self, app: Flask, enter: Callable[..., Browser], fresh: Callable[[], None]) -> None:
        self.app, self.enter, self.fresh = app, enter, fresh
        self.rotation, self.wrong = Rotation(), list[str]()
        self.names, self.kept, self.refused = set[str](), 0, 0
        self.pages = {c.endpoint: c for c in cells(app) if c.method == "GET"}
        self.posts = {c.endpoint: c for c in cells(app) if c.method == "POST"}

    def _enter(self, account: str | None) -> Browser:
        browser = self.enter(account)
        browser.client.inspecting = False  # type: ignore[attr-defined]  # our client; other guards look at pages
        return browser

    def find(self, browser: Browser, endpoint: str) -> Shown:
        """The form of a route as one of its pages shows it."""
        account, page, _good = FORMS[endpoint]
        for ids in _ways(self.pages[page], account):
            found = forms(self.app, browser.send(self.pages[page], ids))
            if endpoint in found:
                return found[endpoint]
        raise AssertionError(f"{endpoint}: no page {page} of {account} shows this form")

    def run(self, endpoint: str, kind: str = "") -> None:
        """Every sending of one form: carefully filled, all fields hostile, one field hostile among good ones; with a
        kind of control, all fields hostile until that kind has had every string.
        """
        self.fresh()
        self.looked_up = 0
        account, good = (FORMS[endpoint][0], FORMS[endpoint][2]) if endpoint in FORMS else BLIND[endpoint]
        browser = self._enter(account)
        if endpoint in FORMS:
            shown = self.find(browser, endpoint)
        else:
            cell = self.posts[endpoint]
            fields = tuple(Field(name, "text", value) for name, value in good.items())
            shown = Shown(path(self.app, cell, _ways(cell, account)[0]), fields)
        fields = (
            *shown.fields,
            *(Field(n, "hidden", v) for n, v in good.items() if n not in shown.values() and n not in TICKED),
        )
        self.names |= {f.name for f in fields}
        careful = {**shown.values(), **good}
        if kind:
            while self.rotation.used.get(kind, 0) < len(self.rotation.strings):
                hostile = {f.name: self.rotation.next(f.kind) for f in fields}
                self.send(browser, endpoint, shown, {**careful, **hostile}, hostile)
            return
        if endpoint in FORMS and not self.send(browser, endpoint, shown, careful, {}) and endpoint not in NOT_NOW:
            self.wrong.append(f"{endpoint}: what a careful person types is refused")
        aims: list[Field | None] = [None] * ROUNDS
        typed = [f for f in fields if f.kind in TYPED | {"date", "number", "password", "hidden"}]
        aims += [f for f in typed for _ in range(max(1, ALONE // len(typed)))]
        stale = True
        for aim in aims:
            if stale or account is None:
                self.fresh()
                browser, stale = self._enter(account), False
            hostile = {f.name: self.rotation.next(f.kind) for f in fields if aim in (None, f)}
            stale = self.send(browser, endpoint, shown, {**careful, **hostile}, hostile)

    def send(
        self, browser: Browser, endpoint: str, shown: Shown, data: dict[str, str], hostile: dict[str, str]
    ) -> bool:
        """Send once; True when something was stored."""
        before, what = counts(), f"{endpoint} {str(hostile)[:200]}"
        try:
            response = browser.open(shown.address, "POST", **data)
        except Exception as error:  # whatever it is, on a server it is a 500
            self.wrong.append(f"{what}: {error!r}"[:600])
            return True
        status, after = response.status_code, counts()
        touched = {name for name in before if before[name] != after[name]}
        with browser.client.session_transaction() as cookie:
            flashed = [tone for tone, _words in cookie.pop("_flashes", [])]
        if status >= 500:
            self.wrong.append(f"{what}: {status}")
        elif status >= 400 or "danger" in flashed:
            self.refused += 1
            if touched - LOOSE:
                self.wrong.append(f"{what}: {status}, refused and yet something was stored")
            if response.mimetype == "text/html" and status >= 400:
                self._refusal(what, response, endpoint, shown, hostile)
            elif status < 400 and any(f.kind in TYPED and f.name in hostile for f in shown.fields):
                self.wrong.append(f"{what}: refused by a message on another page, what was typed is lost")
        elif touched:
            self._acceptance(what, hostile, touched)
            return True
        return False

    def _refusal(self, what: str, response: Any, endpoint: str, shown: Shown, hostile: dict[str, str]) -> None:
        status = response.status_code
        if endpoint in FORMS and not words(response):
            self.wrong.append(f"{what}: {status} without words")
        again = forms(self.app, response).get(endpoint)
        if again is None:
            if status == 422 and endpoint in FORMS:
                self.wrong.append(f"{what}: {status} without the form, what was typed is lost")
            return
        kept = again.values()
        for field in shown.fields:
            if field.kind not in TYPED or endpoint == "auth.change_password":
                continue  # there the account's name stands for password managers only
            typed, shown_now = hostile.get(field.name), kept.get(field.name)
            if typed is not None and shown_now is not None and not same(typed, shown_now):
                self.wrong.append(f"{what}: typed {field.name} = {typed!r} became {shown_now!r}")

    def _acceptance(self, what: str, hostile: dict[str, str], touched: set[str]) -> None:
        wanted = {n: _stored(v) for n, v in hostile.items() if not CODED.fullmatch(n) and _stored(v)}
        self.kept += bool(wanted)
        if wanted and self.looked_up < LOOKED_UP:
            self.looked_up += 1
            new = _everything(touched)
            missing = {name: value for name, value in wanted.items() if value not in new}
            held = _everything() if missing else set()  # a row that was changed changes no count
            for name, value in missing.items():
                if value not in held:
                    self.wrong.append(f"{what}: taken, but {name} = {value!r} is not in the database")


def _stored(typed: str) -> str:
    return re.sub(r"\r\n?", "\n", typed).strip()


def _everything(tables: set[str] | None = None) -> set[str]:
    """Every text the database or these tables hold, those in documents and in secrets too."""
    held: set[str] = set()
    for text in stored(tables):
        held.add(text)
        if text[:1] in "{[":
            try:
                held |= set(_inner(json.loads(text)))
            except ValueError:
                continue
    return held


def _inner(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [t for v in value.values() for t in _inner(v)]
    if isinstance(value, list):
        return [t for v in value for t in _inner(v)]
    return [value] if isinstance(value, str) else []


def _ways(cell: Cell, account: str | None) -> list[dict[str, Any]]:
    """Ways to fill an address, the newest objects first."""
    free = {
        "user_id": range(24, 0, -1),
        "rule_id": range(1, 12),
        "kind": ["pay_table"] if cell.endpoint == "quality.new_rule" else ["csv"],
        "day": [NOW.date(), NOW.date() - dt.timedelta(days=1)],
    }
    free = {name: values for name, values in free.items() if name in cell.rule.arguments}
    own = combinations(cell, account, Lively())[0] if account in RESIDENTS else [{}]
    fixed = [{}] if "kind" in free else choices(cell.rule)
    rest = [dict(zip(free, values, strict=True)) for values in itertools.product(*free.values())]
    return [{**a, **b, **c} for a in (own[-8:][::-1] + own[:8]) for b in fixed for c in rest]


def test_every_route_that_takes_a_form_is_here(lively: Flask) -> None:
    posts = {c.endpoint for c in cells(lively) if c.method == "POST"}
    assert posts == set(FORMS) | set(BLIND) | set(NO_TEXT)
    assert len(posts) == len(FORMS) + len(BLIND) + len(NO_TEXT)


def _names_read() -> set[str]:
    """Names of the fields of every form class, and names read from a form by hand."""
    found: set[str] = set()
    for file in sorted(APP.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and file.stem == "forms":
                found |= {
                    target.id
                    for line in node.body
                    if isinstance(line, ast.Assign) and isinstance(line.value, ast.Call)
                    for target in line.targets
                    if isinstance(target, ast.Name)
                }
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"request.form.get", "request.form.getlist"}:
                found |= {str(node.args[0].value)} if isinstance(node.args[0], ast.Constant) else set()
    return found


@pytest.mark.long
def test_hostile_strings_in_every_field_of_every_form(
    lively: Flask, enter: Callable[..., Browser], fresh: Callable[[], None]
) -> None:
    sender = Sender(lively, enter, fresh)
    for endpoint in (*FORMS, *BLIND):
        sender.run(endpoint)
    for kind, endpoint in TOP_UP.items():
        sender.run(endpoint, kind)
    assert not sender.wrong, f"{len(sender.wrong)}:\n" + "\n".join(sender.wrong[:200])
    assert _names_read() - sender.names - CHOSEN == set()
    everything = len(strings())
    assert {kind for kind in TOP_UP if sender.rotation.used.get(kind, 0) < everything} == set()
    assert sender.kept > 60
    assert sender.refused > 300


@pytest.mark.long
def test_hostile_names_of_files(lively: Flask, enter: Callable[..., Browser]) -> None:
    browser, wrong, before = enter("township_officer_a"), [], counts(without=LOOSE)
    for text in strings():
        file = (io.BytesIO(b"x,y\r\n1,2"), text)
        response = browser.open("/residents/import", "POST", file=file, step="check")
        if response.status_code not in {400, 409, 413, 422} or not words(response):
            wrong.append(f"{text!r}: {response.status_code}")
    assert not wrong, "\n".join(wrong)
    assert counts(without=LOOSE) == before


def test_hostile_texts_of_a_rule(lively: Flask, enter: Callable[..., Browser]) -> None:
    browser, wrong, before = enter("county_officer_a"), [], counts(without=LOOSE)
    browser.client.inspecting = False  # type: ignore[attr-defined]  # our client; the typed text holds placeholders
    for text in strings()[::4]:
        response = browser.open("/standards/pay_table/new?as=text", "POST", body=text)
        if response.status_code != 422 or not words(response):
            wrong.append(f"{text!r}: {response.status_code}")
    assert not wrong, "\n".join(wrong)
    assert counts(without=LOOSE) == before
