"""Which version of the tables the database has, and which one this program needs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
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
    county = current_app.extensions["settings"].county
    command = f"flask county migrate {county}" if county else "flask db upgrade"
    if not version:
        return f"The database has no tables yet; run: {command}"
    if version in known():
        return f"The tables are of version {version}, {newest()} is needed; run: {command}"
    return f"The tables are of version {version}, which this program does not know: install the version that made them."
