"""Sums for the pages: settlements side by side, lines, ledger accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, case, false, func, select

from app.core.actor import Actor
from app.core.db import db
from app.people.models import Caregiver
from app.places.models import Area, Level, Organisation
from app.places.queries import matching, within
from app.settlement.models import Account, LedgerEntry, Settlement, SettlementLine, SettlementState
from app.settlement.queries.visibility import visible, visible_ledger


@dataclass(frozen=True)
class Totals:
    """Sums of a list, in fen."""

    count: int
    due_fen: int
    pay_fen: int
    withheld_fen: int
    blocked: int


def line_totals(query: Select[SettlementLine]) -> Totals:
    """Sums over a list of lines exactly as it is filtered."""
    inner = (
        query.with_only_columns(
            SettlementLine.id,
            SettlementLine.due_fen,
            SettlementLine.pay_fen,
            SettlementLine.withheld_fen,
            SettlementLine.blocked,
        )
        .order_by(None)
        .subquery()
    )
    row = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(inner.c.due_fen), 0),
            func.coalesce(func.sum(inner.c.pay_fen), 0),
            func.coalesce(func.sum(inner.c.withheld_fen), 0),
            func.count(inner.c.blocked),
        ).select_from(inner)
    ).one()
    return Totals(*(int(v) for v in row))


def settlements(
    actor: Actor, *, quarter: str = "", state: SettlementState | None = None, area: str = ""
) -> Select[Settlement]:
    """Visible settlements narrowed by quarter, state and township."""
    query = visible(actor)
    if quarter:
        query = query.where(Settlement.quarter == quarter)
    if state is not None:
        query = query.where(Settlement.state == state)
    if area:
        query = query.where(within(Settlement.area_code, area))
    return query


def listed(actor: Actor, state: SettlementState | None = None) -> list[Settlement]:
    """Every visible settlement, oldest quarter first, for the command line."""
    query = settlements(actor, state=state).order_by(Settlement.quarter, Settlement.area_code)
    return list(db.session.scalars(query).unique())


def overview(query: Select[Settlement]) -> dict[str, int]:
    """Sums of a list of settlements: due, pay, withheld in fen, lines, blocked lines."""
    inner = (
        query.with_only_columns(
            Settlement.due_fen,
            Settlement.pay_fen,
            Settlement.withheld_fen,
            Settlement.lines_count,
            Settlement.blocked_count,
        )
        .order_by(None)
        .subquery()
    )
    names = ("due_fen", "pay_fen", "withheld_fen", "lines_count", "blocked_count")
    row = db.session.execute(select(*[func.coalesce(func.sum(inner.c[n]), 0) for n in names]).select_from(inner)).one()
    return dict(zip(names, (int(v) for v in row), strict=True))


def quarters(actor: Actor) -> list[str]:
    """Quarters that have settlements the actor may see, newest first."""
    inner = visible(actor).with_only_columns(Settlement.quarter).distinct().order_by(Settlement.quarter.desc())
    return list(db.session.scalars(inner))


def townships(actor: Actor) -> list[Area]:
    """Townships in the actor's area, for filters and for opening a quarter."""
    query = select(Area).where(Area.level == Level.TOWNSHIP, Area.in_use).order_by(Area.code)
    if not actor.system:
        query = query.where(within(Area.code, actor.area_code) if actor.area_code else false())
    return list(db.session.scalars(query))


def ledger(
    actor: Actor, *, quarter: str = "", account: Account | None = None, area: str = "", q: str = ""
) -> Select[LedgerEntry]:
    """Visible ledger entries narrowed by quarter, account, township and who is paid."""
    query = visible_ledger(actor)
    if quarter:
        query = query.where(LedgerEntry.quarter == quarter)
    if account is not None:
        query = query.where(LedgerEntry.account == account)
    if area:
        query = query.where(within(Settlement.area_code, area))
    if q:
        query = query.join(Caregiver, Caregiver.id == LedgerEntry.caregiver_id)
        query = query.outerjoin(Organisation, Organisation.id == LedgerEntry.payee_id).where(
            matching(case((LedgerEntry.payee_id.is_(None), Caregiver.search), else_=Organisation.search), q)
        )
    return query


def ledger_totals(query: Select[LedgerEntry]) -> dict[Account, int]:
    """Balance of each account over the filtered entries, in fen; with no filter on accounts they sum to zero."""
    inner = query.with_only_columns(LedgerEntry.account, LedgerEntry.amount_fen).order_by(None).subquery()
    rows = db.session.execute(
        select(inner.c.account, func.sum(inner.c.amount_fen)).select_from(inner).group_by(inner.c.account)
    )
    sums = {Account(account): int(amount) for account, amount in rows}
    return {account: sums.get(account, 0) for account in Account}


def names_of(entries: Sequence[LedgerEntry]) -> dict[int, str]:
    """Who is paid by each of some ledger entries, by the entry's id."""
    people = {entry.caregiver_id for entry in entries if entry.payee_id is None}
    houses = {entry.payee_id for entry in entries if entry.payee_id is not None}
    named = dict(db.session.execute(select(Caregiver.id, Caregiver.name).where(Caregiver.id.in_(people))).all())
    named |= {
        -i: n
        for i, n in db.session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(houses)))
    }
    return {e.id: named[e.caregiver_id if e.payee_id is None else -e.payee_id] for e in entries}
