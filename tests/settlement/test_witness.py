"""The plain rule and one SQL statement agree to the fen on random lives; ``LONG_RUNS=1``: on 100,000 of them."""

from __future__ import annotations

import datetime as dt
import os
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from app.contracts.models import Suspension
from app.core import clock
from app.core.backup import triggers_off
from app.core.db import db
from app.core.errors import Refused
from app.core.periods import Quarter as Period
from app.core.transaction import transaction
from app.people.models import Absence, AbsenceKind
from app.settlement import queries
from app.settlement.operations import calculating
from app.settlement.rules.settling import Rates, Rule, settle
from benchmarks import county
from benchmarks.databases import Store
from tests.settlement.conftest import Quarter

LONG = os.environ.get("LONG_RUNS") == "1"
CONTRACTS = 100_000 if LONG else 600
SEED = int(os.environ.get("WITNESS_SEED", "6"))
TABLES: list[dict[str, Any] | None] = [
    {"monthly_fen": {"half_care": 25900, "full_care": 51700}},
    {"monthly_fen": {"self_care": 101, "half_care": 25901, "full_care": 51701}},
    {
        "monthly_fen": {"full_care": 51700},
        "area": [
            {"code": "150422100", "monthly_fen": {"full_care": 60001}},
            {"code": "150422100201", "monthly_fen": {"half_care": 333}},
        ],
    },
    None,
]


def lives(rng: random.Random, number: int) -> dict[Any, list[dict[str, Any]]]:
    """Stays and suspensions beside those of the filled county: they touch, overlap, contain each other, stay open."""
    rows: dict[Any, list[dict[str, Any]]] = {Absence: [], Suspension: []}
    for person in range(1, number + 1):
        taken: set[dt.date] = set()
        start = dt.date(2025, 11, 1) + dt.timedelta(days=rng.randrange(160))
        kind: AbsenceKind | None = None
        for _ in range(rng.choice((0, 0, 1, 2, 3, 4))):
            length = rng.choice((0, 1, 6, 7, 8, rng.randrange(1, 60)))
            end = None if rng.random() < 0.1 else start + dt.timedelta(days=length)
            touches = bool(taken) and rng.random() < 0.7
            kind = kind if touches else rng.choice((AbsenceKind.HOSPITAL, AbsenceKind.LEAVE, None))
            if start in taken:
                continue
            taken.add(start)
            if kind is None:
                rows[Suspension].append({"contract_id": person, "from_on": start, "to_on": end, "reason": "-"})
            else:
                rows[Absence].append(
                    {"resident_id": person, "kind": kind, "from_on": start, "to_on": end, "recorded_at": county.THEN}
                )
            if end is not None and rng.random() < 0.6:  # the next stay touches this one, or begins a day later
                start = end + dt.timedelta(days=rng.choice((1, 1, 2)))
            else:
                start = dt.date(2025, 11, 1) + dt.timedelta(days=rng.randrange(160))
    return rows


def filled(rng: random.Random) -> None:
    """The county with random lives on top."""
    county.fill(CONTRACTS)
    with transaction() as tx, triggers_off(db.session.connection()):
        tx.act = "test.lives"
        for model, rows in lives(rng, CONTRACTS).items():
            owner = "resident_id" if model is Absence else "contract_id"
            held = {tuple(row) for row in db.session.execute(db.select(getattr(model, owner), model.from_on))}
            db.session.execute(insert(model), [r for r in rows if (r[owner], r["from_on"]) not in held])


def test_one_statement_and_the_plain_rule_agree_to_the_fen_on_random_lives(server: Any, tmp_path: Path) -> None:
    rng = random.Random(SEED)
    store = Store("postgresql" if server is not None else "sqlite", tmp_path, server)
    store.fill("county", lambda: filled(rng))
    with store.copy("county"), clock.at(county.SETTLED_AT):
        compared = blocked = 0
        for quarter in (Period(2026, 1), Period(2025, 4), Period(2026, 2)):
            for rule in (Rule(7, 7, frozenset({"self_care"})), Rule(0, 3, frozenset())):
                tables = [TABLES[rng.randrange(3)] for _ in range(3)]
                if rng.random() < 0.3:
                    tables[rng.randrange(3)] = None
                rates = [Rates(month, table) for month, table in zip(quarter.months, tables, strict=True)]
                for area in county.townships(CONTRACTS):
                    facts = queries.township_facts(area, quarter)
                    plain = {f.contract_id: settle(f, rates, rule) for f in facts.contracts}
                    found = queries.witness(area, quarter, rule, rates)
                    assert found == {c: (r.due_fen, r.pay_fen, r.blocked) for c, r in plain.items()}
                    compared += len(found)
                    blocked += sum(1 for _d, _p, why in found.values() if why)
        assert compared > 5 * CONTRACTS
        assert 0 < blocked < compared


def test_a_line_that_is_a_fen_wrong_is_refused(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, dt.date(2026, 1, 1), dt.date(2026, 3, 31))
    quarter.fill()
    quarter.scored(row)
    settled = quarter.settlement()
    inputs = queries.township_inputs(settled.area_code, Period(2026, 1))
    lines = calculating.quarter_lines(inputs)
    calculating.refuse_unwitnessed(settled, inputs.now, lines)
    for wrong in ([{**lines[0], "pay_fen": lines[0]["pay_fen"] + 1}], [], [{**lines[0], "blocked": "no_grade"}]):
        with pytest.raises(Refused):
            calculating.refuse_unwitnessed(settled, inputs.now, wrong)
