"""P6: scoring many sheets at once, beside what numpy needs for the same bytes; and one by one with the full trace."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

import assessments
from assessments.bulk import score_arrays
from assessments.model import LEVEL_CODES
from benchmarks.measure import Report, in_turns

KEY = "selfcare30@1"


def p6(size: int, times: int) -> Report:
    """``size`` sheets by arrays, 4,000 sheets one by one."""
    instrument = assessments.load(*KEY.split("@"))
    source = np.random.default_rng(1)
    observed = [name for name in instrument.fields if not name.startswith("B.")]
    tops = [4] * len(observed) + [max(o.code for o in item.options) for d in instrument.domains for item in d.items]
    answers = np.stack([source.integers(0, top + 1, size, dtype=np.uint8) for top in tops], axis=1)
    facts = np.zeros((size, len(instrument.facts)), np.uint8)
    table = np.arange(256, dtype=np.uint8)

    def look_up() -> None:
        """The limit: one look-up for every answer, as a table per question would need."""
        for start in range(0, size, 32_768):
            table.take(np.ascontiguousarray(answers[start : start + 32_768].T))

    sheets = [_sheet(instrument, random.Random(n)) for n in range(4000)]
    taken = in_turns(
        {
            "bulk": lambda: score_arrays(instrument, answers, facts),
            "numpy": look_up,
            "plain": lambda: [assessments.score(sheet) for sheet in sheets],
            "json": lambda: [assessments.score(sheet).as_dict() for sheet in sheets],
        },
        times,
    )
    bulk, plain, as_json = size / taken["bulk"], len(sheets) / taken["plain"], len(sheets) / taken["json"]
    report = Report("P6", f"P6 scoring, {size:,} sheets by arrays, {len(sheets):,} one by one")
    report.figure(
        "arrays", f"{bulk / 1e6:.1f} M sheets/s", "≥ 5 M/s", bulk >= 5e6, f"{size / taken['numpy'] / 1e6:.1f} M/s look-ups",
        f"{taken['numpy'] / taken['bulk']:.2f} ×",
    )  # fmt: skip
    report.figure("plain, full trace", f"{plain:,.0f} sheets/s", "≥ 20,000/s", plain >= 20_000)
    report.figure("plain, full trace, as JSON", f"{as_json:,.0f} sheets/s", "", None)
    report.remarks.append(
        "look-ups: numpy fetches one byte for each answer and adds nothing up; scoring cannot need less"
    )
    return report


def _sheet(instrument: assessments.Instrument, source: random.Random) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for item in instrument.items:
        for sub in item.subitems:
            answers[sub.id] = source.choice(LEVEL_CODES)
    for domain in instrument.domains:
        for question in domain.items:
            answers[question.id] = source.choice([o.code for o in question.options])
    return {"instrument": KEY, "answers": answers, "facts": {fact.id: 0 for fact in instrument.facts}}
