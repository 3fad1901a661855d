"""Sheets of a pair beside each other in words: what differs, item by item, and what was chosen and why."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask_babel import gettext

from app.grading.drafting import Asked, asked, field_order, instrument_of
from app.grading.labels import wording
from app.grading.models import SheetPair
from app.grading.operations.pairs import entries
from app.grading.queries import pairs
from app.grading.rules.pairing import Difference, PairState, differences


class Line(NamedTuple):
    """One entry that differs: its question, what each sheet says in words, and what was chosen."""

    field: str
    asked: Asked
    words: tuple[str, ...]
    chosen: str | None


class Group(NamedTuple):
    """Differing entries of one item or form, and the reason of the adjudication."""

    key: str
    title: str
    lines: list[Line]
    reason: str | None


def differing(row: SheetPair) -> list[Difference]:
    """Where the sheets of a pair differ, in the order of the form; nothing while it is open."""
    sheets = pairs.members(row.id)
    if not sheets or row.state is PairState.OPEN:
        return []
    return differences([entries(sheet) for sheet in sheets], field_order(instrument_of(sheets[0])))


def groups(row: SheetPair) -> list[Group]:
    """What differs, item by item, in words."""
    sheets = pairs.members(row.id)
    if not sheets:
        return []
    known = asked(instrument_of(sheets[0]))
    chosen, reasons = row.choices.get("chosen", {}), row.choices.get("reasons", {})
    found: dict[str, Group] = {}
    for difference in differing(row):
        entry = known.get(difference.field) or Asked(
            difference.field, {"zh": difference.field, "en": difference.field}, {}, {}
        )
        group = found.setdefault(
            entry.group, Group(entry.group, wording(entry.group_title), [], reasons.get(entry.group))
        )
        picked = word(entry, chosen[difference.field]) if difference.field in chosen else None
        group.lines.append(
            Line(difference.field, entry, tuple(word(entry, value) for value in difference.values), picked)
        )
    return list(found.values())


def word(entry: Asked, code: Any) -> str:
    """What a code means, in the reader's language."""
    return gettext("not answered") if code is None else wording(entry.options[code])
