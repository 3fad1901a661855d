"""Jobs of contracts: what expires soon is counted and opened to the list; what ran out is ended."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter

from sqlalchemy import or_, select

from app.auth.roles import system_actor
from app.contracts import documents, queries
from app.contracts.models import Contract
from app.contracts.operations import archive_contract, expire_contract
from app.contracts.operations.duties import find_breaches
from app.contracts.queries import breaches
from app.contracts.rules import State
from app.core.db import db
from app.core.jobs import Job
from app.people.models import Resident

ARCHIVE_DAYS = 365
"""Days after its end a contract stays among the ended ones."""
logger = logging.getLogger(__name__)
BATCH = 200
"""Contracts looked at together."""


def expiring(today: dt.date) -> str:
    """End contracts whose last day has passed or whose resident is no longer supported, and say how many run out within
    60, 30 and 7 days.
    """
    over = db.session.scalars(
        select(Contract.id)
        .join(Resident, Resident.id == Contract.resident_id)
        .where(
            Contract.state.in_((State.IN_FORCE, State.SUSPENDED)),
            or_(Contract.valid_to < today, Resident.ended_on <= today),
        )
        .order_by(Contract.id)
    ).all()
    for contract_id in over:
        expire_contract(system_actor(), contract_id)
    soonest = queries.running_out(system_actor(), today + dt.timedelta(days=max(queries.NOTICE_DAYS)))
    ends = db.session.scalars(soonest.with_only_columns(Contract.valid_to)).all()
    days = sorted(queries.NOTICE_DAYS, reverse=True)
    counts = ", ".join(f"{sum(e <= today + dt.timedelta(days=n) for e in ends)} within {n} days" for n in days)
    return f"{len(over)} ended; running out: {counts}"


def sealing(today: dt.date) -> str:
    """Seal the files of contracts in force that have none yet: signed while the seal was missing, or by the hundred."""
    actor, made, failed = system_actor("sealing"), 0, 0
    for contract_id in queries.unsealed():
        try:
            documents.sealed_pdf(actor, queries.contract(actor, contract_id))
        except Exception:  # whatever one contract's text makes of it, the others are sealed
            logger.exception("contract %s could not be sealed", contract_id)
            failed += 1
        else:
            made += 1
    return f"{made} contracts sealed" + (f", {failed} could not be (see the log)" if failed else "")


def archiving(today: dt.date) -> str:
    """Archive contracts that ended more than a year ago: their last quarter is long settled."""
    old = db.session.scalars(
        select(Contract.id)
        .where(
            Contract.state.in_((State.ENDED, State.AMENDED)),
            Contract.ended_on < today - dt.timedelta(days=ARCHIVE_DAYS),
        )
        .order_by(Contract.id)
    ).all()
    for contract_id in old:
        archive_contract(system_actor("archiving"), contract_id)
    return f"{len(old)} contracts archived"


def duties(today: dt.date) -> str:
    """Find what the seven parties of each contract kept late or missed, and open what their clauses say."""
    total: Counter[str] = Counter()
    last = looked = 0
    while rows := breaches.followed(today, last, BATCH):
        total += find_breaches(system_actor("duties"), rows, today)
        last, looked = rows[-1].id, looked + len(rows)
        for row in rows:
            db.session.expunge(row)  # not everything: the record of this run is in the session too
    return f"{looked} contracts: {total['opened']} opened, {total['changed']} changed, {total['dropped']} dropped"


JOBS = (
    Job("contracts-expiring", expiring, hour=1),
    Job("contracts-sealing", sealing, hour=4),
    Job("contracts-duties", duties, hour=5),
    Job("contracts-archiving", archiving, hour=6),
)
