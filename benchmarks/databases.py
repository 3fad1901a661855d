"""Databases for measuring: one filled county each on SQLite and PostgreSQL, and fresh copies of it for every run.

Money tables refuse UPDATE and DELETE, so nothing is ever cleaned up between runs: every run begins with its own copy.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask

Fill = Callable[[], None]


def make_app(folder: Path, url: str = "") -> Flask:
    """The product on its own data folder, as the tests make it."""
    from app import create_app
    from app.config import Settings

    return create_app(
        Settings(data_dir=folder, database_url=url, secret_key="k" * 40, testing=True)
    )  # not a secret: a county that lives for minutes


@dataclass(frozen=True)
class Filled:
    """One filled county: the application that runs on it, and what every run begins with."""

    app: Flask
    data: Path
    kept: Path
    database: str
    template: str


@dataclass
class Store:
    """One kind of database; ``server`` is the throw-away PostgreSQL, or None for SQLite files."""

    kind: str
    home: Path
    server: Any = None
    filled: dict[str, Filled] = field(default_factory=dict)

    def fill(self, name: str, fill: Fill) -> None:
        """Make the county ``name`` once."""
        if name in self.filled:
            return
        home = self.home / f"{self.kind}-{name}"
        data, kept = home / "data", home / "kept"
        data.mkdir(parents=True)
        database = self.server.create() if self.server else ""
        app = make_app(data, self.server.url(database) if self.server else "")
        with _open(app):
            from flask_migrate import upgrade

            upgrade(directory="migrations")
            fill()
        shutil.copytree(data, kept)
        template = self.server.create(database) if self.server else ""
        self.filled[name] = Filled(app, data, kept, database, template)

    @contextlib.contextmanager
    def copy(self, name: str) -> Iterator[Flask]:
        """The product on a fresh copy of a filled county; the process stays the same, as a server's does."""
        own = self.filled[name]
        shutil.rmtree(own.data)
        shutil.copytree(own.kept, own.data)
        if self.server:
            self.server.renew(own.database, own.template)
        with _open(own.app):
            yield own.app


@contextlib.contextmanager
def _open(app: Flask) -> Iterator[None]:
    from app.core.db import db

    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


@contextlib.contextmanager
def stores(kinds: list[str]) -> Iterator[list[Store]]:
    """The stores that were asked for, for the time of a run."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="yiheng-bench-") as text, contextlib.ExitStack() as stack:
        found = []
        if "sqlite" in kinds:
            found.append(Store("sqlite", Path(text)))
        if "postgresql" in kinds:
            from tests.support.postgres import server

            found.append(Store("postgresql", Path(text), stack.enter_context(server())))
        yield found


def analyze() -> None:
    """Give the planner its statistics, as after every bulk load: of this county's tables, not of the whole database."""
    from sqlalchemy import text

    from app.core.db import db

    names = ", ".join(f'"{name}"' for name in db.metadata.tables)
    with db.engine.begin() as connection:
        connection.execute(text(f"ANALYZE {names}" if connection.dialect.name == "postgresql" else "ANALYZE"))
