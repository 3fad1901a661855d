"""Sentences for lay readers: true to the result, and without codes."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

import assessments
from assessments.plain import since, told
from tests.assessments.sheets import random_sheets, sheet

CODES = re.compile(r"\bA[0-4]\b|\bB\.\d|\bN[1-6]\b|(?<![-–\d])[0-3]\s*级|level \d|\d/\d/\d")
SHEETS = 2000 if os.environ.get("LONG_RUNS") else 40
"""What else would give another grade is looked for around each of them: 12 ms a sheet."""
DISPUTED = {"4.1": "A2", "2.2": "A2", "7.1": "A2", "8.2": "A2", "9.2": "A2"}


def sentences(given: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What is told about a sheet, by subject."""
    instrument = assessments.load(*given["instrument"].split("@"))
    found = told(instrument, given["answers"], assessments.score(given).as_dict())
    return {one.about: dict(one.words) for one in found}


@pytest.mark.parametrize("key", ["selfcare30@1", "mzt039@2013"])
def test_every_sentence_says_the_result_and_no_code(key: str) -> None:
    instrument = assessments.load(*key.split("@"))
    for given in random_sheets(key, SHEETS, 17):
        result, said = assessments.score(given), sentences(given)
        adl = next(b.title for b in instrument.adl_bands if b.value == result.adl_level)
        levels = {"mental": result.mental_level, "sensory": result.sensory_level, "social": result.social_level}
        titles = instrument.grades.titles
        for language in ("zh", "en"):
            assert adl[language] in said["adl"][language]
            assert f"{result.total} " in said["adl"][language]
            for domain in instrument.domains:
                level = levels[domain.key]
                assert level is not None
                assert domain.level_title(level)[language] in said[domain.key][language]
            assert result.ability_level is not None
            assert instrument.combination.titles[result.ability_level][language] in said["ability"][language]
            if result.statutory_grade is not None:
                assert titles[result.statutory_grade][language] in said["statutory"][language]
            if result.proposed_grade is not None:
                assert titles[result.proposed_grade][language] in said["grade"][language]
            for words in said.values():
                assert not CODES.search(words[language]), words[language]
        for line in assessments.explain(given).lines:
            assert not CODES.search(line["zh"] + line["en"]), line


def test_the_disputed_case_is_told_so_that_a_lay_reader_sees_why() -> None:
    said = sentences(sheet("selfcare30@1", answers=DISPUTED))
    assert said["adl"]["zh"].startswith(
        "日常生活活动：10 大项共得 75 分（满分 100 分），65–95 分属轻度受损。扣分的是："
    )
    assert said["adl"]["zh"].endswith("等共 5 项。")
    assert said["statutory"]["zh"] == (
        "6 项自理能力中有 5 项要靠别人（自主穿衣、自主上下床、自主如厕、室内自主行走、自主洗澡），按国家规定属全护理。"
    )
    assert said["score"]["zh"] == "总分 75 分，在 45–95 分这一段，按分数属半护理。"
    assert said["grade"]["zh"] == "两种办法结果不同：先按法定档次建议全护理，要经第二人复核并写明理由才能决定。"
    less, more = assessments.explain(sheet("selfcare30@1", answers=DISPUTED)).lines
    assert less["zh"].startswith("如果洗澡的清洗全身由“需他人提示")
    assert less["zh"].endswith("建议档次就变为半护理（最少改变 2 项，这样的改法共 10 种）")
    assert more["zh"] == "建议的已是照料最多的档次"


def test_coma_is_told_without_scores() -> None:
    said = sentences({"instrument": "selfcare30@1", "answers": {"B.3.1": 3}})
    assert "没有评全" in said["adl"]["zh"]
    assert "全护理" in said["grade"]["zh"]
    assert "重度失能" in said["ability"]["zh"]


def test_what_changed_since_the_last_sheet_is_all_and_has_a_direction() -> None:
    instrument = assessments.load("selfcare30", "1")
    before = sheet("selfcare30@1", answers={"1.1": "A2", "B.2.1": 1})["answers"]
    now = sheet("selfcare30@1", answers={"2.2": "A3", "B.3.3": 2})["answers"]
    found = [(one.worse, one.words["zh"]) for one in since(instrument, now, before)]
    assert [worse for worse, _zh in found] == [False, True, False, True]
    assert found[0][1] == "进食的取食入口由“需把持餐具，夹菜或提示”变为“独立完成，不用辅具”"
    assert since(instrument, now, now) == []
    forms = assessments.load("mzt039", "2013")
    old, new = sheet("mzt039@2013")["answers"], sheet("mzt039@2013", answers={"B.1.1": 5})["answers"]
    assert [one.worse for one in since(forms, new, old)] == [True]
