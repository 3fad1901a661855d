"""GB/T 42195-2022 and the long-term care standard: the figures of the documents, through the same engine."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

import assessments
from tests.assessments.sheets import codes_of, sheet

GB, LTC = "gbt42195@2022", "ltci@2021"
MATRIX = [[0, 0, 1, 1], [1, 1, 1, 2], [2, 2, 2, 3], [3, 3, 4, 5]]
"""医保办发〔2021〕37号: rows daily living, columns the worse of cognition and senses."""


def scored(
    key: str, answers: dict[str, Any] | None = None, facts: dict[str, int] | None = None, start: str = "best"
) -> assessments.Result:
    return assessments.score(sheet(key, start, answers, facts))


def total_of(points: int) -> dict[str, int]:
    """Answers of GB/T 42195 that add up to so many points."""
    answers, left = {}, points
    for name, codes in codes_of(assessments.load(*GB.split("@"))).items():
        answers[name] = max(code for code in codes if code <= left)
        left -= answers[name]
    assert left == 0
    return answers


def test_the_26_items_of_gbt_42195_add_up_to_90_in_four_groups() -> None:
    instrument = assessments.load(*GB.split("@"))
    assert len(instrument.items) == 26
    best = scored(GB)
    assert best.total == 90
    assert best.groups == {"B.1": 32, "B.2": 15, "B.3": 28, "B.4": 15}
    assert scored(GB, start="worst").total == 0


@pytest.mark.parametrize(
    ("points", "level"), [(90, 0), (89, 1), (66, 1), (65, 2), (46, 2), (45, 3), (30, 3), (29, 4), (0, 4)]
)
def test_the_five_levels_of_gbt_42195(points: int, level: int) -> None:
    found = scored(GB, total_of(points))
    assert (found.total, found.preliminary_level, found.ability_level) == (points, level, level)


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({}, 1), ({"dementia": 1}, 2), ({"mental_illness": 1}, 2), ({"dementia": 1, "falls": 3}, 2), ({"falls": 1}, 1),
        ({"falls": 1, "choking": 1}, 2), ({"suicide": 2}, 2), ({"coma": 1}, 4), ({"coma": 1, "dementia": 1}, 4),
    ],
)  # fmt: skip
def test_what_changes_the_level_of_gbt_42195(facts: dict[str, int], level: int) -> None:
    assert scored(GB, total_of(80), facts).ability_level == level


def test_complete_loss_is_raised_no_further_and_coma_excuses_no_answer() -> None:
    assert scored(GB, total_of(10), {"dementia": 1}).ability_level == 4
    with pytest.raises(assessments.SheetError) as refusal:
        assessments.score({"instrument": GB, "answers": {}, "facts": sheet(GB)["facts"] | {"coma": 1}})
    assert len(refusal.value.problems) == 26


def test_the_matrix_of_the_long_term_care_standard_cell_by_cell() -> None:
    adl = [100, 65, 45, 0]
    cognition, senses = [16, 4, 2, 0], [12, 4, 2, 0]

    def fours(prefix: range, points: int) -> dict[str, int]:
        answers = {}
        for number in prefix:
            answers[f"L.{number}"] = min(4, points)
            points -= answers[f"L.{number}"]
        return answers

    items = {100: {}, 65: {"L.1": 0, "L.2": 0, "L.7": 0}, 45: {"L.1": 0, "L.2": 0, "L.7": 0, "L.4": 0, "L.5": 0}}
    worst = {f"L.{n}": 0 for n in range(1, 11)}
    for (a, row), (c, first), (s, second) in product(enumerate(adl), enumerate(cognition), enumerate(senses)):
        answers = items.get(row, worst) | fours(range(11, 15), first) | fours(range(15, 18), second)
        found = scored(LTC, answers)
        assert (found.total, found.levels) == (row, {"adl": a, "cognition": c, "sensory": s})
        assert found.ability_level == MATRIX[a][max(c, s)], (a, c, s)


@pytest.mark.parametrize("key", [GB, LTC])
def test_the_total_stands_for_no_care_grade_and_nothing_is_guessed(key: str) -> None:
    best, worst = scored(key), scored(key, start="worst")
    assert (best.score_grade, best.statutory_grade, best.proposed_grade, best.tiers_agree) == (None, 1, 1, None)
    assert (worst.score_grade, worst.statutory_grade, worst.proposed_grade) == (None, 3, 3)
    walking = {"B.2.3": 3} if key == GB else {"L.8": 10}
    assert scored(key, walking).statutory_grade is None


@pytest.mark.parametrize("key", [GB, LTC])
def test_form_b1_alone_is_not_a_part_of_these_instruments(key: str) -> None:
    with pytest.raises(assessments.SheetError) as refusal:
        assessments.score({**sheet(key), "scope": "B.1"})
    assert [(p.field, p.code) for p in refusal.value.problems] == [("scope", "unknown_code")]


@pytest.mark.parametrize("key", [GB, LTC])
def test_the_nearest_changes_are_the_fewest(key: str) -> None:
    start = sheet(key)
    found = assessments.explain(start)
    assert found.less_care is None
    assert found.more_care is not None
    codes = codes_of(assessments.load(*key.split("@")))
    one = [
        (name, code)
        for name, own in codes.items()
        for code in own
        if (assessments.score({**start, "answers": start["answers"] | {name: code}}).proposed_grade or 0) > 1
    ]
    assert found.more_care.size == 1
    steps = min(abs(codes[name].index(code)) for name, code in one)
    assert found.more_care.steps == steps
    assert found.more_care.ways == sum(codes[name].index(code) == steps for name, code in one)
