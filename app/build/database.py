"""What happens to the database before the product is served: the copy that is kept before its tables change.

Standard library only. A migration of SQLite runs in one transaction; the copy is for the change that works and turns
out to be unwanted. PostgreSQL sites take their own backup (``flask backup``) before they update.
"""

from __future__ import annotations

import ast
import contextlib
import datetime
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ROOT / "migrations" / "versions"


def data_dir() -> Path:
    """The folder of this installation's data: ``DATA_DIR`` or ``instance/``."""
    return Path(os.environ.get("DATA_DIR") or ROOT / "instance").resolve()


def many_counties() -> bool:
    """Whether this installation serves many counties (``app.core.counties``): each migrates its own tables."""
    return (data_dir() / "counties.json").exists()


def sqlite_file(database_url: str | None = None) -> Path | None:
    """The SQLite file of ``DATABASE_URL`` (default: in the data folder), ``None`` for another database."""
    url = os.environ.get("DATABASE_URL", "") if database_url is None else database_url
    if not url:
        return data_dir() / "yiheng.sqlite3"
    scheme, _, rest = url.partition("://")
    if not scheme.startswith("sqlite"):
        return None
    path = unquote(rest.removeprefix("/").split("?")[0])
    return Path(path) if path and path != ":memory:" else None


def newest_revisions(versions: Path = VERSIONS) -> set[str]:
    """The revisions that no other one builds on: read from the migration files without running them."""
    revisions: set[str] = set()
    parents: set[str] = set()
    for file in versions.glob("*.py"):
        values = dict(_assignments(ast.parse(file.read_text("utf-8"))))
        if "revision" in values:
            revisions.add(str(values["revision"]))
            below = values.get("down_revision")
            parents.update(map(str, below) if isinstance(below, (list, tuple)) else [str(below)])
    return revisions - parents


def _assignments(module: ast.Module) -> Iterator[tuple[str, object]]:
    for node in module.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                with contextlib.suppress(ValueError):
                    yield ast.unparse(target), ast.literal_eval(node.value)


def stored_revisions(file: Path) -> set[str]:
    """The revisions the file was migrated to; empty when it has none yet."""
    if not file.is_file():
        return set()
    with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return {row[0] for row in connection.execute("SELECT version_num FROM alembic_version")}
        except sqlite3.OperationalError:
            return set()


def keep_copy(file: Path, now: datetime.datetime) -> Path:
    """Copy the database, complete even while it is used, to ``backups/`` beside it; return the copy's path."""
    folder = file.parent / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    name = "-".join(sorted(stored_revisions(file))) or "empty"
    copy = folder / f"before-migration-from-{name}-{now:%Y%m%dT%H%M%SZ}.sqlite3"
    descriptor = os.open(
        copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600
    )  # readable by the owner only, as the original
    os.close(descriptor)
    with contextlib.closing(sqlite3.connect(file)) as source, contextlib.closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy
