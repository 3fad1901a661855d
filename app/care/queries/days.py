"""Reading the days of the checklist: what is due, what was recorded, who is away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select

from app.auth.models import User
from app.care import rules
from app.care.models import CarePlan, ChecklistDay, ChecklistNote
from app.care.queries.elsewhere import kept_elsewhere
from app.care.queries.hours import hours_among
from app.care.queries.plans import plans_on
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.people import queries as people
from app.people.models import Absence, AbsenceKind, Resident


@dataclass(frozen=True)
class ItemState:
    """One item of one resident's day: how often it is due, what was said, how often it belongs before now."""

    item: str
    frequency: str
    due: int
    done: int
    not_done: int
    excused: int
    extra: int
    late: bool
    kept: int
    """Times given on another day of the item's week, month, quarter or year."""
    expected: int
    """Times that belong before the end of the present shift; of a day gone by all of them."""
    overdue_at: int
    """Times that belong before the beginning of the present shift."""

    @property
    def said(self) -> int:
        """Times somebody said something about."""
        return self.done + self.not_done + self.excused

    @property
    def open(self) -> int:
        """Due times nobody said anything about."""
        return self.due - self.said - self.kept

    @property
    def open_now(self) -> int:
        """Of those the ones that belong to the present shift or an earlier one."""
        return max(0, self.expected - self.said - self.kept)

    @property
    def overdue(self) -> bool:
        """Whether an earlier shift left something open."""
        return self.overdue_at > self.said + self.kept


class Running:
    """The present shift of each house as far as it touches a day; asked for when a screen needs it, at once for all."""

    def __init__(self, residents: Sequence[Resident], day: dt.date) -> None:
        self.residents, self.day = residents, day

    @cached_property
    def _hours(self) -> dict[int | None, tuple[int, int]]:
        houses = {resident.institution_id for resident in self.residents}
        now = clock.now().astimezone(clock.ZONE)
        if self.day < now.date() - dt.timedelta(days=1):
            return dict.fromkeys(houses, (24, 24))
        found = {one: rules.shift_at(now, on).part(self.day) for one, on in hours_among(houses).items()}
        return {one: part or (24, 24) for one, part in found.items()}

    def hours(self, resident: Resident) -> tuple[int, int]:
        """First and last hour of the shift that runs where a resident lives. Of a day gone by, which the shift does not
        touch any more, its end twice: nothing is still to come.
        """
        return self._hours[resident.institution_id]


@dataclass(frozen=True)
class DayState:
    """One resident's day as a screen needs it. ``due`` is packed; ``extras`` counts care beside the plan."""

    resident: Resident
    plan: CarePlan | None
    due: int
    recordable: int
    row: ChecklistDay | None
    said: rules.Said
    extras: dict[str, int]
    running: Running
    away: AbsenceKind | None = None
    kept: int = 0
    """Packed: what was given on another day of its period (``rules.kept``)."""

    @property
    def hours(self) -> tuple[int, int]:
        """First and last hour of the present shift on this day."""
        return self.running.hours(self.resident)

    @cached_property
    def items(self) -> dict[str, ItemState]:
        """What the plan names, by item."""
        lines = {line["item"]: line["frequency"] for line in self.plan.lines} if self.plan else {}
        return {item: self._item(item, lines[item]) for item in rules.items_of(self.recordable)}

    def _item(self, item: str, frequency: str) -> ItemState:
        due = rules.times(self.due, item)
        overdue_at, expected = (rules.expected_by(frequency, due, hour) for hour in self.hours)
        return ItemState(
            item,
            frequency,
            due,
            done=self.said.of(item, rules.Outcome.DONE),
            not_done=self.said.of(item, rules.Outcome.NOT_DONE),
            excused=self.said.of(item, rules.Outcome.NOT_NEEDED),
            extra=self.extras.get(item, 0),
            late=bool(self.said.late & rules.bit(item)),
            kept=min(rules.times(self.kept, item), max(0, due - rules.times(self.said.all, item))),
            expected=expected,
            overdue_at=overdue_at,
        )

    @property
    def open(self) -> dict[ItemState, int]:
        """Due items and how many of their times nobody said anything about yet."""
        return {one: one.open for one in self.items.values() if one.open}

    @property
    def open_now(self) -> dict[ItemState, int]:
        """The same up to the end of the present shift."""
        return {one: one.open_now for one in self.items.values() if one.open_now}

    @property
    def overdue(self) -> bool:
        """Whether an earlier shift left something open."""
        return any(one.overdue for one in self.items.values())

    @property
    def progress(self) -> tuple[int, int]:
        """(due times recorded, due times)."""
        return rules.total(self.said.all) + rules.total(self.kept), rules.total(self.due)


def day_states(
    residents: Sequence[Resident], day: dt.date, *, lock: bool = False, plans: Mapping[int, CarePlan] | None = None
) -> list[DayState]:
    """The day of many residents in five queries; in four where the ``plans`` of that day are known. Which shift runs is
    read when it is asked for.
    """
    ids = [r.id for r in residents]
    plans = plans_on(ids, day) if plans is None else plans
    away, entries = away_on(ids, day), _entries(ids, day)
    query = select(ChecklistDay).where(ChecklistDay.day == day, ChecklistDay.resident_id.in_(ids))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    rows = {row.resident_id: row for row in db.session.scalars(query)}
    frequencies = {line["frequency"] for plan in plans.values() for line in plan.lines}
    kept = kept_elsewhere(set(plans), day, day, frequencies)
    states, running = [], Running(residents, day)
    for resident in residents:
        found, row = plans.get(resident.id), rows.get(resident.id)
        lines = found.lines if found else []
        not_done, extras = entries.get(resident.id, ({}, {}))
        said = rules.Said(row.done, row.excused, rules.pack(not_done), row.late_mask) if row else rules.Said()
        states.append(
            DayState(
                resident,
                found,
                rules.due_times(lines, day),
                rules.recordable_mask(lines, day),
                row,
                said,
                extras,
                running,
                away.get(resident.id),
                kept.get((resident.id, day), 0),
            )
        )
    return states


def _entries(resident_ids: Sequence[int], day: dt.date) -> dict[int, tuple[dict[str, int], dict[str, int]]]:
    """Counts of "not done" and of unplanned care by resident and item: sums over the entries of the day."""
    found: dict[int, tuple[dict[str, int], dict[str, int]]] = {}
    query = select(
        ChecklistNote.resident_id,
        ChecklistNote.item,
        ChecklistNote.times,
        ChecklistNote.outcome,
        ChecklistNote.before,
        ChecklistNote.extra,
    ).where(ChecklistNote.day == day, ChecklistNote.resident_id.in_(resident_ids))
    for resident_id, item, count, outcome, before, extra in db.session.execute(query):
        wanted = rules.Outcome.DONE if extra else rules.Outcome.NOT_DONE
        into = found.setdefault(resident_id, ({}, {}))[extra]
        into[item] = into.get(item, 0) + count * ((outcome == wanted) - (before == wanted))
    return found


def away_on(resident_ids: Sequence[int], day: dt.date) -> dict[int, AbsenceKind]:
    """Who of some residents is not at the place of care on ``day``, and why."""
    query = select(Absence.resident_id, Absence.kind).where(
        Absence.resident_id.in_(resident_ids), people.touching(day, day)
    )
    return dict(db.session.execute(query).all())


def exceptions(actor: Actor, day: dt.date) -> list[tuple[Resident, ChecklistNote]]:
    """What was not as planned on ``day`` among the residents the actor may see, as it stands: what a correction took back
    is told by the correction only.
    """
    query = (
        select(Resident, ChecklistNote)
        .join(ChecklistNote, ChecklistNote.resident_id == Resident.id)
        .where(ChecklistNote.day == day, Resident.id.in_(people.visible(actor).with_only_columns(Resident.id)))
        .order_by(Resident.search, Resident.id, ChecklistNote.item, ChecklistNote.id)
    )
    standing: list[tuple[Resident, ChecklistNote, int]] = []
    for resident, note in db.session.execute(query).unique():
        if note.before is not None:
            standing = _without(standing, note)
        standing.append((resident, note, note.times))
    told = (rules.Outcome.NOT_DONE.value, rules.Outcome.NOT_NEEDED.value)
    return [(r, n) for r, n, left in standing if left and (n.outcome in told or n.correction)]


def _without(
    standing: list[tuple[Resident, ChecklistNote, int]], note: ChecklistNote
) -> list[tuple[Resident, ChecklistNote, int]]:
    """What is left of earlier entries once a correction took its times from them, the newest first."""
    need, found = note.times, []
    for resident, one, left in reversed(standing):
        same = (one.resident_id, one.item, one.outcome) == (note.resident_id, note.item, note.before)
        taken = min(need, left) if same else 0
        need -= taken
        found.append((resident, one, left - taken))
    return found[::-1]


def notes(resident_id: int, day: dt.date) -> list[ChecklistNote]:
    """Reasons and corrections of one day, oldest first."""
    return list(
        db.session.scalars(
            select(ChecklistNote)
            .where(ChecklistNote.resident_id == resident_id, ChecklistNote.day == day)
            .order_by(ChecklistNote.id)
        )
    )


def recorder(row: ChecklistDay | None) -> str | None:
    """Who recorded last on a day."""
    if row is None or row.recorded_by is None:
        return None
    return db.session.scalar(select(User.name).where(User.id == row.recorded_by))
