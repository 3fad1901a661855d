"""Which version of the tables the database has, and which one this program needs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.core.db import db

FOLDER = Path(__file__).resolve().parent.parent.parent / "migrations"


def stored(connection: Connection) -> str:
    """Version of the tables in the database; empty when there are none."""
    return ", ".join(sorted(MigrationContext.configure(connection).get_current_heads()))


@cache
def newest() -> str:
    """The version this program was written for."""
    return ScriptDirectory(str(FOLDER)).get_current_head() or ""


@cache
def known() -> frozenset[str]:
    """Every version this program can bring up to date."""
    return frozenset(script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions())


def problem() -> str | None:
    """Why this program must not work on this database, in words; None when the versions fit."""
    with db.engine.connect() as connection:
        version = stored(connection)
    if version == newest():
        return None
    if not version:
        return "The database has no tables yet; run: flask db upgrade"
    if version in known():
        return f"The tables are of version {version}, {newest()} is needed; run: flask db upgrade"
    return f"The tables are of version {version}, which this program does not know: install the version that made them."
