"""Every act leaves entries; every way of touching the log behind its back is found."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app.core import audit
from app.core.db import db, writing
from app.core.errors import Forbidden
from app.core.models import AuditEntry, AuditHead
from app.core.operation import operation
from app.core.transaction import transaction
from app.people.models import Resident
from tests.factories import County, resident


def _entries() -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq)))


def _behind_the_back(*statements: str) -> None:
    """Change rows as somebody with the database password would: triggers off, then on again."""
    token = writing.set(True)
    try:
        with db.engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                names = connection.execute(
                    text("SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name='audit_entry'")
                ).all()
                for name, _sql in names:
                    connection.execute(text(f"DROP TRIGGER {name}"))
            else:
                names = []
                connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
            for statement in statements:
                connection.execute(text(statement))
            for _name, sql in names:
                connection.execute(text(sql))
    finally:
        writing.reset(token)


def test_changes_stand_in_the_log_per_field_and_secrets_are_hidden(county: County) -> None:
    @operation("test.rename", permission="people.write")
    def rename(actor: object, who: Resident, *, reason: str) -> None:
        who.name, who.phone = "新名字", "13812345678"

    rename(county.actor("township_officer_a"), county.resident(), reason="改名")
    entry = _entries()[-1]
    assert entry.act == "test.rename:update"
    assert entry.reason == "改名"
    assert '"name":["甲老人","新名字"]' in entry.changes
    assert "13812345678" not in entry.changes
    assert entry.actor_name == "township_officer_a"


def test_an_act_without_permission_leaves_nothing(county: County) -> None:
    before = len(_entries())

    @operation("test.rename", permission="people.write")
    def rename(actor: object, who: Resident) -> None:
        who.name = "x"

    with pytest.raises(Forbidden):
        rename(county.actor("auditor"), county.resident())
    assert len(_entries()) == before


def test_an_act_that_leaves_no_entry_is_an_error_and_stores_nothing(county: County) -> None:
    @operation("test.silent", permission="people.write")
    def silent(actor: object) -> None:
        db.session.execute(update(Resident).values(name="x"))

    with pytest.raises(RuntimeError, match="audit"):
        silent(county.actor("township_officer_a"))
    assert db.session.scalar(select(Resident.id).where(Resident.name == "x")) is None


def test_writing_outside_an_operation_is_refused(county: County) -> None:
    row = county.resident()
    row.name = "x"
    with pytest.raises(RuntimeError, match="operation"):
        db.session.flush()
    db.session.rollback()


def test_an_exception_rolls_everything_back(county: County) -> None:
    before = len(_entries())

    def broken() -> None:
        with transaction():
            resident("halb")
            raise ValueError("half")

    with pytest.raises(ValueError, match="half"):
        broken()
    assert db.session.scalar(select(Resident.id).where(Resident.name == "halb")) is None
    assert len(_entries()) == before


def test_an_untouched_log_verifies(county: County) -> None:
    count, finding = audit.verify()
    assert count == len(_entries()) > 10
    assert finding is None


@pytest.mark.parametrize(
    ("change", "seq"),
    [
        ("UPDATE audit_entry SET actor_name = 'somebody else' WHERE seq = 5", 5),
        ("UPDATE audit_entry SET changes = '{}' WHERE seq = 7", 7),
        ("DELETE FROM audit_entry WHERE seq = 6", 6),
        ("DELETE FROM audit_entry WHERE seq = (SELECT max(seq) FROM audit_entry)", None),
    ],
    ids=["edit", "edit-changes", "delete", "cut-the-end"],
)
def test_tampering_is_found_at_the_first_wrong_entry(app: Flask, county: County, change: str, seq: int | None) -> None:
    last = len(_entries())
    db.session.remove()
    _behind_the_back(change)
    _count, finding = audit.verify()
    assert finding is not None
    assert finding.seq == (seq or last)
    result = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert result.exit_code == 1
    assert str(finding.seq) in result.output


def test_swapping_two_entries_is_found(county: County) -> None:
    db.session.remove()
    _behind_the_back(
        "UPDATE audit_entry SET seq = -8 WHERE seq = 8",
        "UPDATE audit_entry SET seq = 8 WHERE seq = 9",
        "UPDATE audit_entry SET seq = 9 WHERE seq = -8",
    )
    _count, finding = audit.verify()
    assert finding is not None
    assert finding.seq == 8


def test_rewriting_the_head_is_found(county: County) -> None:
    with transaction():
        db.session.execute(update(AuditHead).values(hash="0" * 64))
    assert audit.verify()[1] is not None


def test_the_command_says_so_when_all_is_well(app: Flask, county: County) -> None:
    result = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert result.exit_code == 0
    assert "intact" in result.output
