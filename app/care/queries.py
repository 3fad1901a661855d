"""Reading plans, checklists, visits and incidents; every list starts from the residents the actor may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from app.care import rules
from app.care.models import CarePlan, ChecklistDay, ChecklistNote, Incident, PlanState, Visit
from app.core import rulebook
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.policies import Policy
from app.people import queries as people
from app.people.models import Caregiver, Resident, ResidentStatus
from app.places.models import Area
from app.places.queries import within

rulebook.ship(Path(__file__).parent / "policies")

COUNTS = (PlanState.APPROVED, PlanState.REPLACED)


def standard_of(plan: CarePlan) -> Policy:
    """The exact standard a plan was drawn from."""
    return rulebook.rule_by_sha("care_standard", plan.standard_sha256)


def visible_plans(actor: Actor) -> Select[CarePlan]:
    """Plans of the residents the actor may see."""
    return select(CarePlan).where(CarePlan.resident_id.in_(people.visible(actor).with_only_columns(Resident.id)))


def plan(actor: Actor, plan_id: int, *, lock: bool = False) -> CarePlan:
    """One visible plan. Raises ``NotFound``."""
    query = visible_plans(actor).where(CarePlan.id == plan_id)
    if lock:
        query = query.with_for_update(of=CarePlan).execution_options(populate_existing=True)
    row = db.session.scalars(query).unique().one_or_none()
    if row is None:
        raise NotFound
    return row


def plan_on(resident_id: int, day: dt.date) -> CarePlan | None:
    """The approved plan that covers ``day``."""
    return db.session.scalars(_covering(day).where(CarePlan.resident_id == resident_id)).unique().one_or_none()


def _covering(day: dt.date) -> Select[CarePlan]:
    return select(CarePlan).where(
        CarePlan.state.in_(COUNTS),
        CarePlan.valid_from <= day,
        (CarePlan.valid_to.is_(None)) | (CarePlan.valid_to >= day),
    )


def plans_on(resident_ids: Sequence[int], day: dt.date) -> dict[int, CarePlan]:
    """Approved plans of many residents that cover ``day``, in one query."""
    rows = db.session.scalars(_covering(day).where(CarePlan.resident_id.in_(resident_ids))).unique()
    return {row.resident_id: row for row in rows}


def plans_of(actor: Actor, resident_id: int) -> list[CarePlan]:
    """A resident's plans, newest first."""
    query = visible_plans(actor).where(CarePlan.resident_id == resident_id).order_by(CarePlan.id.desc())
    return list(db.session.scalars(query).unique())


def next_plan_number(year: int) -> str:
    """The next plan number of a year; the unique constraint is the last word."""
    prefix = f"JH{year}-"
    last = db.session.scalar(
        select(CarePlan.number).where(CarePlan.number.startswith(prefix)).order_by(CarePlan.number.desc()).limit(1)
    )
    return f"{prefix}{(int(last.removeprefix(prefix)) if last else 0) + 1:06d}"


def without_plan(actor: Actor, day: dt.date) -> Select[Resident]:
    """Residents in support for whom no approved plan covers ``day``."""
    covered = _covering(day).with_only_columns(CarePlan.resident_id)
    return people.visible(actor).where(Resident.status == ResidentStatus.ACTIVE, Resident.id.not_in(covered))


@dataclass(frozen=True)
class DayState:
    """One resident's day as a screen needs it."""

    resident: Resident
    plan: CarePlan | None
    due: int
    recordable: int
    row: ChecklistDay | None

    @property
    def masks(self) -> rules.Masks:
        """What has been recorded."""
        if self.row is None:
            return rules.Masks()
        return rules.Masks(self.row.done_mask, self.row.excused_mask, self.row.not_done_mask, self.row.late_mask)

    @property
    def open(self) -> list[str]:
        """Due items nobody said anything about yet."""
        return rules.items_of(self.due & ~self.masks.recorded)

    @property
    def progress(self) -> tuple[int, int]:
        """(due items recorded, due items)."""
        return (self.due & self.masks.recorded).bit_count(), self.due.bit_count()


def day_states(residents: Sequence[Resident], day: dt.date, shift: int = 0) -> list[DayState]:
    """The day of many residents in three queries."""
    ids = [r.id for r in residents]
    plans = plans_on(ids, day)
    rows = {
        row.resident_id: row
        for row in db.session.scalars(
            select(ChecklistDay).where(
                ChecklistDay.day == day, ChecklistDay.resident_id.in_(ids), ChecklistDay.shift == shift
            )
        )
    }
    states = []
    for resident in residents:
        found = plans.get(resident.id)
        lines = found.lines if found else []
        states.append(
            DayState(
                resident, found, rules.due_mask(lines, day), rules.recordable_mask(lines, day), rows.get(resident.id)
            )
        )
    return states


def notes(resident_id: int, day: dt.date, shift: int = 0) -> list[ChecklistNote]:
    """Reasons and corrections of one day, oldest first."""
    return list(
        db.session.scalars(
            select(ChecklistNote)
            .where(ChecklistNote.resident_id == resident_id, ChecklistNote.day == day, ChecklistNote.shift == shift)
            .order_by(ChecklistNote.id)
        )
    )


def _bit(mask: Any, index: int) -> ColumnElement[int]:
    return func.sum(mask.op(">>")(index).op("&")(1))


COUNTED = ChecklistDay.due_mask.op("&")(4095 - ChecklistDay.excused_mask)
DELIVERED = COUNTED.op("&")(ChecklistDay.done_mask)


def delivered(
    resident_id: int, first: dt.date, last: dt.date, *, caregiver_id: int | None = None
) -> dict[str, tuple[int, int]]:
    """Per item (days delivered, days due) of a resident in a range: what was excused does not count as due."""
    query = select(*[_bit(DELIVERED, n) for n in range(12)], *[_bit(COUNTED, n) for n in range(12)]).where(
        ChecklistDay.resident_id == resident_id, ChecklistDay.day.between(first, last)
    )
    if caregiver_id is not None:
        query = query.where(ChecklistDay.caregiver_id == caregiver_id)
    sums = [int(value or 0) for value in db.session.execute(query).one()]
    return {item: (sums[n], sums[n + 12]) for n, item in enumerate(rules.ITEMS)}


@dataclass(frozen=True)
class CompletionRow:
    """Completion of one group: recorded days, items delivered and due, late entries."""

    key: Any
    label: str
    days: int
    done: int
    due: int
    late: int

    @property
    def percent(self) -> int | None:
        """Whole percent delivered; None when nothing was due."""
        return None if self.due == 0 else self.done * 100 // self.due


GROUPS = ("resident", "caregiver", "village", "day", "item")


def _popcount(mask: Any) -> ColumnElement[int]:
    total = mask.op(">>")(0).op("&")(1)
    for n in range(1, 12):
        total = total + mask.op(">>")(n).op("&")(1)
    return func.sum(total)


def completion(
    actor: Actor, first: dt.date, last: dt.date, group: str, *, area: str = "", institution_id: int | None = None
) -> list[CompletionRow]:
    """Completion in a range by resident, caregiver, village, day or item, over the residents the actor may see."""
    residents = people.visible(actor)
    if area:
        residents = residents.where(within(Resident.area_code, area))
    if institution_id is not None:
        residents = residents.where(Resident.institution_id == institution_id)
    scope = ChecklistDay.resident_id.in_(residents.with_only_columns(Resident.id))
    base = (ChecklistDay.day.between(first, last), scope)
    if group == "item":
        return _by_item(base)
    numbers = (func.count(), _popcount(DELIVERED), _popcount(COUNTED), _popcount(ChecklistDay.late_mask))
    if group == "day":
        by_day = select(ChecklistDay.day, *numbers).where(*base).group_by(ChecklistDay.day).order_by(ChecklistDay.day)
        return [_completion_row((r[0], r[0].isoformat(), *r[1:])) for r in db.session.execute(by_day)]
    who, source = _group_of(group)
    query = source.add_columns(*numbers).where(*base).group_by(*who)
    rows = [_completion_row(tuple(r)) for r in db.session.execute(query)]
    return sorted(rows, key=lambda r: (r.percent if r.percent is not None else 101, r.label))


def _completion_row(values: Sequence[Any]) -> CompletionRow:
    key, label, days, delivered, counted, late = values
    return CompletionRow(key, label, days, int(delivered), int(counted), int(late))


def _group_of(group: str) -> tuple[tuple[Any, Any], Any]:
    """The key and the label of a group, and the rows they come from."""
    if group == "caregiver":
        who: tuple[Any, Any] = (Caregiver.id, Caregiver.name)
        return who, select(*who).select_from(ChecklistDay).join(Caregiver, Caregiver.id == ChecklistDay.caregiver_id)
    person = aliased(Resident)
    if group == "village":
        who = (Area.code, Area.name)
        days = select(*who).select_from(ChecklistDay).join(person, person.id == ChecklistDay.resident_id)
        return who, days.join(Area, Area.code == person.area_code)
    who = (person.id, person.name)
    return who, select(*who).select_from(ChecklistDay).join(person, person.id == ChecklistDay.resident_id)


def _by_item(base: Sequence[ColumnElement[bool]]) -> list[CompletionRow]:
    columns = [_bit(mask, n) for mask in (DELIVERED, COUNTED, ChecklistDay.late_mask) for n in range(12)]
    values = [int(v or 0) for v in db.session.execute(select(func.count(), *columns).where(*base)).one()]
    days, sums = values[0], values[1:]
    return [CompletionRow(item, item, days, sums[n], sums[12 + n], sums[24 + n]) for n, item in enumerate(rules.ITEMS)]


def heat(
    actor: Actor, first: dt.date, last: dt.date, *, limit: int = 40
) -> list[tuple[Resident, dict[dt.date, int | None]]]:
    """Percent delivered per resident and day for the residents with the most missed care in the range."""
    worst = completion(actor, first, last, "resident")[:limit]
    ids = [row.key for row in worst]
    residents = {r.id: r for r in db.session.scalars(select(Resident).where(Resident.id.in_(ids))).unique()}
    cells: dict[int, dict[dt.date, int | None]] = {i: {} for i in ids}
    query = select(ChecklistDay).where(ChecklistDay.resident_id.in_(ids), ChecklistDay.day.between(first, last))
    for row in db.session.scalars(query):
        done, due = rules.completion(row.due_mask, row.done_mask, row.excused_mask)
        cells[row.resident_id][row.day] = None if due == 0 else done * 100 // due
    return [(residents[i], cells[i]) for i in ids if i in residents]


def visible_visits(actor: Actor) -> Select[Visit]:
    """Visits to residents the actor may see."""
    return select(Visit).where(Visit.resident_id.in_(people.visible(actor).with_only_columns(Resident.id)))


def visits_between(resident_id: int, first: dt.date, last: dt.date) -> list[Visit]:
    """Visits to one resident in a range."""
    query = select(Visit).where(Visit.resident_id == resident_id, Visit.visited_on.between(first, last))
    return list(db.session.scalars(query.order_by(Visit.visited_on)).unique())


def visible_incidents(actor: Actor) -> Select[Incident]:
    """Incidents of residents the actor may see."""
    return select(Incident).where(Incident.resident_id.in_(people.visible(actor).with_only_columns(Resident.id)))


def incident(actor: Actor, incident_id: int, *, lock: bool = False) -> Incident:
    """One visible incident. Raises ``NotFound``."""
    query = visible_incidents(actor).where(Incident.id == incident_id)
    if lock:
        query = query.with_for_update(of=Incident).execution_options(populate_existing=True)
    row = db.session.scalars(query).unique().one_or_none()
    if row is None:
        raise NotFound
    return row


def visit(actor: Actor, visit_id: int) -> Visit:
    """One visible visit. Raises ``NotFound``."""
    row = db.session.scalars(visible_visits(actor).where(Visit.id == visit_id)).unique().one_or_none()
    if row is None:
        raise NotFound
    return row


def incidents_between(resident_id: int, first: dt.date, last: dt.date) -> list[Incident]:
    """Incidents of one resident in a range."""
    query = select(Incident).where(Incident.resident_id == resident_id, Incident.happened_on.between(first, last))
    return list(db.session.scalars(query.order_by(Incident.happened_on)).unique())
