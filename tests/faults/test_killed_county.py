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


def sweep(children: Children, app: Flask, rng: random.Random, act: str, ms: float) -> int:
    """Kill ``act`` at a random moment, look, and let it go on; how many were killed."""
    answer = children.run(app, act, after_ms=rng.uniform(0.02, 0.95) * ms, **HOW)
    assert whole(state())
    assert "error" not in answer, answer
    return int(answer["killed"])


@pytest.mark.parametrize("act", ["settle_county", "answer_county"])
def test_a_county_killed_at_random_moments_ends_as_if_nobody_had_been(children: Children, big: Store, act: str) -> None:
    rng = random.Random(20)
    before = {"settle_county": [], "answer_county": ["settle_county", "order_county"]}[act]
    expected: dict[str, Any] = {}
    ms = killed = 0.0
    for turn in range(KILLS + 1):
        with big.copy("county") as app, clock.at(county.SETTLED_AT):
            for name in before:
                assert "done" in children.run(app, name, **HOW)
            if turn:
                killed += sweep(children, app, rng, act, ms)
            answer = children.run(app, act, **HOW)
            assert "done" in answer, answer
            ms = min(ms or answer["ms"], answer["ms"])
            expected = expected or state()
            assert state() == expected
            if turn == KILLS:
                again = children.run(app, act, **HOW)
                assert "done" in again, again
                assert state() == expected, "asked once more nothing is added"
                assert_sound()
    print(f"{act}: {RESIDENTS} residents, killed {killed:.0f} of {KILLS} times, {ms:.0f} ms uninterrupted")
    assert killed >= (KILLS + 1) // 2, "moments are by the clock: some come too late"
