"""What a year of care money will cost, with its interval, from what contracts were paid before. Whole fen, exact fractions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.core.money import round_half_up

NINETY = Fraction(1645, 1000)
"""Half the width of the interval that holds 90 of 100 outcomes, in standard deviations."""
LEAST = 8
"""Paid contract-quarters that are needed before anything is said."""


@dataclass(frozen=True)
class Forecast:
    """Fen of a year: expected, and between which amounts 90 of 100 years fall; ``known`` contract-quarters it rests on."""

    low: int
    expected: int
    high: int
    known: int


def forecast(paid: Iterable[tuple[int, int]], yearly: Sequence[int]) -> Forecast | None:
    """The year of contracts whose full figures are ``yearly`` (fen), each quarter paid like one of ``paid``: (full figures of the
    months, paid) of a contract's quarter. None when fewer than ``LEAST`` are known.

    A quarter's share is its pay over its full figures. The four quarters of each contract vary independently, and the
    mean share itself is uncertain: both are in the interval.
    """
    shares = [Fraction(pay, full) for full, pay in paid if full > 0]
    if len(shares) < LEAST:
        return None
    mean = sum(shares, Fraction(0)) / len(shares)
    spread = sum(((s - mean) ** 2 for s in shares), Fraction(0)) / (len(shares) - 1)
    total = sum(yearly)
    variance = spread * sum(4 * Fraction(full, 4) ** 2 for full in yearly) + spread / len(shares) * Fraction(total) ** 2
    deviation = Fraction(math.isqrt(round_half_up(variance * 10**6)), 1000)
    expected = mean * total
    low, high = expected - NINETY * deviation, expected + NINETY * deviation
    return Forecast(max(0, round_half_up(low)), round_half_up(expected), min(total, round_half_up(high)), len(shares))


def full_quarter(months: Iterable[Mapping[str, int]]) -> int:
    """Full figures of the months of a line, in fen."""
    return sum(int(m["base_fen"]) for m in months)
