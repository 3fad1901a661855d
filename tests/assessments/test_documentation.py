"""The page on the rules tells the truth: its examples are scored, its commands are run."""

from __future__ import annotations

import json
import re
import shlex
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest

import assessments
from assessments.cli import main
from tests.assessments.sheets import sheet
from tests.assessments.test_golden import differences

PAGE = (Path(__file__).parents[2] / "docs" / "rules" / "assessments.md").read_text("utf-8")
EXAMPLES = re.findall(r"```json sheet\n(.*?)```\n```json result\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"^\$ python -m assessments (.*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("given", "expected"), EXAMPLES)
def test_a_worked_example_comes_out(given: str, expected: str) -> None:
    asked = json.loads(given)
    if asked.pop("rest", None) == "best":
        asked = sheet(asked["instrument"], "best", asked.get("answers"), asked.get("facts"))
    assert differences(json.loads(expected), assessments.score(asked).as_dict(), "result") == []


def test_there_are_examples_and_commands() -> None:
    assert PAGE.count("```json") == 2 * len(EXAMPLES) == 10
    assert len(COMMANDS) == 7


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_works_as_written(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sheet.json").write_text(json.dumps(sheet("selfcare30@1")), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=BytesIO(json.dumps(sheet("mzt039@2013")).encode())))
    monkeypatch.setattr("sys.stdout", SimpleNamespace(buffer=BytesIO(), flush=lambda: None))
    assert main(shlex.split(command)) == (1 if command.endswith("raw") else 0)
