"""The commands on the page on assessments work as written; its examples are run by ``tests/documentation``."""

from __future__ import annotations

import json
import re
import shlex
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from assessments.cli import main
from tests.assessments.sheets import sheet

PAGE = (Path(__file__).parents[2] / "docs" / "rules" / "assessments.md").read_text("utf-8")
COMMANDS = re.findall(r"^\$ python -m assessments (.*)$", PAGE, re.MULTILINE)


def test_there_are_commands() -> None:
    assert len(COMMANDS) == 7


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_works_as_written(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sheet.json").write_text(json.dumps(sheet("selfcare30@1")), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=BytesIO(json.dumps(sheet("mzt039@2013")).encode())))
    monkeypatch.setattr("sys.stdout", SimpleNamespace(buffer=BytesIO(), flush=lambda: None))
    assert main(shlex.split(command)) == (1 if command.endswith("raw") else 0)
