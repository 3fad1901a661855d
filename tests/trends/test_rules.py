"""Marks of unsafe signs, by examples and properties."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.trends import rules
from app.trends.rules import Sign

ON = dt.date(2026, 3, 10)
BODY: dict[str, Any] = tomllib.loads(
    (Path(rules.__file__).parent / "policies" / "unsafe-signs-2020.toml").read_text("utf-8")
)


def days_ago(days: int) -> dt.date:
    return ON - dt.timedelta(days=days)


def test_the_shipped_rule_is_whole() -> None:
    assert rules.check(BODY) == []
    assert "weight" in rules.check({**BODY, "weight": [{"days": 30, "percent": True}]})


@pytest.mark.parametrize(
    ("readings", "percent"),
    [
        ([(30, 60000), (0, 57000)], 5),
        ([(30, 60000), (0, 57100)], None),
        ([(31, 60000), (0, 57000)], None),
        ([(170, 60000), (100, 58000), (0, 54000)], 10),
        ([(20, 60000), (10, 64000), (0, 60000)], 6),
        ([(60, 60000), (40, 50000)], 16),
        ([(400, 90000), (300, 50000)], None),
        ([(0, 50000)], None),
        ([(20, 50000), (0, 60000)], None),
    ],
)
def test_a_loss_of_five_percent_in_a_month_or_ten_in_half_a_year(
    readings: list[tuple[int, int]], percent: int | None
) -> None:
    found = rules.weight_loss([(days_ago(n), grams) for n, grams in readings], BODY["weight"], ON)
    assert (found.percent if found else None) == percent


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(30_000, 90_000)), max_size=8))
def test_a_loss_is_always_one_that_was_read(readings: list[tuple[int, int]]) -> None:
    known = [(days_ago(n), grams) for n, grams in readings]
    found = rules.weight_loss(known, BODY["weight"], ON)
    if found is not None:
        assert found.first in known
        assert found.last == max(known)
        assert found.grams > 0
        assert (found.last[0] - found.first[0]).days <= found.days
        mark = next(one for one in BODY["weight"] if one["days"] == found.days)
        assert found.grams * 100 >= mark["percent"] * found.first[1]


@pytest.mark.parametrize(
    ("due", "alone", "unplanned", "signs"),
    [
        (28, 23, 0, [Sign.GONE]),
        (28, 22, 0, []),
        (7, 7, 0, []),
        (0, 0, 5, [Sign.CAME]),
        (0, 0, 4, []),
        (28, 28, 6, [Sign.GONE, Sign.CAME]),
    ],
)
def test_a_need_is_gone_or_came(due: int, alone: int, unplanned: int, signs: list[Sign]) -> None:
    found = rules.drifts({"S02": due}, {"S02": alone}, {"S02": unplanned}, BODY["drift"])
    assert [one.sign for one in found] == signs
