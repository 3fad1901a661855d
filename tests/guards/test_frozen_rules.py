"""A rule or instrument file that was ever in force never changes: a change is a new file."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FROZEN = tomllib.loads((Path(__file__).parent / "frozen.toml").read_text())


def files() -> dict[str, str]:
    """Every shipped rule and instrument with its SHA-256."""
    found = [*ROOT.glob("app/*/policies/*.toml"), *ROOT.glob("assessments/instruments/**/*.toml")]
    return {str(p.relative_to(ROOT)): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}


def test_every_shipped_rule_is_listed_and_unchanged() -> None:
    assert files() == FROZEN
