"""An appeal against a care grade: its life and its clocks, and the other deadlines of assessment. Facts in, decisions out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from app.core.workdays import Deadline, add_days, add_workdays
from app.grading.rules import due_on, last_assessment_due_by

OTHER = "other"
"""Name of the months that hold for every instrument the rule does not list."""


class AppealState(StrEnum):
    """Life of an appeal: open until a second pair has scored, assessed until it is decided."""

    OPEN = "open"
    ASSESSED = "assessed"
    CONFIRMED = "confirmed"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


WAITING = (AppealState.OPEN, AppealState.ASSESSED)
"""While an appeal waits, pay follows the grade before."""


class AppealBy(StrEnum):
    """Who objects; an officer may enter it for them."""

    RESIDENT = "resident"
    GUARDIAN = "guardian"
    INSTITUTION = "institution"


class AppealAct(StrEnum):
    """What happens to an appeal."""

    ASSESS = "assess"
    RETURN = "return"
    CONFIRM = "confirm"
    CHANGE = "change"
    WITHDRAW = "withdraw"


NEXT: dict[tuple[AppealState, AppealAct], AppealState] = {
    (AppealState.OPEN, AppealAct.ASSESS): AppealState.ASSESSED,
    (AppealState.ASSESSED, AppealAct.RETURN): AppealState.OPEN,
    (AppealState.ASSESSED, AppealAct.CONFIRM): AppealState.CONFIRMED,
    (AppealState.ASSESSED, AppealAct.CHANGE): AppealState.CHANGED,
    (AppealState.OPEN, AppealAct.WITHDRAW): AppealState.WITHDRAWN,
}
"""What is not in it is refused: once the second pair has scored, only the decision ends an appeal."""


@dataclass(frozen=True)
class Deadlines:
    """The days of the rule in force (kind ``assessment_rule``).

    ``months`` is the interval between two regular assessments by the code of the instrument of the last sheet.
    """

    publicity_days: int
    decide_workdays: int
    change_workdays: int
    accidents: int
    accident_days: int
    escalate_workdays: int
    months: Mapping[str, int]

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Self:
        """Read a rule's body. Raises ``KeyError`` for what is missing."""
        return cls(
            publicity_days=int(body["publicity"]["days"]),
            decide_workdays=int(body["appeal"]["decide_workdays"]),
            change_workdays=int(body["change"]["workdays"]),
            accidents=int(body["accidents"]["at_least"]),
            accident_days=int(body["accidents"]["window_days"]),
            escalate_workdays=int(body["escalation"]["workdays"]),
            months={str(code): int(number) for code, number in body["reassess_months"].items()},
        )

    def months_of(self, instrument: str) -> int:
        """Months from a sheet of an instrument (``code@version``) to the next regular assessment."""
        return self.months.get(instrument.partition("@")[0], self.months[OTHER])

    def next_due(self, instrument: str, assessed_on: dt.date) -> dt.date:
        """The day by which the resident of a sheet is assessed again if nothing happens before."""
        return due_on(assessed_on, self.months_of(instrument))

    def latest_due_by(self, day: dt.date) -> dict[str, dt.date]:
        """By code of instrument, and for all others: the latest assessment whose next one is due by ``day``."""
        return {code: last_assessment_due_by(day, months) for code, months in self.months.items()}

    def published_until(self, decided_on: dt.date) -> Deadline:
        """The last day of publicity: calendar days, the day of the decision not counted (民法典 art. 201, 203)."""
        return add_days(decided_on, self.publicity_days)

    def decide_by(self, filed_on: dt.date) -> Deadline:
        """The last working day for the decision of an appeal."""
        return add_workdays(filed_on, self.decide_workdays)

    def assess_by(self, reported_on: dt.date) -> Deadline:
        """The last working day for an assessment after a change, a discharge or accidents."""
        return add_workdays(reported_on, self.change_workdays)


def pay_grade(grade: int, before: int | None, state: AppealState, outcome: int | None) -> int | None:
    """The grade months are paid by under an appeal: while it waits the one before (none: nothing can be paid yet),
    afterwards what was decided, from the first day of the grade appealed against.
    """
    if state in WAITING:
        return before
    return outcome if state is AppealState.CHANGED and outcome is not None else grade
