"""Submit, approve or reject, close: each by another person than the step before."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext
from sqlalchemy import BigInteger, Insert, Integer, String, bindparam, case, cast, insert, literal, select, union_all

from app.auth.models import User
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import UtcDateTime, canonical_json, db
from app.core.errors import Invalid, Refused
from app.core.models import AuditHead
from app.core.operation import operation
from app.settlement import queries
from app.settlement.models import (
    Account,
    LedgerEntry,
    LineKind,
    Settlement,
    SettlementApproval,
    SettlementArchive,
    SettlementLine,
    SettlementState,
)
from app.settlement.operations.calculating import refuse_stale
from app.settlement.operations.reconciling import refuse_payer
from app.settlement.operations.states import move, need


@operation("settlement.submit", permission="settlements.submit")
def submit(actor: Actor, settlement_id: int) -> Settlement:
    """Hand a calculated settlement over for approval. Raises ``Refused`` while the quarter runs, a pay table is missing,
    or facts changed since the calculation.
    """
    row = queries.settlement(actor, settlement_id, lock=True)
    need(row, SettlementState.CALCULATED)
    for point in queries.stopping(row):
        if not point.done:
            raise Refused(_stop_words(point.code))
    refuse_stale(row)
    move(
        row,
        SettlementState.SUBMITTED,
        "settlement.submit",
        {"pay_fen": row.pay_fen, "lines": row.lines_count, "inputs_sha256": row.inputs_sha256},
        submission=row.submission + 1,
        submitted_at=clock.now(),
        submitted_by=actor.user_id,
        submitted_by_person=actor.person_key,
        rejection_reason=None,
    )
    return row


def _stop_words(code: str) -> str:
    if code == "quarter":
        return gettext("The quarter is not over yet.")
    return gettext("For some month no pay table is in force. The county must publish one first.")


@operation("settlement.approve", permission="settlements.approve")
def approve(actor: Actor, settlement_id: int) -> Settlement:
    """Approve the frozen lines by a second person (large sums: by two more, each another person) and, with the last approval
    needed, write them into the ledger: programme funds → payable, withheld.
    """
    row = queries.settlement(actor, settlement_id, lock=True)
    need(row, SettlementState.SUBMITTED)
    if row.submitted_by_person == actor.person_key:
        raise Refused(gettext("Nobody approves a settlement that he or she submitted."))
    approvals, needed = queries.approvals(row), queries.approvers_needed(row)
    if actor.person_key in {a.approved_by_person for a in approvals}:
        raise Refused(gettext("You approved this settlement already: another person gives the second approval."))
    now = clock.now()
    one = {"settlement_id": row.id, "submission": row.submission, "approved_at": now}
    one |= {"approved_by": actor.user_id, "approved_by_person": actor.person_key}
    db.session.execute(insert(SettlementApproval), one)
    changes = {"pay_fen": row.pay_fen, "withheld_fen": row.withheld_fen, "approval": [len(approvals) + 1, needed]}
    if len(approvals) + 1 < needed:
        audit.record("settlement.approve", "settlement", row.id, changes)
        return row
    entries = _post(row, now)
    head = db.session.scalar(select(AuditHead.hash))
    move(
        row,
        SettlementState.APPROVED,
        "settlement.approve",
        {**changes, "entries": entries},
        approved_at=now,
        approved_by=actor.user_id,
        approved_by_person=actor.person_key,
        audit_head=head,
    )
    return row


def _post(row: Settlement, at: dt.datetime) -> int:
    """Write the postings of ``rules.posting.approval`` for every line in one statement, in the order of the lines; return
    how many entries. ``verify_ledger`` compares what stands there with the plain rule.
    """
    of = {"of_settlement": row.id, "of_run": row.run, "of_quarter": row.quarter, "of_time": at}
    return db.session.connection().execute(POSTINGS, of).rowcount


def _postings() -> Insert:
    line = db.metadata.tables[SettlementLine.__tablename__].c
    source = case((line.kind == LineKind.RETURNED, Account.PAID.value), else_=Account.PROGRAMME.value)
    sides = (
        (source, -line.due_fen),
        (literal(Account.PAYABLE.value), line.pay_fen),
        (literal(Account.WITHHELD.value), line.withheld_fen),
    )
    settlement = bindparam("of_settlement", type_=BigInteger)
    key = (
        literal("due/")
        + cast(settlement, String)
        + "/"
        + cast(line.contract_id, String)
        + "/"
        + cast(line.kind, String)
        + "/"
    )
    entries = union_all(
        *(
            select(
                (key + line.for_quarter).label("posting"),
                account.label("account"),
                amount.label("amount_fen"),
                bindparam("of_quarter", type_=String).label("quarter"),
                line.settlement_id,
                line.id.label("line_id"),
                line.contract_id,
                line.caregiver_id,
                line.payee_id,
                bindparam("of_time", type_=UtcDateTime).label("posted_at"),
                literal(place).label("place"),
            ).where(
                line.settlement_id == settlement,
                line.run == bindparam("of_run", type_=Integer),
                line.blocked.is_(None),
                amount != 0,
            )
            for place, (account, amount) in enumerate(sides)
        )
    ).subquery()
    columns = [column for column in entries.c if column.key != "place"]
    ordered = select(*columns).order_by(entries.c.line_id, entries.c.place)
    table = db.metadata.tables[LedgerEntry.__tablename__]
    return insert(table).from_select([column.key for column in columns], ordered)


POSTINGS = _postings()
"""Built once: building it took longer than writing the entries of a township."""


@operation("settlement.reject", permission="settlements.approve")
def reject(actor: Actor, settlement_id: int, reason: str) -> Settlement:
    """Return a submitted settlement with a reason; lines and amounts stay as they were calculated."""
    row = queries.settlement(actor, settlement_id, lock=True)
    need(row, SettlementState.SUBMITTED)
    words = reason.strip()
    if len(words) < 2:
        raise Invalid(gettext("Give the reason."), field="reason")
    move(row, SettlementState.CALCULATED, "settlement.reject", rejection_reason=words[:1000])
    return row


@operation("settlement.close", permission="settlements.close")
def close(actor: Actor, settlement_id: int) -> Settlement:
    """Close a reconciled settlement for ever, after proving lines = statement = ledger, and write its archive: from it everybody
    can compute the quarter again. Later facts become corrections.
    """
    row = queries.settlement(actor, settlement_id, lock=True)
    need(row, SettlementState.RECONCILED)
    payer = db.session.scalar(select(User.person_key).where(User.id == row.paid_by))
    if payer is not None and payer == actor.person_key:
        raise Refused(gettext("Nobody closes a settlement that he or she paid."))
    refuse_payer(actor, row.id)
    findings = queries.verify_ledger(settlement_id=row.id)
    if findings:
        raise Refused(gettext("The books do not add up: %(finding)s", finding=str(findings[0])))
    now = clock.now()
    archive = queries.archive_of(row, closed_at=now, closed_by=actor.user_id)
    stored = {"settlement_id": row.id, "seal": archive.seal, "body": queries.packed(canonical_json(archive.as_json()))}
    db.session.execute(insert(SettlementArchive), {**stored, "made_at": now})
    move(
        row,
        SettlementState.CLOSED,
        "settlement.close",
        {"pay_fen": row.pay_fen, "withheld_fen": row.withheld_fen, "seal": archive.seal},
        closed_at=now,
        closed_by=actor.user_id,
    )
    return row
