"""The ledger of security requirements is whole, and what it names exists."""

from __future__ import annotations

import ast
import csv
import hashlib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
with (ROOT / "docs" / "asvs.csv").open(encoding="utf-8", newline="") as ledger:
    ROWS = list(csv.DictReader(ledger))
APPLICABLE = "74b378e8507b40fdd6b31509dda2df9a0c6c3c3b9e9ef3e2e25fe2acf29207b4"
"""SHA-256 of the sorted identifiers of the 180 requirements of ASVS 5.0, levels 1 and 2, that apply here."""


@cache
def functions(path: Path) -> frozenset[str]:
    """Names of all functions of a test file."""
    return frozenset(n.name for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.FunctionDef))


def test_all_applicable_requirements_are_there_once() -> None:
    found = sorted(row["id"] for row in ROWS)
    assert len(found) == len(set(found)) == 180
    assert hashlib.sha256("\n".join(found).encode()).hexdigest() == APPLICABLE


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_row_says_where_and_how_it_is_known(row: dict[str, str]) -> None:
    assert row["status"] in {"met", "partly", "not", "deployment"}
    assert row["where"]
    assert [place for place in row["where"].split() if not (ROOT / place).exists()] == []
    for name in row["test"].split():
        path, _, function = name.partition("::")
        assert (ROOT / path).is_file(), name
        assert function in functions(ROOT / path), name
    if row["status"] == "met":
        assert row["test"] or row["remark"].startswith(("read:", "typed:", "section ")), "how is it known?"
    else:
        assert row["remark"], "what is missing?"
