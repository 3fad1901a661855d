"""Recognise a complete, faultless sheet in a few steps. Anything else goes through :func:`assessments.sheet.check_sheet`,
which says what is wrong; this module never refuses by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import contains, itemgetter
from typing import Any

from assessments.model import Instrument
from assessments.sheet import TOP_FIELDS, Questions, Sheet


class QuickCheck:
    """The questions of an instrument, laid out for looking at all answers at once."""

    def __init__(self, instrument: Instrument, questions: Questions) -> None:
        asked = (*questions.b1, *questions.domains)
        self._answers, self._facts = len(asked), len(questions.facts)
        every = (*asked, *questions.facts)
        self._codes = [question.codes for question in every]
        self._kinds = [question.type for question in every]
        self._pick_answers = _picker([question.field for question in asked])
        self._pick_facts = _picker([question.field for question in questions.facts])
        coma = instrument.coma
        self._coma = None if coma is None else ([question.field for question in asked].index(coma.answer), coma.equals)
        self._top = frozenset(TOP_FIELDS)

    def sheet(self, raw: Mapping[str, Any]) -> Sheet | None:
        """The sheet when every answer and fact is there and right, ``None`` when something asks for a closer look."""
        try:
            answers, facts = raw["answers"], raw["facts"]
            if type(answers) is not dict or type(facts) is not dict or not self._top.issuperset(raw):
                return None
            if raw.get("scope", "all") != "all" or len(answers) != self._answers or len(facts) != self._facts:
                return None
            values = self._pick_answers(answers) + self._pick_facts(facts)
            # The types too: 1, 1.0 and True are equal, and only the first is a code.
            if list(map(type, values)) != self._kinds or not all(map(contains, self._codes, values)):
                return None
        except (KeyError, TypeError, AttributeError):
            return None
        return Sheet(answers, facts, "all", self._coma is not None and values[self._coma[0]] == self._coma[1])


def _picker(fields: list[str]) -> Any:
    """Values of these fields as a tuple, however many there are."""
    if len(fields) > 1:
        return itemgetter(*fields)
    return lambda values: tuple(values[field] for field in fields)
