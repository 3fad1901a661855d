"""The nearest other grade, checked against every sheet there is (ten criteria) or every small change (thirty)."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest

import assessments
from assessments import Move
from assessments.bulk import score_arrays
from assessments.model import LEVEL_CODES
from tests.assessments.sheets import codes_of, random_sheets, sheet

SMALL = 3
"""Every change of up to this many of the thirty observations is tried."""


def grades_of(key: str, rows: Any, domain_answers: list[int]) -> Any:
    instrument = assessments.load(*key.split("@"))
    rest = np.tile(np.array(domain_answers, np.uint8), (len(rows), 1))
    return score_arrays(
        instrument, np.hstack([rows.astype(np.uint8), rest]), np.zeros((len(rows), 6), np.uint8)
    ).proposed_grade


def nearest(grades: Any, sizes: Any, steps: Any, wanted: list[int]) -> tuple[int, int, int, Any] | None:
    """Least size, least steps among those, how many, and which rows: by looking at every row."""
    hits = np.isin(grades, wanted)
    if not hits.any():
        return None
    size = sizes[hits].min()
    hits &= sizes == size
    least = steps[hits].min()
    hits &= steps == least
    return int(size), int(least), int(hits.sum()), np.nonzero(hits)[0]


def change_sets(move: Move) -> set[frozenset[tuple[str, Any]]]:
    return {frozenset((c.field, c.after) for c in one.changes) for one in move.sets}


@pytest.mark.parametrize("number", range(12))
def test_by_the_ten_criteria_no_sheet_at_all_is_nearer(number: int) -> None:
    key = "mzt039@2013"
    instrument = assessments.load("mzt039", "2013")
    codes = {name: codes for name, codes in codes_of(instrument).items() if name in instrument.b1_fields}
    places = np.array(list(product(*(range(len(own)) for own in codes.values()))))
    rows = np.array([np.array(own)[place] for own, place in zip(codes.values(), places.T, strict=True)]).T
    given = list(random_sheets(key, 12, seed=99))[number]
    given["facts"] = dict.fromkeys(given["facts"], 0)
    others = [given["answers"][name] for name in instrument.domain_fields]
    now = np.array([own.index(given["answers"][name]) for name, own in codes.items()])
    moved = np.abs(places - now)
    grades = grades_of(key, rows, others)
    found = assessments.explain(given, limit=10_000)
    assert found.grade == int(grades[(moved == 0).all(axis=1)][0])
    for move, wanted in ((found.less_care, range(1, found.grade)), (found.more_care, range(found.grade + 1, 4))):
        best = nearest(grades, (moved > 0).sum(axis=1), moved.sum(axis=1), list(wanted))
        if best is None:
            assert move is None
            continue
        assert move is not None
        assert (move.size, move.steps, move.ways) == best[:3]
        assert change_sets(move) == {
            frozenset((name, int(rows[row][n])) for n, name in enumerate(codes) if moved[row][n]) for row in best[3]
        }


def small_changes(now: list[int]) -> Any:
    """Every sheet that differs in one to ``SMALL`` of the thirty observations."""
    parts = []
    for size in range(1, SMALL + 1):
        shifts = np.array(list(product(range(1, 5), repeat=size)), np.uint8)
        for fields in combinations(range(30), size):
            block = np.tile(np.array(now, np.uint8), (len(shifts), 1))
            block[:, fields] = (block[:, fields] + shifts) % 5
            parts.append(block)
    return np.vstack(parts)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"4.1": "A2", "2.1": "A2", "7.2": "A2", "8.2": "A2", "9.2": "A2"},
        {"2.1": "A4", "2.2": "A3", "8.1": "A2"},
        {"7.1": "A3", "7.2": "A3", "5.1": "A3", "1.3": "A1"},
    ],
)
def test_by_the_thirty_observations_no_small_change_is_nearer(answers: dict[str, str]) -> None:
    given = sheet("selfcare30@1", answers=answers)
    instrument = assessments.load("selfcare30", "1")
    now = [LEVEL_CODES.index(given["answers"][name]) for name in instrument.b1_fields]
    rows = small_changes(now)
    grades = grades_of("selfcare30@1", rows, [0] * 12)
    moved = np.abs(rows.astype(np.int8) - np.array(now, np.int8))
    found = assessments.explain(given, limit=10_000)
    assert found.grade is not None
    for move, wanted in ((found.less_care, range(1, found.grade)), (found.more_care, range(found.grade + 1, 4))):
        best = nearest(grades, (moved > 0).sum(axis=1), moved.sum(axis=1), list(wanted))
        if best is None:
            assert move is None or move.size > SMALL
            continue
        assert move is not None
        assert (move.size, move.steps, move.ways) == best[:3]
        assert change_sets(move) == {
            frozenset((name, f"A{rows[row][n]}") for n, name in enumerate(instrument.b1_fields) if moved[row][n])
            for row in best[3]
        }


@pytest.mark.parametrize("given", list(random_sheets("selfcare30@1", 9, seed=3)))
def test_every_listed_change_leads_where_it_says(given: dict[str, Any]) -> None:
    found = assessments.explain(given, limit=5)
    assert found.grade == assessments.score(given).proposed_grade
    for move in (found.less_care, found.more_care):
        for one in move.sets if move else ():
            answers = given["answers"] | {change.field: change.after for change in one.changes}
            assert assessments.score(given | {"answers": answers}).proposed_grade == one.grade
            assert all(given["answers"][change.field] == change.before for change in one.changes)


def test_the_number_of_listed_sets_is_limited_and_their_count_is_not() -> None:
    found = assessments.explain(sheet("selfcare30@1"), limit=3)
    assert found.less_care is None
    assert found.more_care is not None
    assert len(found.more_care.sets) == 3
    assert found.more_care.ways == 21
    assert found.as_dict()["more_care"]["sets"][0]["changes"][0] == {
        "field": "1.1", "from": "A0", "to": "A2", "zh": "取食入口", "en": "bring food to mouth"
    }  # fmt: skip


def test_nothing_is_compared_when_coma_left_form_b1_empty() -> None:
    found = assessments.explain({"instrument": "selfcare30@1", "answers": {"B.3.1": 3}})
    assert (found.grade, found.less_care, found.more_care) == (3, None, None)
    assert "B.1" in found.lines[0]["zh"]


def test_a_faulty_sheet_is_refused_like_in_scoring() -> None:
    with pytest.raises(assessments.SheetError):
        assessments.explain({"instrument": "selfcare30@1"})
