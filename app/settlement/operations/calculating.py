"""Opening a quarter, calculating a township's settlement, and calculating all of a quarter step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import DomainError, Invalid, Refused
from app.core.operation import operation
from app.core.periods import Quarter
from app.core.transaction import end_reading
from app.settlement import queries
from app.settlement.models import Settlement, SettlementInputs, SettlementState
from app.settlement.operations.states import move, need

OPEN_STATES = (SettlementState.OPEN, SettlementState.CALCULATED)
"""States in which a settlement can be calculated."""


def read_quarter(text: str) -> Quarter:
    """``2026-Q1``. Raises ``Invalid`` at the field."""
    try:
        return Quarter.parse(text)
    except ValueError as error:
        raise Invalid(gettext("Write the quarter as 2026-Q1."), field="quarter") from error


@operation("quarter.open", permission="settlements.calculate")
def open_quarter(actor: Actor, quarter: str) -> list[Settlement]:
    """Open a settlement for each township in the actor's area; those that are open already stay as they are.

    Raises ``Refused`` before the quarter begins and when a later quarter of a township is open already.
    """
    period = read_quarter(quarter)
    if clock.today() < period.first:
        raise Refused(gettext("The quarter has not begun yet."))
    query = queries.visible(actor).where(Settlement.quarter == quarter)
    known = {row.area_code for row in db.session.scalars(query).unique()}
    later = set(
        db.session.scalars(
            queries.visible(actor).with_only_columns(Settlement.area_code).where(Settlement.quarter > quarter)
        )
    )
    opened = 0
    for area in queries.townships(actor):
        if area.code in known:
            continue
        if area.code in later:
            raise Refused(gettext("A later quarter of %(township)s is open already.", township=area.name))
        try:
            with db.session.begin_nested():
                db.session.add(
                    Settlement(quarter=quarter, area_code=area.code, state=SettlementState.OPEN, opened_at=clock.now())
                )
        except IntegrityError:
            continue  # another officer opened it in this very moment
        opened += 1
    audit.record("quarter.open", "quarter", quarter, {"opened": opened})
    return list(db.session.scalars(query.order_by(Settlement.area_code)).unique())


@operation("settlement.calculate", permission="settlements.calculate")
def calculate(actor: Actor, settlement_id: int) -> Settlement:
    """Freeze the facts of a township's quarter under a hash and write one line per contract, and corrections of closed
    quarters. Equal facts keep the run that is there; the whole calculation is one transaction.
    """
    row = queries.settlement(actor, settlement_id, lock=True)
    need(row, *OPEN_STATES)
    _calculate(actor, row)
    return row


def _calculate(actor: Actor, row: Settlement) -> bool:
    """Calculate a locked settlement; False when its facts are those of the run that is there."""
    found = queries.compute(row)
    refuse_unproved(found)
    sha256 = found.sha256
    row.asked_at = row.asked_by = row.problem = None
    if row.state is SettlementState.CALCULATED and row.inputs_sha256 == sha256:
        changes = {"run": row.run, "inputs_sha256": sha256, "unchanged": True}
        audit.record("settlement.calculate", "settlement", row.id, changes)
        queries.forget()
        return False
    run, now = row.run + 1, clock.now()
    frozen = {"settlement_id": row.id, "run": run, "sha256": sha256, "body": queries.packed(found.text)}
    db.session.execute(insert(SettlementInputs), frozen)
    queries.store(row, run, now)
    queries.forget()
    totals = {"due_fen": found.due_fen, "pay_fen": found.pay_fen, "withheld_fen": found.due_fen - found.pay_fen}
    move(
        row,
        SettlementState.CALCULATED,
        "settlement.calculate",
        {"run": [row.run, run], "inputs_sha256": sha256, "lines": found.lines, **totals},
        run=run,
        inputs_sha256=sha256,
        lines_count=found.lines,
        blocked_count=found.blocked,
        calculated_at=now,
        calculated_by=actor.user_id,
        **totals,
    )
    return True


def refuse_unproved(found: queries.Computed) -> None:
    """Raise ``Refused`` naming the first contract for which the plain rule, on the same frozen facts, comes to another fen,
    another reason, or another arithmetic of a month: then nothing is stored.
    """
    if found.differs is not None:
        raise Refused(
            gettext(
                "Two ways to compute a contract differ (%(contract)s). Nothing was stored; tell the people who keep this system.",
                contract=found.differs,
            )
        )


def refuse_stale(row: Settlement) -> None:
    """Raise ``Refused`` when the facts of now are not those of the calculation."""
    if queries.facts_sha256(row) != row.inputs_sha256:
        raise Refused(gettext("Facts changed since the calculation. Calculate again, then submit."))


@operation("settlement.ask_all", permission="settlements.calculate_all")
def ask_all(actor: Actor, quarter: str) -> int:
    """Ask for the calculation of every township of a quarter that is not submitted yet; returns how many. The work itself is
    done township by township (``calculate_asked``), by whoever goes on with it: a page, the command line, the hourly job.

    Raises ``Refused`` when there is nothing to calculate.
    """
    read_quarter(quarter)
    wanted = queries.visible(actor).with_only_columns(Settlement.id)
    wanted = wanted.where(Settlement.quarter == quarter, Settlement.state.in_(OPEN_STATES))
    ids = list(db.session.scalars(wanted.with_for_update(of=Settlement)))
    if not ids:
        raise Refused(gettext("No township of this quarter waits for a calculation."))
    db.session.execute(
        update(Settlement)
        .where(Settlement.quarter == quarter, Settlement.id.in_(wanted))
        .values(asked_at=clock.now(), asked_by=actor.user_id, problem=None)
        .execution_options(synchronize_session=False)
    )
    audit.record("settlement.ask_all", "quarter", quarter, {"townships": len(ids)})
    return len(ids)


@dataclass(frozen=True)
class Step:
    """One township of a calculation of all: what came out, or what was refused in words."""

    settlement_id: int
    changed: bool = False
    problem: str | None = None


def calculate_asked(actor: Actor, quarter: str, *, at_most: int | None = None) -> Iterator[Step]:
    """Go on with what ``ask_all`` asked for, in the order of the townships: each is one transaction, so a process that dies
    leaves the rest asked for, and another goes on there. Two that go on at once calculate each township once.
    """
    read_quarter(quarter)
    done = 0
    while at_most is None or done < at_most:
        asked = queries.asked(actor, quarter).order_by(Settlement.area_code).limit(1)
        settlement_id = db.session.scalar(asked.with_only_columns(Settlement.id))
        end_reading()
        if settlement_id is None:
            return
        try:
            step = _step(actor, settlement_id)
        except DomainError as error:
            step = _refused(actor, settlement_id, str(error))
        done += 1
        if step is not None:
            yield step


@operation("settlement.calculate_asked", permission="settlements.calculate_all")
def _step(actor: Actor, settlement_id: int) -> Step | None:
    """Calculate one township that was asked for; None when another process did it in the meantime."""
    row = queries.settlement(actor, settlement_id, lock=True)
    if row.asked_at is None:
        audit.record("settlement.calculate_asked", "settlement", row.id, {"done": True})
        return None
    need(row, *OPEN_STATES)
    return Step(settlement_id, changed=_calculate(actor, row))


@operation("settlement.calculation_refused", permission="settlements.calculate_all")
def _refused(actor: Actor, settlement_id: int, words: str) -> Step:
    """Keep why a township was not calculated, so that the others go on."""
    values = {"asked_at": None, "asked_by": None, "problem": words[:1000]}
    db.session.execute(update(Settlement).where(Settlement.id == settlement_id).values(**values))
    audit.record("settlement.calculation_refused", "settlement", settlement_id, {"problem": words[:1000]})
    return Step(settlement_id, problem=words)


__all__ = ["ask_all", "calculate", "calculate_asked", "open_quarter", "read_quarter", "refuse_stale"]
