"""Photos and voice notes that came with a sheet or with a day of care, for the page on which that is read."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, Select, and_, exists, select, tuple_
from sqlalchemy.orm import aliased

from app.care.models import Recording
from app.core.actor import Actor
from app.core.db import db, one_row
from app.grading import queries as grading
from app.grading.models import Sheet, SheetState
from app.people import queries as people
from app.people.models import Resident
from app.tablet.models import Device, SyncReceipt, SyncRecord
from app.tablet.queries.records import last_number
from app.tablet.rules import Verdict


def _accepted() -> Select[SyncRecord]:
    """Attachments that count."""
    holds = and_(SyncReceipt.record_id == SyncRecord.id, SyncReceipt.number == last_number())
    query = select(SyncRecord).join(SyncReceipt, holds)
    return query.where(SyncRecord.kind == "attachment", SyncReceipt.verdict == Verdict.ACCEPTED)


def _came_with() -> ColumnElement[bool]:
    """Whether an attachment is of a sheet: a sheet has the key of its record and the version of it."""
    return Sheet.client_key.like(SyncRecord.of_key.concat(":%"))


def of_sheet(sheet: Sheet) -> list[SyncRecord]:
    """What came with a sheet, in the order it was taken."""
    key = sheet.client_key.rpartition(":")[0]
    query = _accepted().where(SyncRecord.of_key == key, SyncRecord.resident_id == sheet.resident_id)
    return list(db.session.scalars(query.order_by(SyncRecord.id)).unique())


def of_day(resident_id: int, day: dt.date) -> list[SyncRecord]:
    """What came with the records of a resident's day."""
    keys = select(Recording.record_key).where(
        Recording.resident_id == resident_id, Recording.day == day, Recording.record_key.is_not(None)
    )
    named = {tuple((key or "").split(":")[:2]) for key in db.session.scalars(keys)}
    named = {one for one in named if len(one) == 2}
    if not named:
        return []
    query = _accepted().join(Device, Device.id == SyncRecord.device_id)
    query = query.where(SyncRecord.resident_id == resident_id, tuple_(Device.uid, SyncRecord.of_key).in_(named))
    return list(db.session.scalars(query.order_by(SyncRecord.id)).unique())


def sheets_attachment(actor: Actor, record_id: int) -> SyncRecord:
    """An attachment of a submitted sheet that the actor may read. Raises ``NotFound``."""
    sheets = grading.visible_sheets(actor).where(Sheet.state == SheetState.SUBMITTED)
    mine = sheets.where(_came_with(), Sheet.resident_id == SyncRecord.resident_id)
    return one_row(_accepted().where(SyncRecord.id == record_id, exists(mine.with_only_columns(Sheet.id))))


def days_attachment(actor: Actor, record_id: int) -> SyncRecord:
    """An attachment of a day of care of a resident the actor may see; of a sheet it is none. Raises ``NotFound``."""
    mine, day = people.visible(actor).with_only_columns(Resident.id), aliased(SyncRecord)
    came = select(day.id).where(
        day.kind == "care_day", day.device_id == SyncRecord.device_id, day.key == SyncRecord.of_key
    )
    return one_row(_accepted().where(SyncRecord.id == record_id, SyncRecord.resident_id.in_(mine), exists(came)))
