"""Completion of care: what was delivered of what the plans made due. A day nobody recorded counts as missed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select

from app.care import rules
from app.care.models import CarePlan, ChecklistDay
from app.care.queries.plans import COUNTS
from app.core.actor import Actor
from app.core.db import db
from app.people import queries as people
from app.people.models import Caregiver, Resident
from app.places.models import Area

GROUPS = ("resident", "caregiver", "village", "day", "item")
COUNTED = ChecklistDay.due_mask.op("&")(4095 - ChecklistDay.excused_mask)
"""Items that were due and not excused."""
DELIVERED = COUNTED.op("&")(ChecklistDay.done_mask)
EVERY = (1 << len(rules.ITEMS)) - 1


@dataclass(frozen=True)
class Wanted:
    """What to count: the days ``first`` … ``last``, narrowed by area, caregiver, resident or one item (S01 … S12)."""

    first: dt.date
    last: dt.date
    area: str = ""
    caregiver_id: int | None = None
    resident_id: int | None = None
    item: str = ""

    @property
    def mask(self) -> int:
        """The items that are asked about."""
        return rules.bit(self.item) if self.item else EVERY


@dataclass
class CompletionRow:
    """Completion of one group: days with a record, services delivered and due, and those recorded late."""

    key: Any
    label: str
    days: int = 0
    done: int = 0
    due: int = 0
    late: int = 0

    @property
    def percent(self) -> int | None:
        """Whole percent delivered, rounded down so that 100 means all of it; None when nothing was due."""
        return None if self.due == 0 else self.done * 100 // self.due

    @property
    def missed(self) -> int:
        """Services that were due and not delivered."""
        return self.due - self.done


class _Person(NamedTuple):
    id: int
    name: str
    area_code: str
    caregiver_id: int | None
    supported_from: dt.date
    ended_on: dt.date | None


class _Span(NamedTuple):
    """A plan's days inside the range and inside the resident's support."""

    resident_id: int
    first: dt.date
    last: dt.date
    lines: list[Mapping[str, Any]]


def _scope(actor: Actor, wanted: Wanted) -> Select[Resident]:
    query = people.found(actor, area_code=wanted.area)
    return query if wanted.resident_id is None else query.where(Resident.id == wanted.resident_id)


def _people(actor: Actor, wanted: Wanted) -> dict[int, _Person]:
    columns = (
        Resident.id,
        Resident.name,
        Resident.area_code,
        Resident.caregiver_id,
        Resident.supported_from,
        Resident.ended_on,
    )
    rows = db.session.execute(_scope(actor, wanted).with_only_columns(*columns))
    return {row[0]: _Person(*row) for row in rows}


def _spans(actor: Actor, wanted: Wanted, persons: Mapping[int, _Person]) -> list[_Span]:
    query = select(CarePlan.resident_id, CarePlan.valid_from, CarePlan.valid_to, CarePlan.lines).where(
        CarePlan.state.in_(COUNTS),
        CarePlan.valid_from <= wanted.last,
        (CarePlan.valid_to.is_(None)) | (CarePlan.valid_to >= wanted.first),
        CarePlan.resident_id.in_(_scope(actor, wanted).with_only_columns(Resident.id)),
    )
    found = []
    for resident_id, valid_from, valid_to, lines in db.session.execute(query):
        person = persons[resident_id]
        first = max(wanted.first, valid_from, person.supported_from)
        last = min(day for day in (wanted.last, valid_to, person.ended_on) if day is not None)
        if first <= last:
            found.append(
                _Span(
                    resident_id, first, last, [line for line in lines if not wanted.item or line["item"] == wanted.item]
                )
            )
    return found


def _popcount(mask: Any, bits: int) -> ColumnElement[int]:
    total: Any = None
    for n in range(len(rules.ITEMS)):
        if bits >> n & 1:
            one = mask.op(">>")(n).op("&")(1)
            total = one if total is None else total + one
    return func.coalesce(func.sum(total), 0)


def _recorded(actor: Actor, wanted: Wanted, *keys: Any, items: Sequence[str] = ()) -> Iterable[Any]:
    """Rows of (keys …, days, then delivered, counted, late, due) over what was recorded; the four for each of ``items``."""
    masks = (DELIVERED, COUNTED, ChecklistDay.late_mask, ChecklistDay.due_mask)
    asked = [rules.bit(item) for item in items] or [wanted.mask]
    query = (
        select(*keys, func.count(), *(_popcount(mask, bits) for bits in asked for mask in masks))
        .where(
            ChecklistDay.day.between(wanted.first, wanted.last),
            ChecklistDay.resident_id.in_(_scope(actor, wanted).with_only_columns(Resident.id)),
        )
        .group_by(*keys)
    )
    if wanted.caregiver_id is not None:
        query = query.where(ChecklistDay.caregiver_id == wanted.caregiver_id)
    return db.session.execute(query)


def completion(actor: Actor, wanted: Wanted, group: str) -> list[CompletionRow]:
    """Completion by resident, caregiver, village, day or item over the residents the actor may see.

    Recorded days count for the caregiver they were recorded for; a day nobody recorded counts for whoever the resident
    belongs to now. What was recorded as not needed is not due. Least delivered first; days and items in their order.
    """
    persons = _people(actor, wanted)
    spans = _spans(actor, wanted, persons)
    if group == "item":
        return _by_item(actor, wanted, spans, persons)
    if group == "day":
        return _by_day(actor, wanted, spans, persons)
    open_due = _unrecorded(actor, wanted, spans, persons)
    keys: dict[Any, CompletionRow] = {}

    def row(key: Any) -> CompletionRow:
        return keys.setdefault(key, CompletionRow(key, ""))

    for resident_id, caregiver_id, days, done, counted, late, _due in _recorded(
        actor, wanted, ChecklistDay.resident_id, ChecklistDay.caregiver_id
    ):
        one = row(_key(group, persons[resident_id], caregiver_id))
        one.days, one.done, one.due, one.late = one.days + days, one.done + done, one.due + counted, one.late + late
    for resident_id, due in open_due.items():
        person = persons[resident_id]
        row(_key(group, person, person.caregiver_id)).due += due
    keys.pop(None, None)
    _name(group, keys, persons)
    return sorted(keys.values(), key=lambda r: (r.percent if r.percent is not None else 101, r.label))


def _key(group: str, person: _Person, caregiver_id: int | None) -> Any:
    return {"resident": person.id, "village": person.area_code, "caregiver": caregiver_id}[group]


def _name(group: str, rows: Mapping[Any, CompletionRow], persons: Mapping[int, _Person]) -> None:
    if group == "resident":
        names: dict[Any, str] = {key: persons[key].name for key in rows}
    elif group == "village":
        names = dict(db.session.execute(select(Area.code, Area.name).where(Area.code.in_(list(rows)))).all())
    else:
        names = dict(db.session.execute(select(Caregiver.id, Caregiver.name).where(Caregiver.id.in_(list(rows)))).all())
    for key, row in rows.items():
        row.label = names.get(key, "—")


def _mine(wanted: Wanted, spans: Iterable[_Span], persons: Mapping[int, _Person]) -> list[_Span]:
    """Spans whose unrecorded days count in this answer."""
    return [
        s for s in spans if wanted.caregiver_id is None or persons[s.resident_id].caregiver_id == wanted.caregiver_id
    ]


def _everybody(wanted: Wanted) -> Wanted:
    """The same question without the caregiver: what anybody recorded is not open."""
    return Wanted(wanted.first, wanted.last, wanted.area, None, wanted.resident_id, wanted.item)


def _unrecorded(actor: Actor, wanted: Wanted, spans: Iterable[_Span], persons: Mapping[int, _Person]) -> dict[int, int]:
    """Services due on days without any record, by resident: planned less what stands on recorded days."""
    open_due: dict[int, int] = defaultdict(int)
    for span in _mine(wanted, spans, persons):
        open_due[span.resident_id] += sum(rules.due_days(li["frequency"], span.first, span.last) for li in span.lines)
    for row in _recorded(actor, _everybody(wanted), ChecklistDay.resident_id):
        if row[0] in open_due:
            open_due[row[0]] -= row[-1]
    return {resident_id: max(0, due) for resident_id, due in open_due.items()}


def _by_item(
    actor: Actor, wanted: Wanted, spans: Iterable[_Span], persons: Mapping[int, _Person]
) -> list[CompletionRow]:
    planned: dict[str, int] = defaultdict(int)
    for span in _mine(wanted, spans, persons):
        for line in span.lines:
            planned[line["item"]] += rules.due_days(line["frequency"], span.first, span.last)
    items = [wanted.item] if wanted.item else list(rules.ITEMS)
    days, *sums = next(iter(_recorded(actor, wanted, items=items)))
    anybody = (
        sums if wanted.caregiver_id is None else list(next(iter(_recorded(actor, _everybody(wanted), items=items))))[1:]
    )
    found = []
    for n, item in enumerate(items):
        done, counted, late = sums[n * 4 : n * 4 + 3]
        open_due = max(0, planned[item] - anybody[n * 4 + 3])
        found.append(CompletionRow(item, item, days, done, counted + open_due, late))
    return found


def _by_day(
    actor: Actor, wanted: Wanted, spans: Iterable[_Span], persons: Mapping[int, _Person]
) -> list[CompletionRow]:
    """Plans that ask the same on the same days are counted together, so that a county's month stays quick."""
    alike: dict[tuple[tuple[str, str], ...], dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    for span in _mine(wanted, spans, persons):
        steps = alike[tuple((li["item"], li["frequency"]) for li in span.lines)]
        steps[span.first] += 1
        steps[span.last + dt.timedelta(days=1)] -= 1
    recorded = {row[0]: row[1:] for row in _recorded(actor, wanted, ChecklistDay.day)}
    everybody = {row[0]: row[-1] for row in _recorded(actor, _everybody(wanted), ChecklistDay.day)}
    running: dict[tuple[tuple[str, str], ...], int] = defaultdict(int)
    found = []
    for n in range((wanted.last - wanted.first).days + 1):
        day, planned = wanted.first + dt.timedelta(days=n), 0
        for lines, steps in alike.items():
            running[lines] += steps.get(day, 0)
            if running[lines]:
                asked = rules.due_mask(({"item": i, "frequency": f} for i, f in lines), day)
                planned += running[lines] * asked.bit_count()
        days, done, counted, late, _due = recorded.get(day, (0, 0, 0, 0, 0))
        due = counted + max(0, planned - everybody.get(day, 0))
        if days or due:
            found.append(CompletionRow(day, day.isoformat(), days, done, due, late))
    return found


def heat(actor: Actor, wanted: Wanted, *, limit: int = 20) -> list[tuple[CompletionRow, dict[dt.date, int | None]]]:
    """Percent delivered per resident and day, for the residents with the most missed care: None where nothing was due."""
    worst = [row for row in completion(actor, wanted, "resident") if row.due][:limit]
    shown = {row.key for row in worst}
    spans = [span for span in _spans(actor, wanted, _people(actor, wanted)) if span.resident_id in shown]
    cells: dict[int, dict[dt.date, int | None]] = {key: {} for key in shown}
    for span in spans:
        for n in range((span.last - span.first).days + 1):
            day = span.first + dt.timedelta(days=n)
            cells[span.resident_id][day] = 0 if rules.due_mask(span.lines, day) else None
    query = select(
        ChecklistDay.resident_id,
        ChecklistDay.day,
        ChecklistDay.due_mask,
        ChecklistDay.done_mask,
        ChecklistDay.excused_mask,
    ).where(ChecklistDay.resident_id.in_(shown), ChecklistDay.day.between(wanted.first, wanted.last))
    for resident_id, day, due, done, excused in db.session.execute(query):
        delivered, counted = rules.completion(due & wanted.mask, done, excused)
        cells[resident_id][day] = None if counted == 0 else delivered * 100 // counted
    return [(row, cells[row.key]) for row in worst]
