"""The whole database as hashes per table: did anything change?"""

from __future__ import annotations

import hashlib

from sqlalchemy import text

from app.core.db import db

TRACES = frozenset({"web_session", "sign_in_attempt"})
"""Tables that every request may touch: when a session was last seen, who tried to sign in."""
AUDIT = frozenset({"audit_entry", "audit_head"})
"""Looking at personal data and printing leave an entry: that is their purpose."""


def dump(*, without: frozenset[str] = TRACES) -> dict[str, tuple[int, str]]:
    """Rows and hash of the content of every table but those in ``without``."""
    found = {}
    db.session.rollback()
    with db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            if table.name not in without:
                rows = sorted(repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{table.name}"')))
                found[table.name] = len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def counts() -> dict[str, int]:
    """Rows of every table but the traces: cheap enough to compare around each request."""
    names = [t.name for t in db.metadata.sorted_tables if t.name not in TRACES]
    query = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names)
    with db.engine.connect() as connection:
        return dict(connection.execute(text(query)).all())


def changed(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> list[str]:
    """Names of the tables that differ, with their rows before and after."""
    return [f"{name}: {before[name][0]} → {after[name][0]} rows" for name in before if before[name] != after[name]]
