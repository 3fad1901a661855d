"""Paying an approved settlement, line by line, never by somebody who scored or decided for that resident."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext
from sqlalchemy import func, insert, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.core.periods import Quarter
from app.grading.models import CareGrade, GradeProposal, Sheet
from app.settlement import queries
from app.settlement.models import (
    Account,
    Dispute,
    DisputeState,
    Evaluation,
    LedgerEntry,
    Payee,
    Payment,
    PaymentLine,
    PaymentMethod,
    PaymentOrder,
    PaymentState,
    Settlement,
    SettlementLine,
    SettlementState,
)
from app.settlement.operations.states import move, need
from app.settlement.rules import banking
from app.settlement.rules.posting import Entry, payment, payment_key, transfers


@dataclass
class Paid:
    """What one act of paying did: lines and fen paid now, and lines held back with the reason in words."""

    lines: int = 0
    fen: int = 0
    held: list[tuple[SettlementLine, str]] = field(default_factory=list)
    complete: bool = False


def _unpaid(row: Settlement) -> list[SettlementLine]:
    """Lines with money that no payment pays or is about to pay."""
    taken = (
        select(PaymentLine.line_id)
        .join(Payment, Payment.id == PaymentLine.payment_id)
        .where(Payment.state.in_((PaymentState.SENT, PaymentState.PAID)))
    )
    query = select(SettlementLine).where(
        SettlementLine.settlement_id == row.id,
        SettlementLine.run == row.run,
        SettlementLine.pay_fen != 0,
        SettlementLine.id.not_in(taken),
    )
    return list(db.session.scalars(query.order_by(SettlementLine.id)).unique())


def _disputed(lines: Sequence[SettlementLine]) -> set[tuple[int, str]]:
    rows = db.session.execute(
        select(Dispute.contract_id, Dispute.quarter).where(
            Dispute.state == DisputeState.OPEN, Dispute.contract_id.in_({x.contract_id for x in lines})
        )
    )
    return {(contract_id, quarter) for contract_id, quarter in rows}


def _graders(lines: Sequence[SettlementLine]) -> dict[int, list[tuple[dt.date, dt.date | None, set[str]]]]:
    """Who submitted the sheet and who decided, for each grade of the residents."""
    rows = db.session.execute(
        select(
            CareGrade.resident_id,
            CareGrade.valid_from,
            CareGrade.valid_to,
            Sheet.submitted_by_person,
            GradeProposal.decided_by_person,
        )
        .join(GradeProposal, GradeProposal.id == CareGrade.proposal_id)
        .join(Sheet, Sheet.id == GradeProposal.sheet_id)
        .where(CareGrade.resident_id.in_({x.resident_id for x in lines}))
    )
    found: dict[int, list[tuple[dt.date, dt.date | None, set[str]]]] = defaultdict(list)
    for resident_id, start, end, scored, decided in rows:
        found[resident_id].append((start, end, {p for p in (scored, decided) if p}))
    return found


def _evaluators(lines: Sequence[SettlementLine]) -> dict[int, set[str]]:
    ids = {x.rules.get("evaluation") for x in lines} - {None}
    rows = db.session.execute(
        select(Evaluation.id, Evaluation.scored_by_person, Evaluation.confirmed_by_person).where(Evaluation.id.in_(ids))
    )
    return {i: {p for p in (scored, confirmed) if p} for i, scored, confirmed in rows}


def may_pay(actor: Actor, row: Settlement) -> tuple[list[SettlementLine], list[tuple[SettlementLine, str]]]:
    """Unpaid lines of an approved settlement: those the actor may pay, and the others with the reason in words."""
    lines = _unpaid(row)
    disputed, graders, evaluators = _disputed(lines), _graders(lines), _evaluators(lines)
    mine: list[SettlementLine] = []
    held: list[tuple[SettlementLine, str]] = []
    for line in lines:
        quarter = Quarter.parse(line.for_quarter)
        decided = any(
            actor.person_key in people
            for start, end, people in graders.get(line.resident_id, ())
            if start <= quarter.last and (end is None or end >= quarter.first)
        )
        if (line.contract_id, line.for_quarter) in disputed:
            held.append((line, gettext("An objection is open.")))
        elif decided:
            held.append((line, gettext("You scored or decided this resident's care grade. Another person must pay.")))
        elif actor.person_key in evaluators.get(line.rules.get("evaluation") or 0, ()):
            held.append((line, gettext("You scored or confirmed this evaluation. Another person must pay.")))
        elif line.payee.is_institution and not line.payee.has_account:
            held.append((line, gettext("%(name)s has no account on record.", name=line.payee.name)))
        else:
            mine.append(line)
    return mine, held


@dataclass(frozen=True)
class Sum:
    """What one payee gets: fen (below 0: to be recovered) and the lines it comes from."""

    payee: Payee
    fen: int
    lines: Sequence[SettlementLine]

    @property
    def method(self) -> PaymentMethod:
        """By the bank when there is an account; nothing moves for what comes to nothing or is owed."""
        if self.fen <= 0:
            return PaymentMethod.RECOVER if self.fen else PaymentMethod.OFFSET
        return PaymentMethod.BANK if self.payee.has_account else PaymentMethod.OTHER


def sums_of(lines: Sequence[SettlementLine]) -> list[Sum]:
    """One sum for each payee of ``lines``, in the order of their numbers: corrections are netted with what is due."""
    by_payee: dict[int, list[SettlementLine]] = defaultdict(list)
    for line in lines:
        by_payee[line.payee.key].append(line)
    send, recover = transfers((x.payee.key, x.pay_fen) for x in lines)
    found = [Sum(own[0].payee, send.get(key, 0) - recover.get(key, 0), own) for key, own in by_payee.items()]
    return sorted(found, key=lambda x: x.payee.number)


def open_order(row: Settlement, actor: Actor) -> PaymentOrder | None:
    """The newest order of the actor with a payment that the bank has not answered."""
    query = (
        select(PaymentOrder)
        .join(Payment, Payment.order_id == PaymentOrder.id)
        .where(
            PaymentOrder.settlement_id == row.id,
            PaymentOrder.made_by_person == actor.person_key,
            Payment.state == PaymentState.SENT,
        )
        .order_by(PaymentOrder.id.desc())
        .limit(1)
    )
    return db.session.scalars(query).first()


@operation("settlement.order", permission="settlements.pay")
def order(actor: Actor, settlement_id: int) -> PaymentOrder:
    """Put every line the actor may pay into one order for the bank; from then on those lines are on their way and in no other
    order. An order of the actor that still waits for its answer is given again. Whose accounts the bank is told goes to the
    audit log.

    Raises ``Refused`` when the settlement is not approved or nothing may be sent.
    """
    row = queries.settlement(actor, settlement_id, lock=True)
    need(row, SettlementState.APPROVED, SettlementState.PAYING)
    made = open_order(row, actor)
    if made is None:
        lines = may_pay(actor, row)[0]
        if not any(x.method is PaymentMethod.BANK for x in sums_of(lines)):
            raise Refused(gettext("There is nothing to send to the bank."))
        made = _order(actor, row, lines)
    accounts = [p.payee.number for p in queries.payments(row.id, made.id) if p.method is PaymentMethod.BANK]
    changes = {"order": made.message_id, "fen": made.fen, "accounts": accounts}
    audit.record("settlement.bank_file", "settlement", row.id, changes)
    return made


def _order(actor: Actor, row: Settlement, lines: Sequence[SettlementLine]) -> PaymentOrder:
    """Write an order with its payments; what comes to nothing is settled at once."""
    sums = sums_of(lines)
    bank = [x for x in sums if x.method is PaymentMethod.BANK]
    number = 1 + (
        db.session.scalar(select(func.max(PaymentOrder.number)).where(PaymentOrder.settlement_id == row.id)) or 0
    )
    made = PaymentOrder(
        settlement_id=row.id,
        number=number,
        message_id=banking.message_id(row.quarter, row.area_code, number),
        fen=sum(x.fen for x in bank),
        count=len(bank),
        made_at=clock.now(),
        made_by=actor.user_id,
        made_by_person=actor.person_key,
    )
    db.session.add(made)
    db.session.flush()
    tried = dict(
        db.session.execute(
            select(PaymentLine.line_id, func.max(PaymentLine.attempt))
            .where(PaymentLine.line_id.in_([x.id for x in lines]))
            .group_by(PaymentLine.line_id)
        ).all()
    )
    payments = [
        Payment(
            order_id=made.id,
            caregiver_id=None if one.payee.is_institution else one.payee.record.id,
            payee_id=one.payee.record.id if one.payee.is_institution else None,
            reference=banking.reference(made.message_id, place),
            method=one.method,
            fen=one.fen,
            state=PaymentState.SENT,
        )
        for place, one in enumerate(sums, 1)
    ]
    db.session.add_all(payments)
    db.session.flush()
    rows = [
        {"payment_id": payment.id, "line_id": x.id, "attempt": tried.get(x.id, 0) + 1, "fen": x.pay_fen}
        for payment, one in zip(payments, sums, strict=True)
        for x in one.lines
    ]
    if rows:
        db.session.execute(insert(PaymentLine), rows)
    settle_payments(row, [x for x in payments if x.method is PaymentMethod.OFFSET], on=clock.today(), advice="")
    move(
        row,
        SettlementState.PAYING,
        "settlement.order",
        {"order": made.message_id, "transfers": made.count, "fen": made.fen, "lines": len(lines)},
    )
    return made


def settle_payments(row: Settlement, payments: Sequence[Payment], *, on: dt.date, advice: str) -> int:
    """Mark payments as paid and post their lines; returns how many lines. The keys of the postings are unique."""
    if not payments:
        return 0
    now, entries = clock.now(), []
    by_id = {p.id: p for p in payments}
    lines = (
        db.session.execute(
            select(PaymentLine.payment_id, PaymentLine.attempt, SettlementLine)
            .join(SettlementLine, SettlementLine.id == PaymentLine.line_id)
            .where(PaymentLine.payment_id.in_(by_id))
            .order_by(PaymentLine.line_id)
        )
        .unique()
        .all()
    )
    for payment_id, attempt, line in lines:
        recovered = by_id[payment_id].method is PaymentMethod.RECOVER
        entries += entries_of(row, line, payment(payment_key(line.id, attempt), line.pay_fen, recovered=recovered), now)
    if entries:
        db.session.execute(insert(LedgerEntry), entries)
    for one in payments:
        one.state, one.settled_on, one.advice = PaymentState.PAID, on, advice[:80] or None
    db.session.flush()
    return len(lines)


def entries_of(
    row: Settlement, line: SettlementLine, sides: Sequence[Entry], at: dt.datetime
) -> list[dict[str, object]]:
    """Sides of a posting as columns of the ledger."""
    return [
        {
            "posting": side.posting,
            "account": Account(side.account),
            "amount_fen": side.amount_fen,
            "quarter": row.quarter,
            "settlement_id": row.id,
            "line_id": line.id,
            "contract_id": line.contract_id,
            "caregiver_id": line.caregiver_id,
            "payee_id": line.payee_id,
            "posted_at": at,
        }
        for side in sides
    ]


def finish(row: Settlement, act: str, changes: dict[str, object], **values: object) -> None:
    """Go to reconciled once no line is open or on its way, else stay at paying; one audit entry ``act``."""
    waiting = db.session.scalar(
        select(func.count())
        .select_from(Payment)
        .join(PaymentOrder, PaymentOrder.id == Payment.order_id)
        .where(PaymentOrder.settlement_id == row.id, Payment.state == PaymentState.SENT)
    )
    done = not waiting and not _unpaid(row)
    move(row, SettlementState.RECONCILED if done else SettlementState.PAYING, act, changes, **values)


@operation("settlement.pay", permission="settlements.pay")
def pay(actor: Actor, settlement_id: int, paid_on: dt.date, reference: str, *, returned: Collection[int] = ()) -> Paid:
    """Record the bank's advice by hand: every payment of the actor that is on its way, and every line the actor may pay that
    is in no order yet, is paid; the settlement is reconciled once all lines are.

    ``paid_on`` is the day of the bank's advice, ``reference`` its number; ``returned`` are payees (``Payee.key``) whose
    transfer the bank sent back: their lines are payable again. Raises ``Refused`` when no line may be paid.
    """
    row = queries.settlement(actor, settlement_id, lock=True)
    need(row, SettlementState.APPROVED, SettlementState.PAYING)
    check_advice(row, paid_on, reference)
    lines, held = may_pay(actor, row)
    if lines:
        _order(actor, row, lines)
    payments = _on_their_way(row, actor)
    if held and not payments and not lines:
        raise Refused(
            gettext(
                "None of the %(count)s open lines may be paid by you: %(reason)s", count=len(held), reason=held[0][1]
            )
        )
    good = [p for p in payments if p.payee.key not in returned]
    bad = [p for p in payments if p.payee.key in returned]
    count = settle_payments(row, good, on=paid_on, advice=reference.strip())
    for one in bad:
        one.state, one.settled_on, one.reason = PaymentState.FAILED, paid_on, gettext("The bank returned the transfer.")
    db.session.flush()
    held += [(x, gettext("The bank returned the transfer.")) for x in _lines_of(bad)]
    result = Paid(count, sum(p.fen for p in good), held, complete=not held)
    finish(
        row,
        "settlement.pay",
        {
            "lines": result.lines,
            "fen": result.fen,
            "held": len(held),
            "paid_on": paid_on.isoformat(),
            "reference": reference.strip()[:80],
        },
        paid_at=clock.now(),
        paid_on=paid_on,
        paid_by=actor.user_id,
        payment_reference=reference.strip()[:80],
    )
    result.complete = row.state is SettlementState.RECONCILED
    return result


def check_advice(row: Settlement, paid_on: dt.date, reference: str) -> None:
    """Raise ``Invalid`` unless day and number of a bank's advice can be true."""
    assert row.approved_at is not None  # noqa: S101  # an approved settlement was approved at some time
    errors = {}
    if paid_on > clock.today():
        errors["paid_on"] = gettext("The day has not come yet.")
    if paid_on < row.approved_at.astimezone(clock.ZONE).date():
        errors["paid_on"] = gettext("That day is before the approval.")
    if len(reference.strip()) < 2:
        errors["reference"] = gettext("Give the number of the bank's advice.")
    if errors:
        raise Invalid(gettext("Nothing was paid."), errors=errors)


def _on_their_way(row: Settlement, actor: Actor) -> list[Payment]:
    query = (
        select(Payment)
        .join(PaymentOrder, PaymentOrder.id == Payment.order_id)
        .where(
            PaymentOrder.settlement_id == row.id,
            PaymentOrder.made_by_person == actor.person_key,
            Payment.state == PaymentState.SENT,
        )
    )
    return list(db.session.scalars(query.order_by(Payment.id)).unique())


def _lines_of(payments: Sequence[Payment]) -> list[SettlementLine]:
    query = (
        select(SettlementLine)
        .join(PaymentLine, PaymentLine.line_id == SettlementLine.id)
        .where(PaymentLine.payment_id.in_([p.id for p in payments]))
    )
    return list(db.session.scalars(query.order_by(SettlementLine.id)).unique())
