"""Two people at once, and a process that dies in the middle: one effect, nothing half done."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.settlement import operations, queries
from app.settlement.models import LedgerEntry, SettlementLine
from tests.settlement.conftest import AFTER_Q1, Quarter

import datetime as dt  # isort: skip

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 3, 31)


def at_once(app: Flask, *acts: Callable[[], object]) -> list[str]:
    """Run every act in its own thread and session, released together; 'done' or what was refused."""
    start, results = threading.Barrier(len(acts)), [""] * len(acts)

    def run(index: int, act: Callable[[], object]) -> None:
        with app.app_context(), clock.at(AFTER_Q1):
            start.wait()
            try:
                act()
                results[index] = "done"
            except DomainError as error:
                results[index] = error.__class__.__name__
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(i, act)) for i, act in enumerate(acts)]
    db.session.remove()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(results)


def prepared(quarter: Quarter) -> int:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    quarter.scored(row)
    return quarter.settlement().id


def test_two_officers_approve_at_once_and_the_ledger_has_it_once(app: Flask, quarter: Quarter) -> None:
    settled = prepared(quarter)
    operations.calculate(quarter.township, settled)
    operations.submit(quarter.township, settled)
    second = quarter.county.actor("county_reviewer_b")
    got = at_once(
        app,
        *[lambda who=who: operations.approve(who, settled) for who in (quarter.reviewer, second) * 2],
    )
    assert got == ["Refused", "Refused", "Refused", "done"]
    assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) == 2
    assert queries.verify_ledger() == []


def test_two_officers_pay_at_once_and_it_is_paid_once(app: Flask, quarter: Quarter) -> None:
    settled = prepared(quarter)
    operations.calculate(quarter.township, settled)
    operations.submit(quarter.township, settled)
    operations.approve(quarter.reviewer, settled)
    got = at_once(app, *[lambda: operations.pay(quarter.payer, settled, dt.date(2026, 4, 3), "B-1")] * 3)
    assert got == ["Refused", "Refused", "done"]
    assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) == 4
    assert queries.verify_ledger() == []


def test_two_calculations_at_once_leave_one_run(app: Flask, quarter: Quarter) -> None:
    settled = prepared(quarter)
    at_once(app, *[lambda: operations.calculate(quarter.township, settled)] * 3)
    assert db.session.scalar(select(func.count()).select_from(SettlementLine)) == 1
    assert queries.settlement(quarter.township, settled).run == 1


def test_two_openings_and_fillings_at_once_make_one_of_each(app: Flask, quarter: Quarter) -> None:
    quarter.contract()
    at_once(app, *[lambda: operations.open_quarter(quarter.township, "2026-Q1")] * 3)
    assert len(db.session.scalars(queries.visible(quarter.township)).unique().all()) == 1
    got = at_once(app, *[quarter.fill] * 3)
    assert "done" in got
    assert len(db.session.scalars(queries.evaluations(quarter.township)).unique().all()) == 1
