"""Sheets for the tests: a best or worst sheet with some answers changed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import assessments
from assessments import Instrument
from assessments.model import LEVEL_CODES


def codes_of(instrument: Instrument) -> dict[str, list[Any]]:
    """The codes of every answer, best first."""
    codes: dict[str, list[Any]] = {}
    for item in instrument.items:
        for sub in item.subitems:
            codes[sub.id] = list(LEVEL_CODES)
        if not item.subitems:
            codes[item.code] = sorted((option.code for option in item.options), reverse=True)
    for domain in instrument.domains:
        for question in domain.items:
            codes[question.id] = sorted((option.code for option in question.options), reverse=domain.better == "high")
    return codes


def sheet(
    key: str, start: str = "best", answers: dict[str, Any] | None = None, facts: dict[str, int] | None = None
) -> dict[str, Any]:
    """A complete sheet: everything at its best or worst, then the given answers and facts."""
    return sheet_of(assessments.load(*key.split("@")), start, answers, facts)


def sheet_of(
    instrument: Instrument,
    start: str = "best",
    answers: dict[str, Any] | None = None,
    facts: dict[str, int] | None = None,
) -> dict[str, Any]:
    """The same for an instrument that is not shipped."""
    place = 0 if start == "best" else -1
    return {
        "instrument": instrument.key,
        "answers": {name: codes[place] for name, codes in codes_of(instrument).items()} | (answers or {}),
        "facts": {fact.id: 0 for fact in instrument.facts} | (facts or {}),
    }


def random_sheets(key: str, count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Complete sheets drawn with a leaning to better answers, so that all grades occur."""
    instrument = assessments.load(*key.split("@"))
    source = random.Random(seed)
    codes = codes_of(instrument)
    weights = {name: [4 ** (len(c) - place) for place in range(len(c))] for name, c in codes.items()}
    for number in range(count):
        lean = number % 3
        drawn = {n: source.choice(c) if lean else source.choices(c, weights[n])[0] for n, c in codes.items()}
        facts = {fact.id: source.choice(fact.options).code if lean == 1 else 0 for fact in instrument.facts}
        yield {"instrument": key, "answers": drawn, "facts": facts}
