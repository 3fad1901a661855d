"""Installations of many counties: SQLite files, or schemas of one PostgreSQL database."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.auth.sessions import start
from app.config import Settings
from app.core.counties import County, CountyList
from app.core.db import db
from app.counties import tasks
from app.counties.serving import Counties
from app.places.operations import read_csv
from tests.factories import County as Small
from tests.factories import found_county

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
    yield _settings(tmp_path / "data", server, name)
    if server is not None:
        server.drop(name)


def _settings(folder: Path, server: Any, database: str) -> Settings:
    url = server.url(database) if server is not None else ""
    return Settings(data_dir=folder, database_url=url, secret_key="k" * 40, testing=True)


@dataclass
class Site:
    """Two counties with the people of the small county in each, served by one process."""

    settings: Settings
    front: Flask
    counties: Counties

    def app(self, county: County) -> Flask:
        """The application of one county."""
        return self.counties.app(county)

    def browser(self, county: County, username: str) -> FlaskClient:
        """A client of the whole installation that holds the cookie of a session of ``county``."""
        client = self.front.test_client(use_cookies=False)
        client.environ_base["HTTP_COOKIE"] = f"yiheng={self.cookie(county, self.session(county, username))}"
        return client

    def session(self, county: County, username: str) -> str:
        """The token of a new session of an account."""
        with self.app(county).app_context():
            user = Small().user(username)
            return start(user, address="127.0.0.1", agent="test", absolute_hours=12, needs_second_factor=False)

    def cookie(self, county: County, token: str) -> str:
        """The cookie in which ``county`` gives out a token."""
        app = self.app(county)
        interface = app.session_interface
        assert isinstance(interface, SecureCookieSessionInterface)
        signer = interface.get_signing_serializer(app)
        assert signer is not None
        return str(signer.dumps({"token": token, "locale": "zh_Hans_CN"}))

    def get(self, client: FlaskClient, county: County, path: str, **more: Any) -> TestResponse:
        """Open an address at the host of a county."""
        return client.get(path, base_url=f"http://{county.host}:8000", **more)

    def close(self) -> None:
        """Give every connection back."""
        self.counties.close()


@pytest.fixture(scope="session")
def two_counties(server: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Folder and database of 兴庆区 and 永宁县 as they stand before every test, made once."""
    folder, database = tmp_path_factory.mktemp("many") / "data", server.create() if server is not None else ""
    settings = _settings(folder, server, database)
    found(settings, XINGQING, YONGNING)
    counties = Counties(settings)
    for county, mark in ((XINGQING, "甲县"), (YONGNING, "乙县")):
        with counties.app(county).app_context():
            found_county()
            rename(mark)
    counties.close()
    return folder, database


@pytest.fixture
def site(two_counties: tuple[Path, str], server: Any, tmp_path: Path) -> Iterator[Site]:
    """兴庆区 and 永宁县; the names of people and organisations end in 甲县 there and in 乙县 here."""
    folder, database = two_counties
    shutil.copytree(folder, tmp_path / "site")
    name = server.create(database) if server is not None else ""
    settings = _settings(tmp_path / "site", server, name)
    front = create_app(settings)
    made = Site(settings, front, front.extensions["counties"])
    yield made
    made.close()
    if server is not None:
        server.drop(name)


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


def command(settings: Settings, *arguments: str) -> Result:
    """What ``flask county …`` said, and its exit code."""
    app = create_app(settings)
    try:
        return app.test_cli_runner().invoke(args=list(arguments))
    finally:
        if "counties" not in app.extensions:
            with app.app_context():
                db.engine.dispose()
