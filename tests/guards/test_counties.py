"""Every page of one county, opened in turn with the same page of another by the same process: never a row of the other.

Both counties hold the same lively county, with equal numbers, names of accounts and identifiers, so that nothing but the
county itself keeps them apart; every name ends in 甲县 in one and in 乙县 in the other.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app import create_app, factory
from app.config import Settings
from app.core.backup import backup, restore
from app.core.counties import CountyList
from app.core.db import db
from app.counties.serving import Counties
from tests.counties.conftest import XINGQING, YONGNING, Site, rename
from tests.guards.ownership import RESIDENTS
from tests.guards.routes import path
from tests.guards.test_pages import NOT_YET, is_file, pages
from tests.support.lively import Lively

MARKS = {XINGQING: "甲县", YONGNING: "乙县"}


@pytest.fixture
def two(lively: Flask, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The lively county, moved by its backup into two counties of one installation."""
    monkeypatch.setenv("BACKUP_PASSPHRASE", "one installation")
    name = server.create() if server is not None else ""
    url = server.url(name) if server is not None else ""
    settings = Settings(data_dir=tmp_path / "many", database_url=url, secret_key="k" * 40, testing=True)
    backup(tmp_path / "lively.backup")
    db.session.remove()
    CountyList(settings.data_dir).found()
    making = Counties(settings)
    for county, mark in MARKS.items():
        own = replace(making.settings_of(county), trusted_proxies=0)
        if own.schema:
            making.servers.make_schema(own.sqlalchemy_url, own.schema)
        with factory.build(own, making.servers).app_context():
            restore(tmp_path / "lively.backup")
            rename(mark)
            db.session.remove()
            db.engine.dispose()
        making.list.add(county)
    front = create_app(settings)
    site = Site(settings, front, front.extensions["counties"])
    yield site
    site.close()
    if server is not None:
        server.drop(name)


def said(data: bytes) -> str:
    """The text of an answer; a workbook is a packed one."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    return data.decode("utf-8", "replace")


def addresses(app: Flask, account: str, seen: set[str]) -> Iterator[tuple[str, str]]:
    """Endpoint and address of each page and table of an account that nobody opened before; papers apart, which are drawn
    from the same rows.
    """
    for cell, ways in pages(app, account, Lively(), 1):
        table = cell.endpoint.endswith(("_export", "export_users"))
        if cell.endpoint in seen or cell.endpoint in NOT_YET or (is_file(cell.endpoint) and not table):
            continue
        seen.add(cell.endpoint)
        for ids in ways:
            yield cell.endpoint, path(app, cell, ids)


@pytest.mark.long
def test_no_page_of_a_county_shows_a_row_of_another(two: Site) -> None:
    seen: set[str] = set()
    wrong, own, opened, statements = [], 0, 0, set[str]()
    watched = []
    for county in MARKS:
        with two.app(county).app_context():
            watched.append(db.engine)
            event.listen(db.engine, "before_cursor_execute", lambda *a: statements.add(a[2]))
    for account in RESIDENTS:
        browsers = {county: two.browser(county, account) for county in MARKS}
        with two.app(XINGQING).app_context():
            asked = list(addresses(two.app(XINGQING), account, seen))
        for endpoint, address in asked:
            answers = {county: two.get(browsers[county], county, address) for county in MARKS}
            opened += 1
            if len({answer.status_code for answer in answers.values()}) != 1:
                wrong.append(f"{endpoint} {address}: {[a.status_code for a in answers.values()]}")
            for county, answer in answers.items():
                text = said(answer.data)
                own += MARKS[county] in text
                wrong += [
                    f"{endpoint}: {county.code} shows {m}" for m in MARKS.values() if m in text and m != MARKS[county]
                ]
    assert wrong == []
    assert opened > 120
    assert own > opened, "most pages show a name of their own county"
    assert [s for s in statements if re.search(r"county_\d{6}", s)] == []
