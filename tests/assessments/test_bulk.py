"""The array scorer gives exactly what the plain scorer gives. ``BULK_SHEETS`` sets how many sheets are compared."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

import assessments
from assessments import Instrument
from assessments.bulk import BulkResult, score_arrays
from assessments.model import LEVEL_CODES
from tests.assessments.sheets import codes_of, random_sheets

SHEETS = int(os.environ.get("BULK_SHEETS", "6000"))
NUMBERS = [
    "total", "adl_level", "mental_level", "sensory_level", "social_level", "preliminary_level", "ability_level",
    "unmet", "statutory_grade", "score_grade", "proposed_grade", "tiers_agree",
]  # fmt: skip


def arrays(instrument: Instrument, sheets: list[dict[str, Any]]) -> tuple[Any, Any]:
    """The sheets as the arrays the bulk scorer takes."""
    rank = {code: place for place, code in enumerate(LEVEL_CODES)}
    facts_of = [fact.id for fact in instrument.facts]
    answers = [[rank.get(s["answers"][name], s["answers"][name]) for name in instrument.fields] for s in sheets]
    facts = [[s["facts"][name] for name in facts_of] for s in sheets]
    return np.array(answers, np.uint8), np.array(facts, np.uint8).reshape(len(sheets), len(facts_of))


def rows_of(found: BulkResult) -> list[list[int]]:
    """Every sheet's results as plain numbers."""
    numbers = np.column_stack([getattr(found, name) for name in NUMBERS] + list(found.levels.values()))
    return np.hstack([numbers, found.items, found.abilities]).astype(int).tolist()


def plain_row(result: assessments.Result) -> list[int]:
    values: list[Any] = [*(getattr(result, name) for name in NUMBERS), *result.levels.values()]
    values += [*result.items.values(), *result.abilities.values()]
    return [-1 if value is None else int(value) for value in values]


@pytest.mark.parametrize(
    ("key", "count"), [(key, SHEETS if key == "selfcare30@1" else SHEETS // 4) for key in assessments.available()]
)
def test_bulk_equals_plain(key: str, count: int) -> None:
    instrument = assessments.load(*key.split("@"))
    sheets = list(random_sheets(key, count, seed=2020))
    found = rows_of(score_arrays(instrument, *arrays(instrument, sheets)))
    grades = set()
    for row, given in zip(found, sheets, strict=True):
        expected = plain_row(assessments.score(given))
        assert row == expected, given
        grades.add(expected[NUMBERS.index("proposed_grade")])
    assert grades >= {1, 2, 3}


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.int8])
def test_arrays_of_any_whole_numbers_are_taken(kind: type[np.integer[Any]]) -> None:
    instrument = assessments.load("selfcare30", "1")
    answers, facts = arrays(instrument, list(random_sheets("selfcare30@1", 10, seed=1)))
    found = score_arrays(instrument, answers.astype(kind), facts.astype(kind))
    assert rows_of(found) == rows_of(score_arrays(instrument, answers, facts))


def test_no_sheets_give_no_results() -> None:
    instrument = assessments.load("selfcare30", "1")
    found = score_arrays(instrument, np.zeros((0, 42), np.uint8), np.zeros((0, 6), np.uint8))
    assert found.total.shape == (0,)
    assert found.items.shape == (0, 10)


@pytest.mark.parametrize(
    ("key", "row", "column", "value", "named"),
    [
        ("selfcare30@1", 3, 0, 5, "row 3: 1.1 cannot be 5"),
        ("selfcare30@1", 40_000, 41, 9, "row 40000: B.4.5 cannot be 9"),
        ("selfcare30@1", 2, 1, -1, "row 2: 1.2 cannot be -1"),
        ("selfcare30@1", 2, 1, 256, "row 2: 1.2 cannot be 256"),
        ("mzt039@2013", 1, 1, 10, "row 1: B.1.2 cannot be 10"),
    ],
)
def test_a_code_no_option_has_is_refused_by_row_and_field(
    key: str, row: int, column: int, value: int, named: str
) -> None:
    instrument = assessments.load(*key.split("@"))
    answers, facts = np.zeros((row + 1, len(instrument.fields)), np.int64), np.zeros((row + 1, 6), np.int64)
    answers[row, column] = value
    with pytest.raises(ValueError, match=named):
        score_arrays(instrument, answers, facts)


def test_arrays_of_the_wrong_shape_or_type_are_refused() -> None:
    instrument = assessments.load("selfcare30", "1")
    good, facts = np.zeros((2, 42), np.uint8), np.zeros((2, 6), np.uint8)
    with pytest.raises(ValueError, match="answers must be n × 42"):
        score_arrays(instrument, good[:, :30], facts)
    with pytest.raises(ValueError, match="2 sheets but 1 rows"):
        score_arrays(instrument, good, facts[:1])
    with pytest.raises(TypeError, match="whole numbers"):
        score_arrays(instrument, good.astype(float), facts)
    with pytest.raises(TypeError, match="whole numbers"):
        score_arrays(instrument, good, facts.astype(bool))


def test_by_the_ten_criteria_a_worse_answer_never_lowers_the_proposed_grade() -> None:
    """All 46,656 sheets; abilities left open make this more than a property of each item."""
    instrument = assessments.load("mzt039", "2013")
    codes = [codes for name, codes in codes_of(instrument).items() if name.startswith("B.1.")]
    shape = tuple(map(len, codes))
    places = np.indices(shape).reshape(len(shape), -1)
    ten = np.array([np.array(own)[place] for own, place in zip(codes, places, strict=True)]).T
    answers = np.hstack([ten, np.zeros((len(ten), 12), int)])
    grade = score_arrays(instrument, answers, np.zeros((len(ten), 6), int)).proposed_grade.reshape(shape)
    assert grade.size == 46_656
    for axis in range(len(shape)):
        assert (np.diff(grade, axis=axis) >= 0).all()
