"""The facts of a township's quarter in a handful of set-based reads, ready for the plain rule."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from app.contracts.models import Contract, Suspension
from app.core.db import db
from app.core.periods import Quarter
from app.core.policies import Policy
from app.core.rulebook import rule_in_force, rules_in_force
from app.grading.queries.appeals import paid_grades
from app.people.models import Absence, AbsenceKind, Resident
from app.places.queries import within
from app.settlement.models import Evaluation, EvaluationState
from app.settlement.rules.settling import Facts, Rates, Rule, Settler, Span

SETTLERS = 12
"""Rules kept ready: a quarter with the closed ones it looks at again, twice over when rules change."""
_settlers: dict[tuple[object, ...], Settler] = {}
NOWHERE: dict[AbsenceKind, list[Span]] = {}


def settler(quarter: Quarter, policy: Policy, rates: Sequence[Rates]) -> Settler:
    """The plain rule of a quarter; townships and acts with the same rules in the same quarter share it."""
    key = (quarter, policy.sha256, tuple(rate.pay_table_sha256 for rate in rates))
    known = _settlers.pop(key, None) or Settler(rates, Rule.from_body(policy.body))
    _settlers[key] = known
    while len(_settlers) > SETTLERS:
        _settlers.pop(next(iter(_settlers)), None)
    return known


@dataclass(frozen=True)
class QuarterFacts:
    """One quarter's contracts as the rule needs them; ``scorecards`` is the version each contract names."""

    quarter: Quarter
    rule_policy: Policy
    rates: tuple[Rates, ...]
    contracts: tuple[Facts, ...]
    scorecards: dict[int, str]

    @property
    def rule(self) -> Rule:
        """The figures of the settlement rule in force on the quarter's first day."""
        return Rule.from_body(self.rule_policy.body)

    @property
    def settle(self) -> Settler:
        """The plain rule for these contracts."""
        return settler(self.quarter, self.rule_policy, self.rates)

    @cached_property
    def _pay_tables(self) -> dict[str, str | None]:
        return {str(r.month): r.pay_table_sha256 for r in self.rates}

    def rules_json(self, contract_id: int, evaluation: int | None) -> dict[str, Any]:
        """Which rules applied, for the line."""
        return {
            "settlement_rule": self.rule_policy.sha256,
            "pay_tables": self._pay_tables,
            "scorecard": self.scorecards.get(contract_id),
            "evaluation": evaluation,
        }


def rates_of(quarter: Quarter) -> tuple[Rates, ...]:
    """The quarter's months with the pay table in force on the first day of each, or none where there is none."""
    months = quarter.months
    tables = rules_in_force("pay_table", [month.first for month in months])
    return tuple(
        Rates(month, table.body, table.sha256) if table else Rates(month, None, None)
        for month, table in zip(months, tables, strict=True)
    )


def township_facts(area_code: str, quarter: Quarter, also: Collection[int] = ()) -> QuarterFacts:
    """The contracts of one township's quarter, and ``also`` those of the township that have no day left in it. Raises
    ``Refused`` without a settlement rule.
    """
    policy, more = rule_in_force("settlement_rule", quarter.first), set(also)
    return _quarter_facts(quarter, policy, _load(area_code, quarter, more), include=more)


def contract_facts(contract_id: int, area_code: str, quarter: Quarter) -> QuarterFacts:
    """The facts of one contract's quarter (empty when it has no day in it). Raises ``Refused`` without a settlement rule."""
    policy = rule_in_force("settlement_rule", quarter.first)
    loaded = _load(area_code, quarter, set(), only=contract_id)
    return _quarter_facts(quarter, policy, loaded, include=set())


@dataclass
class _Loaded:
    contracts: Sequence[Any]
    suspensions: dict[int, list[Span]]
    absences: dict[int, dict[AbsenceKind, list[Span]]]
    grades: dict[int, list[tuple[dt.date, dt.date | None, int]]]
    evaluations: dict[int, Any]


def _scope(area_code: str, first: dt.date, last: dt.date, also: set[int]) -> ColumnElement[bool]:
    """Contracts of the township that were in force on a day of first … last, and those that money was posted for."""
    in_time = (Contract.in_force_from <= last) & (Contract.valid_to >= first)
    wanted = or_(in_time, Contract.id.in_(also)) if also else in_time
    return within(Contract.area_code, area_code) & Contract.in_force_from.is_not(None) & wanted


def _load(area_code: str, quarter: Quarter, also: set[int], *, only: int | None = None) -> _Loaded:
    first, last = quarter.first, quarter.last
    scope = _scope(area_code, first, last, also)
    if only is not None:
        scope = scope & (Contract.id == only)
    contracts = db.session.execute(
        select(
            Contract.id,
            Contract.caregiver_id,
            Contract.payee_id,
            Contract.resident_id,
            Contract.area_code,
            Contract.in_force_from,
            Contract.valid_to,
            Contract.ended_on,
            Contract.scorecard_sha256,
            Resident.ended_on.label("resident_ended_on"),
        )
        .join(Resident, Resident.id == Contract.resident_id)
        .where(scope)
        .order_by(Contract.id)
    ).all()
    ids = select(Contract.id).where(scope)
    residents = select(Contract.resident_id).where(scope)
    suspensions: dict[int, list[Span]] = defaultdict(list)
    for contract_id, start, end in db.session.execute(
        select(Suspension.contract_id, Suspension.from_on, Suspension.to_on).where(
            Suspension.contract_id.in_(ids), Suspension.from_on <= last
        )
    ):
        suspensions[contract_id].append((start, end))
    absences: dict[int, dict[AbsenceKind, list[Span]]] = {}
    for resident_id, kind, start, end in db.session.execute(
        select(Absence.resident_id, Absence.kind, Absence.from_on, Absence.to_on).where(
            Absence.resident_id.in_(residents), Absence.from_on <= last
        )
    ):
        absences.setdefault(resident_id, {}).setdefault(kind, []).append((start, end))
    grades: dict[int, list[tuple[dt.date, dt.date | None, int]]] = defaultdict(list)
    for resident_id, start, end, grade in paid_grades(residents, last):
        grades[resident_id].append((start, end, grade))
    evaluations: dict[int, Any] = {}
    for row in db.session.execute(
        select(
            Evaluation.id,
            Evaluation.contract_id,
            Evaluation.state,
            Evaluation.score,
            Evaluation.ratio_bp,
        )
        .where(Evaluation.contract_id.in_(ids), Evaluation.quarter == str(quarter))
        .order_by(Evaluation.version)
    ):
        evaluations[row.contract_id] = row
    return _Loaded(contracts, suspensions, absences, grades, evaluations)


def last_day(valid_to: dt.date, *ends: dt.date | None) -> dt.date:
    """The last day a contract covers: end of term, its own end, or the resident's last day (death counts)."""
    return min([valid_to, *[end for end in ends if end is not None]])


def _quarter_facts(quarter: Quarter, policy: Policy, loaded: _Loaded, *, include: set[int]) -> QuarterFacts:
    """Facts of one quarter; ``include`` keeps contracts that have no day left in it but were posted for."""
    first, last = quarter.first, quarter.last
    found, scorecards = [], {}
    for row in loaded.contracts:
        contract_id, begins = row.id, row.in_force_from
        end = last_day(row.valid_to, row.ended_on, row.resident_ended_on)
        if (begins > last or end < first or end < begins) and contract_id not in include:
            continue
        evaluation = loaded.evaluations.get(contract_id)
        confirmed = evaluation if evaluation is not None and evaluation.state is EvaluationState.CONFIRMED else None
        scorecards[contract_id] = row.scorecard_sha256
        away = loaded.absences.get(row.resident_id, NOWHERE)
        found.append(
            Facts(
                contract_id=contract_id,
                caregiver_id=row.caregiver_id,
                payee_id=row.payee_id,
                resident_id=row.resident_id,
                area_code=row.area_code,
                first=begins,
                last=end,
                suspensions=_touching(loaded.suspensions.get(contract_id, ()), first, last),
                hospital=_touching(away.get(AbsenceKind.HOSPITAL, ()), first, last),
                leave=_touching(away.get(AbsenceKind.LEAVE, ()), first, last),
                grades=tuple(g for g in loaded.grades.get(row.resident_id, ()) if _touches(g, first, last)),
                score=confirmed.score if confirmed is not None else None,
                ratio_bp=confirmed.ratio_bp if confirmed is not None else None,
                evaluation=confirmed.id if confirmed is not None else None,
            )
        )
    return QuarterFacts(quarter, policy, rates_of(quarter), tuple(found), scorecards)


def _touches(span: Sequence[Any], first: dt.date, last: dt.date) -> bool:
    return span[0] <= last and (span[1] is None or span[1] >= first)


def _touching(spans: Sequence[Span], first: dt.date, last: dt.date) -> tuple[Span, ...]:
    """Spans that matter for the quarter. Stays before it are kept when one touches it, because touching stays are one."""
    if not any(_touches(span, first, last) for span in spans):
        return ()
    return tuple(sorted((s for s in spans if s[0] <= last), key=lambda s: s[0]))
