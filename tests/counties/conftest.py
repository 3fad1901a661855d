"""Installations of many counties: SQLite files, or schemas of one PostgreSQL database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.config import Settings
from app.core.counties import County, CountyList
from app.core.db import db
from app.counties import tasks
from app.counties.serving import Counties
from app.places.operations import read_csv

XINGQING, YONGNING, HELAN = (
    County("640104", "兴庆区", "xingqing.localhost"),
    County("640121", "永宁县", "yongning.localhost"),
    County("640122", "贺兰县", "helan.localhost"),
)


def divisions(county: County) -> list[dict[str, str]]:
    """The rows of one county, with what it is in."""
    return [row for row in read_csv() if row["code"].startswith(county.code) or county.code.startswith(row["code"])]


def found(settings: Settings, *counties: County) -> None:
    """Make counties in this process."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    CountyList(settings.data_dir).found()
    for county in counties:
        tasks.make(settings, county, divisions(county))


@pytest.fixture
def settings(server: Any, tmp_path: Path) -> Iterator[Settings]:
    """An installation without a county yet, with a database of its own."""
    name = server.create() if server is not None else ""
    url = server.url(name) if server is not None else ""
    yield Settings(data_dir=tmp_path / "data", database_url=url, secret_key="k" * 40, testing=True)
    if server is not None:
        server.drop(name)


@dataclass
class Site:
    """Two counties with the people of the small county in each, served by one process."""

    front: Flask
    counties: Counties

    def app(self, county: County) -> Flask:
        """The application of one county."""
        return self.counties.app(county)

    def browser(self, county: County, username: str) -> FlaskClient:
        """A client of the whole installation that holds the cookie of a session of ``county``."""
        from tests.factories import open_session

        app = self.app(county)
        with app.app_context():
            own = app.test_client()
            open_session(own, username)
        cookie = own.get_cookie("yiheng")
        assert cookie is not None
        client = self.front.test_client(use_cookies=False)
        client.environ_base["HTTP_COOKIE"] = f"yiheng={cookie.value}"
        return client

    def get(self, client: FlaskClient, county: County, path: str, **more: Any) -> TestResponse:
        """Open an address at the host of a county."""
        return client.get(path, base_url=f"http://{county.host}:8000", **more)

    def close(self) -> None:
        """Give every connection back."""
        for county in self.counties.list.all():
            with self.app(county).app_context():
                db.session.remove()
                db.engine.dispose()


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    """兴庆区 and 永宁县; the names of people and organisations end in 甲县 there and in 乙县 here."""
    from app import create_app
    from tests.factories import found_county

    found(settings, XINGQING, YONGNING)
    front = create_app(settings)
    made = Site(front, front.extensions["counties"])
    for county, mark in ((XINGQING, "甲县"), (YONGNING, "乙县")):
        with made.app(county).app_context():
            found_county()
            rename(mark)
    yield made
    made.close()


def rename(mark: str) -> None:
    """Mark every name in the database of the present application, as no act of the product could."""
    from sqlalchemy import String, func, update
    from sqlalchemy.sql import literal

    from app.core.backup import triggers_off

    with db.engine.begin() as connection, triggers_off(connection):
        for table in db.metadata.sorted_tables:
            for column in table.columns:
                if column.name in NAMES and type(column.type) is String:
                    kept = func.substr(column, 1, (column.type.length or 80) - len(mark))
                    connection.execute(update(table).values({column: kept + literal(mark)}))


NAMES = frozenset({"name", "guardian_name", "contact_name", "informant_name", "by_name", "title_zh", "bank_name"})
"""Columns that pages show as they are."""


@pytest.fixture
def command(settings: Settings) -> Callable[..., Any]:
    """``command("county", "list")`` → what the command said and its exit code."""
    from app import create_app

    def run(*arguments: str) -> Any:
        app = create_app(settings)
        try:
            return app.test_cli_runner().invoke(args=list(arguments))
        finally:
            if not settings.many:
                with app.app_context():
                    db.engine.dispose()

    return run
