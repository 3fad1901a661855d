"""A county's revision of an instrument: what it may set, what it may not, and that nothing else moves."""

from __future__ import annotations

import re

import pytest

import assessments
from assessments import Instrument, InstrumentError, differing, revision
from tests.assessments.sheets import random_sheets

BASE = assessments.load("selfcare30", "1")
HEADER = revision.Header("selfcare30", 2, BASE.title, "2027-01-01", "local", "县民政局文件")


def find(key: str) -> Instrument:
    """Shipped instruments only."""
    return assessments.load(*key.split("@"))


def text(**changes: str) -> str:
    """The text that changes nothing, with some pieces replaced."""
    made = revision.text_of(HEADER, BASE)
    for old, new in changes.values():
        assert made.count(old) == 1, old
        made = made.replace(old, new)
    return made


def read(made: str) -> Instrument:
    """What the text stands for."""
    return revision.parse(made.encode(), find)


def test_a_revision_without_changes_scores_every_sheet_as_its_base() -> None:
    same = read(text())
    assert same.key == "selfcare30@2"
    assert same.sha256 != BASE.sha256
    assert differing.differences(BASE, same) == []
    assert assessments.prove(same).ok
    for sheet in random_sheets("selfcare30@1", 300, 7):
        before, after = assessments.score(sheet).as_dict(), assessments.score(sheet, same).as_dict()
        for name in ("instrument", "sha256", "trace"):
            del before[name], after[name]
        assert before == after


CUT = text(a=("half_care = [45, 95]", "half_care = [55, 95]"), b=("full_care = [0, 40]", "full_care = [0, 50]"))


def test_what_differs_is_said_in_words() -> None:
    made = read(
        CUT.replace('"8.1" = "A1"', '"8.1" = "A2"')
        .replace('"1003" = 1', '"1003" = 2')
        .replace('g = "once"', 'g = "per_cause"')
    )
    said = [(d.what["zh"], d.before["zh"], d.after["zh"]) for d in differing.differences(BASE, made)]
    assert said == [
        ("分数档次：半护理", "45–95", "55–95"),
        ("分数档次：全护理", "0–40", "0–50"),
        ("多个原因同时成立时提高能力等级", "只提高一次", "每个原因各提高一次"),
        (
            "床椅转移：床上坐起：仍算能自主完成",
            "独立完成，用辅具或环境改造，无需他人",
            "需他人提示、监护或少量帮助（自己完成一半以上）",
        ),
        (
            "组合：日常生活活动：轻度受损，精神状态：能力完好，感知觉与沟通：能力完好，社会参与：重度受损",
            "轻度失能",
            "中度失能",
        ),
    ]
    assert not any(re.search(r"\bA[0-4]\b", words) for words in sum(said, ()))


def test_a_ruling_moves_its_own_mix_and_no_other() -> None:
    made = read(text(a=('"2211" = 2', '"2211" = 3'), b=('"2212" = 2', '"2212" = 3')))
    moved = {
        mix: (revision.ruling_of(BASE.combination, mix), revision.ruling_of(made.combination, mix))
        for mix in revision.MIXES
        if revision.ruling_of(BASE.combination, mix) != revision.ruling_of(made.combination, mix)
    }
    assert moved == {(2, 2, 1, 1): (2, 3), (2, 2, 1, 2): (2, 3)}
    assert len(revision.unclear(BASE.combination)) == 69


def test_cut_offs_move_the_grade_and_leave_the_scores() -> None:
    made, seen = read(CUT), set()
    for sheet in random_sheets("selfcare30@1", 600, 11):
        before, after = assessments.score(sheet), assessments.score(sheet, made)
        assert (before.total, before.abilities, before.ability_level) == (
            after.total,
            after.abilities,
            after.ability_level,
        )
        assert before.total is not None
        assert (before.score_grade == after.score_grade) == (before.total not in (45, 50))
        seen.add(before.score_grade == after.score_grade)
    assert seen == {True, False}


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("half_care = [45, 95]", "half_care = [95, 45]", "cut_offs.score.half_care"),
        ("half_care = [45, 95]", "half_care = [45]", "cut_offs.score.half_care"),
        ('"1.1" = [10, 10, 5, 0, 0]', '"1.1" = [10, 9, 5, 0, 0]', "caps.1.1"),
        ('"1.1" = [10, 10, 5, 0, 0]', '"1.1" = [10, 10, 5, 0]', "caps.1.1"),
        ('"8.1" = "A1"', '"8.1" = "A5"', "met.8.1"),
        ('"0003" = 1', '"0003" = 4', "rulings.0003"),
        ('"0003" = 1', '"0003" = 1\n"0000" = 1', "rulings.0000"),
        ('code = "selfcare30"', 'code = "other"', "code"),
        (BASE.sha256, "0" * 64, "base.sha256"),
        ("version = 2", "version = 2\nsomething = 1", "something"),
        ('raising = "once"', 'raising = "twice"', "level_changes.raising"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(old: str, new: str, place: str) -> None:
    made = text()
    assert made.count(old) == 1
    with pytest.raises(InstrumentError) as caught:
        read(made.replace(old, new))
    assert caught.value.where == place


def test_a_cut_off_with_a_hole_and_a_cap_that_rewards_worse_are_found_by_the_proof() -> None:
    hole = assessments.prove(read(text(a=("full_care = [0, 40]", "full_care = [0, 35]"))))
    assert not hole.ok
    rewarded = assessments.prove(read(text(a=('"1.1" = [10, 10, 5, 0, 0]', '"1.1" = [10, 5, 10, 0, 0]'))))
    assert rewarded.non_monotone


def test_a_revision_can_be_revised() -> None:
    first = read(CUT)

    def both(key: str) -> Instrument:
        return first if key == "selfcare30@2" else find(key)

    header = revision.Header("selfcare30", 3, BASE.title, "2028-01-01", "local", "再修订")
    made = revision.parse(revision.text_of(header, first).encode(), both)
    assert differing.differences(first, made) == []
    assert made.grades.score_tiers == first.grades.score_tiers
