"""Orders, payments and answers of the bank for one settlement (which the caller was allowed to see)."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select

from app.core.db import db
from app.settlement.models import (
    BankImport,
    LateReturn,
    Payment,
    PaymentLine,
    PaymentMethod,
    PaymentOrder,
    PaymentState,
)
from app.settlement.rules.banking import REPAIR
from app.settlement.rules.posting import Move


def orders(settlement_id: int) -> list[PaymentOrder]:
    """Orders for the bank, oldest first."""
    query = select(PaymentOrder).where(PaymentOrder.settlement_id == settlement_id).order_by(PaymentOrder.number)
    return list(db.session.scalars(query))


def payments(settlement_id: int, order_id: int | None = None) -> list[Payment]:
    """Payments of the settlement or of one of its orders, in the order of their references."""
    query = select(Payment).join(PaymentOrder, PaymentOrder.id == Payment.order_id)
    query = query.where(PaymentOrder.settlement_id == settlement_id)
    if order_id is not None:
        query = query.where(PaymentOrder.id == order_id)
    return list(db.session.scalars(query.order_by(Payment.id)).unique())


def moves(settlement_id: int) -> dict[int, list[Move]]:
    """Payments that came about, by line: what the ledger must show."""
    rows = db.session.execute(
        select(PaymentLine.line_id, PaymentLine.attempt, Payment.state, Payment.method)
        .join(Payment, Payment.id == PaymentLine.payment_id)
        .join(PaymentOrder, PaymentOrder.id == Payment.order_id)
        .where(
            PaymentOrder.settlement_id == settlement_id,
            Payment.state.in_((PaymentState.PAID, PaymentState.RETURNED)),
        )
        .order_by(PaymentLine.line_id, PaymentLine.attempt)
    )
    found: dict[int, list[Move]] = defaultdict(list)
    for line_id, attempt, state, method in rows:
        found[line_id].append(Move(attempt, state is PaymentState.RETURNED, method is PaymentMethod.RECOVER))
    return found


def lines_of_payments(settlement_id: int) -> dict[int, list[tuple[int, int, int]]]:
    """(line, attempt, fen) of each payment of a settlement."""
    rows = db.session.execute(
        select(PaymentLine.payment_id, PaymentLine.line_id, PaymentLine.attempt, PaymentLine.fen)
        .join(Payment, Payment.id == PaymentLine.payment_id)
        .join(PaymentOrder, PaymentOrder.id == Payment.order_id)
        .where(PaymentOrder.settlement_id == settlement_id)
        .order_by(PaymentLine.line_id)
    )
    found: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for payment_id, line_id, attempt, fen in rows:
        found[payment_id].append((line_id, attempt, fen))
    return found


def late_returns(settlement_id: int) -> dict[int, LateReturn]:
    """Payments of a settlement that the bank sent back after it was closed, by payment."""
    query = select(LateReturn).join(Payment, Payment.id == LateReturn.payment_id)
    query = query.join(PaymentOrder, PaymentOrder.id == Payment.order_id).where(
        PaymentOrder.settlement_id == settlement_id
    )
    return {row.payment_id: row for row in db.session.scalars(query).unique()}


def last_import(settlement_id: int) -> BankImport | None:
    """The bank's newest answer."""
    query = select(BankImport).where(BankImport.settlement_id == settlement_id).order_by(BankImport.id.desc()).limit(1)
    return db.session.scalars(query).first()


def to_repair(found: BankImport | None) -> list[dict[str, object]]:
    """Rows of an answer that somebody has to look at."""
    return [row for row in found.rows if row["done"] in REPAIR] if found is not None else []
