"""Another pay table or other bands on a quarter that was calculated: from its frozen facts, by the rule itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_, select

from app.contracts import queries as contracts
from app.contracts.models import Contract
from app.contracts.rules import State
from app.contracts.rules.pay import GRADE_KEYS, monthly_fen
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.models import RuleDocument, RuleState
from app.core.periods import Quarter
from app.core.policies import Policy, parse
from app.core.rulebook import rule_by_sha, rules_in_force, shipped
from app.grading.models import CareGrade
from app.settlement.models import LineKind, Settlement, SettlementLine, SettlementState
from app.settlement.queries.archive import frozen_inputs
from app.settlement.queries.visibility import SETTLED, visible
from app.settlement.rules.forecast import Forecast, forecast, full_quarter
from app.settlement.rules.scoring import band_of
from app.settlement.rules.settling import Facts, Rates, Rule, Settler

HISTORY = 8
"""Past quarters the forecast looks at."""


@dataclass(frozen=True)
class Effect:
    """One township: fen paid then and by the other rules, and how many contracts get more, less, the same, or are blocked."""

    settlement: Settlement
    contracts: int
    then_fen: int
    now_fen: int
    more: int
    less: int
    blocked: int

    @property
    def same(self) -> int:
        """Contracts that get as much as then."""
        return self.contracts - self.more - self.less


def candidates(kind: str) -> list[tuple[str, Policy, bool]]:
    """Rules to try: (hash, rule, whether it is a draft); drafts first, then published and shipped ones, newest first."""
    rows = db.session.scalars(
        select(RuleDocument)
        .where(RuleDocument.kind == kind, RuleDocument.state.in_((RuleState.DRAFT, RuleState.PUBLISHED)))
        .order_by(RuleDocument.in_force_from.desc(), RuleDocument.id.desc())
    )
    found = [(row.sha256, parse(row.body.encode()), row.state is RuleState.DRAFT) for row in rows]
    found += [(p.sha256, p, False) for p in shipped(kind) if p.sha256 not in {sha for sha, _p, _d in found}]
    return sorted(found, key=lambda c: not c[2])


def calculated_quarters(actor: Actor) -> list[str]:
    """Quarters of which the actor sees a calculation, newest first."""
    query = visible(actor).with_only_columns(Settlement.quarter).where(Settlement.run > 0).distinct()
    return list(db.session.scalars(query.order_by(Settlement.quarter.desc())))


def what_if(actor: Actor, quarter: str, table: Policy | None, card: Policy | None) -> list[Effect]:
    """Every visible township's quarter settled again from its frozen facts, with ``table`` for all three months and the bands of
    ``card`` on the confirmed scores (None: as then). What the real run gives once such rules are in force.
    """
    query = visible(actor).where(Settlement.quarter == quarter, Settlement.state != SettlementState.OPEN)
    return [_effect(row, table, card) for row in db.session.scalars(query.order_by(Settlement.area_code)).unique()]


def _effect(row: Settlement, table: Policy | None, card: Policy | None) -> Effect:
    records = [json.loads(line) for line in frozen_inputs(row).splitlines()]
    head = records[0]
    rule = Rule.from_body(rule_by_sha("settlement_rule", head["rule"]).body)
    then = [rule_by_sha("pay_table", sha).body if sha else None for sha in head["pay_tables"]]
    months = Quarter.parse(row.quarter).months
    before = Settler(
        [Rates(m, body, str(sha)) for m, body, sha in zip(months, then, head["pay_tables"], strict=True)], rule
    )
    after = before if table is None else Settler([Rates(m, table.body, table.sha256) for m in months], rule)
    then_fen = now_fen = more = less = blocked = 0
    contracts_ = [Facts.from_json(r) for r in records if r["record"] == "contract"]
    for facts in contracts_:
        old = before(facts)
        if card is not None and facts.score is not None:
            facts = replace(facts, ratio_bp=band_of(card.body, facts.score)[1])
        new = after(facts)
        then_fen, now_fen = then_fen + old.pay_fen, now_fen + new.pay_fen
        more, less = more + (new.pay_fen > old.pay_fen), less + (new.pay_fen < old.pay_fen)
        blocked += new.blocked is not None
    return Effect(row, len(contracts_), then_fen, now_fen, more, less, blocked)


def _paid(actor: Actor) -> list[tuple[int, int]]:
    """(full figures, paid) of contract-quarters of the last settled quarters."""
    query = visible(actor).with_only_columns(Settlement.quarter).where(Settlement.state.in_(SETTLED)).distinct()
    quarters = list(db.session.scalars(query.order_by(Settlement.quarter.desc()).limit(HISTORY)))
    rows = db.session.execute(
        visible(actor)
        .with_only_columns(SettlementLine.months, SettlementLine.pay_fen)
        .select_from(Settlement)
        .join(SettlementLine, (SettlementLine.settlement_id == Settlement.id) & (SettlementLine.run == Settlement.run))
        .where(
            Settlement.state.in_(SETTLED),
            Settlement.quarter.in_(quarters),
            SettlementLine.kind == LineKind.QUARTER,
            SettlementLine.blocked.is_(None),
        )
    )
    return [(full_quarter(months), pay) for months, pay in rows]


def budget(actor: Actor, table: Policy | None) -> tuple[Forecast | None, int, int]:
    """(forecast of the coming twelve months, contracts in force today, full figures of the year in fen) of what the actor sees, at
    the figures of ``table`` or of the one in force today.
    """
    today = clock.today()
    tables: Sequence[Policy | None] = [table] if table is not None else rules_in_force("pay_table", [today])
    body = tables[0].body if tables[0] is not None else None
    rows = db.session.execute(
        contracts.visible(actor)
        .with_only_columns(Contract.area_code, CareGrade.grade)
        .select_from(Contract)
        .join(
            CareGrade,
            (CareGrade.resident_id == Contract.resident_id)
            & (CareGrade.valid_from <= today)
            & or_(CareGrade.valid_to.is_(None), CareGrade.valid_to >= today),
        )
        .where(Contract.state == State.IN_FORCE, Contract.valid_to >= today)
    ).all()
    figures = [monthly_fen(body, area, GRADE_KEYS[grade]) or 0 if body else 0 for area, grade in rows]
    yearly = [12 * fen for fen in figures]
    return forecast(_paid(actor), yearly), len(rows), sum(yearly)
