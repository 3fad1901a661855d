"""Completion of care: what was delivered of what the plans made due. A day nobody recorded counts as missed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from app.care import rules
from app.care.models import CarePlan, ChecklistDay
from app.care.queries.elsewhere import Credits, kept_elsewhere
from app.care.queries.plans import COUNTS
from app.care.queries.recorded import bits_of, count_of, recorded_where
from app.core.actor import Actor
from app.core.db import db
from app.people import queries as people
from app.people.models import Absence, Caregiver, Resident
from app.places.models import Area

GROUPS = ("resident", "caregiver", "village", "day", "item")


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


class Around(NamedTuple):
    """What changes a day besides its own record, packed by resident and day: open on days away; kept on another day."""

    away: Mapping[tuple[int, dt.date], int]
    kept: Credits


def _scope(actor: Actor, wanted: Wanted) -> Select[Resident]:
    query = people.found(actor, area_code=wanted.area)
    return query if wanted.resident_id is None else query.where(Resident.id == wanted.resident_id)


def people_asked(actor: Actor, wanted: Wanted) -> dict[int, _Person]:
    """The residents a question is about, by id."""
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


def _recorded(wanted: Wanted, persons: Mapping[int, _Person], *keys: Any, items: Sequence[str] = ()) -> Iterable[Any]:
    """Rows of (keys …, days, then done, not needed, late) over what was recorded; the three for each of ``items``.

    Days after the end of support ask for nothing and count for nothing.
    """
    columns = []
    for item in items or [wanted.item]:
        columns += [
            count_of(ChecklistDay.done, item),
            count_of(ChecklistDay.excused, item),
            bits_of(ChecklistDay.late_mask, item),
        ]
    query = (
        select(*keys, func.count(), *(func.coalesce(func.sum(column), 0) for column in columns))
        .where(*recorded_where(list(persons), wanted.first, wanted.last))
        .group_by(*keys)
    )
    if any(person.ended_on is not None for person in persons.values()):
        inside = (Resident.ended_on.is_(None)) | (ChecklistDay.day <= Resident.ended_on)
        query = query.join(Resident, Resident.id == ChecklistDay.resident_id).where(inside)
    if wanted.caregiver_id is not None:
        query = query.where(ChecklistDay.caregiver_id == wanted.caregiver_id)
    return [tuple(int(v) if isinstance(v, Decimal) else v for v in row) for row in db.session.execute(query)]


def completion(actor: Actor, wanted: Wanted, group: str) -> list[CompletionRow]:
    """Completion by resident, caregiver, village, day or item over the residents the actor may see.

    Due is what the plans ask, less what was recorded as not needed and what fell open on days away (hospital, leave); a day
    nobody recorded is due and missed. Recorded days count for the caregiver they were recorded for, others for whoever the
    resident belongs to now. Least delivered first; days and items in their order.
    """
    persons = people_asked(actor, wanted)
    spans = _spans(actor, wanted, persons)
    around = Around(_away(wanted, spans), _kept(wanted, spans))
    if wanted.caregiver_id is not None:
        found = _row_by_row(wanted, spans, persons, around, group)
    elif group == "item":
        return _by_item(wanted, spans, persons, around)
    elif group == "day":
        return _by_day(wanted, spans, persons, around)
    else:
        found = _by_person(wanted, spans, persons, around, group)
    if group in ("item", "day"):
        items = [wanted.item] if wanted.item else rules.ITEMS
        rows = {key: found.get(key) or CompletionRow(key, key) for key in items} if group == "item" else found
        return [rows[key] for key in (rows if group == "item" else sorted(rows))]
    found.pop(None, None)
    _name(group, found, persons)
    return sorted(found.values(), key=lambda r: (r.percent if r.percent is not None else 101, r.label))


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


def _said(wanted: Wanted, ids: Sequence[int]) -> dict[tuple[int, dt.date], tuple[int | None, int, int, int]]:
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


def _away(wanted: Wanted, spans: Iterable[_Span]) -> dict[tuple[int, dt.date], int]:
    """What fell open on days away from the place of care, packed, by resident and day: nobody missed it."""
    by_resident: dict[int, list[_Span]] = defaultdict(list)
    for span in spans:
        by_resident[span.resident_id].append(span)
    query = select(Absence.resident_id, Absence.from_on, Absence.to_on).where(
        people.touching(wanted.first, wanted.last)
    )
    gone = [row for row in db.session.execute(query) if row[0] in by_resident]
    said = _said(wanted, sorted({row[0] for row in gone})) if gone else {}
    found: dict[tuple[int, dt.date], int] = {}
    for resident_id, start, end in gone:
        for span in by_resident[resident_id]:
            first, last = max(span.first, start), min(span.last, end or span.last)
            for n in range((last - first).days + 1):
                day = first + dt.timedelta(days=n)
                _caregiver, done, excused, _late = said.get((resident_id, day), (None, 0, 0, 0))
                found[resident_id, day] = rules.due_times(span.lines, day) - done - excused
    return found


def _kept(wanted: Wanted, spans: Iterable[_Span]) -> Credits:
    """What was given on another day of its week, month, quarter or year, on the due day it keeps."""
    frequencies = {line["frequency"] for span in spans for line in span.lines}
    found = kept_elsewhere({span.resident_id for span in spans}, wanted.first, wanted.last, frequencies)
    if not wanted.item:
        return found
    only = 15 << rules.WIDTH * rules.ITEMS.index(wanted.item)
    return {key: left for key, packed in found.items() if (left := packed & only)}


def _by_person(
    wanted: Wanted,
    spans: Iterable[_Span],
    persons: Mapping[int, _Person],
    around: Around,
    group: str,
) -> dict[Any, CompletionRow]:
    """By resident, village or caregiver. A resident whose days were recorded for several caregivers is counted row by row."""
    planned: dict[int, int] = defaultdict(int)
    for span in spans:
        planned[span.resident_id] += sum(
            rules.services_due(li["frequency"], span.first, span.last) for li in span.lines
        )
    for (resident_id, _day), left in around.away.items():
        planned[resident_id] -= rules.total(left)
    kept: dict[int, int] = defaultdict(int)
    for (resident_id, _day), packed in around.kept.items():
        kept[resident_id] += rules.total(packed)
    sums: dict[int, list[Any]] = defaultdict(list)
    for resident_id, *rest in _recorded(wanted, persons, ChecklistDay.resident_id, ChecklistDay.caregiver_id):
        sums[resident_id].append(rest)
    mixed = {
        resident_id
        for resident_id, parts in sums.items()
        if group == "caregiver" and {part[0] for part in parts} != {persons[resident_id].caregiver_id}
    }
    found: dict[Any, CompletionRow] = {}
    for resident_id in planned.keys() - mixed:
        person = persons[resident_id]
        key = _key(group, person, person.caregiver_id)
        row = found.setdefault(key, CompletionRow(key, ""))
        row.due += planned[resident_id]
        row.done += kept[resident_id]
        for _caregiver, days, done, excused, late in sums.get(resident_id, ()):
            row.days, row.done, row.due, row.late = row.days + days, row.done + done, row.due - excused, row.late + late
    if mixed:
        only = [span for span in spans if span.resident_id in mixed]
        _row_by_row(wanted, only, persons, around, group, found)
    return found


def _row_by_row(
    wanted: Wanted,
    spans: Iterable[_Span],
    persons: Mapping[int, _Person],
    around: Around,
    group: str,
    found: dict[Any, CompletionRow] | None = None,
) -> dict[Any, CompletionRow]:
    """Every planned day by itself: it belongs to the caregiver it was recorded for, or to the present one."""
    found = {} if found is None else found
    spans = list(spans)
    said = _said(wanted, sorted({span.resident_id for span in spans}))
    for span in spans:
        person = persons[span.resident_id]
        for n in range((span.last - span.first).days + 1):
            day = span.first + dt.timedelta(days=n)
            one = said.get((span.resident_id, day))
            owner, done, excused, late = one or (person.caregiver_id, 0, 0, 0)
            if wanted.caregiver_id is not None and owner != wanted.caregiver_id:
                continue
            done += around.kept.get((span.resident_id, day), 0)
            due = rules.due_times(span.lines, day) - excused - around.away.get((span.resident_id, day), 0)
            for key, item in _keys(group, wanted, person, owner, day):
                row = found.setdefault(key, CompletionRow(key, str(key)))
                row.days += one is not None
                row.done += rules.times(done, item) if item else rules.total(done)
                row.due += rules.times(due, item) if item else rules.total(due)
                row.late += bool(late & rules.bit(item)) if item else late.bit_count()
    return found if group != "day" else {day: row for day, row in found.items() if row.due or row.days}


def _keys(group: str, wanted: Wanted, person: _Person, owner: int | None, day: dt.date) -> list[tuple[Any, str]]:
    """Keys of the answer that a day goes into, with the item when there is one."""
    if group == "item":
        return [(item, item) for item in ([wanted.item] if wanted.item else rules.ITEMS)]
    return [(day if group == "day" else _key(group, person, owner), "")]


def _by_item(
    wanted: Wanted,
    spans: Iterable[_Span],
    persons: Mapping[int, _Person],
    around: Around,
) -> list[CompletionRow]:
    planned: dict[str, int] = defaultdict(int)
    for span in spans:
        for line in span.lines:
            planned[line["item"]] += rules.services_due(line["frequency"], span.first, span.last)
    for left in around.away.values():
        for item, count in rules.counts(left).items():
            planned[item] -= count
    kept: dict[str, int] = defaultdict(int)
    for packed in around.kept.values():
        for item, count in rules.counts(packed).items():
            kept[item] += count
    items = [wanted.item] if wanted.item else list(rules.ITEMS)
    days, *sums = next(iter(_recorded(wanted, persons, items=items)))
    found = []
    for n, item in enumerate(items):
        done, excused, late = sums[n * 3 : n * 3 + 3]
        found.append(CompletionRow(item, item, days, done + kept[item], planned[item] - excused, late))
    return found


def _by_day(
    wanted: Wanted,
    spans: Iterable[_Span],
    persons: Mapping[int, _Person],
    around: Around,
) -> list[CompletionRow]:
    """Plans that ask the same on the same days are counted together, so that a county's month stays quick."""
    alike: dict[tuple[tuple[str, str], ...], dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    for span in spans:
        steps = alike[tuple((li["item"], li["frequency"]) for li in span.lines)]
        steps[span.first] += 1
        steps[span.last + dt.timedelta(days=1)] -= 1
    recorded = {row[0]: row[1:] for row in _recorded(wanted, persons, ChecklistDay.day)}
    left: dict[dt.date, int] = defaultdict(int)
    for (_resident, day), packed in around.away.items():
        left[day] += rules.total(packed)
    kept: dict[dt.date, int] = defaultdict(int)
    for (_resident, day), packed in around.kept.items():
        kept[day] += rules.total(packed)
    running: dict[tuple[tuple[str, str], ...], int] = defaultdict(int)
    found = []
    for n in range((wanted.last - wanted.first).days + 1):
        day, planned = wanted.first + dt.timedelta(days=n), 0
        for lines, steps in alike.items():
            running[lines] += steps.get(day, 0)
            if running[lines]:
                asked = rules.due_times(({"item": i, "frequency": f} for i, f in lines), day)
                planned += running[lines] * rules.total(asked)
        days, done, excused, late = recorded.get(day, (0, 0, 0, 0))
        due = planned - excused - left[day]
        if days or due:
            found.append(CompletionRow(day, day.isoformat(), days, done + kept[day], due, late))
    return found


def heat(actor: Actor, wanted: Wanted, *, limit: int = 20) -> list[tuple[CompletionRow, dict[dt.date, int | None]]]:
    """Percent delivered per resident and day, for the residents with the most missed care: None where nothing was due."""
    worst = [row for row in completion(actor, wanted, "resident") if row.due][:limit]
    shown = {row.key for row in worst}
    spans = [span for span in _spans(actor, wanted, people_asked(actor, wanted)) if span.resident_id in shown]
    around, said = Around(_away(wanted, spans), _kept(wanted, spans)), _said(wanted, sorted(shown))
    cells: dict[int, dict[dt.date, int | None]] = {key: {} for key in shown}
    for span in spans:
        for n in range((span.last - span.first).days + 1):
            day = span.first + dt.timedelta(days=n)
            _owner, done, excused, _late = said.get((span.resident_id, day), (None, 0, 0, 0))
            done += around.kept.get((span.resident_id, day), 0)
            due = rules.total(rules.due_times(span.lines, day) - excused - around.away.get((span.resident_id, day), 0))
            cells[span.resident_id][day] = None if due == 0 else rules.total(done) * 100 // due
    return [(row, cells[row.key]) for row in worst]
