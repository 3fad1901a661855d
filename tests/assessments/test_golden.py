"""The golden cases: what domain people agreed on, in files they can read."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import assessments
from tests.assessments.sheets import sheet

FILES = sorted((Path(__file__).parent / "golden").glob("*.toml"))
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in FILES
    for case in tomllib.loads(path.read_text("utf-8"))["cases"]
]


def plain(value: Any) -> Any:
    """``none`` in a golden file is an empty value; TOML has no word of its own for it."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    return None if value == "none" else value


def differences(expected: Any, found: Any, path: str) -> list[str]:
    """Where the expected part of a result is not found."""
    if isinstance(expected, dict):
        return [line for key in expected for line in differences(expected[key], found[key], f"{path}.{key}")]
    same = found == expected and type(found) is type(expected)
    return [] if same else [f"{path}: {found!r} instead of {expected!r}"]


@pytest.mark.parametrize("case", CASES)
def test_golden_case(case: dict[str, Any]) -> None:
    if "only" in case:
        given = {"instrument": case["instrument"], "answers": case["only"]}
    else:
        given = sheet(case["instrument"], case.get("start", "best"), case.get("answers"), case.get("facts"))
    if "scope" in case:
        given["scope"] = case["scope"]
    found = assessments.score(given).as_dict()
    assert differences(plain(case["expect"]), found, "result") == []
    if "clauses" in case:
        assert [change["clauses"] for change in found["level_changes"]] == case["clauses"]


def test_there_are_golden_cases() -> None:
    assert {path.stem for path in FILES} == {"changes", "domains", "grades", "items"}
    assert len(CASES) >= 60
