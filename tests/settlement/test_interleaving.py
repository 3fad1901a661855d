"""Late facts and corrections in any order end where computing from scratch ends; settling twice adds nothing."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from sqlalchemy import func, select

from app.contracts.models import Contract, Suspension
from app.core import clock
from app.core.db import db
from app.core.periods import Quarter as Period
from app.core.transaction import transaction
from app.people.models import Absence, AbsenceKind
from app.settlement import operations, queries
from app.settlement.models import LineKind, SettlementLine
from tests.settlement.conftest import TOWNSHIP_A, Quarter

QUARTERS = [Period(2025, 3), Period(2025, 4), Period(2026, 1), Period(2026, 2), Period(2026, 3), Period(2026, 4)]


def late_fact(rng: random.Random, rows: list[Contract], upto: Period) -> None:
    """Something that happened in a quarter that may be closed long ago, told today."""
    row = rng.choice(rows)
    day = dt.date(2025, 7, 1) + dt.timedelta(days=rng.randrange((upto.last - dt.date(2025, 7, 1)).days))
    end = day + dt.timedelta(days=rng.randrange(40))
    with transaction() as tx:
        tx.act = "test.late"
        kind = rng.choice(("hospital", "leave", "suspended", "ended"))
        if kind == "ended" and row.ended_on is None and rng.random() < 0.3:
            row.ended_on, row.state = day, type(row.state)("ended")
        elif kind == "suspended":
            db.session.add(Suspension(contract_id=row.id, from_on=day, to_on=end, reason="外出"))
        elif (
            kind != "ended"
            and db.session.scalar(
                select(func.count()).where(Absence.resident_id == row.resident_id, Absence.from_on == day)
            )
            == 0
        ):
            absence = Absence(resident_id=row.resident_id, kind=AbsenceKind(kind), from_on=day, to_on=end)
            absence.recorded_at = clock.now()
            db.session.add(absence)


def posted() -> dict[tuple[int, str], tuple[int, int]]:
    """Sums of all lines that count, quarter and corrections, by contract and quarter."""
    rows = db.session.execute(
        queries.current_lines()
        .with_only_columns(
            SettlementLine.contract_id,
            SettlementLine.for_quarter,
            func.sum(SettlementLine.due_fen),
            func.sum(SettlementLine.pay_fen),
        )
        .group_by(SettlementLine.contract_id, SettlementLine.for_quarter)
    )
    return {(contract, quarter): (int(due), int(pay)) for contract, quarter, due, pay in rows if due or pay}


@pytest.mark.parametrize("seed", [1])
def test_any_order_of_late_facts_ends_where_computing_from_scratch_ends(quarter: Quarter, seed: int) -> None:
    rng = random.Random(seed)
    rows = [quarter.contract(first=dt.date(2025, 7, 1)) for _ in range(3)]
    for period in QUARTERS:
        with clock.at(dt.datetime.combine(period.last + dt.timedelta(days=3), dt.time(2), dt.UTC)):
            for row in rows:
                quarter.records(row, period.first, period.first + dt.timedelta(days=1))
            quarter.fill(str(period))
            for row in rows:
                if row.ended_on is None or row.ended_on >= period.first:
                    quarter.scored(row, str(period), B1=rng.choice((500, 0)))
            for _ in range(rng.randrange(3)):
                late_fact(rng, rows, period)
            settled = quarter.to_closed(str(period))
            assert queries.verify_ledger(settlement_id=settled.id) == []
    last = QUARTERS[-1]
    with clock.at(dt.datetime.combine(last.next().last + dt.timedelta(days=3), dt.time(2), dt.UTC)):
        late_fact(rng, rows, last)
        quarter.fill(str(last.next()))
        quarter.to_closed(str(last.next()))
        scratch = {}
        for period in QUARTERS:
            facts = queries.township_facts(TOWNSHIP_A, period)
            for one in facts.contracts:
                result = facts.settle(one)
                if result.due_fen or result.pay_fen:
                    scratch[one.contract_id, str(period)] = (result.due_fen, result.pay_fen)
        assert {key: value for key, value in posted().items() if key[1] <= str(last)} == scratch
        assert db.session.scalar(select(func.count()).where(SettlementLine.kind == LineKind.CORRECTION))
        assert queries.verify_ledger() == []
        before = posted()
        following = last.next().next()
        with clock.at(dt.datetime.combine(following.last + dt.timedelta(days=3), dt.time(2), dt.UTC)):
            row = quarter.settlement(str(following))
            operations.calculate(quarter.township, row.id)
            operations.calculate(quarter.township, row.id)
            assert posted() == before, "nothing new is told, nothing is added"
