"""What the records say about the duties of a contract's seven parties."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from app.care.models import ChecklistDay, Incident, Visit
from app.care.queries import recorded_where
from app.contracts.models import Contract
from app.contracts.rules import duties as rules
from app.contracts.rules.duties import Duty, Occasion
from app.core import clock
from app.core.actor import Role
from app.core.db import db
from app.grading.models import ReassessmentDue, Sheet
from app.people.models import Absence

Paid = Callable[[int], Mapping[str, dt.date]]
payments: list[Paid] = []
"""Where the settlement says when each quarter of a contract was paid: contract id → {quarter: day}. Registered above."""


def duties(row: Contract, today: dt.date) -> list[Duty]:
    """The duties of a visible contract up to ``today``; empty before it is in force.

    Judged are only duties that leave records: money released, monthly visits of the township, re-assessment after a
    reported change, incidents reported, days recorded. Watching, telling the truth and the like have no occasions.
    """
    if row.in_force_from is None or not row.body.get("clauses"):
        return []
    first = row.in_force_from
    last = min(row.valid_to, row.ended_on or row.valid_to, row.resident.ended_on or row.valid_to)
    clauses = {str(c["trigger"]): c for c in row.body["clauses"]}
    found: list[Occasion] = []
    if clause := clauses.get("quarter_closed"):
        paid = {quarter: day for source in payments for quarter, day in source(row.id).items()}
        until = min(last, today - dt.timedelta(days=1))
        found += rules.quarters(clause["party"], first, until, int(clause["due_days"]), clause["calendar"], paid)
    if clause := clauses.get("monthly"):
        visited = _visits(row, first, min(last, today))
        found += rules.months(clause["party"], first, min(last, _end_of_month(today)), visited)
    if clause := clauses.get("change_reported"):
        found += _reassessments(row, first, min(last, today), clause)
    if clause := clauses.get("incident"):
        found += _incidents(row, first, min(last, today), clause)
    if (clause := clauses.get("daily")) and first <= min(last, today - dt.timedelta(days=1)):
        until = min(last, today - dt.timedelta(days=1))
        found += rules.days_recorded(
            clause["party"], first, until, _in_time(row, first, until), _away(row, first, until)
        )
    return rules.ledger(row.body["clauses"], found)


def _end_of_month(day: dt.date) -> dt.date:
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)


def _visits(row: Contract, first: dt.date, last: dt.date) -> list[dt.date]:
    return list(
        db.session.scalars(
            select(Visit.visited_on).where(
                Visit.resident_id == row.resident_id,
                Visit.role == Role.TOWNSHIP_OFFICER.value,
                Visit.visited_on.between(first, last),
            )
        )
    )


def _reassessments(row: Contract, first: dt.date, last: dt.date, clause: Mapping[str, Any]) -> list[Occasion]:
    rows = db.session.execute(
        select(ReassessmentDue.opened_at, Sheet.submitted_at)
        .outerjoin(Sheet, Sheet.id == ReassessmentDue.closed_by_sheet_id)
        .where(ReassessmentDue.resident_id == row.resident_id, ReassessmentDue.cause != "six_months")
        .order_by(ReassessmentDue.id)
    )
    found = []
    for opened, submitted in rows:
        day = opened.astimezone(clock.ZONE).date()
        if first <= day <= last:
            due = rules.deadline(day, int(clause["due_days"]), str(clause["calendar"]))
            done = submitted.astimezone(clock.ZONE).date() if submitted else None
            found.append(Occasion(str(clause["party"]), "change_reported", day.isoformat(), due, done))
    return found


def _incidents(row: Contract, first: dt.date, last: dt.date, clause: Mapping[str, Any]) -> list[Occasion]:
    rows = db.session.execute(
        select(Incident.happened_on, Incident.reported_at)
        .where(Incident.resident_id == row.resident_id, Incident.happened_on.between(first, last))
        .order_by(Incident.id)
    )
    return [
        Occasion(
            str(clause["party"]),
            "incident",
            day.isoformat(),
            day + dt.timedelta(days=1),
            reported.astimezone(clock.ZONE).date(),
        )
        for day, reported in rows
    ]


def _in_time(row: Contract, first: dt.date, last: dt.date) -> list[dt.date]:
    return list(
        db.session.scalars(
            select(ChecklistDay.day).where(*recorded_where([row.resident_id], first, last), ChecklistDay.late_mask == 0)
        )
    )


def _away(row: Contract, first: dt.date, last: dt.date) -> set[dt.date]:
    spans = [(s.from_on, s.to_on) for s in row.suspensions]
    spans += [
        (start, end)
        for start, end in db.session.execute(
            select(Absence.from_on, Absence.to_on).where(
                Absence.resident_id == row.resident_id, Absence.from_on <= last
            )
        )
    ]
    found: set[dt.date] = set()
    for start, end in spans:
        day, until = max(start, first), min(end or last, last)
        while day <= until:
            found.add(day)
            day += dt.timedelta(days=1)
    return found


__all__ = ["duties", "payments"]
