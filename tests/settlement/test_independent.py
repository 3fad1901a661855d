"""The benchmark's ways to settle a quarter are independent witnesses: one SQL statement and an ORM loop agree with us."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import county
from benchmarks.databases import Store
from benchmarks.peers import orm_prefetch, raw_statement
from benchmarks.settling import Runs, nothing, settle_all

CONTRACTS = 120


def test_one_statement_and_a_loop_of_objects_settle_to_the_same_fen(server: Any, tmp_path: Path) -> None:
    store = Store("postgresql" if server is not None else "sqlite", tmp_path, server)
    store.fill("county", lambda: county.fill(CONTRACTS))
    runs = Runs(store, "county")
    runs.timed("product", settle_all, before=nothing)
    runs.timed("statement", raw_statement)
    runs.timed("prefetched", orm_prefetch)
    assert len(set(runs.sums.values())) == 1, runs.sums
    lines, blocked, due, pay = runs.sums["product"][:4]
    assert 0.9 * CONTRACTS < lines <= CONTRACTS
    assert 0 < blocked < lines / 5
    assert 0 < pay < due
