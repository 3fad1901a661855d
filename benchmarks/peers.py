"""Other ways to settle the same quarter: what people write who have an ORM, and one set-based statement.

The ORM loops use the product's plain rule for the arithmetic; the statement computes the amounts by itself, in whole
numbers, so that it is an independent witness of every fen.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session, joinedload

from app.contracts.models import Contract, Suspension
from app.core import clock
from app.core.db import db
from app.core.periods import Quarter
from app.core.rulebook import rule_in_force
from app.grading.models import CareGrade
from app.people.models import Absence, AbsenceKind
from app.settlement.models import (
    Account,
    Evaluation,
    EvaluationState,
    LedgerEntry,
    LineKind,
    Settlement,
    SettlementLine,
)
from app.settlement.queries import rates_of
from app.settlement.rules.posting import approval, approval_key
from app.settlement.rules.settling import Facts, Rule, settle
from benchmarks.county import FIRST, LAST, QUARTER

PERIOD = Quarter(2026, 1)


def _facts(contract: Contract, suspensions: Any, absences: Any, grades: Any, evaluation: Evaluation | None) -> Facts:
    ends = [day for day in (contract.valid_to, contract.ended_on, contract.resident.ended_on) if day]
    away = {kind: [(a.from_on, a.to_on) for a in absences if a.kind is kind] for kind in AbsenceKind}
    return Facts(
        contract_id=contract.id, caregiver_id=contract.caregiver_id, resident_id=contract.resident_id,
        area_code=contract.area_code, first=contract.in_force_from or contract.valid_from, last=min(ends),
        suspensions=[(s.from_on, s.to_on) for s in suspensions], hospital=away[AbsenceKind.HOSPITAL],
        leave=away[AbsenceKind.LEAVE], grades=[(g.valid_from, g.valid_to, g.grade) for g in grades],
        ratio_bp=evaluation.ratio_bp if evaluation else None,
    )  # fmt: skip


def _wanted() -> Any:
    return select(Contract).where(Contract.in_force_from <= LAST, Contract.valid_to >= FIRST).order_by(Contract.id)


def _covers(contract: Contract) -> bool:
    ends = [day for day in (contract.valid_to, contract.ended_on, contract.resident.ended_on) if day]
    return min(ends) >= FIRST and contract.in_force_from is not None and contract.in_force_from <= min(ends)


def _line(facts: Facts, rates: Any, rule: Rule, settlement_id: int) -> dict[str, Any]:
    """Columns of a line."""
    result = settle(facts, rates, rule)
    return {
        "settlement_id": settlement_id, "run": 1, "kind": LineKind.QUARTER, "for_quarter": QUARTER,
        "contract_id": facts.contract_id, "caregiver_id": facts.caregiver_id, "resident_id": facts.resident_id,
        "due_fen": result.due_fen, "pay_fen": result.pay_fen, "withheld_fen": result.withheld_fen, "ratio_bp": facts.ratio_bp,
        "blocked": result.blocked.value if result.blocked else None, "months": [m.as_json() for m in result.months],
        "rules": {}, "calculated_at": clock.now(),
    }  # fmt: skip


def _entries(line: dict[str, Any], line_id: int, at: dt.datetime) -> list[dict[str, Any]]:
    """Columns of a line's postings."""
    if line["blocked"]:
        return []
    key = approval_key(line["settlement_id"], line["contract_id"], LineKind.QUARTER.value, QUARTER)
    return [
        {
            "posting": key, "account": Account(side.account), "amount_fen": side.amount_fen, "quarter": QUARTER,
            "settlement_id": line["settlement_id"], "line_id": line_id, "contract_id": line["contract_id"],
            "caregiver_id": line["caregiver_id"], "posted_at": at,
        }
        for side in approval(key, due_fen=line["due_fen"], pay_fen=line["pay_fen"], withheld_fen=line["withheld_fen"])
    ]  # fmt: skip


def orm_prefetch() -> None:
    """Everything loaded as objects in a few queries, a loop in Python, all lines and all entries in a bulk insert each."""
    with Session(db.engine) as session:
        rates, rule, at = rates_of(PERIOD), Rule.from_body(rule_in_force("settlement_rule", FIRST).body), clock.now()
        contracts = session.scalars(_wanted().options(joinedload(Contract.resident))).unique().all()
        found: dict[type, dict[int, list[Any]]] = {Suspension: {}, Absence: {}, CareGrade: {}}
        for model, by in ((Suspension, "contract_id"), (Absence, "resident_id"), (CareGrade, "resident_id")):
            for row in session.scalars(select(model)).unique():
                found[model].setdefault(getattr(row, by), []).append(row)
        evaluations = {
            e.contract_id: e
            for e in session.scalars(select(Evaluation).where(Evaluation.quarter == QUARTER)).unique()
            if e.state is EvaluationState.CONFIRMED
        }
        settlements = {s.area_code: s.id for s in session.scalars(select(Settlement)).unique()}
        lines = [
            _line(
                _facts(
                    c,
                    found[Suspension].get(c.id, ()),
                    found[Absence].get(c.resident_id, ()),
                    found[CareGrade].get(c.resident_id, ()),
                    evaluations.get(c.id),
                ),
                rates,
                rule,
                settlements[c.area_code[:9]],
            )
            for c in contracts
            if _covers(c)
        ]
        stored = session.execute(insert(SettlementLine).returning(SettlementLine.id, SettlementLine.contract_id), lines)
        ids = {contract_id: line_id for line_id, contract_id in stored}
        entries = [entry for line in lines for entry in _entries(line, ids[line["contract_id"]], at)]
        session.execute(insert(LedgerEntry), entries)
        session.commit()


def orm_row_by_row() -> None:
    """One contract after the other: its facts asked for one by one, its line and entries flushed, a commit for each."""
    with Session(db.engine) as session:
        ids = session.scalars(_wanted().with_only_columns(Contract.id)).all()
        for contract_id in ids:
            contract = session.get(Contract, contract_id)
            assert contract is not None
            if not _covers(contract):
                continue
            person = contract.resident_id
            rates, rule = rates_of(PERIOD), Rule.from_body(rule_in_force("settlement_rule", FIRST).body)
            facts = _facts(
                contract,
                session.scalars(select(Suspension).where(Suspension.contract_id == contract_id)).all(),
                session.scalars(select(Absence).where(Absence.resident_id == person)).all(),
                session.scalars(select(CareGrade).where(CareGrade.resident_id == person)).unique().all(),
                session.scalars(
                    select(Evaluation).where(Evaluation.contract_id == contract_id, Evaluation.quarter == QUARTER)
                )
                .unique()
                .one_or_none(),
            )
            settlement = session.scalars(select(Settlement).where(Settlement.area_code == contract.area_code[:9]))
            line = _line(facts, rates, rule, settlement.unique().one().id)
            stored = SettlementLine(**line)
            session.add(stored)
            session.flush()
            for entry in _entries(line, stored.id, clock.now()):
                session.add(LedgerEntry(**entry))
                session.flush()
            session.commit()


MONTHS = [(month.first, month.last, month.days) for month in PERIOD.months]
COMMON = 31 * 28
"""A common multiple of the days of the quarter's months (31, 28, 31): sums of day parts are whole multiples of 1/868."""
FREE = 7


def _days(kind: str, first: str, last: str) -> str:
    span = (
        f"({last} - {first} + 1)"
        if kind == "postgresql"
        else f"CAST(julianday({last}) - julianday({first}) + 1 AS INTEGER)"
    )
    return f"CASE WHEN {first} > {last} THEN 0 ELSE {span} END"


def _statement(kind: str) -> str:
    low, high = ("LEAST", "GREATEST") if kind == "postgresql" else ("min", "max")
    day = (lambda d: f"DATE '{d}'") if kind == "postgresql" else (lambda d: f"'{d}'")
    plus = (lambda c, n: f"({c} + {n})") if kind == "postgresql" else (lambda c, n: f"date({c}, '+{n} days')")
    parts = []
    for number, (first, last, of_days) in enumerate(MONTHS):
        start, end = f"{high}(f.first, {day(first)})", f"{low}(f.last, {day(last)})"
        away = [
            _days(kind, f"{high}({begin}, {start})", f"{low}({until}, {end})")
            for begin, until in (
                (plus("h.from_on", FREE), "h.to_on"), (plus("l.from_on", FREE), "l.to_on"), ("s.from_on", "s.to_on"),
            )
        ]  # fmt: skip
        minus = " - ".join(
            f"(CASE WHEN {name}.from_on IS NULL THEN 0 ELSE {days} END)" for name, days in zip("hls", away, strict=True)
        )
        base = f"(CASE g{number}.grade WHEN 3 THEN 51700 WHEN 2 THEN 25900 ELSE 0 END)"
        parts.append(f"{base} * (({_days(kind, start, end)}) - {minus}) * {COMMON // of_days}")
    grades = "\n".join(
        f"JOIN care_grade g{n} ON g{n}.resident_id = f.resident_id AND g{n}.valid_from <= {day(first)} "
        f"AND (g{n}.valid_to IS NULL OR g{n}.valid_to >= {day(first)})"
        for n, (first, _last, _of) in enumerate(MONTHS)
    )
    return f"""
    INSERT INTO settlement_line (settlement_id, run, kind, for_quarter, contract_id, caregiver_id, resident_id, due_fen, pay_fen,
        withheld_fen, ratio_bp, blocked, months, rules, calculated_at)
    SELECT settlement_id, 1, 'quarter', '{QUARTER}', id, caregiver_id, resident_id, due, pay, due - pay, ratio_bp, blocked,
        '[]', '{{}}', '2026-04-03 02:00:00'
    FROM (SELECT x.*, CASE WHEN blocked IS NULL THEN (2 * parts + {COMMON}) / (2 * {COMMON}) ELSE 0 END AS due,
            CASE WHEN blocked IS NULL THEN (2 * parts * coalesce(ratio_bp, 0) + {COMMON} * 10000) / (2 * {COMMON} * 10000)
            ELSE 0 END AS pay
        FROM (SELECT w.*, CASE WHEN parts > 0 AND ratio_bp IS NULL THEN 'no_score' END AS blocked
            FROM (SELECT f.id, f.caregiver_id, f.resident_id, t.id AS settlement_id, e.ratio_bp,
                    CAST({" + ".join(parts)} AS BIGINT) AS parts
                FROM (SELECT c.id, c.caregiver_id, c.resident_id, c.area_code, c.in_force_from AS first,
                        {low}(c.valid_to, coalesce(c.ended_on, c.valid_to), coalesce(r.ended_on, c.valid_to)) AS last
                    FROM contract c JOIN resident r ON r.id = c.resident_id
                    WHERE c.in_force_from <= {day(LAST)} AND c.valid_to >= {day(FIRST)}) f
                JOIN settlement t ON t.area_code = substr(f.area_code, 1, 9)
                {grades}
                LEFT JOIN evaluation e ON e.contract_id = f.id AND e.quarter = '{QUARTER}' AND e.state = 'confirmed'
                LEFT JOIN absence h ON h.resident_id = f.resident_id AND h.kind = 'hospital'
                LEFT JOIN absence l ON l.resident_id = f.resident_id AND l.kind = 'leave'
                LEFT JOIN contract_suspension s ON s.contract_id = f.id
                WHERE f.last >= {day(FIRST)} AND f.first <= f.last) w) x) y"""


POSTINGS = f"""
    INSERT INTO ledger_entry (posting, account, amount_fen, quarter, settlement_id, line_id, contract_id, caregiver_id, posted_at)
    SELECT 'due/' || settlement_id || '/' || contract_id || '/quarter/{QUARTER}', account, amount, '{QUARTER}', settlement_id, id,
        contract_id, caregiver_id, '2026-04-03 02:00:00'
    FROM (SELECT *, 'programme_funds' AS account, -due_fen AS amount FROM settlement_line UNION ALL
          SELECT *, 'payable', pay_fen FROM settlement_line UNION ALL
          SELECT *, 'withheld', withheld_fen FROM settlement_line) sides
    WHERE amount <> 0 AND blocked IS NULL"""


def raw_statement() -> None:
    """One statement computes and writes all lines, a second one their postings, one commit. It keeps no arithmetic."""
    with db.engine.begin() as connection:
        connection.execute(text(_statement(db.engine.dialect.name)))
        connection.execute(text(POSTINGS))
