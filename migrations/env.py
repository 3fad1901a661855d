"""Runs migrations on the application's own engine, each in one transaction on both databases.

SQLite's driver would commit DDL by itself; the engine of ``app.core.db`` begins transactions explicitly, so that an
interrupted migration leaves the old schema (transactional_ddl below says so to Alembic).
"""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

from app.core.db import JsonText, UtcDateTime, writing

db = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, _autogen: Any) -> Any:
    """Write our column types as plain SQLAlchemy types: versions import no application code."""
    if kind == "type":
        if isinstance(item, UtcDateTime):
            return "sa.DateTime(timezone=True)"
        if isinstance(item, JsonText):
            return "sa.Text()"
    return False


def on(connection: Any) -> None:
    """Run on one connection; on PostgreSQL a lock for the county keeps two starting processes apart."""
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        transactional_ddl=True,
        compare_type=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20201609, hashtext(current_schema()))")
        context.run_migrations()


def run() -> None:
    """Upgrade or downgrade on the caller's connection (a restore is one transaction) or on our own."""
    given = context.config.attributes.get("connection")
    if given is not None:
        on(given)
        return
    token = writing.set(True)
    try:
        with db.engine.connect() as connection:
            on(connection)
    finally:
        writing.reset(token)


run()
