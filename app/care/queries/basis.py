"""Whom a question about completion is about, what their plans ask on which days, and what changes a day besides its record."""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, Text, or_, select, type_coerce

from app.care import rules
from app.care.models import CarePlan, ChecklistDay
from app.care.queries.elsewhere import Credits, kept_elsewhere
from app.care.queries.plans import COUNTS
from app.care.queries.recorded import recorded_where
from app.core.actor import Actor
from app.core.db import db
from app.people import queries as people
from app.people.models import Absence, Resident


@dataclass(frozen=True)
class Wanted:
    """What to count: the days ``first`` … ``last``, narrowed by area, caregiver, resident or one item (S01 … S12)."""

    first: dt.date
    last: dt.date
    area: str = ""
    caregiver_id: int | None = None
    resident_id: int | None = None
    item: str = ""

    def sum_of(self, packed: int) -> int:
        """The counts of the items that are asked about, of a packed number."""
        return rules.times(packed, self.item) if self.item else rules.total(packed)


class Person(NamedTuple):
    """A resident as far as completion needs to know."""

    id: int
    name: str
    area_code: str
    caregiver_id: int | None
    supported_from: dt.date
    ended_on: dt.date | None


class Span(NamedTuple):
    """A plan's days inside the range and inside the resident's support."""

    resident_id: int
    first: dt.date
    last: dt.date
    lines: list[Mapping[str, Any]]


class Around(NamedTuple):
    """What changes a day besides its own record, packed by resident and day: open on days away; kept on another day."""

    away: Mapping[tuple[int, dt.date], int]
    kept: Credits


def _scope(
    actor: Actor, wanted: Wanted, caregivers: Collection[int], residents: Collection[int] | None = None
) -> Select[Resident]:
    """Whom a question is about; of some caregivers: who is theirs now, and whose days were recorded for one of them, or the
    ``residents`` of whom that is known.
    """
    query = people.found(actor, area_code=wanted.area)
    if residents is not None:
        query = query.where(Resident.id.in_(residents))
    elif caregivers:
        recorded = select(ChecklistDay.resident_id).where(
            ChecklistDay.day.between(wanted.first, wanted.last), ChecklistDay.caregiver_id.in_(caregivers)
        )
        query = query.where(or_(Resident.caregiver_id.in_(caregivers), Resident.id.in_(recorded)))
    return query if wanted.resident_id is None else query.where(Resident.id == wanted.resident_id)


def people_asked(
    actor: Actor, wanted: Wanted, caregivers: Collection[int] = (), residents: Collection[int] | None = None
) -> dict[int, Person]:
    """The residents a question is about, by id."""
    columns = (
        Resident.id,
        Resident.name,
        Resident.area_code,
        Resident.caregiver_id,
        Resident.supported_from,
        Resident.ended_on,
    )
    rows = db.session.execute(_scope(actor, wanted, caregivers, residents).with_only_columns(*columns))
    return {row[0]: Person(*row) for row in rows}


_ASKED = re.compile(r'"frequency":"([^"\\]*)","item":"([^"\\]*)"')
"""Item and frequency of a plan's line in the canonical text of its lines, whose names stand in alphabetical order. Inside of what
somebody wrote every quotation mark has a backslash before it, so this is found nowhere else.
"""


def _asked(text: str) -> tuple[tuple[str, str], ...]:
    """Frequency and item of each line of a plan."""
    found = tuple(_ASKED.findall(text))
    if len(found) != text.count('"item":"'):  # a line that is written in another way
        found = tuple((line["frequency"], line["item"]) for line in json.loads(text))
    return found


@functools.lru_cache(maxsize=512)
def _lines(asked: tuple[tuple[str, str], ...], item: str) -> list[Mapping[str, Any]]:
    """The lines of all plans that ask the same, of one item or of all twelve."""
    return [{"item": one, "frequency": frequency} for frequency, one in asked if not item or one == item]


def spans_of(
    actor: Actor,
    wanted: Wanted,
    persons: Mapping[int, Person],
    caregivers: Collection[int] = (),
    residents: Collection[int] | None = None,
) -> list[Span]:
    """The plans' days. Of a plan's text only items and frequencies are read: thousands of plans are full of reasons."""
    text = type_coerce(CarePlan.lines, Text)
    query = select(CarePlan.resident_id, CarePlan.valid_from, CarePlan.valid_to, text).where(
        CarePlan.state.in_(COUNTS),
        CarePlan.valid_from <= wanted.last,
        (CarePlan.valid_to.is_(None)) | (CarePlan.valid_to >= wanted.first),
        CarePlan.resident_id.in_(_scope(actor, wanted, caregivers, residents).with_only_columns(Resident.id)),
    )
    found = []
    for resident_id, valid_from, valid_to, lines in db.session.execute(query):
        person = persons[resident_id]
        first = max(wanted.first, valid_from, person.supported_from)
        last = min(day for day in (wanted.last, valid_to, person.ended_on) if day is not None)
        if first <= last:
            found.append(Span(resident_id, first, last, _lines(_asked(lines), wanted.item)))
    return found


def said_of(wanted: Wanted, ids: Sequence[int]) -> dict[tuple[int, dt.date], tuple[int | None, int, int, int]]:
    """(caregiver, done, not needed, late) of each recorded day of some residents, packed, of the items asked about."""
    only = 15 << rules.WIDTH * rules.ITEMS.index(wanted.item) if wanted.item else -1
    late = rules.bit(wanted.item) if wanted.item else -1
    query = select(
        ChecklistDay.resident_id,
        ChecklistDay.day,
        ChecklistDay.caregiver_id,
        ChecklistDay.done,
        ChecklistDay.excused,
        ChecklistDay.late_mask,
    ).where(*recorded_where(ids, wanted.first, wanted.last))
    return {
        (row[0], row[1]): (row[2], row[3] & only, row[4] & only, row[5] & late) for row in db.session.execute(query)
    }


def away_of(wanted: Wanted, spans: Iterable[Span]) -> dict[tuple[int, dt.date], int]:
    """What fell open on days away from the place of care, packed, by resident and day: nobody missed it."""
    by_resident: dict[int, list[Span]] = defaultdict(list)
    for span in spans:
        by_resident[span.resident_id].append(span)
    query = select(Absence.resident_id, Absence.from_on, Absence.to_on).where(
        people.touching(wanted.first, wanted.last)
    )
    gone = [row for row in db.session.execute(query) if row[0] in by_resident]
    said = said_of(wanted, sorted({row[0] for row in gone})) if gone else {}
    found: dict[tuple[int, dt.date], int] = {}
    for resident_id, start, end in gone:
        for span in by_resident[resident_id]:
            first, last = max(span.first, start), min(span.last, end or span.last)
            for n in range((last - first).days + 1):
                day = first + dt.timedelta(days=n)
                _caregiver, done, excused, _late = said.get((resident_id, day), (None, 0, 0, 0))
                found[resident_id, day] = rules.due_times(span.lines, day) - done - excused
    return found


def kept_of(wanted: Wanted, spans: Iterable[Span]) -> Credits:
    """What was given on another day of its week, month, quarter or year, on the due day it keeps."""
    frequencies = {line["frequency"] for span in spans for line in span.lines}
    found = kept_elsewhere({span.resident_id for span in spans}, wanted.first, wanted.last, frequencies)
    if not wanted.item:
        return found
    only = 15 << rules.WIDTH * rules.ITEMS.index(wanted.item)
    return {key: left for key, packed in found.items() if (left := packed & only)}


Basis = tuple[dict[int, Person], list[Span], Around]


def basis(actor: Actor, wanted: Wanted) -> Basis:
    """What every grouping of one question begins with; who groups in several ways reads it once."""
    only = () if wanted.caregiver_id is None else (wanted.caregiver_id,)
    persons = people_asked(actor, wanted, only)
    spans = spans_of(actor, wanted, persons, only)
    return persons, spans, Around(away_of(wanted, spans), kept_of(wanted, spans))
