"""The grade by tables is the grade of the plain scorer."""

from __future__ import annotations

import pytest

import assessments
from assessments.quick import grader
from tests.assessments.sheets import random_sheets


@pytest.mark.parametrize("key", ["selfcare30@1", "mzt039@2013"])
def test_the_quick_grade_is_the_grade_of_the_plain_scorer(key: str) -> None:
    quick, seen = grader(assessments.load(*key.split("@"))), set()
    for sheet in random_sheets(key, 3_000, 31):
        result = assessments.score(sheet)
        if not result.coma:
            assert quick.grade(sheet["answers"]) == (result.proposed_grade, result.tiers_agree)
            seen.add(result.proposed_grade)
    assert {1, 2, 3} <= seen


def test_a_missing_answer_is_no_grade() -> None:
    sheet = next(random_sheets("selfcare30@1", 1, 1))
    del sheet["answers"]["1.1"]
    with pytest.raises(KeyError):
        grader(assessments.load("selfcare30", "1")).grade(sheet["answers"])
