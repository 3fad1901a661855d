"""What the API reads: the features' own visible rows, with the API's filters."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Select, select

from app.care.models import ChecklistDay
from app.contracts import queries as contracts
from app.contracts.models import Contract
from app.core.actor import Actor
from app.grading.models import CareGrade, Sheet
from app.grading.queries import visible_sheets
from app.people import queries as people
from app.people.models import Resident
from app.places.queries import within
from app.settlement import queries as settling
from app.settlement.models import LedgerEntry, Settlement


def residents(actor: Actor, *, area: str = "", status: str = "") -> Select[Resident]:
    """Residents the actor may see."""
    query = people.visible(actor)
    if area:
        query = query.where(within(Resident.area_code, area))
    return query.where(Resident.status == status) if status else query


def sheets(actor: Actor, *, resident_id: int | None = None, state: str = "") -> Select[Sheet]:
    """Sheets the actor may see."""
    query = visible_sheets(actor)
    if state:
        query = query.where(Sheet.state == state)
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


def contracts_list(actor: Actor, *, state: str = "", resident_id: int | None = None) -> Select[Contract]:
    """Contracts the actor may see."""
    query = contracts.visible(actor)
    if resident_id:
        query = query.where(Contract.resident_id == resident_id)
    return query.where(Contract.state == state) if state else query


def settlements(actor: Actor, *, quarter: str = "") -> Select[Settlement]:
    """Settlements the actor may see."""
    query = settling.visible(actor)
    return query.where(Settlement.quarter == quarter) if quarter else query


def ledger(actor: Actor, *, quarter: str = "", settlement_id: int | None = None) -> Select[LedgerEntry]:
    """Ledger entries the actor may see."""
    query = settling.visible_ledger(actor)
    if settlement_id:
        query = query.where(LedgerEntry.settlement_id == settlement_id)
    return query.where(LedgerEntry.quarter == quarter) if quarter else query
