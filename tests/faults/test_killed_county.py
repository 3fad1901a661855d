"""Kill -9 at random moments of the settlement of a whole county and of its bank answers: nothing lost, nothing doubled.

In every run a small county; ``LONG_RUNS=1``: 5,000 residents in ten townships, twenty moments of each.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.transaction import transaction
from app.people.models import Caregiver
from app.settlement.models import LedgerEntry, Payment, Settlement, SettlementLine
from benchmarks import county
from benchmarks.databases import Store
from tests.faults.conftest import Children, let_go
from tests.faults.test_killed_settlement import assert_sound

LONG = os.environ.get("LONG_RUNS") == "1"
RESIDENTS, KILLS = (5000, 20) if LONG else (40, 3)
HOW = {"moment": county.SETTLED_AT.isoformat()}


def filled() -> None:
    """The county with an account for every caregiver, so that the bank is asked."""
    county.fill(RESIDENTS)
    with transaction() as tx:
        tx.act = "test.accounts"
        for row in db.session.scalars(select(Caregiver)).unique():
            row.bank_account = f"6222{row.id:012d}"


@pytest.fixture
def big(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A county of several townships."""
    if not LONG:
        monkeypatch.setattr(county, "PER_TOWNSHIP", 20)
    store = Store("postgresql" if server is not None else "sqlite", tmp_path, server)
    store.fill("county", filled)
    return store


def state() -> dict[str, Any]:
    """Everything that counts: statements, lines, ledger and payments, to the fen."""
    settlements = select(
        Settlement.area_code, Settlement.state, Settlement.run, Settlement.lines_count, Settlement.blocked_count, Settlement.pay_fen
    )  # fmt: skip
    lines = select(
        SettlementLine.contract_id, SettlementLine.run, SettlementLine.due_fen, SettlementLine.pay_fen, SettlementLine.blocked
    )  # fmt: skip
    entries = select(LedgerEntry.posting, LedgerEntry.account, LedgerEntry.amount_fen)
    payments = select(Payment.reference, Payment.state, Payment.fen)
    found = {
        "settlements": sorted(map(tuple, db.session.execute(settlements))),
        "lines": sorted(map(str, db.session.execute(lines))),
        "ledger": sorted(map(str, db.session.execute(entries))),
        "payments": sorted(map(str, db.session.execute(payments))),
    }
    let_go()
    return found


def whole(found: dict[str, Any]) -> bool:
    """Every statement has exactly the lines that it counts, of one run; nothing stands twice in the ledger."""
    counted = sum(row[3] for row in found["settlements"])
    return counted == len(found["lines"]) and len(set(found["ledger"])) == len(found["ledger"])


def sweep(children: Children, app: Flask, act: str, **when: Any) -> bool:
    """Kill ``act`` at a moment and look; False when the moment came after its end."""
    answer = children.run(app, act, **when, **HOW)
    assert whole(state())
    assert "error" not in answer, answer
    return bool(answer["killed"])


@pytest.mark.long
@pytest.mark.parametrize("act", ["settle_county", "answer_county"])
def test_a_county_killed_at_random_moments_ends_as_if_nobody_had_been(children: Children, big: Store, act: str) -> None:
    rng = random.Random(20)
    before = {"settle_county": [], "answer_county": ["settle_county", "order_county"]}[act]
    expected: dict[str, Any] = {}
    ms, points, killed, turn = 0.0, 0, 0, 0
    while killed < KILLS or not turn:
        with big.copy("county") as app, clock.at(county.SETTLED_AT):
            for name in before:
                assert "done" in children.run(app, name, **HOW)
            if turn % 2:  # by the clock: also inside the driver, the commit and the file system
                killed += sweep(children, app, act, after_ms=rng.uniform(0.02, 0.95) * ms)
            elif turn:  # before a statement or a commit
                killed += sweep(children, app, act, kill_at=rng.randint(1, points))
            turn += 1
            answer = children.run(app, act, **HOW)
            assert "done" in answer, answer
            ms, points = ms or answer["ms"], points or answer["points"]
            expected = expected or state()
            assert state() == expected
            if killed == KILLS:
                again = children.run(app, act, **HOW)
                assert "done" in again, again
                assert state() == expected, "asked once more nothing is added"
                assert_sound()
    print(f"{act}: {RESIDENTS} residents, killed {killed} times in {turn - 1} tries, {ms:.0f} ms uninterrupted")
