"""What a contract is owed for a quarter (domain.md 5.1), and what must be appended when facts come late.

Month by month: the grade in force on its first day, its monthly figure, the days under contract. Exact fractions are
summed, multiplied by the quality ratio and rounded once, half up, to the fen.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any

from app.contracts.rules.pay import GRADE_KEYS, monthly_fen
from app.core.money import round_half_up
from app.core.periods import Month

KNOWN_RESULTS = 20_000
"""Different results a ``Settler`` remembers, about 20 MB."""
ONE_DAY = dt.timedelta(days=1)

Span = tuple[dt.date, dt.date | None]
"""First and last day, both counted; open while it lasts."""


class Blocked(StrEnum):
    """Why nothing can be paid yet; never replaced by a guess."""

    NO_SCORE = "no_score"
    NO_GRADE = "no_grade"
    NO_PAY_TABLE = "no_pay_table"
    NO_STANDARD = "no_standard"


@dataclass(frozen=True)
class Rates:
    """One calendar month and the pay table in force on its first day (None: the county has published none)."""

    month: Month
    pay_table: Mapping[str, Any] | None
    pay_table_sha256: str | None = None


@dataclass(frozen=True)
class Facts:
    """Everything about one contract that decides its money.

    The contract covers ``first`` … ``last`` (end of term, end, death: the day itself counts). ``grades`` are
    (first day, last day or None, grade 1–3). ``score`` in hundredths and ``ratio_bp`` come from the confirmed evaluation;
    ``ratio_bp`` None means there is none. ``payee_id`` is the institution that the contract says is paid (None: the caregiver).
    """

    contract_id: int
    caregiver_id: int
    resident_id: int
    area_code: str
    first: dt.date
    last: dt.date
    suspensions: Sequence[Span] = ()
    hospital: Sequence[Span] = ()
    leave: Sequence[Span] = ()
    grades: Sequence[tuple[dt.date, dt.date | None, int]] = ()
    score: int | None = None
    ratio_bp: int | None = None
    evaluation: int | None = None
    payee_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Canonical form for the hash of the inputs."""

        return {
            "contract": self.contract_id,
            "caregiver": self.caregiver_id,
            "resident": self.resident_id,
            "area": self.area_code,
            "days": [self.first.isoformat(), self.last.isoformat()],
            "suspensions": _spans_json(tuple(self.suspensions)),
            "hospital": _spans_json(tuple(self.hospital)),
            "leave": _spans_json(tuple(self.leave)),
            "grades": _spans_json(tuple(self.grades)),
            "score": self.score,
            "ratio_bp": self.ratio_bp,
            "evaluation": self.evaluation,
            **({} if self.payee_id is None else {"payee": self.payee_id}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Facts:
        """Read the canonical form back."""

        def spans(name: str) -> tuple[Span, ...]:
            day = dt.date.fromisoformat
            return tuple((day(s[0]), day(s[1]) if s[1] else None) for s in data[name])

        return cls(
            contract_id=data["contract"],
            caregiver_id=data["caregiver"],
            resident_id=data["resident"],
            area_code=data["area"],
            first=dt.date.fromisoformat(data["days"][0]),
            last=dt.date.fromisoformat(data["days"][1]),
            suspensions=spans("suspensions"),
            hospital=spans("hospital"),
            leave=spans("leave"),
            grades=tuple((*span, g[2]) for span, g in zip(spans("grades"), data["grades"], strict=True)),
            score=data["score"],
            ratio_bp=data["ratio_bp"],
            evaluation=data["evaluation"],
            payee_id=data.get("payee"),
        )


@lru_cache(maxsize=4096)
def _spans_json(values: tuple[Sequence[Any], ...]) -> list[list[Any]]:
    """Spans in a form and order that do not depend on how they were read; shared by all that are equal."""
    return sorted([[v.isoformat() if isinstance(v, dt.date) else v for v in span] for span in values], key=repr)


@dataclass(frozen=True)
class MonthDue:
    """One month's part; ``base_fen`` is 0 where no day counts."""

    month: str
    grade: int | None
    base_fen: int
    days: int
    of_days: int

    @property
    def due(self) -> Fraction:
        """The month's part exactly: figure × days / days of the month."""
        return Fraction(self.base_fen * self.days, self.of_days)

    def as_json(self) -> dict[str, Any]:
        """Stored form."""
        return {
            "month": self.month,
            "grade": self.grade,
            "base_fen": self.base_fen,
            "days": self.days,
            "of_days": self.of_days,
        }


@dataclass(frozen=True)
class Result:
    """What one contract is owed; ``due_fen`` = ``pay_fen`` + ``withheld_fen``. Blocked: all three are 0."""

    months: tuple[MonthDue, ...]
    due_fen: int
    pay_fen: int
    withheld_fen: int
    blocked: Blocked | None = None

    @property
    def days(self) -> int:
        """Days counted in the quarter."""
        return sum(m.days for m in self.months)


@dataclass(frozen=True)
class Rule:
    """The settlement rule's figures."""

    hospital_free_days: int
    leave_free_days: int
    zero_without_standard: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Rule:
        """Read the figures of a ``settlement_rule``. Raises ``ValueError`` for negative or missing ones."""
        try:
            free = int(body["hospital_free_days"]), int(body["leave_free_days"])
        except KeyError as error:
            raise ValueError(f"settlement rule lacks {error}") from error
        if min(free) < 0:
            raise ValueError("free days cannot be negative")
        return cls(*free, frozenset(body.get("zero_without_standard", ())))


def merged(spans: Iterable[Span], until: dt.date) -> list[tuple[dt.date, dt.date]]:
    """Stays in order; stays that touch or overlap are one. Open ones last to ``until``."""
    closed = sorted((start, end or until) for start, end in spans if start <= until)
    out: list[tuple[dt.date, dt.date]] = []
    for start, end in closed:
        if out and start <= out[-1][1] + ONE_DAY:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def unpaid_absence(spans: Iterable[Span], free_days: int, until: dt.date) -> list[tuple[dt.date, dt.date]]:
    """The part of each stay that is not paid: from the day after ``free_days``, counted from the stay's first day."""
    cut = [(start + dt.timedelta(days=free_days), end) for start, end in merged(spans, until)]
    return [(start, end) for start, end in cut if start <= end]


def counted_days(facts: Facts, month: Month, rule: Rule) -> int:
    """Days of the month under the contract, alive, not suspended, not away beyond the free days."""
    first, last = max(facts.first, month.first), min(facts.last, month.last)
    if first > last:
        return 0
    out = merged(
        [
            *facts.suspensions,
            *unpaid_absence(facts.hospital, rule.hospital_free_days, month.last),
            *unpaid_absence(facts.leave, rule.leave_free_days, month.last),
        ],
        month.last,
    )
    away = sum(max(0, (min(end, last) - max(start, first)).days + 1) for start, end in out)
    return (last - first).days + 1 - away


def grade_on(grades: Iterable[tuple[dt.date, dt.date | None, int]], day: dt.date) -> int | None:
    """The grade in force on ``day``, or None."""
    return next((g for start, end, g in grades if start <= day and (end is None or day <= end)), None)


def settle(facts: Facts, rates: Sequence[Rates], rule: Rule) -> Result:
    """What one contract is owed for the quarter of the three ``rates``.

    A month without a counted day asks for nothing. A missing grade, pay table, figure or score blocks the whole line;
    only when nothing is due (全自理 without a figure) is no score needed.
    """
    parts: list[MonthDue] = []
    blocked: Blocked | None = None
    for rate in rates:
        month = rate.month
        days = counted_days(facts, month, rule)
        grade = grade_on(facts.grades, month.first)
        base: int | None = None
        if days == 0:
            parts.append(MonthDue(str(month), grade, 0, 0, month.days))
            continue
        if grade is None:
            blocked = blocked or Blocked.NO_GRADE
        elif rate.pay_table is None:
            blocked = blocked or Blocked.NO_PAY_TABLE
        else:
            base = monthly_fen(rate.pay_table, facts.area_code, GRADE_KEYS[grade])
            if base is None and GRADE_KEYS[grade] not in rule.zero_without_standard:
                blocked = blocked or Blocked.NO_STANDARD
        base = base or 0
        parts.append(MonthDue(str(month), grade, base, days, month.days))
    total = sum((p.due for p in parts), Fraction(0))
    if blocked is None and total > 0 and facts.ratio_bp is None:
        blocked = Blocked.NO_SCORE
    if blocked is not None:
        return Result(tuple(parts), 0, 0, 0, blocked)
    return amounts(parts, facts.ratio_bp or 0)


class Settler:
    """``settle`` for many contracts of one quarter. What decides the money is the same for most of them (the whole
    quarter, one grade, one ratio): it is computed once, and contracts that agree in all of it share the result.
    """

    def __init__(self, rates: Sequence[Rates], rule: Rule) -> None:
        self._rates, self._rule = rates, rule
        self._first, self._last = rates[0].month.first, rates[-1].month.last
        self._by_area = any(rate.pay_table is not None and rate.pay_table.get("area") for rate in rates)
        self._known: dict[tuple[object, ...], Result] = {}
        self._written: dict[tuple[str, ...], tuple[int, int, str | None, str]] = {}

    def __call__(self, facts: Facts) -> Result:
        """What one contract is owed for the quarter."""
        key = (
            facts.area_code if self._by_area else "",
            max(facts.first, self._first),
            min(facts.last, self._last),
            tuple(facts.suspensions),
            tuple(facts.hospital),
            tuple(facts.leave),
            tuple(
                (max(start, self._first), None if end is None else min(end, self._last), grade)
                for start, end, grade in facts.grades
            ),
            facts.ratio_bp,
        )
        result = self._known.get(key)
        if result is None:
            if len(self._known) >= KNOWN_RESULTS:
                self._known.clear()
            result = self._known[key] = settle(facts, self._rates, self._rule)
        return result

    def frozen(self, record: str) -> tuple[int, int, str | None, str]:
        """What the rule says of a frozen record of a contract: due, pay, why it is blocked, and the months' arithmetic as it is
        stored. Lives that are written alike (days, grades, stays, ratio; the area where figures differ by it) are read once.
        """
        key = (
            record[: record.index(',"caregiver":')] if self._by_area else "",
            record[record.index(',"days":') : record.index(',"evaluation":')],
            record[record.index(',"grades":') : record.index(',"record":')],
            record[record.index(',"suspensions":') :],
        )
        known = self._written.get(key)
        if known is None:
            if len(self._written) >= KNOWN_RESULTS:
                self._written.clear()
            result = self(Facts.from_json(json.loads(record)))
            months = json.dumps([m.as_json() for m in result.months], sort_keys=True, separators=(",", ":"))
            known = self._written[key] = (result.due_fen, result.pay_fen, result.blocked, months)
        return known


def amounts(parts: Sequence[MonthDue], ratio_bp: int) -> Result:
    """Sum the exact parts, apply the ratio, round once: due, pay and what is withheld."""
    total = sum((p.due for p in parts), Fraction(0))
    due = round_half_up(total)
    pay = round_half_up(total * Fraction(ratio_bp, 10000))
    return Result(tuple(parts), due, pay, due - pay)


def months_from_json(stored: Iterable[Mapping[str, Any]]) -> list[MonthDue]:
    """Read a line's stored months back, for proving it again."""
    return [MonthDue(m["month"], m["grade"], m["base_fen"], m["days"], m["of_days"]) for m in stored]


@dataclass(frozen=True, order=True)
class Line:
    """An amount of one contract for one quarter; ``kind`` is due, pay or withheld."""

    contract_id: int
    quarter: str
    kind: str
    amount: int


def corrections(due: Iterable[Line], posted: Iterable[Line]) -> list[Line]:
    """What must be appended so that the ledger says what is due: the differences that are not zero, in order."""
    want: Counter[tuple[int, str, str]] = Counter()
    for line in due:
        want[line.contract_id, line.quarter, line.kind] += line.amount
    for line in posted:
        want[line.contract_id, line.quarter, line.kind] -= line.amount
    return sorted(Line(c, q, k, amount) for (c, q, k), amount in want.items() if amount)
