"""Another pay table or other bands on a quarter that was calculated: from its frozen facts, by the rule itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

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
from app.people.models import Caregiver, Resident
from app.settlement.models import LineKind, Settlement, SettlementLine, SettlementState
from app.settlement.queries.archive import frozen_inputs
from app.settlement.queries.visibility import SETTLED, visible
from app.settlement.rules.forecast import Forecast, forecast, full_quarter
from app.settlement.rules.scoring import band_of
from app.settlement.rules.settling import Blocked, Facts, Rates, Rule, Settler

HISTORY = 8
"""Past quarters the forecast looks at."""


@dataclass(frozen=True)
class Change:
    """One contract: fen paid then and by the other rules, and what blocks it by these."""

    resident_id: int
    caregiver_id: int
    then_fen: int
    now_fen: int
    blocked: Blocked | None

    @property
    def fen(self) -> int:
        """More (above 0) or less than then."""
        return self.now_fen - self.then_fen


class Who(StrEnum):
    """Whom a figure of a township counts."""

    MORE = "more"
    LESS = "less"
    SAME = "same"
    BLOCKED = "blocked"

    def holds(self, change: Change) -> bool:
        """Whether the figure counts this contract."""
        if self is Who.BLOCKED:
            return change.blocked is not None
        return {Who.MORE: change.fen > 0, Who.LESS: change.fen < 0, Who.SAME: change.fen == 0}[self]


@dataclass(frozen=True)
class Effect:
    """One township: each contract's money then and by the other rules, in the order of the frozen facts."""

    settlement: Settlement
    changes: Sequence[Change]

    @property
    def contracts(self) -> int:
        """How many."""
        return len(self.changes)

    @property
    def then_fen(self) -> int:
        """Paid then."""
        return sum(x.then_fen for x in self.changes)

    @property
    def now_fen(self) -> int:
        """By the other rules."""
        return sum(x.now_fen for x in self.changes)

    def count(self, who: Who) -> int:
        """How many contracts get more, less, the same, or are blocked."""
        return sum(who.holds(x) for x in self.changes)

    def of(self, who: Who | None) -> list[Change]:
        """The contracts behind a figure (None: all), the largest change first."""
        found = [x for x in self.changes if who is None or who.holds(x)]
        return sorted(found, key=lambda x: (-abs(x.fen), x.resident_id))


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
    changes = []
    for facts in (Facts.from_json(r) for r in records if r["record"] == "contract"):
        old = before(facts)
        if card is not None and facts.score is not None:
            facts = replace(facts, ratio_bp=band_of(card.body, facts.score)[1])
        new = after(facts)
        changes.append(Change(facts.resident_id, facts.caregiver_id, old.pay_fen, new.pay_fen, new.blocked))
    return Effect(row, changes)


def people_behind(changes: Sequence[Change]) -> tuple[dict[int, str], dict[int, str]]:
    """Names of the residents and caregivers of contracts in a settlement that the actor sees."""
    found = []
    for kind, ids in ((Resident, {x.resident_id for x in changes}), (Caregiver, {x.caregiver_id for x in changes})):
        rows = db.session.execute(select(kind.id, kind.name).where(kind.id.in_(ids)))
        found.append({key: name for key, name in rows})  # noqa: C416  # a result has keys() of its own
    return found[0], found[1]


def figures_of_table(table: Policy, quarter: str) -> list[tuple[int, int | None, int | None]]:
    """By grade a month's figure of the county in fen: in force at the quarter's end, and by ``table``; None where there is none."""
    was = rules_in_force("pay_table", [Quarter.parse(quarter).last])[0]
    return [
        (grade, monthly_fen(was.body, "", key) if was else None, monthly_fen(table.body, "", key))
        for grade, key in GRADE_KEYS.items()
    ]


def figures_of_bands(card: Policy, quarter: str) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    """The bands of ``card`` from the top, each with the one of the same name in force at the quarter's end."""
    was = rules_in_force("scorecard", [Quarter.parse(quarter).last])[0]
    old = {band["id"]: band for band in was.body["band"]} if was else {}
    return [(band, old.get(band["id"])) for band in sorted(card.body["band"], key=lambda band: -int(band["from"]))]


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
