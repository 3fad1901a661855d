"""Weighted kappa equals the reference library on 1,000 random tables; its interval the delta method, worked numerically."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from app.grading.rules.agreement import ENOUGH, Kappa, Weights, Z, drifting, table_of, too_low, weighted_kappa


def random_table(rng: np.random.Generator) -> np.ndarray:
    """A table of 2 to 6 categories, from empty rows to near agreement."""
    size = int(rng.integers(2, 7))
    table = rng.integers(0, int(rng.choice([2, 6, 40])), (size, size))
    table[np.diag_indices(size)] += rng.integers(0, int(rng.choice([1, 10, 200])), size)
    if rng.random() < 0.2:
        table[int(rng.integers(size)), :] = 0
    return table


def reference(table: np.ndarray, weights: str) -> float:
    """scikit-learn on the raw pairs of scores; loaded here, because it takes longer to load than all other tests."""
    from sklearn.metrics import cohen_kappa_score

    size = len(table)
    first, second = [], []
    for i in range(size):
        for j in range(size):
            first += [i] * int(table[i, j])
            second += [j] * int(table[i, j])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(cohen_kappa_score(first, second, labels=list(range(size)), weights=weights))


def test_kappa_equals_scikit_learn_on_a_thousand_random_tables() -> None:
    rng, compared = np.random.default_rng(20261126), 0
    while compared < 1_000:
        table = random_table(rng)
        if table.sum() == 0:
            continue
        weights: Weights = "linear" if compared % 2 else "quadratic"
        found = weighted_kappa(table.tolist(), weights)
        expected = reference(table, weights)
        if math.isnan(expected):
            assert found.value is None
        else:
            assert found.value == pytest.approx(expected, abs=1e-12)
        compared += 1


def kappa_of(shares: np.ndarray, weights: str) -> float:
    """Kappa as a function of the shares of the cells, written anew."""
    places = np.arange(len(shares))
    apart = np.abs(places[:, None] - places[None, :]) ** (1 if weights == "linear" else 2)
    return float(1 - (apart * shares).sum() / (apart * np.outer(shares.sum(1), shares.sum(0))).sum())


def test_the_interval_is_that_of_the_delta_method() -> None:
    """The variance of a smooth function of multinomial shares: (Σ p g² − (Σ p g)²) / n with its gradient g."""
    rng = np.random.default_rng(7)
    for number in range(60):
        weights: Weights = "linear" if number % 2 else "quadratic"
        table = random_table(rng) + 1
        n, shares, step = table.sum(), table / table.sum(), 1e-6
        gradient = np.zeros_like(shares)
        for cell in np.ndindex(*shares.shape):
            up, down = shares.copy(), shares.copy()
            up[cell] += step
            down[cell] -= step
            gradient[cell] = (kappa_of(up / up.sum(), weights) - kappa_of(down / down.sum(), weights)) / (2 * step)
        variance = ((shares * gradient**2).sum() - (shares * gradient).sum() ** 2) / n
        found = weighted_kappa(table.tolist(), weights)
        assert found.value is not None
        half = Z * math.sqrt(variance)
        assert found.low == pytest.approx(max(found.value - half, -1), abs=1e-5)
        assert found.high == pytest.approx(min(found.value + half, 1), abs=1e-5)


def test_nothing_to_measure_is_no_number() -> None:
    assert weighted_kappa([[0, 0], [0, 0]]) == Kappa(0, None)
    assert weighted_kappa([[9, 0], [0, 0]]) == Kappa(9, None, same=9)
    assert weighted_kappa([[5, 0], [0, 4]]).value == 1
    with pytest.raises(ValueError, match="square"):
        weighted_kappa([[1, 2]])


def test_order_of_assessors_does_not_matter_and_counts_are_pairs() -> None:
    pairs = [(0, 0), (1, 2), (2, 2), (4, 3), (0, 1)]
    one = weighted_kappa(table_of(pairs, 5))
    other = weighted_kappa(table_of([(b, a) for a, b in pairs], 5))
    assert (one.n, one.same, one.share) == (5, 2, 0.4)
    assert one.value == pytest.approx(other.value)
    assert one.low == pytest.approx(other.low)


def test_a_drift_warns_only_beyond_chance_and_with_enough_pairs() -> None:
    good, bad = Kappa(200, 0.9, 0.85, 0.95), Kappa(60, 0.4, 0.2, 0.6)
    assert drifting(bad, good)
    assert not drifting(good, bad)
    assert not drifting(Kappa(ENOUGH - 1, 0.4, 0.2, 0.6), good)
    assert not drifting(Kappa(60, 0.8, 0.7, 0.9), good)
    assert too_low(bad)
    assert not too_low(good)
    assert not too_low(Kappa(200, None))
