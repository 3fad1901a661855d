"""Only the proposed grade of a sheet, by tables: what a preview over a whole population needs, without sentences.

The tables are filled by the plain scorer itself, so there is one set of rules. The grade depends on form B.1 alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any

from assessments.items import MET, NOT_MET, UNDETERMINED
from assessments.model import Instrument
from assessments.scoring import find_band, scorer, single_grade
from assessments.space import choices

Graded = tuple[int | None, bool | None]
"""Proposed grade and whether the two tiers agree."""


class Grader:
    """Grades sheets that were checked before and are not in coma; :meth:`grade` answers as the plain scorer would."""

    def __init__(self, instrument: Instrument) -> None:
        self._chosen = scorer(instrument)
        self._names = len(instrument.grades.abilities)
        self._items: list[tuple[itemgetter[Any], dict[Any, int]]] = []
        for index, item in enumerate(instrument.items):
            fields = tuple(sub.id for sub in item.subitems) or (item.code,)
            table: dict[Any, int] = {}
            for choice in choices(self._chosen, index):
                given = choice.given if len(fields) > 1 else choice.given[0]
                table[given] = choice.score + sum(
                    _bits(state) << (8 * place + 16) for place, state in enumerate(choice.states)
                )
            self._items.append((itemgetter(*fields), table))
        self._known: dict[int, Graded] = {}

    def grade(self, answers: Mapping[str, Any]) -> Graded:
        """Raises :class:`KeyError` when an answer of form B.1 is missing or is none of its codes."""
        packed = 0
        for fields, table in self._items:
            packed += table[fields(answers)]
        found = self._known.get(packed)
        if found is None:
            found = self._known[packed] = self._settle(packed)
        return found

    def _settle(self, packed: int) -> Graded:
        counts = [packed >> (8 * place + 16) & 255 for place in range(self._names)]
        states = [NOT_MET if c & 15 else UNDETERMINED if c else MET for c in counts]
        grades = self._chosen.instrument.grades
        statutory = single_grade(grades, states.count(NOT_MET), len(states) - states.count(MET))
        tier = find_band(grades.score_tiers, packed & 0xFFFF)
        return self._chosen.propose(statutory, tier.value if tier else None)


def _bits(state: int) -> int:
    """One item's word on one ability: not met in the low four bits, undetermined in the high four."""
    return {NOT_MET: 1, UNDETERMINED: 16}.get(state, 0)


@lru_cache(maxsize=16)
def grader(instrument: Instrument) -> Grader:
    """The grader of an instrument, made once."""
    return Grader(instrument)
