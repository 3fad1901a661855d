"""A scored sheet in plain words: why each domain and grade, what would move it, what changed since the last sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import assessments
from app.grading.drafting import instrument_of
from app.grading.models import Sheet
from assessments.model import Words
from assessments.plain import Since, Told, since, told


@dataclass(frozen=True)
class Telling:
    """What a lay reader is told; every entry is a sentence in both languages."""

    reasons: Sequence[Told]
    what_if: Sequence[Words]
    since: Sequence[Since]


def tell(sheet: Sheet, last: Sheet | None = None, result: Mapping[str, Any] | None = None) -> Telling:
    """The telling of a scored sheet; ``result`` when it is a draft whose result is not stored yet.

    Nothing is compared with a last sheet of another instrument. Raises ``SheetError`` for a sheet that is not complete.
    """
    instrument = instrument_of(sheet)
    shown = result if result is not None else sheet.result or {}
    explanation = assessments.explain({"answers": sheet.answers, "facts": sheet.facts}, instrument=instrument)
    comparable = last is not None and last.instrument.partition("@")[0] == instrument.code
    changed = since(instrument, sheet.answers, last.answers) if last is not None and comparable else []
    return Telling(told(instrument, sheet.answers, shown), explanation.lines, changed)
