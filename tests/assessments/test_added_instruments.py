"""An instrument is added by writing a file: the examples of ``docs/rules/instruments.md``, through everything there is."""

from __future__ import annotations

import json

import pytest

import assessments
from assessments.bulk import score_arrays
from tests.assessments.added import BLOCKS, added
from tests.assessments.test_bulk import arrays, plain_row, rows_of


def test_the_page_has_an_additive_one_and_a_matrix() -> None:
    assert [instrument.key for instrument, _ in added()] == ["meals@1", "outing@1"]


@pytest.mark.parametrize("place", [0, 1])
def test_it_is_proved_and_scores_as_the_page_says(place: int) -> None:
    _, sheet, result = BLOCKS[place]
    instrument, _ = added()[place]
    proof = assessments.prove(instrument)
    assert proof.ok, proof.as_dict()
    found = assessments.score(json.loads(sheet), instrument).as_dict()
    expected = json.loads(result)
    assert {name: found[name] for name in expected} == expected
    assert [step["zh"] for step in found["trace"]]
    assert assessments.explain(json.loads(sheet), instrument=instrument).less_care is None


@pytest.mark.parametrize("place", [0, 1])
def test_the_scorer_for_arrays_gives_the_same_on_every_sheet(place: int) -> None:
    instrument, sheets = added()[place]
    found = rows_of(score_arrays(instrument, *arrays(instrument, sheets)))
    assert found == [plain_row(assessments.score(sheet, instrument)) for sheet in sheets]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("cells = [[0, 1], [1, 2]]", "cells = [[0, 1], [1, 3]]", "combination.cells[1][1]"),
        ("cells = [[0, 1], [1, 2]]", "cells = [[0, 1]]", "combination.cells"),
        ("cells = [[0, 1], [1, 2]]", 'cells = "x"', "combination.cells"),
        ('method = "matrix"', 'method = "total"', "combination.method"),
        ('key = "sight"', 'key = "adl"', "domains[0].key"),
        ('better = "high"', 'better = "up"', "domains[0].better"),
        ('id = "1"\ncode', 'id = "1"\ngroup = "x"\ncode', "items[0].group"),
    ],
)
def test_a_wrong_file_is_refused_at_its_place(old: str, new: str, where: str) -> None:
    file = BLOCKS[1][0]
    assert old in file
    with pytest.raises(assessments.InstrumentError) as refusal:
        assessments.parse(file.replace(old, new, 1).encode())
    assert refusal.value.where == where


def test_a_matrix_that_gives_a_worse_sheet_a_better_level_is_not_proved() -> None:
    proof = assessments.prove(assessments.parse(BLOCKS[1][0].replace("[[0, 1], [1, 2]]", "[[1, 0], [1, 2]]").encode()))
    assert not proof.ok
    assert [finding.where for finding in proof.non_monotone] == ["combination"]
