"""The lively county for the guards that walk over every page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import Small, _let_go, make_app


@pytest.fixture(scope="session")
def lively_template(template: Small, server: Any, tmp_path_factory: pytest.TempPathFactory) -> Small:
    """The small county with a closed and an open quarter, and its application, made once."""
    from tests.support.enliven import enliven

    home = tmp_path_factory.mktemp("lively")
    data, kept = home / "data", home / "kept"
    shutil.copytree(template.kept, data)
    database = server.create(template.template) if server is not None else ""
    made = make_app(data, server.url(database) if server is not None else "")
    with made.app_context():
        enliven()
        _let_go()
    shutil.copytree(data, kept)
    return Small(made, data, kept, database, server.create(database) if server is not None else "")


def _renew(county: Small, server: Any) -> None:
    shutil.rmtree(county.data)
    shutil.copytree(county.kept, county.data)
    if server is not None:
        server.renew(county.database, county.template)


@pytest.fixture
def fresh(lively: Flask, lively_template: Small, server: Any) -> Callable[[], None]:
    """``fresh()`` puts the lively county back as it was, within one test; whoever was signed in has to enter again."""

    def again() -> None:
        _let_go()
        _renew(lively_template, server)

    return again


@pytest.fixture
def lively(lively_template: Small, server: Any) -> Iterator[Flask]:
    """The application on a private copy of the lively county, at the moment its clock stands at."""
    from tests.support.lively import at_present

    made = lively_template.app
    _renew(lively_template, server)
    config, extensions = dict(made.config), dict(made.extensions)
    with made.app_context(), at_present():
        yield made
        _let_go()
    made.config.clear()
    made.config.update(config)
    made.extensions.clear()
    made.extensions.update(extensions)


@pytest.fixture(scope="session")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The marked catalogues of the pseudo-locale."""
    from tests.support.pseudo import write_catalogues

    return write_catalogues(tmp_path_factory.mktemp("catalogues"))


@pytest.fixture
def marked(lively: Flask, catalogues: Path) -> Iterator[Flask]:
    """The lively county with every translated text in marks."""
    from app.extensions import babel

    kept = babel.domain_instance.cache  # of the process, not of the application
    lively.extensions["babel"] = replace(lively.extensions["babel"], translation_directories=[str(catalogues)])
    kept.clear()
    yield lively
    kept.clear()


@pytest.fixture
def enter(lively: Flask) -> Callable[..., object]:
    """``enter("township_officer_a", "en")`` → a ``Browser`` signed in to the lively county."""
    from tests.support.walker import Browser

    def entered(username: str | None, locale: str = "zh_Hans_CN") -> Browser:
        return Browser(lively, username, locale)

    return entered
