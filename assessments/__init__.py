"""Score assessment sheets, prove the instruments, explain the results. Standard library only, no side effects.

Rules in prose: ``docs/rules/assessments.md``. The scorer for arrays is :mod:`assessments.bulk` (needs numpy).
"""

from assessments.errors import AssessmentError, InstrumentError, Problem, SheetError, UnknownInstrument
from assessments.explain import ChangeSet, Explanation, Move, explain
from assessments.loader import available, load, load_grades, parse
from assessments.model import Instrument
from assessments.proof import Finding, Proof, prove
from assessments.result import ItemReason, LevelChange, Result, Step
from assessments.scoring import score

__all__ = [
    "AssessmentError",
    "ChangeSet",
    "Explanation",
    "Finding",
    "Instrument",
    "InstrumentError",
    "ItemReason",
    "LevelChange",
    "Move",
    "Problem",
    "Proof",
    "Result",
    "SheetError",
    "Step",
    "UnknownInstrument",
    "available",
    "explain",
    "load",
    "load_grades",
    "parse",
    "prove",
    "score",
]
