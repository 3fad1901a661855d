"""Rules of training, certificates, ratios and exceptions, by examples and properties."""

from __future__ import annotations

import datetime as dt
import tomllib
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.workforce import rules
from app.workforce.rules import Training

D = dt.date
BODY: dict[str, Any] = tomllib.loads(
    (Path(rules.__file__).parent / "policies" / "workforce-2026.toml").read_text("utf-8")
)
DAYS = st.dates(D(2020, 1, 1), D(2030, 12, 31))


def test_the_shipped_rule_is_whole() -> None:
    assert rules.check(BODY) == []
    assert rules.check({}) != []
    assert rules.check({**BODY, "ratio": {**BODY["ratio"], "half_care": True}}) == ["ratio.half_care"]


@pytest.mark.parametrize(
    ("issued", "months", "last"),
    [
        (D(2026, 3, 10), 24, D(2028, 3, 9)),
        (D(2024, 2, 29), 24, D(2026, 2, 27)),
        (D(2025, 8, 31), 6, D(2026, 2, 27)),
        (D(2026, 1, 1), 12, D(2026, 12, 31)),
    ],
)
def test_the_last_day_of_a_certificate(issued: D, months: int, last: D) -> None:
    assert rules.valid_to(issued, months) == last


@pytest.mark.parametrize(
    ("attended", "points", "outcome"),
    [
        (4, 60, True),
        (4, 59, False),
        (3, 100, False),
        (None, 90, None),
        (4, None, None),
        (0, None, None),
        (5, 100, True),
    ],
)
def test_passing_needs_attendance_and_points_and_a_gap_is_no_zero(
    attended: int | None, points: int | None, outcome: bool | None
) -> None:
    assert rules.passed(4 if attended != 5 else 6, attended, points, BODY["training"]) is outcome


def test_ten_six_and_three_residents_ask_for_one_worker_each() -> None:
    ratio = BODY["ratio"]
    assert rules.load({1: 10}, ratio) == rules.load({2: 6}, ratio) == rules.load({3: 3}, ratio) == 1
    assert rules.load({1: 5, 2: 3}, ratio) == 1
    assert rules.needed(rules.load({3: 4}, ratio)) == 2
    assert rules.needed(rules.load({}, ratio)) == 0
    assert rules.needed(rules.load({1: 1}, ratio), 20) == 1, "somebody is there at night as soon as anybody lives there"


@given(st.dictionaries(st.sampled_from([1, 2, 3]), st.integers(0, 60)), st.integers(1, 100))
def test_workers_cover_the_load_and_not_one_more_would_do(grades: dict[int, int], percent: int) -> None:
    load = rules.load(grades, BODY["ratio"])
    count = rules.needed(load, percent)
    assert count >= load * percent / 100 > count - 1 or count == load == 0


@given(st.lists(st.tuples(st.sampled_from(["T1", "T2", "T3"]), DAYS, st.integers(0, 900)), max_size=6), DAYS)
def test_the_tier_that_counts_is_the_highest_that_holds(held: list[tuple[str, D, int]], on: D) -> None:
    known = [Training(tier, first, first + dt.timedelta(days=n)) for tier, first, n in held]
    found = rules.best(known, on)
    holding = [one for one in known if one.issued_on <= on <= one.valid_to]
    if holding:
        assert found in holding
        assert found is not None
        assert found.tier == max(one.tier for one in holding)
    else:
        assert (found is None) == (not known)
        assert found is None or not found.issued_on <= on <= found.valid_to


def test_a_short_high_tier_counts_before_a_long_low_one() -> None:
    low, high = Training("T1", D(2026, 1, 1), D(2027, 12, 31)), Training("T3", D(2026, 1, 1), D(2026, 6, 30))
    assert rules.best([low, high], D(2026, 6, 30)) is high
    assert rules.best([low, high], D(2026, 7, 1)) is low
    assert rules.best([low, high], D(2028, 1, 1)) is low


def test_weak_items_propose_the_lessons_that_practise_them() -> None:
    weak = rules.weak_items({"S05": (5, 20), "S01": (89, 100), "S06": (9, 9), "S09": (0, 9)}, BODY["weak"])
    assert weak == [("S05", 25), ("S01", 89)]
    lessons = rules.lessons_for([item for item, _percent in weak], BODY["lesson"])
    assert [lesson["id"] for lesson in lessons] == ["continence", "tubes", "feeding"]
    taught = {item for lesson in BODY["lesson"] for item in lesson["items"]}
    assert taught == {f"S{n:02d}" for n in range(1, 13)}, "every item has a lesson"


@pytest.mark.parametrize(("last", "state"), [(-1, "over"), (0, "soon"), (14, "soon"), (15, "valid"), (None, "none")])
def test_standing(last: int | None, state: str) -> None:
    on = D(2026, 5, 1)
    assert rules.standing(None if last is None else on + dt.timedelta(days=last), on, 14) == state


def test_an_exception_has_an_end_that_is_not_far() -> None:
    on = D(2026, 5, 10)
    for first, last in product(range(-3, 4), range(-3, 100)):
        begin, end = on + dt.timedelta(days=first), on + dt.timedelta(days=last)
        fault = rules.override_fault(begin, end, on, 92)
        assert (fault is None) == (begin <= end and end >= on and (end - begin).days < 92), (first, last, fault)


def test_a_third_is_a_third() -> None:
    assert rules.load({3: 1}, BODY["ratio"]) == Fraction(1, 3)
