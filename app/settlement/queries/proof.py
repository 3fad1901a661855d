"""Proving the books: lines = statement = ledger, for one settlement or for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from app.core.db import db
from app.settlement.models import (
    Account,
    LedgerEntry,
    LineKind,
    PaymentMethod,
    PaymentState,
    Settlement,
    SettlementLine,
    SettlementState,
    payee_key,
)
from app.settlement.queries.archive import archive_differs
from app.settlement.queries.paying import lines_of_payments, moves, orders, payments
from app.settlement.queries.visibility import SETTLED
from app.settlement.rules.posting import Entry, Finding, PostedLine, prove
from app.settlement.rules.settling import amounts, months_from_json


def verify_ledger(*, quarter: str | None = None, settlement_id: int | None = None) -> list[Finding]:
    """Everything that does not add up, in words; an empty list is the proof.

    Checked per settlement: totals of the statement are the sums of its lines; the ledger holds exactly the postings the
    approved lines ask for, each summing to zero; a paid settlement is paid in full and nothing twice. Checked per contract:
    the postings of a quarter with its corrections come to what its newest arithmetic gives, and 0 ≤ pay ≤ due. Read by
    nobody in particular (command line, closing): amounts only.
    """
    chosen = select(Settlement)
    if quarter is not None:
        chosen = chosen.where(Settlement.quarter == quarter)
    if settlement_id is not None:
        chosen = chosen.where(Settlement.id == settlement_id)
    found: list[Finding] = []
    for row in db.session.scalars(chosen.order_by(Settlement.quarter, Settlement.area_code)).unique():
        found += _settlement(row)
    if settlement_id is None:
        found += _contracts(quarter)
    return found


def _settlement(row: Settlement) -> list[Finding]:
    where = f"{row.quarter} {row.area_code}"
    lines = db.session.execute(
        select(
            SettlementLine.id,
            SettlementLine.contract_id,
            SettlementLine.kind,
            SettlementLine.for_quarter,
            SettlementLine.due_fen,
            SettlementLine.pay_fen,
            SettlementLine.withheld_fen,
            SettlementLine.blocked,
            payee_key(SettlementLine.payee_id, SettlementLine.caregiver_id).label("payee"),
        ).where(SettlementLine.settlement_id == row.id, SettlementLine.run == row.run)
    ).all()
    found = _totals(row, where, lines)
    entries = db.session.execute(
        select(LedgerEntry.posting, LedgerEntry.account, LedgerEntry.amount_fen).where(
            LedgerEntry.settlement_id == row.id
        )
    ).all()
    if row.state not in SETTLED:
        return [*found, *([Finding(where, "entries in the ledger before it was approved")] if entries else [])]
    paid, came = row.state in (SettlementState.RECONCILED, SettlementState.CLOSED), moves(row.id)
    posted = [
        PostedLine(
            x.id,
            row.id,
            x.contract_id,
            x.kind.value,
            x.for_quarter,
            x.due_fen,
            x.pay_fen,
            x.withheld_fen,
            paid,
            came.get(x.id, ()),
        )
        for x in lines
    ]
    book = [Entry(e.posting, e.account.value, e.amount_fen) for e in entries]
    found += [Finding(f"{where} {f.where}", f.problem) for f in prove(posted, book)]
    found += _bank(row, where, {x.id: (x.pay_fen, x.payee) for x in lines}, paid=paid)
    if row.state is SettlementState.CLOSED:
        found += [Finding(f"{where} archive", words) for words in archive_differs(row)]
    return found


def _bank(row: Settlement, where: str, of_line: dict[int, tuple[int, int]], *, paid: bool) -> list[Finding]:
    """Orders, payments and their lines agree with each other, with the lines (amount and payee), and with the statement."""
    found, by_order, settled = [], defaultdict(list), 0
    lines = lines_of_payments(row.id)
    for payment in payments(row.id):
        by_order[payment.order_id].append(payment)
        own = lines.get(payment.id, [])
        if sum(fen for _line, _attempt, fen in own) != payment.fen:
            found.append(
                Finding(f"{where} payment {payment.reference}", f"{payment.fen} fen, its lines come to others")
            )
        for line, _attempt, fen in own:
            says, payee = of_line.get(line, (None, None))
            if says != fen:
                found.append(Finding(f"{where} payment {payment.reference}", f"line {line} says another amount"))
            if payee != payment.payee.key:
                found.append(Finding(f"{where} payment {payment.reference}", f"line {line} is for another payee"))
        settled += payment.fen if payment.state is PaymentState.PAID else 0
    for order in orders(row.id):
        sent = [p.fen for p in by_order[order.id] if p.method is PaymentMethod.BANK]
        if (order.fen, order.count) != (sum(sent), len(sent)):
            words = f"list says {order.count} transfers of {order.fen} fen, payments come to {len(sent)} of {sum(sent)}"
            found.append(Finding(f"{where} order {order.message_id}", words))
    if paid and settled != row.pay_fen:
        found.append(Finding(where, f"payments come to {settled} fen, statement says {row.pay_fen}"))
    return found


def _totals(row: Settlement, where: str, lines: Sequence[Any]) -> list[Finding]:
    sums = {
        "due": (row.due_fen, sum(x.due_fen for x in lines)),
        "pay": (row.pay_fen, sum(x.pay_fen for x in lines)),
        "withheld": (row.withheld_fen, sum(x.withheld_fen for x in lines)),
        "lines": (row.lines_count, len(lines)),
        "blocked lines": (row.blocked_count, sum(1 for x in lines if x.blocked)),
    }
    return [
        Finding(where, f"statement says {name} {says}, lines come to {have}")
        for name, (says, have) in sums.items()
        if says != have
    ]


def _contracts(quarter: str | None) -> list[Finding]:
    posted = (
        select(
            SettlementLine.contract_id,
            SettlementLine.for_quarter,
            func.sum(SettlementLine.due_fen).label("due"),
            func.sum(SettlementLine.pay_fen).label("pay"),
            func.max(SettlementLine.id).label("newest"),
        )
        .join(Settlement, (Settlement.id == SettlementLine.settlement_id) & (Settlement.run == SettlementLine.run))
        .where(
            Settlement.state.in_(SETTLED), SettlementLine.blocked.is_(None), SettlementLine.kind != LineKind.RETURNED
        )
        .group_by(SettlementLine.contract_id, SettlementLine.for_quarter)
    )
    if quarter is not None:
        posted = posted.where(SettlementLine.for_quarter == quarter)
    rows = db.session.execute(posted).all()
    newest = posted.subquery()
    stored = {
        line_id: (months, ratio)
        for line_id, months, ratio in db.session.execute(
            select(SettlementLine.id, SettlementLine.months, SettlementLine.ratio_bp).join(
                newest, newest.c.newest == SettlementLine.id
            )
        )
    }
    found = []
    for row in rows:
        where = f"contract {row.contract_id} {row.for_quarter}"
        months, ratio = stored[row.newest]
        result = amounts(months_from_json(months), ratio or 0)
        if (row.due, row.pay) != (result.due_fen, result.pay_fen):
            found.append(
                Finding(where, f"posted {row.due}/{row.pay} fen, arithmetic gives {result.due_fen}/{result.pay_fen}")
            )
        if not 0 <= row.pay <= row.due:
            found.append(Finding(where, f"paid {row.pay} fen of {row.due} fen due"))
    return found


def noted_heads() -> dict[str, str]:
    """Ends of the audit log that approvals of settlements noted: hash → words that name the place."""
    rows = db.session.execute(
        select(Settlement.audit_head, Settlement.quarter, Settlement.area_code)
        .where(Settlement.audit_head.is_not(None))
        .order_by(Settlement.id)
    )
    return {str(head): f"by the approval of {quarter} {area}" for head, quarter, area in rows}


def paid_lines(settlement_id: int) -> dict[int, int]:
    """Lines of a settlement that were paid and not returned: line id → fen."""
    found: dict[int, int] = defaultdict(int)
    for line_id, amount in db.session.execute(
        select(LedgerEntry.line_id, LedgerEntry.amount_fen).where(
            LedgerEntry.settlement_id == settlement_id,
            LedgerEntry.account.in_((Account.PAID, Account.RECOVERED)),
            LedgerEntry.posting.not_like("due/%"),  # what came back is not paid by being approved again
        )
    ):
        found[line_id] += amount
    return {line_id: fen for line_id, fen in found.items() if fen}
