"""Completion of care: what was delivered of what the plans made due. A day nobody recorded counts as missed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app.care import rules
from app.care.models import ChecklistDay
from app.care.queries.basis import (
    Around,
    Basis,
    Person,
    Span,
    Wanted,
    away_of,
    basis,
    kept_of,
    people_asked,
    said_of,
    spans_of,
)
from app.care.queries.recorded import bits_of, count_of, recorded_where
from app.core.actor import Actor
from app.core.db import db
from app.people.models import Caregiver, Resident
from app.places.models import Area

GROUPS = ("resident", "caregiver", "village", "day", "item")


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


def _recorded(wanted: Wanted, persons: Mapping[int, Person], *keys: Any, items: Sequence[str] = ()) -> Iterable[Any]:
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


def by_caregiver(
    actor: Actor, wanted: Wanted, caregivers: Collection[int], residents: Collection[int] | None = None
) -> dict[int, list[CompletionRow]]:
    """Completion by item of each of some caregivers, as ``completion`` has it of one; who had nothing due is missing.

    Added up by the database; a resident whose days were recorded for several caregivers is counted row by row. ``residents``:
    whose days can be theirs, where that is known (``completion`` tells): finding it reads all days of the range.
    """
    persons = people_asked(actor, wanted, caregivers, residents)
    spans = spans_of(actor, wanted, persons, caregivers, residents)
    around = Around(away_of(wanted, spans), kept_of(wanted, spans))
    sums: dict[int, list[Any]] = defaultdict(list)
    keys = (ChecklistDay.resident_id, ChecklistDay.caregiver_id)
    for resident_id, *rest in _recorded(wanted, persons, *keys, items=rules.ITEMS):
        sums[resident_id].append(rest)
    mixed = {one for one, parts in sums.items() if {part[0] for part in parts} != {persons[one].caregiver_id}}
    rows = _row_by_row(wanted, [span for span in spans if span.resident_id in mixed], persons, around, "caregiver_item")

    def row(resident_id: int, item: str) -> CompletionRow:
        key = (persons[resident_id].caregiver_id, item)
        return rows.setdefault(key, CompletionRow(key, item))

    for span in spans:
        for line in span.lines if span.resident_id not in mixed else ():
            one = row(span.resident_id, line["item"])
            one.due += rules.services_due(line["frequency"], span.first, span.last)
    for (resident_id, _day), packed in around.away.items():
        for item, count in rules.counts(packed).items() if resident_id not in mixed else ():
            row(resident_id, item).due -= count
    for (resident_id, _day), packed in around.kept.items():
        for item, count in rules.counts(packed).items() if resident_id not in mixed else ():
            row(resident_id, item).done += count
    planned = {span.resident_id for span in spans} - mixed
    for resident_id in planned & sums.keys():
        for _caregiver, days, *counted in sums[resident_id]:
            for n, item in enumerate(rules.ITEMS):
                one, (done, excused, late) = row(resident_id, item), counted[n * 3 : n * 3 + 3]
                one.days, one.done, one.due, one.late = (
                    one.days + days,
                    one.done + done,
                    one.due - excused,
                    one.late + late,
                )
    found: dict[int, list[CompletionRow]] = {}
    for (owner, item), one in sorted(rows.items(), key=lambda pair: str(pair[0][1])):
        if owner in caregivers:
            found.setdefault(owner, []).append(replace(one, key=item, label=item))
    return found


def completion(
    actor: Actor,
    wanted: Wanted,
    group: str,
    known: Basis | None = None,
    owners: dict[int, set[int]] | None = None,
) -> list[CompletionRow]:
    """Completion by resident, caregiver, village, day or item over the residents the actor may see.

    Due is what the plans ask, less what was recorded as not needed and what fell open on days away (hospital, leave); a day
    nobody recorded is due and missed. Recorded days count for the caregiver they were recorded for, others for whoever the
    resident belongs to now. Least delivered first; days and items in their order. ``known``: the ``basis`` of the question.
    ``owners`` is filled with the residents whose days count for each caregiver, or may.
    """
    persons, spans, around = known or basis(actor, wanted)
    if wanted.caregiver_id is not None:
        found = _row_by_row(wanted, spans, persons, around, group)
    elif group == "item":
        return _by_item(wanted, spans, persons, around)
    elif group == "day":
        return _by_day(wanted, spans, persons, around)
    else:
        found = _by_person(wanted, spans, persons, around, group, owners)
    if group in ("item", "day"):
        items = [wanted.item] if wanted.item else rules.ITEMS
        rows = {key: found.get(key) or CompletionRow(key, key) for key in items} if group == "item" else found
        return [rows[key] for key in (rows if group == "item" else sorted(rows))]
    found.pop(None, None)
    _name(group, found, persons)
    return sorted(found.values(), key=lambda r: (r.percent if r.percent is not None else 101, r.label))


def _key(group: str, person: Person, caregiver_id: int | None) -> Any:
    return {"resident": person.id, "village": person.area_code, "caregiver": caregiver_id}[group]


def _name(group: str, rows: Mapping[Any, CompletionRow], persons: Mapping[int, Person]) -> None:
    if group == "resident":
        names: dict[Any, str] = {key: persons[key].name for key in rows}
    elif group == "village":
        names = dict(db.session.execute(select(Area.code, Area.name).where(Area.code.in_(list(rows)))).all())
    else:
        names = dict(db.session.execute(select(Caregiver.id, Caregiver.name).where(Caregiver.id.in_(list(rows)))).all())
    for key, row in rows.items():
        row.label = names.get(key, "—")


def _by_person(
    wanted: Wanted,
    spans: Iterable[Span],
    persons: Mapping[int, Person],
    around: Around,
    group: str,
    owners: dict[int, set[int]] | None = None,
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
    if owners is not None:
        for resident_id in planned.keys() | sums.keys():
            for owner in {persons[resident_id].caregiver_id, *(part[0] for part in sums.get(resident_id, ()))} - {None}:
                owners.setdefault(owner, set()).add(resident_id)
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
    spans: Iterable[Span],
    persons: Mapping[int, Person],
    around: Around,
    group: str,
    found: dict[Any, CompletionRow] | None = None,
) -> dict[Any, CompletionRow]:
    """Every planned day by itself: it belongs to the caregiver it was recorded for, or to the present one."""
    found = {} if found is None else found
    spans, due_times = list(spans), dict[tuple[int, dt.date], int]()
    said = said_of(wanted, sorted({span.resident_id for span in spans}))
    for span in spans:
        person = persons[span.resident_id]
        for n in range((span.last - span.first).days + 1):
            day = span.first + dt.timedelta(days=n)
            one = said.get((span.resident_id, day))
            owner, done, excused, late = one or (person.caregiver_id, 0, 0, 0)
            if wanted.caregiver_id is not None and owner != wanted.caregiver_id:
                continue
            done += around.kept.get((span.resident_id, day), 0)
            asked = due_times.get((id(span.lines), day))  # plans that ask the same share their lines
            if asked is None:
                asked = due_times[id(span.lines), day] = rules.due_times(span.lines, day)
            due = asked - excused - around.away.get((span.resident_id, day), 0)
            for key, item in _keys(group, wanted, person, owner, day):
                row = found.setdefault(key, CompletionRow(key, str(key)))
                row.days += one is not None
                row.done += rules.times(done, item) if item else rules.total(done)
                row.due += rules.times(due, item) if item else rules.total(due)
                row.late += bool(late & rules.bit(item)) if item else late.bit_count()
    return found if group != "day" else {day: row for day, row in found.items() if row.due or row.days}


def _keys(group: str, wanted: Wanted, person: Person, owner: int | None, day: dt.date) -> list[tuple[Any, str]]:
    """Keys of the answer that a day goes into, with the item when there is one."""
    if group == "item":
        return [(item, item) for item in ([wanted.item] if wanted.item else rules.ITEMS)]
    if group == "caregiver_item":
        return [((owner, item), item) for item in rules.ITEMS]
    return [(day if group == "day" else _key(group, person, owner), "")]


def _by_item(
    wanted: Wanted,
    spans: Iterable[Span],
    persons: Mapping[int, Person],
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
    spans: Iterable[Span],
    persons: Mapping[int, Person],
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
    spans = [span for span in spans_of(actor, wanted, people_asked(actor, wanted)) if span.resident_id in shown]
    around, said = Around(away_of(wanted, spans), kept_of(wanted, spans)), said_of(wanted, sorted(shown))
    cells: dict[int, dict[dt.date, int | None]] = {key: {} for key in shown}
    for span in spans:
        for n in range((span.last - span.first).days + 1):
            day = span.first + dt.timedelta(days=n)
            _owner, done, excused, _late = said.get((span.resident_id, day), (None, 0, 0, 0))
            done += around.kept.get((span.resident_id, day), 0)
            due = rules.total(rules.due_times(span.lines, day) - excused - around.away.get((span.resident_id, day), 0))
            cells[span.resident_id][day] = None if due == 0 else rules.total(done) * 100 // due
    return [(row, cells[row.key]) for row in worst]
