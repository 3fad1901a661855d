"""How well two assessors agree: weighted kappa with a confidence interval, and when agreement drifts.

Kappa: J. Cohen, Weighted kappa, Psychological Bulletin 70 (1968) 213–220. Interval: the large-sample standard error of
J. L. Fleiss, J. Cohen, B. S. Everitt, Psychological Bulletin 72 (1969) 323–327, times 1.96. Words for values: Landis &
Koch, Biometrics 33 (1977) 159–174. A table counts how often the first assessor gave category i and the second j.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Weights = Literal["linear", "quadratic"]
Table = Sequence[Sequence[int]]

Z = 1.959963984540054
"""Standard normal quantile of 97.5 %."""
FAIR = 0.61
"""From here on agreement is called substantial (Landis & Koch)."""
ENOUGH = 30
"""Fewer pairs of scores than this carry no warning: the interval says nothing yet."""


@dataclass(frozen=True)
class Kappa:
    """Weighted kappa of ``n`` pairs of scores. ``value`` is None when chance alone explains everything: both gave one
    and the same category throughout, so that there is nothing to measure. ``low`` and ``high`` end the 95 % interval.
    """

    n: int
    value: float | None
    low: float | None = None
    high: float | None = None
    same: int = 0

    @property
    def share(self) -> float | None:
        """Share of pairs in the same category."""
        return self.same / self.n if self.n else None


def table_of(pairs: Iterable[tuple[int, int]], categories: int) -> list[list[int]]:
    """Count pairs of category places (0-based)."""
    table = [[0] * categories for _ in range(categories)]
    for first, second in pairs:
        table[first][second] += 1
    return table


def weighted_kappa(table: Table, weights: Weights = "quadratic") -> Kappa:
    """Kappa and interval of a square table of counts. Raises ``ValueError`` for a table that is not square."""
    size = len(table)
    if any(len(row) != size for row in table):
        raise ValueError("a table of agreement is square")
    n = sum(map(sum, table))
    same = sum(table[i][i] for i in range(size))
    if n == 0 or size < 2:
        return Kappa(n, None, same=same)
    rows = [sum(row) for row in table]
    columns = [sum(row[j] for row in table) for j in range(size)]

    def apart(i: int, j: int) -> int:
        return abs(i - j) if weights == "linear" else (i - j) ** 2

    cells = [(i, j) for i in range(size) for j in range(size)]
    observed = sum(apart(i, j) * table[i][j] for i, j in cells)
    by_chance = sum(apart(i, j) * rows[i] * columns[j] for i, j in cells)
    if by_chance == 0:
        return Kappa(n, None, same=same)
    value = 1 - observed * n / by_chance
    low, high = _interval(table, rows, columns, n, value, apart(0, size - 1), weights)
    return Kappa(n, value, low, high, same)


def _interval(
    table: Table, rows: Sequence[int], columns: Sequence[int], n: int, value: float, most: int, weights: Weights
) -> tuple[float, float]:
    """Fleiss, Cohen and Everitt (1969), formula 8, with agreement weights 1 − distance/most."""
    size = len(table)

    def weight(i: int, j: int) -> float:
        distance = abs(i - j) if weights == "linear" else (i - j) ** 2
        return 1 - distance / most

    by_row = [sum(weight(i, j) * columns[j] for j in range(size)) / n for i in range(size)]
    by_column = [sum(weight(i, j) * rows[i] for i in range(size)) / n for j in range(size)]
    chance = sum(by_row[i] * rows[i] for i in range(size)) / n
    spread = sum(
        table[i][j] / n * (weight(i, j) - (by_row[i] + by_column[j]) * (1 - value)) ** 2
        for i in range(size)
        for j in range(size)
    )
    variance = (spread - (value - chance * (1 - value)) ** 2) / (n * (1 - chance) ** 2)
    half = Z * math.sqrt(max(variance, 0.0))
    return max(value - half, -1.0), min(value + half, 1.0)


def drifting(recent: Kappa, before: Kappa) -> bool:
    """Whether agreement has become worse beyond chance: the recent interval lies below the one before."""
    if min(recent.n, before.n) < ENOUGH or recent.high is None or before.low is None:
        return False
    return recent.high < before.low


def too_low(found: Kappa) -> bool:
    """Whether agreement is below what is called substantial, with certainty."""
    return found.n >= ENOUGH and found.high is not None and found.high < FAIR
