"""Reading worked examples from Markdown: a block that gives facts, and the block after it with what comes out.

A block `````json <kind>````` is followed by `````json result`````. ``KINDS`` in ``running.py`` says what computes each kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RULES = ROOT / "docs" / "rules"
PAIR = re.compile(r"```json (?!result)([a-z._]+)\n(.*?)```\s*```json result\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Example:
    """One worked example of a page."""

    page: str
    kind: str
    given: Any
    expected: Any


def examples(page: Path) -> Iterator[Example]:
    """The examples of a page, in order."""
    for kind, given, expected in PAIR.findall(page.read_text("utf-8")):
        yield Example(page.stem, kind, json.loads(given), json.loads(expected))


def blocks(page: Path) -> int:
    """How many JSON blocks the page has: each of them must belong to an example."""
    return page.read_text("utf-8").count("```json ")


def differences(expected: Any, found: Any, path: str) -> list[str]:
    """Where the expected part of a result is not found; results may hold more than a page shows."""
    if isinstance(expected, dict) and isinstance(found, dict):
        missing = [f"{path}.{key}: nothing" for key in expected if key not in found]
        shared = [key for key in expected if key in found]
        return missing + [line for key in shared for line in differences(expected[key], found[key], f"{path}.{key}")]
    same = found == expected and type(found) is type(expected)
    return [] if same else [f"{path}: {found!r} instead of {expected!r}"]
