"""The whole database as values, to see that nothing changed or that two databases are equal."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from sqlalchemy import select

from app.core.db import db


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def dump(*, without: frozenset[str] = frozenset()) -> str:
    """Hash of every row of every table (but those in ``without``), read from one consistent state."""
    digest = hashlib.sha256()
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        for table in db.metadata.sorted_tables:
            if table.name not in without:
                for row in connection.execute(select(table).order_by(*table.primary_key.columns)):
                    digest.update(repr(tuple(_plain(v) for v in row)).encode())
    return digest.hexdigest()


TRACES = frozenset({"web_session", "sign_in_attempt"})
"""Tables that every request may touch: when a session was last seen, who tried to sign in."""
AUDIT = frozenset({"audit_entry", "audit_head"})
"""Looking at personal data and printing leave an entry: that is their purpose."""


def tables(*, without: frozenset[str] = TRACES) -> dict[str, str]:
    """Hash of each table, so that a difference has a name."""
    names = {table.name for table in db.metadata.sorted_tables}
    return {name: dump(without=frozenset(names - {name})) for name in sorted(names - without)}


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Names of the tables that differ."""
    return sorted(name for name in before if before[name] != after[name])


def counts(*, without: frozenset[str] = TRACES) -> dict[str, int]:
    """Rows of each table: cheap enough to compare around every request."""
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql(_count_statement()).all()
    return {name: count for name, count in rows if name not in without}


@cache
def _count_statement() -> str:
    return " UNION ALL ".join(
        f"SELECT '{t.name}', count(*) FROM \"{t.name}\"" for t in db.metadata.sorted_tables
    )  # names of our own tables
