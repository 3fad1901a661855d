"""The whole database as one value, to see that nothing changed or that two databases are equal."""

from __future__ import annotations

import hashlib
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
