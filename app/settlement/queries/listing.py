"""Small reads behind the pages: names, counts, recent evaluations, objections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, func, or_, select

from app.auth.models import User
from app.contracts.models import Contract
from app.core.actor import Actor
from app.core.db import db
from app.core.paging import COUNT_CAP
from app.people.models import Caregiver, Resident
from app.places.queries import matching, within
from app.settlement.models import (
    Dispute,
    DisputeState,
    Evaluation,
    Settlement,
)
from app.settlement.queries.visibility import (
    latest,
    visible_disputes,
    visible_evaluations,
    visible_lines,
)


def names(ids: Collection[int | None]) -> dict[int, str]:
    """Names of accounts."""
    wanted = [i for i in ids if i is not None]
    return {key: value for key, value in db.session.execute(select(User.id, User.name).where(User.id.in_(wanted)))}  # noqa: C416  # a result has keys() of its own


def people_of(row: Settlement) -> list[tuple[str, str, dt.datetime]]:
    """(step, name, instant) of the people who carried a settlement, in order; the step is a state's value."""
    steps = [
        ("calculated", row.calculated_by, row.calculated_at),
        ("submitted", row.submitted_by, row.submitted_at),
        ("approved", row.approved_by, row.approved_at),
        ("paid", row.paid_by, row.paid_at),
        ("closed", row.closed_by, row.closed_at),
    ]
    known = names({user_id for _step, user_id, _at in steps})
    return [(step, known.get(user_id or 0, "—"), at) for step, user_id, at in steps if at is not None]


def count_of(query: Select[Any]) -> int:
    """How many rows a query has, capped."""
    inner = query.order_by(None).with_only_columns(Evaluation.id).limit(COUNT_CAP).subquery()
    return db.session.scalar(select(func.count()).select_from(inner)) or 0


def line_quarters(actor: Actor) -> list[str]:
    """Quarters in which the actor may see slips, newest first."""
    query = visible_lines(actor).with_only_columns(Settlement.quarter).distinct().order_by(Settlement.quarter.desc())
    return list(db.session.scalars(query))


def evaluations_of(actor: Actor, contract_id: int, quarter: str) -> list[Evaluation]:
    """Every version of one contract's quarter the actor may see, newest first."""
    query = visible_evaluations(actor).where(Evaluation.contract_id == contract_id, Evaluation.quarter == quarter)
    return list(db.session.scalars(query.order_by(Evaluation.version.desc())).unique())


def recent_evaluations(
    actor: Actor, *, resident_id: int | None = None, caregiver_id: int | None = None, limit: int = 6
) -> list[Evaluation]:
    """The newest evaluations of a resident's or a caregiver's contracts."""
    query = visible_evaluations(actor).where(latest()).join(Contract, Contract.id == Evaluation.contract_id)
    if resident_id is not None:
        query = query.where(Contract.resident_id == resident_id)
    if caregiver_id is not None:
        query = query.where(Contract.caregiver_id == caregiver_id)
    query = query.order_by(Evaluation.quarter.desc(), Evaluation.id.desc()).limit(limit)
    return list(db.session.scalars(query).unique())


def disputes(
    actor: Actor, *, quarter: str = "", state: DisputeState | None = None, area: str = "", q: str = ""
) -> Select[Dispute]:
    """Visible objections narrowed by quarter, state, area and search text."""
    query = visible_disputes(actor)
    if quarter:
        query = query.where(Dispute.quarter == quarter)
    if state is not None:
        query = query.where(Dispute.state == state)
    if area or q:
        query = query.join(Contract, Contract.id == Dispute.contract_id)
    if area:
        query = query.where(within(Contract.area_code, area))
    if q:
        query = query.join(Resident, Resident.id == Contract.resident_id)
        query = query.join(Caregiver, Caregiver.id == Contract.caregiver_id).where(
            or_(matching(Resident.search, q), matching(Caregiver.search, q))
        )
    return query
