"""The instruments that ``docs/rules/instruments.md`` adds, each with all its sheets."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

import assessments
from assessments import Instrument
from tests.assessments.sheets import codes_of

PAGE = (Path(__file__).parents[2] / "docs" / "rules" / "instruments.md").read_text("utf-8")
BLOCKS = re.findall(r"```toml instrument\n(.*?)```\n```json added\n(.*?)```\n```json result\n(.*?)```", PAGE, re.DOTALL)
"""File, sheet and result of each example."""


@lru_cache(maxsize=1)
def added() -> list[tuple[Instrument, list[dict[str, Any]]]]:
    """Each instrument with every complete sheet it can have."""
    return [
        (instrument, every_sheet(instrument))
        for instrument in (assessments.parse(file.encode()) for file, _, _ in BLOCKS)
    ]


def every_sheet(instrument: Instrument) -> list[dict[str, Any]]:
    """All sheets of a small instrument."""
    names = list(codes_of(instrument))
    facts = [fact.id for fact in instrument.facts]
    codes = [*codes_of(instrument).values(), *([option.code for option in fact.options] for fact in instrument.facts)]
    return [
        {
            "instrument": instrument.key,
            "answers": dict(zip(names, row, strict=False)),
            "facts": dict(zip(facts, row[len(names) :], strict=True)),
        }
        for row in product(*codes)
    ]


def score_added(given: dict[str, Any]) -> dict[str, Any]:
    """A sheet of an instrument that stands on the page alone."""
    instrument = next(one for one, _ in added() if one.key == given["instrument"])
    return assessments.score(given, instrument).as_dict()
