"""The lively county for the guards that walk over every page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

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


@contextmanager
def copy_of(made: tuple[Path, str], server: object, data: Path, **extra: object) -> Iterator[Flask]:
    """An application on a private copy of ``made``, at the moment its clock stands at; ``extra`` overrides settings."""
    from app import create_app
    from app.config import Settings
    from app.core.db import db
    from tests.support.lively import at_present

    folder, name = made
    shutil.copytree(folder, data)
    url = server.clone(name) if server is not None else ""  # type: ignore[attr-defined]  # tests.support.postgres.Server
    app = create_app(Settings(data_dir=data, database_url=url, secret_key="k" * 40, testing=True, extra=extra))
    with app.app_context(), at_present():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    if server is not None:
        server.drop(url.split("/")[-1].split("?")[0])  # type: ignore[attr-defined]  # as above


@pytest.fixture
def lively(lively_template: tuple[Path, str], server: object, tmp_path: Path) -> Iterator[Flask]:
    """The lively county."""
    with copy_of(lively_template, server, tmp_path / "lively") as app:
        yield app


@pytest.fixture(scope="session")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The marked catalogues of the pseudo-locale."""
    from tests.support.pseudo import write_catalogues

    return write_catalogues(tmp_path_factory.mktemp("catalogues"))


@pytest.fixture
def marked(lively_template: tuple[Path, str], server: object, tmp_path: Path, catalogues: Path) -> Iterator[Flask]:
    """The lively county with every translated text in marks."""
    from app.extensions import babel

    kept = babel.domain_instance.cache  # of the process, not of the application
    directories = str(catalogues)
    with copy_of(lively_template, server, tmp_path / "marked", BABEL_TRANSLATION_DIRECTORIES=directories) as app:
        kept.clear()
        yield app
        kept.clear()


@pytest.fixture
def enter(lively: Flask) -> Callable[..., object]:
    """``enter("township_officer_a", "en")`` → a ``Browser`` signed in to the lively county."""
    from tests.support.walker import Browser

    def entered(username: str | None, locale: str = "zh_Hans_CN") -> Browser:
        return Browser(lively, username, locale)

    return entered
