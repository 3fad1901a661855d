"""Migrations: numbered, one head, equal to the models, down and up again with data, and the triggers refuse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from app.core.db import db, writing

FOLDER = Path(__file__).parent.parent.parent / "migrations"


def test_files_are_numbered_and_the_head_file_names_the_last() -> None:
    names = sorted(p.name for p in (FOLDER / "versions").glob("*.py"))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", n) for n in names)
    heads = ScriptDirectory(str(FOLDER)).get_heads()
    assert heads == [(FOLDER / "HEAD").read_text().strip()] == [names[-1][:4]]


def test_models_equal_migrations(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_down_and_up_again_with_data(app: Flask) -> None:
    before = set(inspect(db.engine).get_table_names())
    db.session.remove()
    downgrade(directory=str(FOLDER), revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    upgrade(directory=str(FOLDER))
    assert set(inspect(db.engine).get_table_names()) == before


def test_down_and_up_again_with_every_kind_of_object(lively: Flask) -> None:
    """The county with a closed quarter, contracts, proposals and objections in it."""
    test_down_and_up_again_with_data(lively)


def _refused(statement: str) -> str:
    token = writing.set(True)
    try:
        with db.engine.connect() as connection, pytest.raises(DBAPIError) as caught:
            connection.execute(text(statement))
        return str(caught.value)
    finally:
        writing.reset(token)


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET act = 'x'", "DELETE FROM audit_entry"])
def test_the_audit_log_is_append_only_in_the_database_too(app: Flask, statement: str) -> None:
    assert "audit_entry" in _refused(statement)


@pytest.mark.parametrize("table", ["resident", "caregiver"])
def test_people_are_never_deleted(app: Flask, table: str) -> None:
    assert "never deleted" in _refused(f"DELETE FROM {table}")
