"""What the quarter says about the duties in contracts: when each was scored, confirmed, released and paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import func, select

from app.contracts.models import Contract
from app.contracts.queries.duties import Books
from app.contracts.rules.duties import Quarterly
from app.core import clock
from app.core.db import db
from app.settlement.models import (
    Account,
    Dispute,
    Evaluation,
    EvaluationState,
    LedgerEntry,
    LineKind,
    Payment,
    PaymentLine,
    PaymentState,
    Settlement,
    SettlementLine,
)


def books(contract_ids: Collection[int]) -> dict[int, Books]:
    """The quarters and objections of contracts."""
    found: dict[int, Books] = {}
    _scores(contract_ids, found)
    _money(contract_ids, found)
    rows = select(Dispute.contract_id, Dispute.raised_at, Dispute.answered_at).where(
        Dispute.contract_id.in_(contract_ids)
    )
    for contract_id, raised, answered in db.session.execute(rows.order_by(Dispute.id)):
        found.setdefault(contract_id, Books()).objections.append((_day(raised), _day(answered) if answered else None))
    return found


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(clock.ZONE).date()


def _scores(contract_ids: Collection[int], found: dict[int, Books]) -> None:
    """The first scoring and confirming count for the days; the newest confirmed version for what it says."""
    rows = db.session.scalars(
        select(Evaluation).where(Evaluation.contract_id.in_(contract_ids)).order_by(Evaluation.version)
    ).unique()
    for row in rows:
        known = found.setdefault(row.contract_id, Books()).quarters
        now = known.get(row.quarter, Quarterly())
        if now.scored_on is None and row.scored_at is not None and row.state is not EvaluationState.DRAFT:
            now = replace(now, scored_on=_day(row.scored_at))
        if row.state is EvaluationState.CONFIRMED and row.confirmed_at is not None:
            now = replace(
                now,
                confirmed_on=now.confirmed_on or _day(row.confirmed_at),
                veto=row.veto is not None,
                failed=row.ratio_bp == 0,
            )
        known[row.quarter] = now


def _money(contract_ids: Collection[int], found: dict[int, Books]) -> None:
    released = (
        select(Contract.id, Settlement.quarter, Settlement.approved_at)
        .join(Settlement, Settlement.area_code == func.substr(Contract.area_code, 1, 9))
        .where(Contract.id.in_(contract_ids), Settlement.approved_at.is_not(None))
    )
    for contract_id, quarter, approved in db.session.execute(released):
        if approved is None:
            continue
        known = found.setdefault(contract_id, Books()).quarters
        known[quarter] = replace(known.get(quarter, Quarterly()), released_on=_day(approved), payable=False)
    settled = (
        select(func.min(Payment.settled_on))
        .join(PaymentLine, PaymentLine.payment_id == Payment.id)
        .where(PaymentLine.line_id == SettlementLine.id, Payment.state == PaymentState.PAID)
        .correlate(SettlementLine)
        .scalar_subquery()
    )
    lines = (
        select(
            SettlementLine.contract_id,
            SettlementLine.for_quarter,
            SettlementLine.pay_fen,
            SettlementLine.blocked,
            Settlement.paid_on,
            LedgerEntry.posting,
            settled,
        )
        .join(Settlement, Settlement.id == SettlementLine.settlement_id)
        .outerjoin(LedgerEntry, (LedgerEntry.line_id == SettlementLine.id) & (LedgerEntry.account == Account.PAID))
        .where(
            SettlementLine.contract_id.in_(contract_ids),
            SettlementLine.kind == LineKind.QUARTER,
            SettlementLine.run == Settlement.run,
            Settlement.approved_at.is_not(None),
        )
    )
    for contract_id, quarter, pay, blocked, paid_on, posted, own in db.session.execute(lines):
        known = found.setdefault(contract_id, Books()).quarters
        paid = own or (paid_on if posted else None)  # a transfer that was sent again has its own day
        payable = blocked is None and pay > 0
        known[quarter] = replace(known.get(quarter, Quarterly()), payable=payable, paid_on=paid)
