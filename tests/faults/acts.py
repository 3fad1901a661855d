"""What a child process can be asked to do, by name; arguments and results are plain JSON."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

from sqlalchemy import func, select

from app.auth.roles import system_actor
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.features import jobs
from app.settlement import operations, queries
from app.settlement.models import PaymentMethod, Settlement, SettlementState
from benchmarks import county
from tests.factories import County


def _actor(name: str) -> Actor:
    return County().actor(name)


def calculate(settlement_id: int) -> str:
    """The township calculates."""
    return operations.calculate(_actor("township_officer_a"), settlement_id).state.value


def submit(settlement_id: int) -> str:
    """The township hands over."""
    return operations.submit(_actor("township_officer_a"), settlement_id).state.value


def approve(settlement_id: int, reviewer: str = "county_reviewer") -> str:
    """The county reviewer approves: postings go into the ledger."""
    return operations.approve(_actor(reviewer), settlement_id).state.value


def pay(settlement_id: int) -> str:
    """The second county officer pays."""
    operations.pay(_actor("county_officer_b"), settlement_id, clock.today(), "BANK-1")
    return _state(settlement_id)


def order(settlement_id: int) -> str:
    """The second county officer takes the list for the bank."""
    operations.order(_actor("county_officer_b"), settlement_id)
    return _state(settlement_id)


def answer(settlement_id: int) -> str:
    """The bank's answer is taken: every transfer is paid."""
    rows = [f"{p.reference},成功" for p in queries.payments(settlement_id)]
    file = io.BytesIO("\n".join(["流水号,处理结果", *rows]).encode())
    operations.import_answer(_actor("county_officer_b"), settlement_id, "回盘.csv", file, clock.today())
    return _state(settlement_id)


def _state(settlement_id: int) -> str:
    return db.session.scalars(select(Settlement.state).where(Settlement.id == settlement_id)).one().value


def close(settlement_id: int) -> str:
    """The county reviewer closes for ever."""
    return operations.close(_actor("county_reviewer"), settlement_id).state.value


def settle_county() -> int:
    """Every township of the generated county goes on from where it stands to the approved ledger; how many are approved."""
    officer, reviewer = county.officer("township_officer"), county.officer("county_reviewer")
    rows = operations.open_quarter(officer, county.QUARTER)
    if not db.session.scalar(select(func.count()).where(Settlement.run > 0)):
        operations.ask_all(system_actor("test"), county.QUARTER)
    for _step in operations.calculate_asked(system_actor("test"), county.QUARTER):
        pass
    for row in rows:
        db.session.refresh(row)
        if row.state is SettlementState.CALCULATED:
            operations.submit(officer, row.id)
        if row.state is SettlementState.SUBMITTED:
            operations.approve(reviewer, row.id)
    return sum(row.state is SettlementState.APPROVED for row in rows)


def order_county() -> int:
    """A list for the bank in every township."""
    payer, ids = county.officer("county_officer"), list(db.session.scalars(select(Settlement.id)))
    return len([operations.order(payer, settlement_id).id for settlement_id in ids])


def answer_county() -> list[int]:
    """The bank's answers of all townships are taken, one file each; every seventh transfer failed."""
    payer, done = county.officer("county_officer"), [0, 0]
    for settlement_id in list(db.session.scalars(select(Settlement.id).order_by(Settlement.id))):
        sent = [p.reference for p in queries.payments(settlement_id) if p.method is PaymentMethod.BANK]
        rows = [f"{name},{'失败' if n % 7 == 3 else '成功'}" for n, name in enumerate(sent)]
        file = io.BytesIO("\n".join(["流水号,处理结果", *rows]).encode())
        taken = operations.import_answer(payer, settlement_id, "回盘.csv", file, clock.today())
        done = [done[0] + taken.paid, done[1] + taken.failed]
    return done


def run_jobs() -> list[list[str]]:
    """One tick of a scheduler: what it ran, with results."""
    from app.core.jobs import run_due

    return [[run.job, run.period, str(run.ok), run.result or ""] for run in run_due(jobs())]


def migrate(revision: str = "head") -> None:
    """``flask db upgrade``."""
    from flask_migrate import upgrade

    upgrade(directory="migrations", revision=revision)


def restore(path: str) -> int:
    """``flask restore``."""
    from app.core.backup import restore as put_back

    return int(put_back(Path(path))["rows"])


def backup(path: str) -> int:
    """``flask backup``."""
    from app.core.backup import backup as write

    return int(write(Path(path))["rows"])


def rotate(batch: int) -> dict[str, int]:
    """``flask keys rotate``."""
    from app.core.rotation import rotate as move

    return dict(move(batch=batch))


def seed(residents: int) -> list[str]:
    """``flask seed``, two quarters."""
    from app.demo.seed import seed as fill

    return list(fill(residents=residents, quarters=1, seed=1, today=dt.date(2026, 4, 3)))
