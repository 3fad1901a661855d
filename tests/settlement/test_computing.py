"""The statement that settles agrees with the plain rule in every column on random lives; ``LONG_RUNS=1``: on 100,000 of them."""

from __future__ import annotations

import datetime as dt
import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from app.contracts.models import Contract, Suspension
from app.core import clock
from app.core.backup import triggers_off
from app.core.db import db
from app.core.errors import Refused
from app.core.periods import Quarter as Period
from app.core.rulebook import rule_in_force
from app.core.transaction import transaction
from app.grading.models import CareGrade, GradeAppeal
from app.grading.rules.appeals import AppealBy, AppealState
from app.people.models import Absence, AbsenceKind
from app.places.queries import within
from app.settlement import operations
from app.settlement.models import Settlement, SettlementLine
from app.settlement.queries import Terms, computing, statement
from app.settlement.rules.settling import Rates
from benchmarks import county
from benchmarks.databases import Store
from tests.settlement import oracle
from tests.settlement.conftest import Quarter

LONG = os.environ.get("LONG_RUNS") == "1"
CONTRACTS = 100_000 if LONG else 600
SEED = int(os.environ.get("COMPUTING_SEED", "6"))
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
        db.session.execute(insert(GradeAppeal), appeals(rng))
        db.session.execute(update(Contract).where(Contract.id % 3 == 0).values(payee_id=Contract.institution_id))
    posted(rng)


def terms_of(rng: random.Random, period: Period) -> Terms:
    """Rules of a quarter as chance wants them: tables with areas, odd figures, a month without one; free days; what may be 0."""
    tables = [TABLES[rng.randrange(3)] for _ in range(3)]
    if rng.random() < 0.3:
        tables[rng.randrange(3)] = None
    rates = tuple(
        Rates(month, table, None if table is None else f"{TABLES.index(table):064d}")
        for month, table in zip(period.months, tables, strict=True)
    )
    policy = rule_in_force("settlement_rule", period.first)
    figures = rng.choice(({}, {"hospital_free_days": 0, "leave_free_days": 3, "zero_without_standard": []}))
    return Terms(period, replace(policy, body={**policy.body, **figures}), rates)


def appeals(rng: random.Random) -> list[dict[str, Any]]:
    """Appeals against some of the grades, in every state."""
    return [
        {
            "grade_id": grade, "resident_id": grade // 2, "by": AppealBy.RESIDENT, "by_name": "-", "reason": "-",
            "filed_on": county.FIRST, "decide_by": county.LAST, "rule_sha256": county.SHA, "state": state,
            "outcome_grade": rng.choice((1, 2, 3)) if state in (AppealState.CONFIRMED, AppealState.CHANGED) else None,
            "second_sheet_id": grade if state in (AppealState.CONFIRMED, AppealState.CHANGED) else None,
        }
        for grade in db.session.scalars(db.select(CareGrade.id).order_by(CareGrade.id))
        if rng.random() < 0.05 and (state := rng.choice(list(AppealState)))
    ]  # fmt: skip


def posted(rng: random.Random) -> None:
    """A closed settlement of 2025-Q4 in every township, with sums that are now right, now wrong, for lives that may be gone."""
    with transaction() as tx, triggers_off(db.session.connection()):
        tx.act = "test.posted"
        for area in county.townships(CONTRACTS):
            row = Settlement(quarter="2025-Q4", area_code=area, state="closed", run=1, opened_at=county.THEN)
            row.submitted_by_person, row.approved_by_person = "a", "b"
            db.session.add(row)
            db.session.flush()
            people = db.session.execute(
                db.select(Contract.id, Contract.caregiver_id, Contract.resident_id).where(
                    within(Contract.area_code, area)
                )
            )
            found = [
                {
                    "settlement_id": row.id, "run": 1, "kind": "quarter", "for_quarter": "2025-Q4", "contract_id": contract,
                    "caregiver_id": caregiver, "resident_id": resident, "due_fen": fen, "pay_fen": fen, "withheld_fen": 0,
                    "months": [], "rules": {}, "calculated_at": county.THEN,
                }
                for contract, caregiver, resident in people
                if (fen := rng.choice((0, 77700, 155100, 155103))) and rng.random() < 0.9
            ]  # fmt: skip
            db.session.execute(insert(SettlementLine), found)


def test_the_statement_and_the_plain_rule_agree_in_every_column_on_random_lives(server: Any, tmp_path: Path) -> None:
    rng = random.Random(SEED)
    store = Store("postgresql" if server is not None else "sqlite", tmp_path, server)
    store.fill("county", lambda: filled(rng))
    with store.copy("county"), clock.at(county.SETTLED_AT):
        compared, kinds = 0, Counter[str]()
        for period in (Period(2026, 1), Period(2025, 4), Period(2026, 2)):
            for _again in range(2):
                terms = [terms_of(rng, period)]
                if period == Period(2026, 1):
                    terms.append(terms_of(rng, Period(2025, 4)))
                for area in county.townships(CONTRACTS):
                    computing.run(area, terms)
                    found = oracle.computed()
                    assert found == oracle.lines(area, terms)
                    compared += len(found)
                    kinds.update(row["blocked"] or row["kind"] for row in found)
        assert compared > 5 * CONTRACTS
        assert set(kinds) >= {"quarter", "correction", "no_grade", "no_pay_table", "no_score"}, kinds
        print(f"compared {compared} lines: {dict(kinds)}")


def mistaken(right: Callable[..., str], one: str, other: str, *args: Any, **more: Any) -> str:
    """The statement with one mistake in it."""
    assert one in right(*args, **more)
    return right(*args, **more).replace(one, other, 1)


def test_a_line_that_is_a_fen_wrong_is_refused(quarter: Quarter, monkeypatch: pytest.MonkeyPatch) -> None:
    row = quarter.contract()
    quarter.records(row, dt.date(2026, 1, 1), dt.date(2026, 3, 31))
    quarter.fill()
    quarter.scored(row)
    settled = quarter.settlement()
    right = statement.statement
    for one, other in (("(2 * parts + ", "(4 * parts + "), ('"days"', '"of"')):
        monkeypatch.setattr(computing, "statement", partial(mistaken, right, one, other))
        with pytest.raises(Refused):
            operations.calculate(quarter.township, settled.id)
    monkeypatch.setattr(computing, "statement", right)
    assert operations.calculate(quarter.township, settled.id).pay_fen == 155100


def test_a_grade_under_appeal_does_not_stop_the_calculation(quarter: Quarter) -> None:
    """While it waits the grade before goes on; when it is changed, what was decided counts from its first day."""
    grades = [(2, dt.date(2025, 1, 1), dt.date(2026, 1, 31)), (3, dt.date(2026, 2, 1), None)]
    row = quarter.contract(grades=grades)
    quarter.records(row, dt.date(2026, 1, 1), dt.date(2026, 3, 31))
    quarter.fill()
    quarter.scored(row)
    settled = quarter.settlement()
    assert operations.calculate(quarter.township, settled.id).due_fen == 25900 + 2 * 51700
    grade = db.session.scalars(db.select(CareGrade).where(CareGrade.grade == 3)).one()
    with transaction() as tx:
        tx.act = "test.appeal"
        fields = {"by": AppealBy.RESIDENT, "by_name": "本人", "reason": "不同意", "rule_sha256": county.SHA}
        days = {"filed_on": dt.date(2026, 2, 3), "decide_by": dt.date(2026, 3, 3)}
        db.session.add(
            GradeAppeal(grade_id=grade.id, resident_id=row.resident_id, state=AppealState.OPEN, **fields, **days)
        )
    assert operations.calculate(quarter.township, settled.id).due_fen == 3 * 25900
