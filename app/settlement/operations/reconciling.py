"""What the bank answers: a file row by row, and money it sends back later. The same file has one effect."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections import Counter
from dataclasses import dataclass
from typing import IO

from flask_babel import gettext
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.core.rulebook import rule_in_force
from app.core.tables import Row, UnreadableTable, read_rows
from app.settlement import queries
from app.settlement.models import (
    BankImport,
    LateReturn,
    LedgerEntry,
    Payment,
    PaymentLine,
    PaymentMethod,
    PaymentOrder,
    PaymentState,
    Settlement,
    SettlementLine,
    SettlementState,
)
from app.settlement.operations.paying import check_advice, entries_of, finish, settle_payments
from app.settlement.operations.states import move, need
from app.settlement.rules.banking import REPAIR, Outcome, read_answers
from app.settlement.rules.posting import return_key, returned


@dataclass(frozen=True)
class Taken:
    """What one answer of the bank did: rows paid and failed, rows known before, rows for the repair file."""

    paid: int
    failed: int
    known: int
    repair: int
    again: bool = False


def _counted(rows: list[dict[str, object]], *, again: bool = False) -> Taken:
    done = Counter(Outcome(str(row["done"])) for row in rows)
    repair = sum(n for outcome, n in done.items() if outcome in REPAIR)
    return Taken(done[Outcome.PAID], done[Outcome.FAILED], done[Outcome.KNOWN], repair, again)


@operation("settlement.bank_answer", permission="settlements.pay")
def import_answer(actor: Actor, settlement_id: int, name: str, content: IO[bytes], paid_on: dt.date) -> Taken:
    """Take the bank's answer row by row: paid transfers are posted, failed ones are payable again, every other row is kept for
    the repair file and changes nothing. The same file again changes nothing.

    Raises ``Invalid`` for a file that is no table or lacks the columns of the bank's layout, and for an impossible day.
    """
    row = queries.settlement(actor, settlement_id, lock=True)
    need(row, SettlementState.PAYING, SettlementState.RECONCILED)
    check_advice(row, paid_on, name)
    data = content.read()
    digest = hashlib.sha256(data).hexdigest()
    known = db.session.scalars(
        select(BankImport).where(BankImport.settlement_id == row.id, BankImport.sha256 == digest)
    ).first()
    if known is not None:
        audit.record("settlement.bank_answer", "settlement", row.id, {"import": known.id, "again": True})
        return _counted(known.rows, again=True)
    layout = rule_in_force("bank_layout", clock.today()).body
    table = read_rows(name, io.BytesIO(data))
    wanted = [layout["result"]["reference"], layout["result"]["outcome"]]
    if missing := [head for head in wanted if head not in table.headers]:
        raise UnreadableTable(gettext("The column “%(head)s” is missing.", head="”, “".join(missing)))
    if not table.rows:
        raise UnreadableTable(gettext("The table has headings but no rows."))
    payments = {p.reference: p for p in queries.payments(row.id) if p.method is PaymentMethod.BANK}
    sent = {reference: (p.fen, p.state.value) for reference, p in payments.items()}
    answers = read_answers(layout, [_cells(x) for x in table.rows], sent)
    paid = [payments[a.reference] for a in answers if a.done is Outcome.PAID]
    failed = [(payments[a.reference], a.reason) for a in answers if a.done is Outcome.FAILED]
    settle_payments(row, paid, on=paid_on, advice=name)
    for payment, reason in failed:
        payment.state, payment.settled_on, payment.reason = PaymentState.FAILED, paid_on, reason[:200] or None
    rows = [a.as_json() for a in answers]
    stored = {"settlement_id": row.id, "sha256": digest, "name": name[:200], "rows": rows}
    db.session.execute(insert(BankImport), {**stored, "made_at": clock.now(), "made_by": actor.user_id})
    taken = _counted(rows)
    changes = {
        "sha256": digest,
        "paid": taken.paid,
        "failed": taken.failed,
        "known": taken.known,
        "repair": taken.repair,
    }
    if row.state is SettlementState.RECONCILED:
        audit.record("settlement.bank_answer", "settlement", row.id, changes)
        return taken
    values = {"paid_at": clock.now(), "paid_on": paid_on, "paid_by": actor.user_id, "payment_reference": name[:80]}
    finish(row, "settlement.bank_answer", changes, **(values if paid else {}))
    return taken


def _cells(row: Row) -> tuple[int, dict[str, str], bool]:
    return row.number, row.cells, not row.faults


@operation("settlement.returned", permission="settlements.pay")
def bank_returned(actor: Actor, settlement_id: int, reference: str, reason: str) -> Payment:
    """The bank sent a payment back after it was paid: it is taken back in the ledger and its lines are payable again. Once the
    quarter is closed nothing of it changes: the next settlement of the township that is not submitted pays it again.

    Raises ``Invalid`` for a payment that is not one of the paid ones, ``Refused`` when a payment of a closed quarter was noted
    as returned before or no settlement of the township is open for it.
    """
    row = queries.settlement(actor, settlement_id, lock=True)
    need(row, SettlementState.PAYING, SettlementState.RECONCILED, SettlementState.CLOSED)
    if len(reason.strip()) < 2:
        raise Invalid(gettext("Give the reason."), field="reason")
    payment = next((p for p in queries.payments(row.id) if p.reference == reference), None)
    if payment is None or payment.state is not PaymentState.PAID or payment.fen <= 0:
        raise Invalid(gettext("Choose a payment that was paid."), field="reference")
    if row.state is SettlementState.CLOSED:
        _returned_late(actor, row, payment, reason.strip()[:200])
        return payment
    now, entries = clock.now(), []
    for attempt, line in db.session.execute(
        select(PaymentLine.attempt, SettlementLine)
        .join(SettlementLine, SettlementLine.id == PaymentLine.line_id)
        .where(PaymentLine.payment_id == payment.id)
    ).unique():
        entries += entries_of(row, line, returned(return_key(line.id, attempt), line.pay_fen), now)
    db.session.execute(insert(LedgerEntry), entries)
    payment.state, payment.reason = PaymentState.RETURNED, reason.strip()[:200]
    db.session.flush()
    move(row, SettlementState.PAYING, "settlement.returned", {"payment": payment.reference, "fen": payment.fen})
    return payment


def _returned_late(actor: Actor, row: Settlement, payment: Payment, reason: str) -> None:
    """Hand a payment of a closed quarter over to the township's next settlement: its lines say so from the next calculation on,
    and its approval takes the payment back in the ledger.
    """
    query = select(Settlement).where(
        Settlement.area_code == row.area_code,
        Settlement.quarter > row.quarter,
        Settlement.state.in_((SettlementState.OPEN, SettlementState.CALCULATED)),
    )
    taker = db.session.scalars(
        query.order_by(Settlement.quarter)
        .limit(1)
        .with_for_update(of=Settlement)
        .execution_options(populate_existing=True)
    ).first()
    if taker is None:
        raise Refused(gettext("No settlement of this township is open to pay it again. Open the next quarter first."))
    values = {"payment_id": payment.id, "settlement_id": taker.id, "reason": reason}
    try:
        with db.session.begin_nested():
            db.session.execute(insert(LateReturn), {**values, "noted_at": clock.now(), "noted_by": actor.user_id})
    except IntegrityError as error:
        raise Refused(gettext("This payment is noted as returned already.")) from error
    changes = {"payment": payment.reference, "fen": payment.fen, "paid_again_with": taker.quarter}
    audit.record("settlement.returned", "settlement", row.id, changes)


def refuse_payer(actor: Actor, settlement_id: int) -> None:
    """Raise ``Refused`` when the actor made one of the settlement's payment orders: another person closes."""
    mine = select(PaymentOrder.id).where(
        PaymentOrder.settlement_id == settlement_id, PaymentOrder.made_by_person == actor.person_key
    )
    if db.session.scalars(mine.limit(1)).first() is not None:
        raise Refused(gettext("Nobody closes a settlement that he or she paid."))
