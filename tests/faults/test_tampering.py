"""Somebody with the database password changes rows behind the program's back, triggers off: it is found and named."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.core import audit
from app.core.db import canonical_json, db, writing
from app.core.models import AuditEntry
from app.settlement.models import Settlement
from tests.core.test_audit import _behind_the_back as behind_the_back
from tests.factories import County, resident
from tests.faults.conftest import ROOT, let_go, where
from tests.settlement.conftest import Quarter, quarter

__all__ = ["quarter"]


def verify(app: Flask, *options: str) -> tuple[int, str]:
    """``flask audit verify``."""
    result = app.test_cli_runner().invoke(args=["audit", "verify", *options])
    return result.exit_code, result.output


COPY = "INSERT INTO audit_entry SELECT {seq}, at, actor_id, actor_name, role, act, object_type, object_id, reason, "
COPY += "request_id, address, changes, {prev}, {hash} FROM audit_entry WHERE seq = 9"


@pytest.mark.parametrize(
    ("changes", "seq", "words"),
    [
        (["UPDATE audit_entry SET reason = 'another' WHERE seq = 9"], 9, "altered"),
        (["UPDATE audit_entry SET at = '2020-01-01 00:00:00+00:00' WHERE seq = 9"], 9, "altered"),
        (["DELETE FROM audit_entry WHERE seq = 9"], 9, "missing"),
        (["DELETE FROM audit_entry WHERE seq > 9"], 10, "ends at 9"),
        ([COPY.format(seq=0, prev="'x'", hash="'y'")], 0, "does not belong"),
        ([COPY.format(seq=-3, prev="'x'", hash="'y'")], -3, "does not belong"),
        (
            [
                "UPDATE audit_entry SET seq = -1 WHERE seq = 9",
                "UPDATE audit_entry SET seq = 9 WHERE seq = 12",
                "UPDATE audit_entry SET seq = 12 WHERE seq = -1",
            ],
            9,
            "does not follow",
        ),
        (["DELETE FROM audit_entry WHERE seq = 1"], 1, "missing"),
        (["UPDATE audit_head SET seq = seq - 1"], None, "not written by the program"),
    ],
    ids=["edit", "edit-time", "delete", "cut", "insert-before", "insert-negative", "swap", "first", "head"],
)
def test_the_first_wrong_entry_is_named(
    app: Flask, county: County, changes: list[str], seq: int | None, words: str
) -> None:
    last = audit.head()[0]
    let_go()
    behind_the_back(*changes)
    code, said = verify(app)
    assert code == 1
    assert f"broken at entry {last if seq is None else seq}:" in said
    assert words in said


def _rewrite_from(first: int) -> None:
    """What a careful forger does: change one entry and chain everything after it anew, head included."""
    rows = list(audit.rows())
    prev, statements = rows[first - 2]["hash"], []
    for row in rows[first - 1 :]:
        fields = {**audit._fields(row), **({"actor_name": "nobody"} if row["seq"] == first else {})}
        digest = hashlib.sha256((prev + canonical_json(fields)).encode()).hexdigest()
        statements.append(
            f"UPDATE audit_entry SET actor_name = '{fields['actor_name']}', prev_hash = '{prev}', hash = '{digest}' "
            f"WHERE seq = {row['seq']}"
        )
        prev = digest
    let_go()
    behind_the_back(*statements, f"UPDATE audit_head SET hash = '{prev}'")


def test_a_chain_that_was_made_anew_is_found_by_a_head_noted_elsewhere(app: Flask, county: County) -> None:
    noted = app.test_cli_runner().invoke(args=["audit", "head"]).output.strip()
    assert noted == "{}:{}".format(*audit.head())
    resident("später")
    assert verify(app, "--head", noted)[0] == 0
    _rewrite_from(9)
    assert verify(app)[0] == 0, "the chain in itself is whole again"
    code, said = verify(app, "--head", noted)
    assert code == 1
    assert "rewritten" in said


def test_a_cut_tail_with_the_head_set_back_is_found_by_a_head_noted_elsewhere(app: Flask, county: County) -> None:
    noted = "{}:{}".format(*audit.head())
    let_go()
    behind_the_back(
        "DELETE FROM audit_entry WHERE seq > 12",
        "UPDATE audit_head SET seq = 12, hash = (SELECT hash FROM audit_entry WHERE seq = 12)",
    )
    assert verify(app)[0] == 0
    assert verify(app, "--head", noted)[0] == 1


def test_the_approval_of_a_settlement_is_a_witness_of_the_log_before_it(app: Flask, quarter: Quarter) -> None:
    quarter.scored(_one(quarter))
    quarter.to_approved()
    assert verify(app)[0] == 0
    _rewrite_from(9)
    code, said = verify(app)
    assert code == 1
    assert "by the approval of 2026-Q1" in said


def _one(quarter: Quarter):
    import datetime as dt

    row = quarter.contract()
    quarter.records(row, dt.date(2026, 1, 1), dt.date(2026, 3, 31))
    quarter.fill()
    return row


def test_the_real_command_ends_with_one(app: Flask, county: County) -> None:
    let_go()
    behind_the_back("UPDATE audit_entry SET act = 'x' WHERE seq = 7")
    here = where(app)
    environment = {**os.environ, "DATA_DIR": here["folder"], "DATABASE_URL": here["url"], "SECRET_KEY": "k" * 40}
    command = [sys.executable, "-m", "flask", "audit", "verify"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert done.stdout.strip() == "audit log broken at entry 7: entry 7 was altered"


def _refused(statement: str) -> bool:
    token = writing.set(True)
    try:
        with db.engine.begin() as connection:
            changed = connection.execute(text(statement)).rowcount
        assert changed != 0, f"nothing there to try it on: {statement}"
        return False
    except DBAPIError as error:
        return any(word in str(error) for word in ("append-only", "never", "keeps its"))
    finally:
        writing.reset(token)


def test_the_database_itself_refuses_to_change_what_is_final(app: Flask, quarter: Quarter) -> None:
    quarter.scored(_one(quarter))
    quarter.to_closed()
    assert db.session.scalar(select(Settlement.closed_at)) is not None
    assert db.session.scalar(select(AuditEntry.seq).limit(1)) is not None
    let_go()
    for statement in (
        "UPDATE audit_entry SET act = 'x' WHERE seq = 1",
        "DELETE FROM audit_entry WHERE seq = 1",
        "UPDATE ledger_entry SET amount_fen = 1",
        "DELETE FROM ledger_entry",
        "UPDATE settlement_line SET pay_fen = 1, due_fen = 1, withheld_fen = 0",
        "DELETE FROM settlement_line",
        "UPDATE settlement SET pay_fen = pay_fen + 1, due_fen = due_fen + 1",
        "UPDATE settlement SET state = 'approved'",
        "DELETE FROM settlement",
    ):
        assert _refused(statement), statement
    if db.engine.dialect.name == "postgresql":
        for table in ("audit_entry", "ledger_entry", "settlement_line", "contract_party"):
            assert _refused(f"TRUNCATE {table} CASCADE"), table
