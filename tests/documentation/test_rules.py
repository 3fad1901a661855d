"""The pages on rules tell the truth: every example on them is computed by the product's own rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documentation.running import KINDS
from tests.documentation.worked import RULES, Example, blocks, differences, examples

PAGES = sorted(RULES.glob("*.md"))
EXAMPLES = [
    pytest.param(example, id=f"{example.page} {number} {example.kind}")
    for page in PAGES
    for number, example in enumerate(examples(page), 1)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_worked_example_comes_out(example: Example) -> None:
    assert differences(example.expected, KINDS[example.kind](example.given), "result") == []


@pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])
def test_every_block_of_a_page_belongs_to_an_example(path: Path) -> None:
    found = list(examples(path))
    assert blocks(path) == 2 * len(found) >= 8


def test_every_feature_with_rules_has_its_page_and_every_kind_is_used() -> None:
    assert {page.stem for page in PAGES} >= {"assessments", "instruments", "grading", "care", "contracts", "settlement"}
    assert {example.values[0].kind for example in EXAMPLES} == set(KINDS)


def test_a_wrong_figure_would_be_noticed() -> None:
    assert differences({"a": {"b": 1}}, {"a": {"b": 2}}, "result") == ["result.a.b: 2 instead of 1"]
    assert differences({"a": True}, {"a": 1}, "result") == ["result.a: 1 instead of True"]
    assert differences({"a": 1}, {}, "result") == ["result.a: nothing"]
