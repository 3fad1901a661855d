"""Due days that were kept on another day of their week, month, quarter or year."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import select

from app.care import rules
from app.care.models import CarePlan, ChecklistDay, ChecklistNote
from app.care.queries.plans import COUNTS
from app.care.queries.recorded import MANY, recorded_where
from app.core.db import db
from app.people import queries as people
from app.people.models import Absence, Resident

Credits = dict[tuple[int, dt.date], int]
Plan = tuple[dt.date, dt.date, dict[str, str]]
"""First and last day of a plan, and its frequencies by item."""


def kept_elsewhere(resident_ids: Collection[int], first: dt.date, last: dt.date, frequencies: Iterable[str]) -> Credits:
    """Services of due days in a range that were given on another day of their period: packed counts by resident and day.

    ``frequencies`` are those of the plans in the range: they say how far around it one has to look. Nothing is credited on
    days away, outside support or without a plan, and never more than was missed there.
    """
    periods = {rules.parse_frequency(text).period for text in frequencies} & {"w", "m", "q", "y"}
    if not periods or not resident_ids:
        return {}
    start, end = rules.window(periods, first, last)
    beside = _beside(resident_ids, start, end)
    if not beside:
        return {}
    plans = _plans(sorted({resident_id for resident_id, _item in beside}), start, end)
    given = _by_period(beside, plans, periods)
    if not given:
        return {}
    ids = sorted({resident_id for resident_id, _item in given})
    said, away = _said(ids, start, end), _away(ids, start, end)
    rows = select(Resident.id, Resident.supported_from, Resident.ended_on).where(Resident.id.in_(ids))
    support = {row[0]: (row[1], row[2]) for row in db.session.execute(rows)}
    found: Credits = defaultdict(int)
    for (resident_id, item), groups in given.items():
        for (begin, finish, period), count in groups.items():
            missed: dict[dt.date, int] = {}
            for n in range((finish - begin).days + 1):
                day = begin + dt.timedelta(days=n)
                frequency = _frequency(plans[resident_id], item, day)
                if frequency is None or frequency.period != period or not rules.due_on(frequency, day):
                    continue
                supported_from, ended_on = support[resident_id]
                if day < supported_from or (ended_on is not None and day > ended_on) or day in away[resident_id]:
                    continue
                done, excused = said.get((resident_id, day), (0, 0))
                missed[day] = 1 - rules.times(done, item) - rules.times(excused, item)
            for day, taken in rules.kept(missed, count).items():
                if first <= day <= last:
                    found[resident_id, day] |= rules.pack({item: taken})
    return dict(found)


def _by_period(
    beside: dict[tuple[int, str], dict[dt.date, int]], plans: dict[int, list[Plan]], periods: set[str]
) -> dict[tuple[int, str], dict[tuple[dt.date, dt.date, str], int]]:
    """How often each service asked by the week or longer was given beside the plan, by period; as-needed care drops out
    here, before any day of its residents is read.
    """
    found: dict[tuple[int, str], dict[tuple[dt.date, dt.date, str], int]] = {}
    for (resident_id, item), days in beside.items():
        groups: dict[tuple[dt.date, dt.date, str], int] = defaultdict(int)
        for day, count in days.items():
            frequency = _frequency(plans[resident_id], item, day)
            if frequency is not None and frequency.period in periods:
                groups[*rules.period_of(frequency.period, day), frequency.period] += count
        if groups:
            found[resident_id, item] = groups
    return found


def _beside(ids: Collection[int], start: dt.date, end: dt.date) -> dict[tuple[int, str], dict[dt.date, int]]:
    """Care beside the plan as it stands, by resident and item, with its days."""
    note = ChecklistNote
    query = select(note.resident_id, note.item, note.day, note.times, note.outcome, note.before).where(
        note.extra.is_(True), note.day.between(start, end)
    )
    if len(ids) <= MANY:
        query = query.where(note.resident_id.in_(list(ids)))
    wanted, done = set(ids), rules.Outcome.DONE.value
    sums: dict[tuple[int, str], dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    for resident_id, item, day, times, outcome, before in db.session.execute(query):
        if resident_id in wanted:
            sums[resident_id, item][day] += times * ((outcome == done) - (before == done))
    return {key: left for key, days in sums.items() if (left := {d: n for d, n in days.items() if n > 0})}


def _plans(ids: Sequence[int], start: dt.date, end: dt.date) -> dict[int, list[Plan]]:
    query = select(CarePlan.resident_id, CarePlan.valid_from, CarePlan.valid_to, CarePlan.lines).where(
        CarePlan.resident_id.in_(ids),
        CarePlan.state.in_(COUNTS),
        CarePlan.valid_from <= end,
        (CarePlan.valid_to.is_(None)) | (CarePlan.valid_to >= start),
    )
    found: dict[int, list[Plan]] = defaultdict(list)
    for resident_id, begin, finish, lines in db.session.execute(query):
        found[resident_id].append((begin, finish or dt.date.max, {one["item"]: one["frequency"] for one in lines}))
    return found


def _frequency(plans: Sequence[Plan], item: str, day: dt.date) -> rules.Frequency | None:
    for begin, finish, lines in plans:
        if begin <= day <= finish:
            return rules.parse_frequency(lines[item]) if item in lines else None
    return None


def _said(ids: Sequence[int], start: dt.date, end: dt.date) -> dict[tuple[int, dt.date], tuple[int, int]]:
    query = select(ChecklistDay.resident_id, ChecklistDay.day, ChecklistDay.done, ChecklistDay.excused)
    rows: Iterable[Any] = db.session.execute(query.where(*recorded_where(ids, start, end)))
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def _away(ids: Sequence[int], start: dt.date, end: dt.date) -> dict[int, set[dt.date]]:
    query = select(Absence.resident_id, Absence.from_on, Absence.to_on).where(
        Absence.resident_id.in_(ids), people.touching(start, end)
    )
    found: dict[int, set[dt.date]] = defaultdict(set)
    for resident_id, begin, finish in db.session.execute(query):
        begin, finish = max(begin, start), min(finish or end, end)
        found[resident_id] |= {begin + dt.timedelta(days=n) for n in range((finish - begin).days + 1)}
    return found
