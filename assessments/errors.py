"""Errors of the assessments package. All of them carry words for people, in Chinese and English."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """One thing wrong with a sheet.

    ``field`` is the path in the sheet (``answers.1.2``, ``facts.falls``, ``instrument``), ``code`` is stable for
    programs: ``missing``, ``unknown_field``, ``wrong_type``, ``unknown_code``, ``unknown_instrument``,
    ``not_scorable``, ``duplicate``, ``not_json``.
    """

    field: str
    code: str
    message_zh: str
    message_en: str

    def as_dict(self) -> dict[str, str]:
        """The problem as JSON-ready fields."""
        return {"field": self.field, "code": self.code, "zh": self.message_zh, "en": self.message_en}


class AssessmentError(Exception):
    """Base of every error this package raises on purpose."""


class SheetError(AssessmentError):
    """A sheet cannot be scored. ``problems`` names every fault at once, in the order of the form."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{problem.field}: {problem.message_en}" for problem in problems))

    def as_dict(self) -> dict[str, object]:
        """The refusal as JSON-ready fields."""
        return {"problems": [problem.as_dict() for problem in self.problems]}


class InstrumentError(AssessmentError):
    """An instrument file is absent or wrong. ``where`` is the place inside it, such as ``items[3].subitems[0]``."""

    def __init__(self, where: str, message: str) -> None:
        self.where = where
        self.message = message
        super().__init__(f"{where}: {message}" if where else message)


class UnknownInstrument(InstrumentError):
    """No instrument is shipped under this code and version."""
