"""Scheduled work of the quarter."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select

from app.auth.roles import system_actor
from app.core.db import db
from app.core.jobs import Job
from app.core.periods import Quarter
from app.core.transaction import end_reading
from app.settlement import operations, queries
from app.settlement.models import Evaluation, Settlement, SettlementState


def open_quarters(today: dt.date) -> str:
    """Open the running quarter for every township, and make the evaluation sheets of the quarter that just ended.

    Safe to run twice: what exists stays as it is.
    """
    actor = system_actor("quarter opening")
    now = Quarter.of(today)
    have = db.session.scalar(select(func.count()).select_from(Settlement).where(Settlement.quarter == str(now))) or 0
    townships = len(queries.townships(actor))
    end_reading()
    opened = 0
    if have < townships:
        opened = len(operations.open_quarter(actor, str(now))) - have
    before = str(now.previous())
    waiting = db.session.scalars(
        select(Settlement.area_code).where(
            Settlement.quarter == before,
            Settlement.state == SettlementState.OPEN,
        )
    ).all()
    filled = 0
    for area_code in waiting:
        if _has_sheets(area_code, before):
            continue
        end_reading()
        filled += operations.fill_evaluations(actor, before, area_code)[0]
    return f"{now}: {opened} settlements opened; {before}: {filled} evaluation sheets made"


def _has_sheets(area_code: str, quarter: str) -> bool:
    query = (
        queries.evaluations(system_actor(), quarter=quarter, area=area_code).with_only_columns(Evaluation.id).limit(1)
    )
    return db.session.scalar(query) is not None


def calculate_asked(_today: dt.date) -> str:
    """Go on with calculations of all townships that somebody asked for and left."""
    actor, done = system_actor("calculation of a quarter"), 0
    while (quarter := queries.calculation_under_way(actor)) is not None:
        end_reading()
        done += sum(1 for _step in operations.calculate_asked(actor, quarter))
    end_reading()
    return f"{done} townships calculated"


JOBS = (
    Job("open_quarter", open_quarters, hour=1),
    Job("calculate_asked", calculate_asked, schedule="hourly"),
)
