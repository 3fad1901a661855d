"""The facts of a township's quarter in a handful of set-based reads, ready for the plain rule."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from app.contracts.models import Contract, Suspension
from app.core.db import canonical_json, db
from app.core.periods import Quarter
from app.core.policies import Policy
from app.core.rulebook import rule_in_force, rules_in_force
from app.grading.queries.appeals import paid_grades
from app.people.models import Absence, AbsenceKind, Resident
from app.places.queries import within
from app.settlement.models import Evaluation, EvaluationState, Settlement, SettlementLine, SettlementState
from app.settlement.queries.visibility import SETTLED
from app.settlement.rules.settling import Facts, Line, Rates, Result, Rule, Settler, Span, corrections

RUNNING = (SettlementState.OPEN, SettlementState.CALCULATED, SettlementState.SUBMITTED)
"""States in which a settlement's corrections are not in the ledger yet."""
SETTLERS = 12
"""Rules kept ready: a quarter with the closed ones it looks at again, twice over when rules change."""
_settlers: dict[tuple[object, ...], Settler] = {}
NOWHERE: dict[AbsenceKind, list[Span]] = {}


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

    @cached_property
    def settle(self) -> Settler:
        """The plain rule for these contracts; townships and acts with the same rules in the same quarter share it."""
        key = (self.quarter, self.rule_policy.sha256, tuple(rate.pay_table_sha256 for rate in self.rates))
        known = _settlers.pop(key, None) or Settler(self.rates, self.rule)
        _settlers[key] = known
        while len(_settlers) > SETTLERS:
            _settlers.pop(next(iter(_settlers)), None)
        return known

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


@dataclass(frozen=True)
class Changed:
    """A contract of a closed quarter whose money is another by the facts of today than what was posted. Fen."""

    quarter: QuarterFacts
    contract: Facts
    result: Result
    posted_due_fen: int
    posted_pay_fen: int


@dataclass(frozen=True)
class Inputs:
    """Everything a calculation reads: the quarter, every closed quarter of the township, and what was posted for those."""

    now: QuarterFacts
    earlier: tuple[QuarterFacts, ...]
    posted: tuple[Line, ...]

    @cached_property
    def changed(self) -> list[Changed]:
        """Contracts of closed quarters that need a correction, oldest quarter first. What is blocked by the facts of
        today (a new evaluation that is not confirmed yet) stays as it was.
        """
        due: list[Line] = []
        known: dict[tuple[int, str], tuple[QuarterFacts, Facts, Result]] = {}
        for facts in self.earlier:
            for contract in facts.contracts:
                result = facts.settle(contract)
                if result.blocked is None:
                    key = (contract.contract_id, str(facts.quarter))
                    known[key] = (facts, contract, result)
                    due += [Line(*key, "due", result.due_fen), Line(*key, "pay", result.pay_fen)]
        posted = [line for line in self.posted if (line.contract_id, line.quarter) in known]
        wanted = {(line.contract_id, line.quarter) for line in corrections(due, posted)}
        stands = {(line.contract_id, line.quarter, line.kind): line.amount for line in posted}
        return [
            Changed(*known[key], stands.get((*key, "due"), 0), stands.get((*key, "pay"), 0))
            for key in sorted(wanted, key=lambda k: (k[1], k[0]))
        ]

    @cached_property
    def text(self) -> str:
        """The frozen form, a JSON record a line: the quarter with its rules, each contract, and each contract of a closed
        quarter whose money changes. Contracts of closed quarters whose money stays as it was posted add nothing.
        """
        records = [_quarter_record("quarter", self.now)]
        records += [_contract_record("contract", self.now, facts) for facts in self.now.contracts]
        records += [
            {
                **_quarter_record("changed", x.quarter),
                **_contract_record("changed", x.quarter, x.contract),
                "posted": [x.posted_due_fen, x.posted_pay_fen],
            }
            for x in self.changed
        ]
        return "".join(f"{canonical_json(record)}\n" for record in records)

    @cached_property
    def sha256(self) -> str:
        """Hash of ``text``: equal inputs, equal hash, equal lines."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def _quarter_record(kind: str, facts: QuarterFacts) -> dict[str, Any]:
    return {
        "record": kind,
        "quarter": str(facts.quarter),
        "rule": facts.rule_policy.sha256,
        "pay_tables": [r.pay_table_sha256 for r in facts.rates],
    }


def _contract_record(kind: str, facts: QuarterFacts, contract: Facts) -> dict[str, Any]:
    return {**contract.as_json(), "record": kind, "scorecard": facts.scorecards.get(contract.contract_id)}


def rates_of(quarter: Quarter) -> tuple[Rates, ...]:
    """The quarter's months with the pay table in force on the first day of each, or none where there is none."""
    months = quarter.months
    tables = rules_in_force("pay_table", [month.first for month in months])
    return tuple(
        Rates(month, table.body, table.sha256) if table else Rates(month, None, None)
        for month, table in zip(months, tables, strict=True)
    )


def _closed_before(area_code: str, quarter: Quarter) -> list[Quarter]:
    """Closed quarters whose late facts are corrected here: all of them, however old; none while an earlier settlement
    still carries its own corrections.
    """
    earlier = select(Settlement.quarter, Settlement.state).where(
        Settlement.area_code == area_code, Settlement.quarter < str(quarter)
    )
    rows = db.session.execute(earlier.order_by(Settlement.quarter.desc())).all()
    if any(state in RUNNING for _q, state in rows):
        return []
    return sorted(Quarter.parse(q) for q, state in rows if state is SettlementState.CLOSED)


def _posted(area_code: str, quarters: Sequence[Quarter]) -> list[Line]:
    if not quarters:
        return []
    rows = db.session.execute(
        select(
            SettlementLine.contract_id,
            SettlementLine.for_quarter,
            func.sum(SettlementLine.due_fen),
            func.sum(SettlementLine.pay_fen),
        )
        .join(Settlement, (Settlement.id == SettlementLine.settlement_id) & (Settlement.run == SettlementLine.run))
        .where(
            Settlement.area_code == area_code,
            Settlement.state.in_(SETTLED),
            SettlementLine.for_quarter.in_([str(q) for q in quarters]),
        )
        .group_by(SettlementLine.contract_id, SettlementLine.for_quarter)
    )
    found = []
    for contract_id, quarter, due, pay in rows:
        found += [Line(contract_id, quarter, "due", int(due)), Line(contract_id, quarter, "pay", int(pay))]
    return sorted(found)


def township_facts(area_code: str, quarter: Quarter) -> QuarterFacts:
    """The contracts of one township's quarter. Raises ``Refused`` without a settlement rule."""
    policy = rule_in_force("settlement_rule", quarter.first)
    return _quarter_facts(quarter, policy, _load(area_code, [quarter], set()), include=set())


def township_inputs(area_code: str, quarter: Quarter) -> Inputs:
    """Read everything the settlement of one township's quarter depends on. Raises ``Refused`` without a settlement rule."""
    policy = rule_in_force("settlement_rule", quarter.first)
    earlier = _closed_before(area_code, quarter)
    posted = _posted(area_code, earlier)
    quarters = [*earlier, quarter]
    loaded = _load(area_code, quarters, {line.contract_id for line in posted})
    return Inputs(
        now=_quarter_facts(quarter, policy, loaded, include=set()),
        earlier=tuple(
            _quarter_facts(
                q,
                rule_in_force("settlement_rule", q.first),
                loaded,
                include={line.contract_id for line in posted if line.quarter == str(q)},
            )
            for q in earlier
        ),
        posted=tuple(posted),
    )


def contract_facts(contract_id: int, area_code: str, quarter: Quarter) -> QuarterFacts:
    """The facts of one contract's quarter (empty when it has no day in it). Raises ``Refused`` without a settlement rule."""
    policy = rule_in_force("settlement_rule", quarter.first)
    loaded = _load(area_code, [quarter], set(), only=contract_id)
    return _quarter_facts(quarter, policy, loaded, include=set())


@dataclass
class _Loaded:
    contracts: Sequence[Any]
    suspensions: dict[int, list[Span]]
    absences: dict[int, dict[AbsenceKind, list[Span]]]
    grades: dict[int, list[tuple[dt.date, dt.date | None, int]]]
    evaluations: dict[tuple[int, str], Any]


def _scope(area_code: str, first: dt.date, last: dt.date, also: set[int]) -> ColumnElement[bool]:
    """Contracts of the township that were in force on a day of first … last, and those that money was posted for."""
    in_time = (Contract.in_force_from <= last) & (Contract.valid_to >= first)
    wanted = or_(in_time, Contract.id.in_(also)) if also else in_time
    return within(Contract.area_code, area_code) & Contract.in_force_from.is_not(None) & wanted


def _load(area_code: str, quarters: Sequence[Quarter], also: set[int], *, only: int | None = None) -> _Loaded:
    first, last = quarters[0].first, quarters[-1].last
    scope = _scope(area_code, first, last, also)
    if only is not None:
        scope = scope & (Contract.id == only)
    contracts = db.session.execute(
        select(
            Contract.id,
            Contract.caregiver_id,
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
    evaluations: dict[tuple[int, str], Any] = {}
    for row in db.session.execute(
        select(
            Evaluation.id,
            Evaluation.contract_id,
            Evaluation.quarter,
            Evaluation.state,
            Evaluation.score,
            Evaluation.ratio_bp,
        )
        .where(Evaluation.contract_id.in_(ids), Evaluation.quarter.in_([str(q) for q in quarters]))
        .order_by(Evaluation.version)
    ):
        evaluations[row.contract_id, row.quarter] = row
    return _Loaded(contracts, suspensions, absences, grades, evaluations)


def last_day(valid_to: dt.date, *ends: dt.date | None) -> dt.date:
    """The last day a contract covers: end of term, its own end, or the resident's last day (death counts)."""
    return min([valid_to, *[end for end in ends if end is not None]])


def _quarter_facts(quarter: Quarter, policy: Policy, loaded: _Loaded, *, include: set[int]) -> QuarterFacts:
    """Facts of one quarter; ``include`` keeps contracts that have no day left in it but were posted for."""
    first, last, name = quarter.first, quarter.last, str(quarter)
    found, scorecards = [], {}
    for contract_id, caregiver_id, resident_id, area_code, begins, valid_to, ended, scorecard, gone in loaded.contracts:
        end = last_day(valid_to, ended, gone)
        if (begins > last or end < first or end < begins) and contract_id not in include:
            continue
        evaluation = loaded.evaluations.get((contract_id, name))
        confirmed = evaluation if evaluation is not None and evaluation.state is EvaluationState.CONFIRMED else None
        scorecards[contract_id] = scorecard
        away = loaded.absences.get(resident_id, NOWHERE)
        found.append(
            Facts(
                contract_id=contract_id,
                caregiver_id=caregiver_id,
                resident_id=resident_id,
                area_code=area_code,
                first=begins,
                last=end,
                suspensions=_touching(loaded.suspensions.get(contract_id, ()), first, last),
                hospital=_touching(away.get(AbsenceKind.HOSPITAL, ()), first, last),
                leave=_touching(away.get(AbsenceKind.LEAVE, ()), first, last),
                grades=tuple(g for g in loaded.grades.get(resident_id, ()) if _touches(g, first, last)),
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
