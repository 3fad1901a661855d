"""The lists of the quarter as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from app.contracts.models import Contract
from app.core import tables
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Refused
from app.core.tables import Written, export
from app.settlement import queries
from app.settlement.labels import ACCOUNTS, BLOCKED, LINE_KINDS
from app.settlement.models import (
    Account,
    LedgerEntry,
    SettlementLine,
)
from app.settlement.rules.settling import Blocked, months_from_json

T = TypeVar("T", SettlementLine, LedgerEntry)
TABLE_LIMIT = 50_000
"""Rows of one exported table."""


def _whole(query: Select[T], order: InstrumentedAttribute[int]) -> Sequence[T]:
    """Every row of a list. Raises ``Refused`` for more than ``TABLE_LIMIT``: a table of money is never cut short."""
    found = db.session.scalars(query.order_by(None).order_by(order).limit(TABLE_LIMIT + 1)).unique().all()
    if len(found) > TABLE_LIMIT:
        raise Refused(gettext("More than %(rows)s rows: narrow the list first, then export.", rows=f"{TABLE_LIMIT:,}"))
    return found


def lines_table(
    actor: Actor, query: Select[SettlementLine], kind: str, title: str, filters: Mapping[str, str]
) -> Written:
    """Lines exactly as listed, as Excel or CSV; ``filters`` is the address of the list. Amounts in yuan."""
    columns = [
        gettext("Quarter"),
        gettext("Kind"),
        gettext("Contract"),
        gettext("Resident"),
        gettext("Caregiver"),
        gettext("Paid to"),
        gettext("Days"),
        gettext("Score"),
        gettext("Quality ratio"),
        tables.Column(gettext("Amount due"), money=True),
        tables.Column(gettext("Amount to pay"), money=True),
        tables.Column(gettext("Withheld"), money=True),
        gettext("Blocked because"),
    ]
    found = _whole(query, SettlementLine.id)
    numbers = _contract_numbers(found)
    rows = [
        [
            x.for_quarter,
            str(LINE_KINDS[x.kind]),
            numbers.get(x.contract_id, ""),
            x.resident.name,
            x.caregiver.name,
            x.payee.name,
            sum(m.days for m in months_from_json(x.months)),
            Decimal(x.score) / 100 if x.score is not None else None,
            Decimal(x.ratio_bp) / 10000 if x.ratio_bp is not None else None,
            x.due_fen,
            x.pay_fen,
            x.withheld_fen,
            str(BLOCKED[Blocked(x.blocked)]) if x.blocked else "",
        ]
        for x in found
    ]
    return export(actor, "settlement lines", title, columns, rows, kind, permission="settlements.read", filters=filters)


def _contract_numbers(lines: Sequence[SettlementLine]) -> dict[int, str]:
    ids = {x.contract_id for x in lines}
    found: dict[int, str] = {}
    for start in range(0, len(ids), 5000):
        part = sorted(ids)[start : start + 5000]
        found |= dict(db.session.execute(select(Contract.id, Contract.number).where(Contract.id.in_(part))).all())
    return found


def ledger_table(actor: Actor, query: Select[LedgerEntry], kind: str, filters: Mapping[str, str]) -> Written:
    """Ledger entries exactly as listed, as Excel or CSV; ``filters`` is the address of the list. Amounts in yuan."""
    columns = [
        gettext("Number"),
        gettext("Posted"),
        gettext("Quarter"),
        gettext("Posting"),
        gettext("Ledger account"),
        tables.Column(gettext("Amount"), money=True),
        gettext("Paid to"),
    ]
    found = _whole(query, LedgerEntry.id)
    names = queries.names_of(found)
    rows = [
        [
            x.id,
            x.posted_at,
            x.quarter,
            x.posting,
            str(ACCOUNTS[Account(x.account)]),
            x.amount_fen,
            names[x.id],
        ]
        for x in found
    ]
    title = gettext("Ledger")
    return export(actor, "ledger", title, columns, rows, kind, permission="ledger.read", filters=filters)
