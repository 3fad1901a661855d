"""The running quarter: what a township still misses, what a caregiver's records are worth so far."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from fractions import Fraction

from app.care import queries as care
from app.care.queries import CompletionRow, Wanted
from app.contracts import queries as contracts
from app.contracts.models import Contract
from app.contracts.rules import State
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Refused
from app.core.money import round_half_up
from app.core.periods import Quarter
from app.people import queries as people
from app.people.models import Resident, ResidentStatus
from app.settlement import queries as settlement
from app.settlement.models import Settlement, SettlementState
from app.settlement.queries import Point
from app.settlement.rules.settling import settle

UNFINISHED = (SettlementState.OPEN, SettlementState.CALCULATED)


@dataclass(frozen=True)
class Missing:
    """One settlement of the actor's township that is not submitted, with the points that are still open."""

    settlement: Settlement
    points: list[Point]
    total: int


def missing(actor: Actor, limit: int = 2) -> list[Missing]:
    """What is missing for the quarters that the actor's township has not submitted yet, oldest first."""
    query = settlement.settlements(actor).where(Settlement.state.in_(UNFINISHED)).order_by(None)
    found = []
    for row in db.session.scalars(query.order_by(Settlement.quarter, Settlement.id).limit(limit)).unique():
        points = settlement.readiness(row)
        found.append(Missing(row, [point for point in points if not point.done], len(points)))
    return found


@dataclass(frozen=True)
class DaySoFar:
    """How far today's record is: services recorded and due, and residents with something open."""

    done: int
    due: int
    open: int


def day_so_far(actor: Actor) -> DaySoFar:
    """Today's record over the residents whose care the actor records."""
    residents = people.found(actor, status=ResidentStatus.ACTIVE).order_by(Resident.id)
    states = care.day_states(list(db.session.scalars(residents).unique()), clock.today())
    done, due = (sum(state.progress[n] for state in states) for n in (0, 1))
    return DaySoFar(done, due, sum(1 for state in states if state.open))


@dataclass(frozen=True)
class SoFar:
    """A caregiver's running quarter: services recorded as delivered of those due up to yesterday, and the care money of
    the days so far in fen at the full ratio; None where grade or pay table is missing, and where an institution is paid. The
    evaluation decides in the end.
    """

    quarter: Quarter
    first: dt.date
    last: dt.date
    row: CompletionRow | None
    due_fen: int | None
    residents: int


def so_far(actor: Actor) -> SoFar | None:
    """The running quarter of a caregiver; None without a contract in force."""
    today = clock.today()
    quarter, last = Quarter.of(today), today - dt.timedelta(days=1)
    live = contracts.visible(actor).where(Contract.state.in_((State.IN_FORCE, State.SUSPENDED)))
    rows = list(db.session.scalars(live.order_by(Contract.id)).unique())
    if not rows:
        return None
    own = [row for row in rows if row.payee_id is None]
    total: Fraction | None = Fraction(0) if own else None
    for row in own:
        part = _days_so_far(row, quarter, last)
        total = None if part is None or total is None else total + part
    done = CompletionRow("", "")
    if last >= quarter.first:
        wanted = Wanted(quarter.first, last, caregiver_id=actor.caregiver_id)
        for one in care.completion(actor, wanted, "resident"):
            done.done, done.due, done.late = done.done + one.done, done.due + one.due, done.late + one.late
            done.days += one.days
    return SoFar(
        quarter,
        quarter.first,
        last,
        done if done.due else None,
        None if total is None else round_half_up(total),
        len({row.resident_id for row in rows}),
    )


def _days_so_far(row: Contract, quarter: Quarter, last: dt.date) -> Fraction | None:
    """Care money of the contract's days up to ``last``; None while grade, pay table or rule are missing."""
    try:
        facts = settlement.contract_facts(row.id, row.area_code, quarter)
        rates = settlement.rates_of(quarter)
    except Refused:
        return None
    total = Fraction(0)
    for one in facts.contracts:
        if one.first > last:
            continue
        result = settle(replace(one, last=min(one.last, last), ratio_bp=10000), rates, facts.rule)
        if result.blocked is not None:
            return None
        total += sum((month.due for month in result.months), Fraction(0))
    return total
