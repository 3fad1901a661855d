"""A plan for one person as arithmetic: texture, risks, night helper, needs and their sources (domain.md 7.3, 7.4)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.care import rules

STANDARD = tomllib.loads(Path("app/care/policies/twelve-standards-2020.toml").read_text("utf-8"))
PERSONAL = tomllib.loads(Path("app/care/policies/personal-plan-2026.toml").read_text("utf-8"))
TEXTURES = """
1      7    7EC  6    0    -
1slow  7EC  6    5    0-1  -
2      7EC  6    5    0-1  -
3      5    5    4    2    swallowing
4      4    4    4    3    swallowing
5      none none none none urgent
tube   none none none none urgent
"""
"""Water test: food with good teeth or full denture, with part lost, without chewing; drink; referral."""
MOUTHS = {
    "good": [("whole", "none"), ("worn", "none"), ("all", "full"), ("part_both_sides", "full")],
    "part": [("part_one_side", "none"), ("part_other", "fixed"), ("part_both_sides", "partial"), ("lower", "fixed")],
    "poor": [("part_both_sides", "none"), ("all", "none"), ("upper", "none"), ("lower", "none")],
}
SUBITEMS = [f"{item}.{sub}" for item in range(1, 11) for sub in range(1, 4)]


def suggest(swallow: str | None, teeth: str | None = "whole", denture: str | None = "none", **more: Any) -> Any:
    given: dict[str, Any] = {"residue": False, "answers": {}, "facts": {}, **more}
    return rules.suggest(PERSONAL, swallow=swallow, teeth=teeth, denture=denture, **given)


@pytest.mark.parametrize("line", TEXTURES.strip().splitlines(), ids=lambda line: line.split()[0])
def test_the_texture_table_as_it_is_proposed(line: str) -> None:
    """Seven results of the water test × three states of the mouth."""
    swallow, good, part, poor, drink, referral = line.split()
    for chewing, food in (("good", good), ("part", part), ("poor", poor)):
        for teeth, denture in MOUTHS[chewing]:
            found = suggest(swallow, teeth, denture)
            assert (found.food, found.drink, found.referral or "-") == (food, drink, referral), (teeth, denture)


def test_choking_makes_it_one_softer_and_refers() -> None:
    ladder = PERSONAL["texture"]["ladder"]
    for swallow in ("1", "1slow", "2", "3", "4"):
        plain, choked = suggest(swallow), suggest(swallow, facts={"choking": 1})
        assert ladder.index(choked.food) == ladder.index(plain.food) + 1
        assert choked.referral == "swallowing"
        assert "choking" in choked.sources


def test_residue_in_the_mouth_allows_level_five_at_most() -> None:
    assert suggest("1", residue=True).food == "5"
    assert suggest("4", residue=True).food == "4"


@pytest.mark.parametrize("answers", [{"B.3.1": 1}, {"B.3.1": 3}, {"1.3": "A4"}])
def test_who_is_drowsy_or_cannot_swallow_gets_nothing_by_mouth(answers: dict[str, Any]) -> None:
    """Even when the test says otherwise or was never done."""
    for swallow in ("1", None):
        found = suggest(swallow, None, None, answers=answers)
        assert (found.food, found.referral) == (rules.NOTHING, "urgent")


def test_nothing_is_guessed_from_what_is_not_known() -> None:
    found = suggest(None, None, None)
    assert (found.food, found.sources) == (None, ("ask_swallow", "ask_teeth", "ask_denture"))
    assert suggest("1", "whole", None).food is None


@given(
    st.sampled_from(rules.SWALLOW),
    st.sampled_from(rules.TEETH),
    st.sampled_from(rules.DENTURES),
    st.booleans(),
    st.integers(0, 3),
)
def test_more_trouble_never_makes_food_harder(
    swallow: str, teeth: str, denture: str, residue: bool, choking: int
) -> None:
    best = suggest(swallow, teeth, denture)
    worse = suggest(swallow, teeth, denture, residue=residue, facts={"choking": choking})
    assert rules.softer_or_equal(PERSONAL, worse.food, best.food)
    assert rules.softer_or_equal(PERSONAL, suggest(swallow, "all", "none").food, best.food)


@pytest.mark.parametrize(
    ("setting", "frequency", "needed"),
    [
        ("home", "q2h", True),
        ("home", "q2hD", True),
        ("home", "8/d", True),
        ("home", "7/d", False),
        ("home", "7/w", False),
        ("institutional", "q2h", False),
    ],
)
def test_care_every_two_hours_at_home_needs_a_second_helper(setting: str, frequency: str, needed: bool) -> None:
    lines = [{"item": "S06", "frequency": frequency}]
    assert rules.needs_night_helper(PERSONAL, setting, lines) is needed
    for night, complete in (
        ({}, False),
        ({"lives_in": None}, False),
        ({"lives_in": False}, False),
        ({"lives_in": True}, True),
        ({"lives_in": False, "helper": "王桂兰"}, True),
        ({"lives_in": False, "institution": "3月1日征询，本人不愿意"}, True),
    ):
        lacks = rules.missing(PERSONAL, setting, lines, night, {}, None)
        assert lacks == ([] if complete or not needed else ["night"])


def test_an_unconfirmed_texture_is_missing_and_no_suggestion_is_not() -> None:
    suggested = suggest("3").stored()
    assert rules.missing(PERSONAL, "home", [], {}, suggested, None) == ["texture"]
    assert rules.missing(PERSONAL, "home", [], {}, suggested, {"food": "5"}) == []
    assert rules.missing(PERSONAL, "home", [], {}, suggest(None).stored(), None) == []


def test_every_one_of_the_thirty_observations_brings_something_when_nothing_works() -> None:
    named = {need["observation"] for need in PERSONAL["need"] if "observation" in need}
    assert set(SUBITEMS) <= named
    for observation in SUBITEMS:
        lines = rules.plan_lines(STANDARD, PERSONAL, 2, "home", {observation: "A4"}, {})
        assert [note["from"] for line in lines for note in line["notes"]] == [observation] * sum(
            1 for need in PERSONAL["need"] if need.get("observation") == observation
        )


@settings(max_examples=60)
@given(
    st.dictionaries(st.sampled_from(SUBITEMS), st.sampled_from(rules.LEVELS)),
    st.sampled_from([1, 2, 3]),
    st.sampled_from(["home", "institutional"]),
)
def test_needs_only_add_and_a_worse_answer_never_takes_away(answers: dict[str, str], grade: int, setting: str) -> None:
    """Never below the standard; each raised frequency names its observation; worse answers ask at least as much."""
    lines = rules.plan_lines(STANDARD, PERSONAL, grade, setting, answers, {})
    worse = {name: rules.LEVELS[min(4, rules.LEVELS.index(level) + 1)] for name, level in answers.items()}
    more = {line["item"]: line for line in rules.plan_lines(STANDARD, PERSONAL, grade, setting, worse, {})}
    for line in lines:
        assert not rules.below_minimum(line["frequency"], line["minimum"])
        assert not rules.below_minimum(more[line["item"]]["frequency"], line["frequency"])
        raised = [note["frequency"] for note in line["notes"] if "frequency" in note]
        assert (raised[-1:] or [line["minimum"]]) == [line["frequency"]]


def test_nine_risks_with_their_signs() -> None:
    answers = dict.fromkeys(SUBITEMS, "A0") | {"9.2": "A3", "B.3.2": 3}
    found = {risk["id"]: risk for risk in rules.risk_lines(PERSONAL, answers, {"choking": 1, "falls": 0})}
    assert len(found) == 9
    assert (found["fall"]["level"], found["fall"]["from"]) == ("high", ["9.2", "B.3.2"])
    assert (found["choking"]["level"], found["choking"]["from"]) == ("high", ["choking"])
    assert found["pressure_sore"]["level"] == "low"
    assert found["burn"]["level"] == "watch"
    nothing = rules.risk_lines(PERSONAL, {}, {})
    assert {risk["level"] for risk in nothing} == {"unknown"}


def test_the_difference_between_two_plans() -> None:
    old = [{"item": "S01", "frequency": "1/d"}, {"item": "S05", "frequency": "prn"}, {"item": "S06", "frequency": "-"}]
    new = [{"item": "S01", "frequency": "3/d"}, {"item": "S05", "frequency": "-"}, {"item": "S06", "frequency": "prn"}]
    assert rules.differences(old, new) == [
        ("S01", "1/d", "3/d", "more"),
        ("S05", "prn", "-", "less"),
        ("S06", "-", "prn", "more"),
    ]
    assert rules.differences(new, new) == []
