"""The plain way to settle a township: facts read as objects, the plain rule, corrections by difference. What SQL must equal."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.core.db import canonical_json, db
from app.core.periods import Quarter
from app.settlement import queries
from app.settlement.models import LineKind, Settlement, SettlementLine
from app.settlement.queries import Terms
from app.settlement.queries.computing import IN_ORDER, SETTLING
from app.settlement.rules.settling import Facts, Line, Rule, corrections, settle

Row = dict[str, Any]


def lines(area: str, terms: list[Terms]) -> list[Row]:
    """Everything a calculation must write for the first of ``terms``, with the others as closed quarters: columns and facts."""
    now, *closed = terms
    known = queries.township_facts(area, now.quarter)
    found = [_line(now, facts, known.scorecards[facts.contract_id], None) for facts in known.contracts]
    for one in closed:
        posted = _posted(area, one.quarter)
        known = queries.township_facts(area, one.quarter, posted)
        rows = [
            _line(one, facts, known.scorecards[facts.contract_id], posted.get(facts.contract_id, (0, 0)))
            for facts in known.contracts
        ]
        found += [row for row in rows if row["blocked"] is None and (row["due_fen"] or row["pay_fen"])]
    return found


def _posted(area: str, quarter: Quarter) -> dict[int, tuple[int, int]]:
    rows = db.session.execute(
        select(SettlementLine.contract_id, func.sum(SettlementLine.due_fen), func.sum(SettlementLine.pay_fen))
        .join(Settlement, (Settlement.id == SettlementLine.settlement_id) & (Settlement.run == SettlementLine.run))
        .where(Settlement.area_code == area, Settlement.state.in_(queries.SETTLED))
        .where(SettlementLine.for_quarter == str(quarter), SettlementLine.kind != LineKind.RETURNED)
        .group_by(SettlementLine.contract_id)
    )
    return {contract: (int(due), int(pay)) for contract, due, pay in rows}


def _line(one: Terms, facts: Facts, card: str | None, posted: tuple[int, int] | None) -> Row:
    result = settle(facts, one.rates, Rule.from_body(one.policy.body))
    name = (facts.contract_id, str(one.quarter))
    due = [Line(*name, "due", result.due_fen), Line(*name, "pay", result.pay_fen)]
    stands = [Line(*name, kind, fen) for kind, fen in zip(("due", "pay"), posted or (0, 0), strict=True)]
    differs = {line.kind: line.amount for line in corrections(due, stands)}
    tables = [rate.pay_table_sha256 for rate in one.rates]
    rules = {
        "settlement_rule": one.policy.sha256,
        "pay_tables": {str(rate.month): sha for rate, sha in zip(one.rates, tables, strict=True)},
        "evaluation": facts.evaluation,
        "scorecard": card,
    }
    record: Row = {**facts.as_json(), "record": "contract", "scorecard": card}
    if posted is not None:
        record |= {"record": "changed", "quarter": str(one.quarter), "rule": one.policy.sha256}
        record |= {"posted": list(posted), "pay_tables": tables}
    return {
        "kind": "quarter" if posted is None else "correction",
        "for_quarter": str(one.quarter),
        "contract_id": facts.contract_id,
        "caregiver_id": facts.caregiver_id,
        "payee_id": facts.payee_id,
        "resident_id": facts.resident_id,
        "due_fen": differs.get("due", 0),
        "pay_fen": differs.get("pay", 0),
        "score": facts.score,
        "ratio_bp": facts.ratio_bp,
        "blocked": result.blocked,
        "months": canonical_json([month.as_json() for month in result.months]),
        "rules": canonical_json(rules),
        "facts": canonical_json(record),
    }


def computed() -> list[Row]:
    """What the statement wrote, in the same form and order."""
    return [dict(row) for row in db.session.execute(select(SETTLING).order_by(*IN_ORDER)).mappings()]
