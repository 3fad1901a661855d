"""Score assessment sheets, prove the instruments, explain the results. Standard library only, no side effects.

Rules in prose: ``docs/rules/assessments.md``. The scorer for arrays is :mod:`assessments.bulk` (needs numpy).
"""

from assessments.errors import AssessmentError, InstrumentError, Problem, SheetError, UnknownInstrument
from assessments.loader import available, load, load_grades, parse
from assessments.model import Instrument
from assessments.result import Result, Step
from assessments.scoring import score

__all__ = [
    "AssessmentError",
    "Instrument",
    "InstrumentError",
    "Problem",
    "Result",
    "SheetError",
    "Step",
    "UnknownInstrument",
    "available",
    "load",
    "load_grades",
    "parse",
    "score",
]
