"""Kill -9 in the middle of a settlement: nothing half done, the next run completes it, running it twice adds nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import audit
from app.core.db import db
from app.settlement import queries
from app.settlement.models import LedgerEntry, Settlement, SettlementLine
from tests.conftest import DATABASE
from tests.faults.conftest import Children, let_go
from tests.settlement.conftest import AFTER_Q1, Quarter, quarter
from tests.support.state import dump

__all__ = ["quarter"]

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 3, 31)
STATES = {
    "calculate": "calculated",
    "submit": "submitted",
    "approve": "approved",
    "order": "paying",
    "answer": "reconciled",
    "close": "closed",
}
TWICE = {"calculate", "order", "answer"}
"""Acts that may be asked for again and then change nothing; all others refuse."""
HOW = {"moment": AFTER_Q1.isoformat()}
EVERY = 1 if DATABASE == "sqlite" else 3
"""A kill at each statement; on PostgreSQL, where starting over takes long, at every third."""


@pytest.fixture
def settlement_id(quarter: Quarter) -> int:
    """Five contracts: full and reduced care, a change of grade, one without a confirmed score (blocked)."""
    for share, points, grades in (
        (1.0, {}, None),
        (0.6, {"D1": 200}, None),
        (0.9, {"B2": 100}, [(2, FIRST, dt.date(2026, 2, 10)), (3, dt.date(2026, 2, 11), None)]),
        (1.0, {"C2": 0}, [(2, FIRST, None)]),
    ):
        row = quarter.contract(grades=grades)
        quarter.records(row, FIRST, LAST, share=share)
        quarter.fill()
        quarter.scored(row, **points)
    blocked = quarter.contract()
    quarter.records(blocked, FIRST, LAST)
    quarter.fill()
    return quarter.settlement().id


def totals() -> dict[str, Any]:
    """What a settlement comes to: state, statement, lines and ledger, to the fen."""
    db.session.rollback()
    row = db.session.scalars(select(Settlement)).one()
    lines = db.session.execute(
        select(SettlementLine.contract_id, SettlementLine.run, SettlementLine.due_fen, SettlementLine.pay_fen)
        .where(SettlementLine.settlement_id == row.id)
        .order_by(SettlementLine.id)
    ).all()
    entries = db.session.execute(
        select(LedgerEntry.contract_id, LedgerEntry.account, LedgerEntry.amount_fen).order_by(
            LedgerEntry.contract_id, LedgerEntry.account, LedgerEntry.amount_fen
        )
    ).all()
    found = {
        "state": row.state.value,
        "run": row.run,
        "statement": (row.due_fen, row.pay_fen, row.withheld_fen, row.lines_count, row.blocked_count),
        "lines": [tuple(x) for x in lines],
        "ledger": [tuple(x) for x in entries],
    }
    let_go()
    return found


def assert_sound() -> None:
    """What holds at every moment, whoever died."""
    assert audit.verify(queries.noted_heads())[1] is None
    assert queries.verify_ledger() == []
    assert db.session.scalar(select(func.coalesce(func.sum(LedgerEntry.amount_fen), 0))) == 0
    let_go()


def uninterrupted(children: Children, app: Flask, settlement_id: int) -> dict[str, dict[str, Any]]:
    """The totals after each act when nobody is killed."""
    found = {}
    with app.app_context():
        for act, state in STATES.items():
            answer = children.run(app, act, settlement_id, **HOW)
            assert answer.get("done") == state, answer
            found[act] = {**totals(), "ms": answer["ms"]}
        assert_sound()
    return found


def complete(children: Children, app: Flask, act: str, settlement_id: int, expected: dict[str, Any]) -> None:
    """After the last kill: the next run completes the act, and one more adds nothing."""
    expected = {key: value for key, value in expected.items() if key != "ms"}
    if totals() != expected:
        answer = children.run(app, act, settlement_id, **HOW)
        assert answer.get("done") == STATES[act], answer
    assert totals() == expected
    again = children.run(app, act, settlement_id, **HOW)
    assert "refused" in again or act in TWICE
    assert totals() == expected
    assert_sound()


@pytest.mark.long
def test_a_process_killed_at_any_statement_leaves_nothing_half(
    app: Flask, children: Children, settlement_id: int, twin: Callable[[], Flask]
) -> None:
    expected = uninterrupted(children, twin(), settlement_id)
    assert expected["approve"]["statement"][4] == 1, "a blocked line is among them"
    counted: dict[str, int] = {}
    for act in STATES:
        before, standing = dump(), totals()
        for point in range(1, 500, EVERY):
            answer = children.run(app, act, settlement_id, kill_at=point, **HOW)
            if not answer["killed"]:
                counted[act] = (point - 1) // EVERY
                break
            now = totals()
            if now != standing:  # killed after the commit: everything of the act is there
                assert now.items() <= expected[act].items()
                counted[act] = (point + EVERY - 1) // EVERY
                break
            assert dump() == before
            let_go()
        complete(children, app, act, settlement_id, expected[act])
    print(f"killed at {sum(counted.values())} points: {counted}")
    assert min(counted.values()) * EVERY >= 5


@pytest.mark.long
def test_a_process_killed_at_any_moment_leaves_nothing_half(
    app: Flask, children: Children, settlement_id: int, twin: Callable[[], Flask]
) -> None:
    """By the clock, so that some die inside the driver, the commit and the file system."""
    expected = uninterrupted(children, twin(), settlement_id)
    kills = 0
    for act in STATES:
        standing = totals()
        for tenth in range(1, 13):
            delay = expected[act]["ms"] * tenth / 10
            kills += children.run(app, act, settlement_id, after_ms=delay, **HOW)["killed"]
            now = totals()
            assert now == standing or now.items() <= expected[act].items()
            if now != standing:
                break
            assert_sound()
        complete(children, app, act, settlement_id, expected[act])
    print(f"killed {kills} times by the clock")
    assert kills >= 15
