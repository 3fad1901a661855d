"""Opening a quarter and calculating a township's settlement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask_babel import gettext
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import Canonical, canonical_json, db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.core.periods import Quarter
from app.settlement import queries
from app.settlement.models import LineKind, Settlement, SettlementInputs, SettlementLine, SettlementState
from app.settlement.operations.states import move, need
from app.settlement.queries import Inputs, QuarterFacts
from app.settlement.rules.settling import Facts, MonthDue, Result


def read_quarter(text: str) -> Quarter:
    """``2026-Q1``. Raises ``Invalid`` at the field."""
    try:
        return Quarter.parse(text)
    except ValueError as error:
        raise Invalid(gettext("Write the quarter as 2026-Q1."), field="quarter") from error


@operation("quarter.open", permission="settlements.calculate")
def open_quarter(actor: Actor, quarter: str) -> list[Settlement]:
    """Open a settlement for each township in the actor's area; those that are open already stay as they are.

    Raises ``Refused`` before the quarter begins and when a later quarter of a township is open already.
    """
    period = read_quarter(quarter)
    if clock.today() < period.first:
        raise Refused(gettext("The quarter has not begun yet."))
    query = queries.visible(actor).where(Settlement.quarter == quarter)
    known = {row.area_code for row in db.session.scalars(query).unique()}
    later = set(
        db.session.scalars(
            queries.visible(actor).with_only_columns(Settlement.area_code).where(Settlement.quarter > quarter)
        )
    )
    opened = 0
    for area in queries.townships(actor):
        if area.code in known:
            continue
        if area.code in later:
            raise Refused(gettext("A later quarter of %(township)s is open already.", township=area.name))
        try:
            with db.session.begin_nested():
                db.session.add(
                    Settlement(quarter=quarter, area_code=area.code, state=SettlementState.OPEN, opened_at=clock.now())
                )
        except IntegrityError:
            continue  # another officer opened it in this very moment
        opened += 1
    audit.record("quarter.open", "quarter", quarter, {"opened": opened})
    return list(db.session.scalars(query.order_by(Settlement.area_code)).unique())


@operation("settlement.calculate", permission="settlements.calculate")
def calculate(actor: Actor, settlement_id: int) -> Settlement:
    """Freeze the facts of a township's quarter under a hash and write one line per contract, and corrections of closed
    quarters. Equal facts keep the run that is there; the whole calculation is one transaction.
    """
    row = queries.settlement(actor, settlement_id, lock=True)
    need(row, SettlementState.OPEN, SettlementState.CALCULATED)
    inputs = queries.township_inputs(row.area_code, Quarter.parse(row.quarter))
    sha256 = inputs.sha256
    if row.state is SettlementState.CALCULATED and row.inputs_sha256 == sha256:
        audit.record(
            "settlement.calculate", "settlement", row.id, {"run": row.run, "inputs_sha256": sha256, "unchanged": True}
        )
        return row
    run, now = row.run + 1, clock.now()
    own = quarter_lines(inputs)
    refuse_unwitnessed(row, inputs.now, own)
    lines = [
        {"settlement_id": row.id, "run": run, "calculated_at": now, **line}
        for line in [*own, *correction_lines(inputs)]
    ]
    frozen = {"settlement_id": row.id, "run": run, "sha256": sha256, "body": queries.packed(inputs.text)}
    db.session.execute(insert(SettlementInputs), frozen)
    if lines:
        db.session.execute(insert(SettlementLine), lines)
    totals = {name: sum(line[name] for line in lines) for name in ("due_fen", "pay_fen", "withheld_fen")}
    move(
        row,
        SettlementState.CALCULATED,
        "settlement.calculate",
        {"run": [row.run, run], "inputs_sha256": sha256, "lines": len(lines), **totals},
        run=run,
        inputs_sha256=sha256,
        lines_count=len(lines),
        blocked_count=sum(1 for line in lines if line["blocked"]),
        calculated_at=now,
        calculated_by=actor.user_id,
        **totals,
    )
    return row


@lru_cache(maxsize=4096)
def _months_text(months: tuple[MonthDue, ...]) -> Canonical:
    return Canonical(canonical_json([month.as_json() for month in months]))


def _line(facts: QuarterFacts, contract: Facts, result: Result, kind: LineKind) -> dict[str, Any]:
    return {
        "kind": kind,
        "for_quarter": str(facts.quarter),
        "contract_id": contract.contract_id,
        "caregiver_id": contract.caregiver_id,
        "resident_id": contract.resident_id,
        "due_fen": result.due_fen,
        "pay_fen": result.pay_fen,
        "withheld_fen": result.withheld_fen,
        "score": contract.score,
        "ratio_bp": contract.ratio_bp,
        "blocked": result.blocked.value if result.blocked else None,
        "months": _months_text(result.months),
        "rules": facts.rules_json(contract.contract_id, contract.evaluation),
    }


def quarter_lines(inputs: Inputs) -> list[dict[str, Any]]:
    """One line for every contract of the quarter, as columns of ``settlement_line``."""
    facts = inputs.now
    return [_line(facts, contract, facts.settle(contract), LineKind.QUARTER) for contract in facts.contracts]


def correction_lines(inputs: Inputs) -> list[dict[str, Any]]:
    """Differences between what is due for closed quarters by the facts of today and what the ledger says."""
    lines = []
    for x in inputs.changed:
        due_fen, pay_fen = x.result.due_fen - x.posted_due_fen, x.result.pay_fen - x.posted_pay_fen
        lines.append(
            {
                **_line(x.quarter, x.contract, x.result, LineKind.CORRECTION),
                "due_fen": due_fen,
                "pay_fen": pay_fen,
                "withheld_fen": due_fen - pay_fen,
            }
        )
    return lines


def refuse_unwitnessed(row: Settlement, facts: QuarterFacts, lines: Sequence[Mapping[str, Any]]) -> None:
    """Compute the quarter a second time, by one SQL statement that shares nothing with the rule, and raise ``Refused`` naming
    the first contract whose amounts differ by a fen: then nothing is stored.
    """
    says = {x["contract_id"]: (x["due_fen"], x["pay_fen"], x["blocked"]) for x in lines}
    computed = queries.witness(row.area_code, facts.quarter, facts.rule, facts.rates)
    if says != computed:
        contract = min(c for c in says.keys() | computed.keys() if says.get(c) != computed.get(c))
        raise Refused(
            gettext(
                "Two ways to compute contract %(contract)s differ: %(one)s and %(other)s. Nothing was stored; tell the people who keep this system.",
                contract=contract,
                one=says.get(contract),
                other=computed.get(contract),
            )
        )


def refuse_stale(row: Settlement, inputs: Inputs) -> None:
    """Raise ``Refused`` when facts changed since the calculation; ``inputs`` are the facts of now."""
    if inputs.sha256 != row.inputs_sha256:
        raise Refused(gettext("Facts changed since the calculation. Calculate again, then submit."))


__all__ = ["calculate", "open_quarter", "read_quarter", "refuse_stale"]
