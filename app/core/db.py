"""The database: one engine factory for SQLite and PostgreSQL, column types, and the base of every table.

One county is one database: a SQLite file, or on PostgreSQL a schema. Which one a statement meets is decided here and
nowhere else (``Servers``): no statement names a schema (ADR 37). SQLite runs in WAL with ``synchronous=FULL`` (NORMAL loses acknowledged work at power
loss) and every writing transaction begins IMMEDIATE, so that check-then-act is one step; reading transactions begin
deferred and never block a writer.
"""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import sqlite3
from collections.abc import Iterable
from contextvars import ContextVar
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    Select,
    Text,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as SqlTimeoutError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import CreateSchema
from sqlalchemy.types import TypeDecorator

from app.core.errors import NotFound

if TYPE_CHECKING:
    from app.config import Settings

MAX_ID = 2**63 - 1
"""Largest identifier that both databases store; URL converters refuse anything above."""

writing: ContextVar[bool] = ContextVar("writing", default=False)
"""True inside ``transaction()``: the next BEGIN takes the write lock at once."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)


class Database(SQLAlchemy):
    """Flask-SQLAlchemy; the engine of an application that is one county of many comes from ``Servers``."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        settings: Settings | None = app.extensions.get("settings")
        if settings is None or not settings.schema:
            return prepare_engine(super()._make_engine(bind_key, options, app))
        servers: Servers = app.extensions["servers"]
        return servers.engine(settings.sqlalchemy_url, settings.schema)


db = Database(model_class=Base, disable_autonaming=True)


if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

BigId = BigInteger().with_variant(Integer, "sqlite")
"""Identity column type: SQLite counts only INTEGER PRIMARY KEY up by itself."""


def identity() -> Mapped[int]:
    """Surrogate primary key."""
    return mapped_column(BigId, primary_key=True, autoincrement=True)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An instant. Python side: timezone-aware UTC; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Refuse naive instants and store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Give every stored instant its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Canonical(str):
    """A text that is canonical JSON already: ``JsonText`` stores it as it is. For content that many rows share."""

    __slots__ = ()


class JsonText(TypeDecorator[Any]):
    """JSON kept as canonical text (sorted keys, no blanks), so that equal content has equal bytes and hash."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write canonical JSON."""
        return value if value is None or isinstance(value, Canonical) else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read it back."""
        return None if value is None else json.loads(value)


_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical_json(value: Any) -> str:
    """One text for one content: keys sorted, no blanks, characters as they are."""
    return _canonical.encode(value)


def enum_type(kind: type[StrEnum], name: str) -> Enum:
    """An enumeration as text with a CHECK constraint; ``name`` names the constraint within its table."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=32,
        values_callable=lambda members: [m.value for m in members],
    )


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy emits BEGIN itself, see _begin
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=20000")
        cursor.execute(
            "PRAGMA wal_autocheckpoint=4000"
        )  # 16 MB instead of 4: a page that many commits change is copied once
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.autocommit = True
        connection.execute("SET lock_timeout = '20s'")  # like SQLite's busy timeout: words instead of waiting for ever
        connection.execute("SET idle_in_transaction_session_timeout = '5min'")  # a stuck process keeps no lock
        connection.autocommit = False


def prepare_engine(engine: Engine) -> Engine:
    """Give an engine (of the application or of a migration) the settings every promise about money relies on."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    else:
        _prepare_postgresql(engine)
    return engine


COUNTY = "county_schema"
"""Execution option of an engine: the schema of the one county that it reaches."""


class Servers:
    """The PostgreSQL servers that this process talks to, each with one pool of connections for all of its counties.

    A county's engine is a view of that pool which puts the county's schema, and nothing else, on the search path of
    every transaction it begins; with the transaction the path is gone. A statement outside of one finds no table.
    """

    def __init__(self) -> None:
        self._engines: dict[str, Engine] = {}

    def engine(self, url: str, schema: str) -> Engine:
        """The engine of one county. What it does can reach that county only."""
        return self._server(url).execution_options(**{COUNTY: schema})

    def make_schema(self, url: str, schema: str) -> None:
        """Make the schema of a new county, unless it is there."""
        with self._server(url).execution_options(**{COUNTY: schema}).begin() as connection:
            connection.execute(CreateSchema(schema, if_not_exists=True))

    def ask(self, urls: Iterable[str]) -> None:
        """See that the servers answer. Raises ``SQLAlchemyError`` when one does not."""
        for url in urls:
            if not url.startswith("sqlite"):
                with self._server(url).execution_options(**{COUNTY: ""}).connect() as connection:
                    connection.exec_driver_sql("SELECT 1")

    def dispose(self) -> None:
        """Close every connection that nobody uses."""
        for engine in self._engines.values():
            engine.dispose()

    def _server(self, url: str) -> Engine:
        if url not in self._engines:
            options = engine_options(url)
            # statements kept prepared by name would be planned anew at each change of county, and a proxy that pools
            # transactions could not have them
            options["connect_args"] = {**options["connect_args"], "prepare_threshold": None}
            self._engines.setdefault(url, _route(prepare_engine(create_engine(url, **options))))
        return self._engines[url]


def _route(engine: Engine) -> Engine:
    @event.listens_for(engine, "connect")
    def _nowhere(connection: Any, _record: object) -> None:
        connection.autocommit = True
        connection.execute("SET search_path = ''")
        connection.autocommit = False

    @event.listens_for(engine, "begin")
    def _there(connection: Connection) -> None:
        schema = connection.get_execution_options()[COUNTY]
        connection.exec_driver_sql("SELECT set_config('search_path', %s, true)", (schema,))

    return engine


def hold(what: str) -> None:
    """Keep ``what`` to this transaction until it ends, within this county: others who ask wait. SQLite has one writer
    anyway.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        lock = "SELECT pg_advisory_xact_lock(hashtextextended(concat(current_schema(), ' ', CAST(:what AS text)), 0))"
        db.session.execute(text(lock), {"what": what})


def county_engine(settings: Settings, servers: Servers) -> Engine:
    """The engine of one county without an application: for looking at many of them. A file's is to be disposed of."""
    url = settings.sqlalchemy_url
    if settings.schema:
        return servers.engine(url, settings.schema)
    return prepare_engine(create_engine(url, **engine_options(url)))


def durability_problems() -> list[str]:
    """Settings of the database under which acknowledged work could be lost, in words.

    SQLite is set by this program, so anything else means that the file system cannot do it. PostgreSQL's are the
    server's: fsync, full_page_writes and synchronous_commit.
    """
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
            return [
                f"SQLite has {name} = {found[name]}, {value} is needed: is the data folder on a local disk?"
                for name, value in wanted.items()
                if found[name] != value
            ]
        names = ("fsync", "full_page_writes", "synchronous_commit")
        values = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names}
        version = int(connection.exec_driver_sql("SHOW server_version_num").scalar() or 0)
    problems = [
        f"PostgreSQL runs with {name} = off: acknowledged work would be lost at a power cut. Set {name} = on."
        for name, value in values.items()
        if value == "off"
    ]
    return [*problems, *(["PostgreSQL 15 or newer is needed."] if version < 150_000 else [])]


_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def storage_status(error: BaseException) -> int | None:
    """503 when the store is away, busy or read-only, 507 when it is full, None when ``error`` is something else."""
    if isinstance(error, SqlTimeoutError):
        return 503
    if isinstance(error, OSError):
        return 507 if error.errno in _DISK_FULL else (503 if error.errno in {errno.EROFS, errno.EIO} else None)
    if not isinstance(error, DBAPIError):
        return None
    state = str(getattr(error.orig, "sqlstate", None) or "")
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    if state in {"53100", "53400"} or name.startswith("SQLITE_FULL"):
        return 507
    if (
        error.connection_invalidated
        or isinstance(error, OperationalError | InterfaceError)
        or state in {"25006", "25P03"}  # a standby that is read-only; a transaction that was left alone
        or name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))
    ):
        return 503
    return None


def engine_options(url: str) -> dict[str, Any]:
    """Pool options for ``url``."""
    if url.startswith("sqlite"):
        return {
            "connect_args": {"timeout": 20, "check_same_thread": False},
            "pool_size": 10,
            "max_overflow": 20,
            "hide_parameters": True,  # parameters are personal data and would stand in tracebacks
        }
    return {
        "connect_args": {"connect_timeout": 10},
        "pool_pre_ping": True,
        "pool_size": 8,
        "max_overflow": 8,
        "hide_parameters": True,
    }


def _private_file(url: str) -> list[Path]:
    """Make a new SQLite file readable by its owner only; its journal takes the same rights. Returns what was made."""
    path = make_url(url).database if url.startswith("sqlite") else None
    if path and path != ":memory:" and not Path(path).exists() and Path(path).parent.is_dir():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        return [Path(path)]
    return []


def init_db(app: Flask, servers: Servers | None = None) -> None:
    """Attach the database to the application. ``servers`` are those of the process where it serves many counties."""
    app.extensions.setdefault("made_files", []).extend(_private_file(app.config["SQLALCHEMY_DATABASE_URI"]))
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
    app.extensions["servers"] = servers or Servers()
    db.init_app(app)


__all__ = [
    "JSON",
    "MAX_ID",
    "BigId",
    "Canonical",
    "JsonText",
    "Model",
    "Servers",
    "UtcDateTime",
    "canonical_json",
    "db",
    "durability_problems",
    "enum_type",
    "hold",
    "identity",
    "init_db",
    "prepare_engine",
    "storage_status",
    "writing",
]


Row = TypeVar("Row")


def one_row(query: Select[Row], *, lock: bool = False) -> Row:
    """The one row of a query; with ``lock`` held until the transaction ends and read afresh. Raises ``NotFound``."""
    if lock:
        kind = query.column_descriptions[0]["entity"]  # what is joined to it stays free
        query = query.with_for_update(of=kind).execution_options(populate_existing=True)
    row = db.session.scalars(query).unique().one_or_none()
    if row is None:
        raise NotFound
    return row
