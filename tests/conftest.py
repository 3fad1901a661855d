"""Fixtures of every test: each one gets its own copy of a migrated database with a small county in it.

Nothing of ours is mocked: real migrations, real commits, the database named by ``TEST_DATABASE`` (sqlite, postgresql).
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.inspected_client import InspectedClient

DATABASE = os.environ.get("TEST_DATABASE", "sqlite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that touches the application is a database test: it runs on both."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & {"app", "template", "server"} and not item.get_closest_marker("journey"):
            item.add_marker(pytest.mark.db)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything outside this machine is refused loudly."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and isinstance(address, tuple):
            assert address[0] in {"127.0.0.1", "::1", "localhost"}, f"a test wanted to reach {address}"
        real(self, address)  # type: ignore[arg-type]  # passed through as given

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(scope="session")
def server() -> Iterator[object]:
    """The throw-away PostgreSQL of this run, or None on SQLite."""
    if DATABASE != "postgresql":
        yield None
        return
    from tests.support.postgres import server as postgres

    with postgres() as running:
        yield running


def _settings(folder: Path, url: str):  # imported late: pure tests load no Flask
    from app.config import Settings

    return Settings(data_dir=folder, database_url=url, secret_key="k" * 40, testing=True)


def make_app(folder: Path, url: str = "") -> Flask:
    """An application on its own data folder."""
    from app import create_app

    return create_app(_settings(folder, url))


@pytest.fixture(scope="session")
def template(server: object, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A migrated database with the small county, made once: (data folder, PostgreSQL database or '')."""
    from flask_migrate import upgrade

    from app.core.db import db
    from tests.factories import found_county

    folder = tmp_path_factory.mktemp("template")
    name = ""
    if server is not None:
        name = server.create()  # type: ignore[attr-defined]  # tests.support.postgres.Server
    app = make_app(folder, server.url(name) if server is not None else "")  # type: ignore[attr-defined]  # as above
    with app.app_context():
        upgrade(directory="migrations")
        found_county()
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    return folder, name


@pytest.fixture
def app(template: tuple[Path, str], server: object, tmp_path: Path) -> Iterator[Flask]:
    """The application on a private copy of the county."""
    from app.core.db import db

    folder, name = template
    data = tmp_path / "data"
    shutil.copytree(folder, data)
    url = server.clone(name) if server is not None else ""  # type: ignore[attr-defined]  # tests.support.postgres.Server
    made = make_app(data, url)
    with made.app_context():
        yield made
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    if server is not None:
        server.drop(url.split("/")[-1].split("?")[0])  # type: ignore[attr-defined]  # as above


@pytest.fixture
def county(app: Flask):  # tests.factories.County; imported late
    """Names and actors of the small county."""
    from tests.factories import County

    return County()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a sign-in; every page it opens is inspected."""
    app.test_client_class = InspectedClient
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[[str], FlaskClient]:
    """``sign_in("township_officer")`` → a client signed in with that demo account."""
    app.test_client_class = InspectedClient

    def signed_in(username: str) -> FlaskClient:
        from tests.factories import open_session

        browser = app.test_client()
        open_session(browser, username)
        return browser

    return signed_in
