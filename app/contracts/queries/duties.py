"""What the records say about the duties of the seven parties, for one contract or for many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from app.auth.models import User
from app.care.models import ChecklistDay, Incident, Visit
from app.care.queries import recorded_where
from app.contracts.models import Contract, Observation, Substitute
from app.contracts.queries.caring import trained_to
from app.contracts.rules.duties import Duty, Evidence, Noted, Quarterly, Since, Span, ledger
from app.core import clock
from app.core.actor import Role
from app.core.db import db
from app.grading.models import ReassessmentDue, Sheet, SheetState
from app.people.models import Absence, Setting

DAY = dt.timedelta(days=1)


@dataclass
class Books:
    """What the settlement knows of one contract: its quarters, and objections from the day they were raised."""

    quarters: dict[str, Quarterly] = field(default_factory=dict)
    objections: list[Since] = field(default_factory=list)


books: list[Callable[[Collection[int]], Mapping[int, Books]]] = []
"""Where the settlement says how the quarters of contracts went: contract ids → books. Registered above."""


def duties(row: Contract, today: dt.date) -> list[Duty]:
    """The duties of one contract up to ``today``; empty before it is in force."""
    return ledgers([row], today).get(row.id, [])


def ledgers(rows: Sequence[Contract], today: dt.date) -> dict[int, list[Duty]]:
    """The duties of many contracts with one look into each kind of record; contracts that never were in force are left
    out.
    """
    live = [row for row in rows if row.in_force_from is not None and row.body.get("clauses")]
    found = evidence(live, today)
    return {row.id: ledger(row.body["clauses"], span(row, today), found[row.id]) for row in live}


def span(row: Contract, today: dt.date) -> Span:
    """The days a contract in force covers."""
    last = min(row.valid_to, row.ended_on or row.valid_to, row.resident.ended_on or row.valid_to)
    return Span(row.in_force_from or row.valid_from, last, today)


def evidence(rows: Sequence[Contract], today: dt.date) -> dict[int, Evidence]:
    """Everything on record about these contracts."""
    found = {row.id: Evidence() for row in rows}
    if not rows:
        return found
    about = _About(rows, today)
    _from_books(found)
    _visits(about, found)
    _changes(about, found)
    _incidents(about, found)
    _days(about, found)
    _away(about, found)
    _replacements(about, found)
    for note in db.session.scalars(select(Observation).where(Observation.contract_id.in_(found))):
        found[note.contract_id].noted.append(Noted(note.clause, note.observed_on, note.kept, f"seen-{note.id}"))
    for contract_id, last in trained_to(rows).items():
        found[contract_id].training_to = last
    return found


class _About:
    """The contracts by resident, with the first and last day anything is asked for."""

    def __init__(self, rows: Sequence[Contract], today: dt.date) -> None:
        self.rows = rows
        self.spans = {row.id: span(row, today) for row in rows}
        self.first = min(s.first for s in self.spans.values())
        self.last = min(max(s.last for s in self.spans.values()), today)
        self.by_resident: dict[int, list[Contract]] = {}
        for row in rows:
            self.by_resident.setdefault(row.resident_id, []).append(row)

    @property
    def residents(self) -> list[int]:
        """Whom the contracts are for."""
        return list(self.by_resident)

    def holding(self, resident_id: int, day: dt.date) -> Iterator[Contract]:
        """The contracts of a resident that cover a day."""
        for row in self.by_resident.get(resident_id, ()):
            if self.spans[row.id].holds(day):
                yield row


def _local(moment: dt.datetime) -> dt.date:
    return moment.astimezone(clock.ZONE).date()


def _from_books(found: dict[int, Evidence]) -> None:
    for source in books:
        for contract_id, known in source(found.keys()).items():
            found[contract_id].quarters.update(known.quarters)
            found[contract_id].objections += known.objections


def _visits(about: _About, found: dict[int, Evidence]) -> None:
    rows = db.session.execute(
        select(Visit.resident_id, Visit.visited_on, Visit.role, Visit.problem, Visit.recorded_at).where(
            Visit.resident_id.in_(about.residents), Visit.visited_on.between(about.first, about.last)
        )
    )
    for resident_id, day, role, problem, recorded_at in rows:
        for row in about.holding(resident_id, day):
            if role == Role.TOWNSHIP_OFFICER.value:
                found[row.id].township_visits.append(day)
            elif role == Role.VILLAGE_OFFICER.value:
                found[row.id].village_visits.append(day)
                if problem:
                    found[row.id].problems.append((day, _local(recorded_at)))


def _changes(about: _About, found: dict[int, Evidence]) -> None:
    rows = db.session.execute(
        select(ReassessmentDue.resident_id, ReassessmentDue.opened_at, Sheet.submitted_at)
        .outerjoin(Sheet, Sheet.id == ReassessmentDue.closed_by_sheet_id)
        .where(ReassessmentDue.resident_id.in_(about.residents), ReassessmentDue.cause != "regular")
        .order_by(ReassessmentDue.id)
    )
    for resident_id, opened, submitted in rows:
        for row in about.holding(resident_id, _local(opened)):
            found[row.id].changes.append((_local(opened), _local(submitted) if submitted else None))
    sheets = db.session.execute(
        select(Sheet.resident_id, Sheet.assessed_on).where(
            Sheet.resident_id.in_(about.residents),
            Sheet.state == SheetState.SUBMITTED,
            Sheet.assessed_on.between(about.first, about.last),
        )
    )
    for resident_id, day in sheets:
        for row in about.holding(resident_id, day):
            found[row.id].sheets.append(day)


def _incidents(about: _About, found: dict[int, Evidence]) -> None:
    """Incidents the institution knew of: those of its own residents, and those it reported itself."""
    rows = db.session.execute(
        select(Incident.resident_id, Incident.happened_on, Incident.reported_at, User.organisation_id)
        .join(User, User.id == Incident.reported_by)
        .where(Incident.resident_id.in_(about.residents), Incident.happened_on.between(about.first, about.last))
        .order_by(Incident.id)
    )
    for resident_id, day, reported, organisation in rows:
        for row in about.holding(resident_id, day):
            if row.setting is Setting.INSTITUTIONAL or organisation == row.institution_id:
                found[row.id].incidents.append((day, _local(reported)))


def _days(about: _About, found: dict[int, Evidence]) -> None:
    rows = db.session.execute(
        select(ChecklistDay.resident_id, ChecklistDay.day, ChecklistDay.late_mask).where(
            *recorded_where(about.residents, about.first, about.last)
        )
    )
    for resident_id, day, late in rows:
        for row in about.holding(resident_id, day):
            recorded = found[row.id].recorded
            recorded[day] = recorded.get(day, False) or late == 0


def _away(about: _About, found: dict[int, Evidence]) -> None:
    spans: dict[int, list[tuple[dt.date, dt.date | None]]] = {}
    for resident_id, start, end in db.session.execute(
        select(Absence.resident_id, Absence.from_on, Absence.to_on).where(
            Absence.resident_id.in_(about.residents), Absence.from_on <= about.last
        )
    ):
        spans.setdefault(resident_id, []).append((start, end))
    for row in about.rows:
        covered = about.spans[row.id]
        for start, end in [*spans.get(row.resident_id, ()), *((s.from_on, s.to_on) for s in row.suspensions)]:
            day, until = max(start, covered.first), min(end or covered.last, covered.last)
            while day <= until:
                found[row.id].away.add(day)
                day += DAY


def _replacements(about: _About, found: dict[int, Evidence]) -> None:
    """From the day a failing score was confirmed to the day another caregiver's contract was signed, or care ended."""
    failed = {
        row.id: sorted(q.confirmed_on for q in found[row.id].quarters.values() if q.failed and q.confirmed_on)
        for row in about.rows
    }
    if not any(failed.values()) and all(row.replace_by is None for row in about.rows):
        return
    rows = db.session.execute(
        select(Contract.resident_id, Contract.caregiver_id, Contract.in_force_at, Contract.in_force_from)
        .where(Contract.resident_id.in_(about.residents), Contract.in_force_at.is_not(None))
        .order_by(Contract.in_force_at)
    )
    named = {
        contract_id: _local(at)
        for contract_id, at in db.session.execute(
            select(Substitute.contract_id, func.min(Substitute.named_at))
            .where(Substitute.contract_id.in_([row.id for row in about.rows]))
            .group_by(Substitute.contract_id)
        )
    }
    later = [(resident, caregiver, _local(at), begins) for resident, caregiver, at, begins in rows if at and begins]
    for row in about.rows:
        if row.replace_by is not None and row.ended_on is not None:
            failed[row.id].append(row.ended_on)
        for day in failed[row.id][:1]:
            done = next(
                (
                    at
                    for resident_id, caregiver_id, at, begins in later
                    if resident_id == row.resident_id
                    and caregiver_id != row.caregiver_id
                    and begins > (row.in_force_from or row.valid_from)
                ),
                row.resident.ended_on,
            )
            if about.spans[row.id].last >= day or done is not None:
                found[row.id].replacements.append((day, done))
                found[row.id].substitutes.append((day, _earliest(done, named.get(row.id))))


def _earliest(*days: dt.date | None) -> dt.date | None:
    return min((day for day in days if day is not None), default=None)


__all__ = ["Books", "books", "duties", "evidence", "ledgers"]
