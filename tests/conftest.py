"""Fixtures of every test: each one gets its own copy of a migrated database with a small county in it.

Nothing of ours is mocked: real migrations, real commits, the database named by ``TEST_DATABASE`` (sqlite, postgresql).
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.inspected_client import InspectedClient

DATABASE = os.environ.get("TEST_DATABASE", "sqlite")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """A test that touches the application is a database test: it runs on both. Of those that were chosen, long ones begin:
    they are dealt out over the workers, each of which is given an equal part of the list, so that none waits at the end.
    """
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & {"app", "template", "server"} and not item.get_closest_marker("journey"):
            item.add_marker(pytest.mark.db)
    yield
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    long = [item for item in items if item.get_closest_marker("long")]
    rest = iter([item for item in items if not item.get_closest_marker("long")])
    dealt: list[pytest.Item] = []
    for worker in range(workers):
        dealt += long[worker::workers]
        dealt += islice(rest, max(0, len(items) * (worker + 1) // workers - len(dealt)))
    items[:] = [*dealt, *rest]


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


@dataclass(frozen=True)
class Small:
    """The application of this test process, and the small county as it stands before every test: a folder, and on
    PostgreSQL a database that is the template of the application's own.
    """

    app: Flask
    data: Path
    kept: Path
    database: str = ""
    template: str = ""


def _let_go() -> None:
    """Close every connection of the application in whose context this runs."""
    from app.core.db import db

    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


@pytest.fixture(scope="session")
def template(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Small:
    """A migrated database with the small county, made once.

    The application is made once too: another one for each test would compile every address, page and statement again,
    which took most of the time of the tests.
    """
    from flask_migrate import upgrade

    from tests.factories import found_county

    home = tmp_path_factory.mktemp("county")
    data, kept = home / "data", home / "kept"
    database = server.create() if server is not None else ""
    made = make_app(data, server.url(database) if server is not None else "")
    with made.app_context():
        upgrade(directory="migrations")
        found_county()
        _let_go()
    shutil.copytree(data, kept)
    return Small(made, data, kept, database, server.create(database) if server is not None else "")


@pytest.fixture
def app(template: Small, server: Any) -> Iterator[Flask]:
    """The application on a private copy of the county, with the settings and keys it began with."""
    from app.core.crypto import KeyringFile

    made = template.app
    shutil.rmtree(template.data)
    shutil.copytree(template.kept, template.data)
    if server is not None:
        server.renew(template.database, template.template)
    config, extensions = dict(made.config), dict(made.extensions)
    made.extensions["keyring"] = KeyringFile(made.extensions["settings"].keyring_path)
    with made.app_context():
        yield made
        _let_go()
    made.test_client_class = None
    made.config.clear()
    made.config.update(config)
    made.extensions.clear()
    made.extensions.update(extensions)


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
