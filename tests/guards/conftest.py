"""The lively county for the guards that walk over every page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import make_app


@pytest.fixture(scope="session")
def lively_template(
    template: tuple[Path, str], server: object, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The small county with a closed and an open quarter, made once: (data folder, PostgreSQL database or '')."""
    from app.core.db import db
    from tests.support.lively import enliven

    folder = tmp_path_factory.mktemp("lively") / "data"
    shutil.copytree(template[0], folder)
    name = server.create(template[1]) if server is not None else ""  # type: ignore[attr-defined]  # tests.support.postgres.Server
    app = make_app(folder, server.url(name) if server is not None else "")  # type: ignore[attr-defined]  # as above
    with app.app_context():
        enliven()
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    return folder, name


@pytest.fixture
def lively(lively_template: tuple[Path, str], server: object, tmp_path: Path) -> Iterator[Flask]:
    """The application on a private copy of the lively county, at the moment its clock stands at."""
    from app.core.db import db
    from tests.support.lively import at_present

    folder, name = lively_template
    data = tmp_path / "lively"
    shutil.copytree(folder, data)
    url = server.clone(name) if server is not None else ""  # type: ignore[attr-defined]  # tests.support.postgres.Server
    made = make_app(data, url)
    with made.app_context(), at_present():
        yield made
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    if server is not None:
        server.drop(url.split("/")[-1].split("?")[0])  # type: ignore[attr-defined]  # as above


@pytest.fixture
def enter(lively: Flask) -> Callable[..., FlaskClient]:
    """``enter("township_officer_a", locale="en")`` → an inspecting client signed in to the lively county."""
    from tests.factories import open_session
    from tests.support.inspected_client import InspectedClient

    lively.test_client_class = InspectedClient

    def entered(username: str, *, locale: str = "zh_Hans_CN") -> FlaskClient:
        browser = lively.test_client()
        open_session(browser, username)
        with browser.session_transaction() as cookie:
            cookie["locale"] = locale
        return browser

    return entered
