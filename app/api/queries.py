"""What the API reads: the features' own visible rows, with the API's filters."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Select, false, select

from app.care.models import ChecklistDay
from app.contracts import queries as contracts
from app.contracts.models import Contract
from app.core.actor import Actor, Role
from app.grading.models import CareGrade, Sheet
from app.grading.queries import visible_sheets
from app.people import queries as people
from app.people.models import Resident
from app.places.queries import within
from app.settlement.models import LedgerEntry, Settlement


def residents(actor: Actor, *, area: str = "", status: str = "") -> Select[Resident]:
    """Residents the actor may see."""
    query = people.visible(actor)
    if area:
        query = query.where(within(Resident.area_code, area))
    return query.where(Resident.status == status) if status else query


def sheets(actor: Actor, *, resident_id: int | None = None) -> Select[Sheet]:
    """Sheets the actor may see."""
    query = visible_sheets(actor)
    return query.where(Sheet.resident_id == resident_id) if resident_id else query


def grades(actor: Actor, *, resident_id: int | None = None, on: dt.date | None = None) -> Select[CareGrade]:
    """Care grades of visible residents, of one resident or in force on a day."""
    query = select(CareGrade).where(CareGrade.resident_id.in_(people.visible(actor).with_only_columns(Resident.id)))
    if resident_id:
        query = query.where(CareGrade.resident_id == resident_id)
    if on:
        query = query.where(CareGrade.valid_from <= on, CareGrade.valid_to.is_(None) | (CareGrade.valid_to >= on))
    return query


def checklist(actor: Actor, *, first: dt.date, last: dt.date, resident_id: int | None = None) -> Select[ChecklistDay]:
    """Days recorded for visible residents in a range."""
    query = select(ChecklistDay).where(
        ChecklistDay.day.between(first, last),
        ChecklistDay.resident_id.in_(people.visible(actor).with_only_columns(Resident.id)),
    )
    return query.where(ChecklistDay.resident_id == resident_id) if resident_id else query


def contracts_list(actor: Actor, *, state: str = "") -> Select[Contract]:
    """Contracts the actor may see."""
    query = contracts.visible(actor)
    return query.where(Contract.state == state) if state else query


def settlements(actor: Actor, *, quarter: str = "") -> Select[Settlement]:
    """Settlements of the actor's area."""
    query = select(Settlement)
    if actor.role not in {Role.COUNTY_OFFICER, Role.COUNTY_REVIEWER, Role.AUDITOR}:
        query = query.where(within(Settlement.area_code, actor.area_code) if actor.area_code else false())
    return query.where(Settlement.quarter == quarter) if quarter else query


def ledger(actor: Actor, *, quarter: str = "") -> Select[LedgerEntry]:
    """Ledger entries of the actor's area."""
    query = select(LedgerEntry).where(
        LedgerEntry.settlement_id.in_(settlements(actor).with_only_columns(Settlement.id))
    )
    return query.where(LedgerEntry.quarter == quarter) if quarter else query
