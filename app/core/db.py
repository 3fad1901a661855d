"""The database: one engine factory for SQLite and PostgreSQL, column types, and the base of every table.

One county is one database. SQLite runs in WAL with ``synchronous=FULL`` (NORMAL loses acknowledged work at power
loss) and every writing transaction begins IMMEDIATE, so that check-then-act is one step; reading transactions begin
deferred and never block a writer.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from contextvars import ContextVar
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Engine, Enum, Integer, MetaData, Text, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

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


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

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


class JsonText(TypeDecorator[Any]):
    """JSON kept as canonical text (sorted keys, no blanks), so that equal content has equal bytes and hash."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write canonical JSON."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read it back."""
        return None if value is None else json.loads(value)


def canonical_json(value: Any) -> str:
    """One text for one content: keys sorted, no blanks, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


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
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")


def prepare_engine(engine: Engine) -> Engine:
    """Give an engine (of the application or of a migration) the settings every promise about money relies on."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    return engine


def engine_options(url: str) -> dict[str, Any]:
    """Pool options for ``url``."""
    if url.startswith("sqlite"):
        return {
            "connect_args": {"timeout": 20, "check_same_thread": False},
            "pool_size": 10,
            "max_overflow": 20,
            "hide_parameters": True,  # parameters are personal data and would stand in tracebacks
        }
    return {"pool_pre_ping": True, "pool_size": 8, "max_overflow": 8, "hide_parameters": True}


def init_db(app: Flask) -> None:
    """Attach the database to the application; the only place where engines are made."""
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            prepare_engine(engine)


__all__ = [
    "JSON",
    "MAX_ID",
    "BigId",
    "JsonText",
    "Model",
    "UtcDateTime",
    "canonical_json",
    "db",
    "enum_type",
    "identity",
    "init_db",
    "prepare_engine",
    "writing",
]
