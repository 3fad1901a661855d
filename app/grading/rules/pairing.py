"""Two or more sheets of one resident side by side: blind pairs (MZ/T 039-2013: two assessors) and versions that two
devices wrote without knowing of each other. Facts in, decisions out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class PairKind(StrEnum):
    """Why the sheets stand side by side."""

    BLIND = "blind"
    CONFLICT = "conflict"


class PairState(StrEnum):
    """Life of a pair. While it is open nobody sees the other's sheet; what was adjudicated never changes."""

    OPEN = "open"
    DIFFERING = "differing"
    AGREED = "agreed"
    ADJUDICATED = "adjudicated"
    CANCELLED = "cancelled"


class PairAct(StrEnum):
    """What happens to a pair."""

    FIND_EQUAL = "find_equal"
    FIND_DIFFERENT = "find_different"
    ADJUDICATE = "adjudicate"
    CANCEL = "cancel"


class PairRole(StrEnum):
    """What a sheet is in its pair: one of the versions, or the result of the adjudication."""

    VERSION = "version"
    RESULT = "result"


NEXT: dict[tuple[PairState, PairAct], PairState] = {
    (PairState.OPEN, PairAct.FIND_EQUAL): PairState.AGREED,
    (PairState.OPEN, PairAct.FIND_DIFFERENT): PairState.DIFFERING,
    (PairState.OPEN, PairAct.CANCEL): PairState.CANCELLED,
    (PairState.AGREED, PairAct.FIND_EQUAL): PairState.AGREED,
    (PairState.AGREED, PairAct.FIND_DIFFERENT): PairState.DIFFERING,
    (PairState.DIFFERING, PairAct.FIND_DIFFERENT): PairState.DIFFERING,
    (PairState.DIFFERING, PairAct.ADJUDICATE): PairState.ADJUDICATED,
}
"""What is not in it is refused: a pair in which both sheets are in cannot be given up, one that differs never agrees."""

UNSETTLED = (PairState.OPEN, PairState.DIFFERING)
"""States in which something of the resident waits, so that no further sheet is begun."""
JOINABLE = (PairState.AGREED, PairState.DIFFERING)
"""States in which a late version of another device still becomes part of the pair."""


class NotPossible(ValueError):
    """The act is not possible in this state."""


def next_state(state: PairState, act: PairAct) -> PairState:
    """The state after an act. Raises ``NotPossible``."""
    try:
        return NEXT[state, act]
    except KeyError:
        raise NotPossible(f"{act} is not possible in state {state}") from None


class Entries(tuple[Mapping[str, Any], Mapping[str, Any]]):
    """Answers and facts of one sheet."""

    __slots__ = ()

    def get(self, field: str) -> Any:
        """The code at ``answers.<name>`` or ``facts.<name>``; None where nothing was answered."""
        part, _, name = field.partition(".")
        return self[0 if part == "answers" else 1].get(name)


@dataclass(frozen=True)
class Difference:
    """One entry in which the versions are not equal: the code of each, in the order of the sheets (None: unanswered)."""

    field: str
    values: tuple[Any, ...]


def fields_of(sheets: Sequence[Entries], order: Sequence[str] = ()) -> list[str]:
    """Every entry of any of the sheets, those of ``order`` first and in that order."""
    found = {f"answers.{name}" for sheet in sheets for name in sheet[0]}
    found |= {f"facts.{name}" for sheet in sheets for name in sheet[1]}
    known = [field for field in order if field in found]
    return [*known, *sorted(found.difference(known))]


def differences(sheets: Sequence[Entries], order: Sequence[str] = ()) -> list[Difference]:
    """Where the versions differ; empty when they are equal in every answer and fact."""
    found = []
    for field in fields_of(sheets, order):
        values = tuple(sheet.get(field) for sheet in sheets)
        if any(value != values[0] for value in values):
            found.append(Difference(field, values))
    return found


class Undecided(ValueError):
    """The adjudication leaves differing entries open or chooses what no version says; ``fields`` are they."""

    def __init__(self, fields: Collection[str]) -> None:
        super().__init__(", ".join(sorted(fields)))
        self.fields = sorted(fields)


def settled(sheets: Sequence[Entries], chosen: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Answers and facts of the result: what all say stays, each difference takes the chosen code of one of the versions.

    Nothing is averaged, nothing is filled in. Raises ``Undecided``.
    """
    open_fields = {d.field: d.values for d in differences(sheets)}
    wrong = {field for field, values in open_fields.items() if field not in chosen or chosen[field] not in values}
    wrong |= {field for field in chosen if field not in open_fields}
    if wrong:
        raise Undecided(wrong)
    answers, facts = dict(sheets[0][0]), dict(sheets[0][1])
    for field in open_fields:
        part, _, name = field.partition(".")
        target = answers if part == "answers" else facts
        if chosen[field] is None:
            target.pop(name, None)
        else:
            target[name] = chosen[field]
    return answers, facts
