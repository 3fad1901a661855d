"""A sheet that is not exactly right is refused, and every fault is named."""

from __future__ import annotations

from typing import Any

import pytest

import assessments
from assessments import SheetError
from tests.assessments.sheets import sheet


def problems(given: Any) -> list[tuple[str, str]]:
    with pytest.raises(SheetError) as refusal:
        assessments.score(given)
    assert all(p.message_zh and p.message_en for p in refusal.value.problems)
    return [(p.field, p.code) for p in refusal.value.problems]


def changed(**parts: Any) -> dict[str, Any]:
    return sheet("selfcare30@1") | parts


@pytest.mark.parametrize("given", [None, 1, "x", [], [{}]])
def test_a_sheet_is_one_object(given: Any) -> None:
    assert problems(given) == [("", "wrong_type")]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (None, "missing"),
        (1, "wrong_type"),
        (["selfcare30@1"], "wrong_type"),
        ("selfcare30", "unknown_instrument"),
        ("selfcare30@2", "unknown_instrument"),
        ("../selfcare30@1", "unknown_instrument"),
        ("selfcare30/../mzt039@2013", "unknown_instrument"),
        ("caregrade@..", "unknown_instrument"),
        pytest.param("\ud800@1", "unknown_instrument", id="half a character"),
        pytest.param("x" * 100_000, "unknown_instrument", id="long"),
        ("mzt039@2013-raw", "not_scorable"),
    ],
)
def test_an_instrument_is_named_exactly(name: Any, code: str) -> None:
    assert problems(changed(instrument=name)) == [("instrument", code)]


def test_care_grades_are_no_instrument() -> None:
    with pytest.raises(assessments.InstrumentError, match="care grades"):
        assessments.load("caregrade", "2021")


def test_every_missing_answer_and_fact_is_listed() -> None:
    found = problems({"instrument": "selfcare30@1"})
    assert len(found) == 42 + 6
    assert {code for _, code in found} == {"missing"}
    assert found[0][0] == "answers.1.1"
    assert ("answers.B.4.5", "missing") in found
    assert found[-1][0] == "facts.suicide"


def test_a_null_answer_is_missing_not_zero() -> None:
    given = sheet("selfcare30@1", answers={"1.2": None, "B.2.1": None}, facts={"falls": None})  # type: ignore[dict-item]
    assert problems(given) == [("answers.1.2", "missing"), ("answers.B.2.1", "missing"), ("facts.falls", "missing")]


@pytest.mark.parametrize("value", [0, 1.0, True, ["A0"], {"A0": 1}])
def test_an_observation_is_text(value: Any) -> None:
    assert problems(sheet("selfcare30@1", answers={"1.1": value})) == [("answers.1.1", "wrong_type")]


@pytest.mark.parametrize(
    "value",
    ["A5", "a0", " A0", "", "0", pytest.param("\ud800", id="half a character"), pytest.param("A" * 9999, id="long")],
)
def test_an_observation_is_one_of_five(value: str) -> None:
    assert problems(sheet("selfcare30@1", answers={"1.1": value})) == [("answers.1.1", "unknown_code")]


@pytest.mark.parametrize("value", [True, False, 0.0, 1.0, float("nan"), "0", [0], {}])
def test_a_code_is_a_whole_number_and_truth_is_none(value: Any) -> None:
    assert problems(sheet("selfcare30@1", answers={"B.2.1": value})) == [("answers.B.2.1", "wrong_type")]
    assert problems(sheet("selfcare30@1", facts={"falls": value})) == [("facts.falls", "wrong_type")]


@pytest.mark.parametrize("value", [-1, 3, pytest.param(10**5000, id="huge")])
def test_a_code_is_one_of_its_options(value: int) -> None:
    assert problems(sheet("selfcare30@1", answers={"B.2.1": value})) == [("answers.B.2.1", "unknown_code")]


def test_a_criterion_has_its_own_scores() -> None:
    found = problems(sheet("mzt039@2013", answers={"B.1.2": 10, "B.1.1": 15, "B.1.8": 7}))
    assert found == [(f"answers.B.1.{n}", "unknown_code") for n in (1, 2, 8)]


def test_unknown_fields_are_refused_at_every_level() -> None:
    given = sheet("selfcare30@1", answers={"B.1.1": 10, "11.1": "A0"}, facts={"fall": 1}) | {"note": 1}
    assert problems(given) == [
        ("note", "unknown_field"),
        ("answers.11.1", "unknown_field"),
        ("answers.B.1.1", "unknown_field"),
        ("facts.fall", "unknown_field"),
    ]


@pytest.mark.parametrize("value", [1, "x", [], [1]])
def test_answers_and_facts_are_objects(value: Any) -> None:
    assert ("answers", "wrong_type") in problems(changed(answers=value))
    assert ("facts", "wrong_type") in problems(changed(facts=value))


@pytest.mark.parametrize("value", [None, "b.1", 1, [], "B.2"])
def test_the_scope_is_all_or_form_b1(value: Any) -> None:
    assert problems(changed(scope=value)) == [("scope", "unknown_code")]


def test_the_coma_rule_excuses_answers_but_not_wrong_ones() -> None:
    given = {"instrument": "selfcare30@1", "answers": {"B.3.1": 3, "1.1": "A9", "B.2.1": True, "x": 1}}
    assert problems(given) == [
        ("answers.1.1", "unknown_code"),
        ("answers.B.2.1", "wrong_type"),
        ("answers.x", "unknown_field"),
    ]


def test_stupor_is_not_coma() -> None:
    assert len(problems({"instrument": "selfcare30@1", "answers": {"B.3.1": 2}})) == 41 + 6


def test_coma_excuses_nothing_when_only_form_b1_is_assessed() -> None:
    given = {"instrument": "mzt039@2013", "answers": {"B.3.1": 3}, "scope": "B.1"}
    assert [field for field, _ in problems(given)] == [f"answers.B.1.{n}" for n in range(1, 11)]


def test_answers_outside_the_scope_are_checked_and_not_used() -> None:
    given = sheet("mzt039@2013", answers={"B.2.1": 2}) | {"scope": "B.1"}
    found = assessments.score(given)
    assert (found.mental_level, found.ability_level, found.proposed_grade) == (None, None, 1)
    assert problems(given | {"answers": given["answers"] | {"B.2.1": 9}}) == [("answers.B.2.1", "unknown_code")]


def test_scoring_changes_nothing_in_the_sheet() -> None:
    given = sheet("selfcare30@1")
    before = {key: dict(value) if isinstance(value, dict) else value for key, value in given.items()}
    assessments.score(given)
    assert given == before
