"""What happens day by day in the demo county: checklists, absences, visits, incidents."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import insert

from app.care import rules
from app.care.models import CarePlan, ChecklistDay, ChecklistNote, Incident, Visit
from app.care.operations import judge_incident, report_incident
from app.core import audit, clock
from app.core.db import db
from app.core.transaction import transaction
from app.demo.county import County
from app.people.models import Absence, AbsenceKind, Resident, Setting


@dataclass(frozen=True)
class Habit:
    """How reliably a caregiver works: chance per item of being missed, and of being recorded late."""

    missed: float
    late: float


HABITS = (Habit(0.005, 0.01), Habit(0.02, 0.02), Habit(0.05, 0.05), Habit(0.16, 0.1), Habit(0.4, 0.15))
WEIGHTS = (35, 35, 18, 8, 4)


def habit_of(rng: random.Random) -> Habit:
    """Most are reliable, a few are not."""
    return rng.choices(HABITS, weights=WEIGHTS)[0]


def local(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """An instant of a local day."""
    return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=clock.ZONE)


@dataclass
class CareSpan:
    """One resident cared for by one caregiver under one plan, first to last day."""

    resident: Resident
    plan: CarePlan
    caregiver_id: int | None
    recorded_by: int | None
    first: dt.date
    last: dt.date
    habit: Habit


def checklists(rng: random.Random, spans: Iterable[CareSpan], away: dict[int, set[dt.date]]) -> int:
    """Daily checklists of every span in bulk; returns the number of rows."""
    rows, notes = [], []
    asked: dict[tuple[tuple[str, ...], dt.date], int] = {}
    for span in spans:
        key = tuple(line["frequency"] for line in span.plan.lines)
        day = span.first
        while day <= span.last:
            due = asked.get((key, day))
            if due is None:
                due = asked[key, day] = rules.due_times(span.plan.lines, day)
            row, noted = _day(rng, span, day, due, absent=day in away.get(span.resident.id, ()))
            rows.append(row)
            notes.extend(noted)
            day += dt.timedelta(days=1)
    with transaction() as tx:
        tx.act = "demo.checklists"
        _load(ChecklistDay, rows)
        _load(ChecklistNote, notes)
        audit.record("demo.checklists", "checklist_day", "bulk", {"rows": len(rows), "notes": len(notes)})
    return len(rows)


def _load(model: type[ChecklistDay | ChecklistNote], rows: list[dict[str, object]]) -> None:
    """Put many rows into a table, on PostgreSQL by COPY: hundreds of thousands of days are no acts of anybody today."""
    table = db.metadata.tables[model.__tablename__]
    if not rows:
        return
    connection = db.session.connection()
    if connection.dialect.name != "postgresql":
        for start in range(0, len(rows), 5000):
            connection.execute(insert(table), rows[start : start + 5000])
        return
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    with connection.connection.cursor().copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])


def _day(
    rng: random.Random, span: CareSpan, day: dt.date, due: int, *, absent: bool
) -> tuple[dict[str, object], list[dict[str, object]]]:
    done, excused, late = due, 0, 0
    missed: dict[str, int] = {}
    recorded = local(day, 20, rng.randint(0, 59))
    if absent:
        done, excused = 0, due
    elif due and rng.random() < span.habit.missed * 4:
        for item, times in rules.counts(due).items():
            if rng.random() < 0.3:
                missed[item] = rng.randint(1, times)
        done -= rules.pack(missed)
    if rng.random() < span.habit.late:
        recorded, late = local(day + dt.timedelta(days=3), 9), rules.mask(due)
    reason = "hospital" if absent else rng.choice(("no_time", "refused", "weather"))
    noted: list[dict[str, object]] = [
        {
            "day": day,
            "resident_id": span.resident.id,
            "item": item,
            "times": times,
            "outcome": "not_needed" if absent else "not_done",
            "extra": False,
            "reason_code": reason,
            "late": bool(late),
            "recorded_by": span.recorded_by,
            "recorded_at": recorded,
        }
        for item, times in (missed or rules.counts(excused)).items()
    ]
    row = {
        "day": day,
        "resident_id": span.resident.id,
        "plan_id": span.plan.id,
        "done": done,
        "excused": excused,
        "not_done_mask": rules.mask(rules.pack(missed)),
        "late_mask": late,
        "recorded_by": span.recorded_by,
        "caregiver_id": span.caregiver_id,
        "recorded_at": recorded,
    }
    return row, noted


def absences(
    rng: random.Random, county: County, residents: list[Resident], first: dt.date, last: dt.date
) -> dict[int, set[dt.date]]:
    """A few stays in hospital; returns the days away by resident."""
    away: dict[int, set[dt.date]] = {}
    with transaction() as tx:
        tx.act, tx.actor = "demo.absences", county.actor("county_officer_a")
        for resident in rng.sample(residents, max(2, len(residents) // 25)):
            start = first + dt.timedelta(days=rng.randint(5, max(6, (last - first).days - 30)))
            end = min(last, start + dt.timedelta(days=rng.randint(3, 21)))
            db.session.add(
                Absence(
                    resident_id=resident.id,
                    kind=AbsenceKind.HOSPITAL,
                    from_on=start,
                    to_on=end,
                    recorded_at=local(start, 18),
                    recorded_by=county.users["county_officer_a"].id,
                )
            )
            away[resident.id] = {start + dt.timedelta(days=n) for n in range((end - start).days + 1)}
    return away


def visits(rng: random.Random, county: County, residents: list[Resident], first: dt.date, last: dt.date) -> int:
    """A visit a month by the village officer (now and then none), some by volunteers."""
    rows: list[Visit] = []
    for resident in residents:
        officer = county.users[county.officers[resident.area_code]]
        month = first.replace(day=1)
        while month <= last:
            day = month + dt.timedelta(days=rng.randint(2, 25))
            if first <= day <= last and (resident.ended_on is None or day <= resident.ended_on) and rng.random() < 0.96:
                rows.append(_visit(rng, resident, officer.id, officer.role.value, day))
            month = (month.replace(day=28) + dt.timedelta(days=5)).replace(day=1)
        rows += _township_visits(rng, county, resident, first, last)
        if rng.random() < 0.2:
            volunteer = county.users[f"volunteer_{county.side(resident.area_code)}"]
            day = first + dt.timedelta(days=rng.randint(0, (last - first).days))
            if resident.ended_on is None or day <= resident.ended_on:
                rows.append(_visit(rng, resident, volunteer.id, volunteer.role.value, day))
    with transaction() as tx:
        tx.act, tx.actor = "demo.visits", county.actor("village_officer_a")
        db.session.add_all(rows)
    return len(rows)


def _township_visits(
    rng: random.Random, county: County, resident: Resident, first: dt.date, last: dt.date
) -> list[Visit]:
    """The township's own monthly visit, its duty in the contract; now and then one is missing."""
    officer = county.users[f"township_officer_{county.side(resident.area_code)}"]
    found, month = [], first.replace(day=1)
    while month <= last:
        day = month + dt.timedelta(days=rng.randint(2, 25))
        if first <= day <= last and (resident.ended_on is None or day <= resident.ended_on) and rng.random() < 0.97:
            found.append(
                Visit(
                    resident_id=resident.id,
                    visited_on=day,
                    visitor_id=officer.id,
                    role=officer.role.value,
                    talked=True,
                    caregiver_present=rng.random() < 0.5,
                    recorded_at=local(day, 15),
                )
            )
        month = (month.replace(day=28) + dt.timedelta(days=5)).replace(day=1)
    return found


def _visit(rng: random.Random, resident: Resident, visitor_id: int, role: str, day: dt.date) -> Visit:
    problem = rng.random() < 0.03
    row = Visit(
        resident_id=resident.id,
        visited_on=day,
        visitor_id=visitor_id,
        role=role,
        ate_together=role == "volunteer",
        talked=True,
        caregiver_present=rng.random() < 0.3,
        satisfaction=2 if problem else rng.choices((3, 4, 5), weights=(1, 4, 5))[0],
        neighbour_view=rng.choices((3, 4, 5), weights=(1, 4, 5))[0],
        clean=not problem,
        skin=True,
        steady=rng.random() < 0.97,
        problem=problem,
        recorded_at=local(day, 16),
    )
    row.note = rng.choice(["屋内潮湿，需要晾晒被褥", "反映最近饭菜偏凉", "冬季取暖用煤需要补充"]) if problem else None
    return row


def incidents(
    rng: random.Random, county: County, residents: list[Resident], first: dt.date, last: dt.date, *, keep_open: int
) -> int:
    """A handful of falls and near misses; the county judges them but for the last ``keep_open``."""
    chosen = [r for r in residents if r.setting is Setting.HOME and r.ended_on is None]
    chosen = rng.sample(chosen, min(len(chosen), max(3, len(residents) // 40)))
    made: list[Incident] = []
    for resident in chosen:
        day = first + dt.timedelta(days=rng.randint(1, max(2, (last - first).days - 2)))
        with clock.at(local(day, 17)):
            made.append(
                report_incident(
                    county.village_officer(resident.area_code),
                    resident.id,
                    kind=rng.choice(("fall", "fall", "choking", "burn", "pressure_sore")),
                    happened_on=day,
                    severity=rng.choice(("minor", "medium")),
                    note="院内滑倒，无骨折，已由护理人员陪同就诊。",
                )
            )
    for incident in made[: len(made) - keep_open]:
        with clock.at(local(incident.happened_on + dt.timedelta(days=2), 10)):
            avoidable = rng.random() < 0.3
            words = "地面湿滑未及时处理，可以避免。" if avoidable else "突发头晕，护理人员在场，难以避免。"
            judge_incident(county.actor("county_officer_a"), incident.id, avoidable=avoidable, reason=words)
    return len(made)
