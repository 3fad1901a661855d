"""Why a line differs from last quarter's, in causes a person can check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from app.core.money import round_half_up
from app.settlement.rules.settling import MonthDue, months_from_json


class Cause(StrEnum):
    """What made the difference."""

    NEW = "new"
    GONE = "gone"
    GRADE = "grade"
    STANDARD = "standard"
    DAYS = "days"
    SCORE = "score"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    CORRECTION = "correction"
    RETURNED = "returned"
    ROUNDING = "rounding"


@dataclass(frozen=True)
class Step:
    """One cause, its effect in fen, and the two values (grades, months, ratios) between which it lies."""

    cause: Cause
    fen: int
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Shape:
    """A line as the comparison needs it."""

    months: Sequence[MonthDue]
    ratio_bp: int | None
    pay_fen: int
    blocked: str | None

    @classmethod
    def of(cls, months: Sequence[Mapping[str, Any]], ratio_bp: int | None, pay_fen: int, blocked: str | None) -> Shape:
        """From a stored line."""
        return cls(months_from_json(months), ratio_bp, pay_fen, blocked)

    @property
    def exact(self) -> Fraction:
        """The exact sum before ratio and rounding, in fen."""
        return sum((m.due for m in self.months), Fraction(0))

    @property
    def full(self) -> Fraction:
        """What whole months of the same grades and figures would come to."""
        return sum((Fraction(m.base_fen) for m in self.months), Fraction(0))

    @property
    def fractions(self) -> list[Fraction]:
        """Counted share of each month."""
        return [Fraction(m.days, m.of_days) for m in self.months]

    @property
    def ratio(self) -> Fraction:
        """Quality ratio; 0 without a confirmed score."""
        return Fraction(self.ratio_bp or 0, 10000)

    @property
    def words(self) -> tuple[str, str, str]:
        """Grades, months counted, ratio, for showing."""
        grades = "/".join(str(m.grade) if m.days and m.grade else "–" for m in self.months)
        return grades, f"{float(sum(self.fractions, Fraction(0))):.2f}", f"{float(self.ratio):.2f}"


def explain(before: Shape | None, after: Shape | None) -> list[Step]:
    """Split the difference of two quarters' pay into causes; the effects sum to the difference exactly.

    One thing is changed at a time: days first, then figure or grade, then ratio; what rounding leaves over is named too.
    """
    if before is None and after is None:
        return []
    if before is None and after is not None:
        return [Step(Cause.NEW, after.pay_fen)]
    if after is None and before is not None:
        return [Step(Cause.GONE, -before.pay_fen)]
    assert before is not None  # noqa: S101  # the cases above
    assert after is not None  # noqa: S101  # the cases above
    if before.blocked or after.blocked:
        if before.blocked and after.blocked:
            return []
        cause = Cause.BLOCKED if after.blocked else Cause.UNBLOCKED
        return [Step(cause, after.pay_fen - before.pay_fen, before.blocked or "", after.blocked or "")]
    return _steps(before, after)


def _steps(before: Shape, after: Shape) -> list[Step]:
    bases_before = [_base(before, i) for i in range(len(before.months))]
    bases_after = [_base(after, i) for i in range(len(after.months))]
    shares_before, shares_after = before.fractions, after.fractions
    length = min(len(bases_before), len(bases_after))

    def total(bases: Sequence[int], shares: Sequence[Fraction], ratio: Fraction) -> Fraction:
        return sum((Fraction(bases[i]) * shares[i] for i in range(length)), Fraction(0)) * ratio

    start = total(bases_before, shares_before, before.ratio)
    days = total(bases_before, shares_after, before.ratio)
    money = total(bases_after, shares_after, before.ratio)
    end = total(bases_after, shares_after, after.ratio)
    words_before, words_after = before.words, after.words
    standard = Cause.STANDARD if words_before[0] == words_after[0] else Cause.GRADE
    raw = [
        (Cause.DAYS, days - start, words_before[1], words_after[1]),
        (standard, money - days, words_before[0], words_after[0]),
        (Cause.SCORE, end - money, words_before[2], words_after[2]),
    ]
    steps = [Step(c, round_half_up(f), b, a) for c, f, b, a in raw if round_half_up(f)]
    rest = after.pay_fen - before.pay_fen - sum(s.fen for s in steps)
    return [*steps, Step(Cause.ROUNDING, rest)] if rest else steps


def _base(shape: Shape, index: int) -> int:
    month = shape.months[index]
    if month.days:
        return month.base_fen
    known = [m.base_fen for m in shape.months if m.days]
    return known[min(index, len(known) - 1)] if known else 0
