"""Paying an approved settlement, line by line, never by somebody who scored or decided for that resident."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext
from sqlalchemy import insert, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.core.periods import Quarter
from app.grading.models import CareGrade, GradeProposal, Sheet
from app.people.models import Caregiver
from app.settlement import queries
from app.settlement.models import (
    Account,
    Dispute,
    DisputeState,
    Evaluation,
    LedgerEntry,
    Settlement,
    SettlementLine,
    SettlementState,
)
from app.settlement.operations.states import move, need
from app.settlement.rules.posting import payment, payment_key, transfers


@dataclass
class Payment:
    """What one act of paying did: lines and fen paid now, and lines held back with the reason in words."""

    lines: int = 0
    fen: int = 0
    held: list[tuple[SettlementLine, str]] = field(default_factory=list)
    complete: bool = False


def _unpaid(row: Settlement) -> list[SettlementLine]:
    paid = select(LedgerEntry.line_id).where(LedgerEntry.settlement_id == row.id, LedgerEntry.account == Account.PAID)
    query = select(SettlementLine).where(
        SettlementLine.settlement_id == row.id,
        SettlementLine.run == row.run,
        SettlementLine.pay_fen != 0,
        SettlementLine.id.not_in(paid),
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
        else:
            mine.append(line)
    return mine, held


@dataclass(frozen=True)
class Transfer:
    """One transfer of the bank file: to whom, how much in fen, for how many lines."""

    caregiver: Caregiver
    fen: int
    lines: int


@dataclass(frozen=True)
class Transfers:
    """What goes to the bank, and what cannot: no account on record, or more to recover than to pay."""

    to_send: list[Transfer]
    no_account: list[Transfer]
    to_recover: list[Transfer]

    @property
    def fen(self) -> int:
        """Sum of the bank file."""
        return sum(x.fen for x in self.to_send)


def transfers_of(lines: Sequence[SettlementLine]) -> Transfers:
    """The transfers that pay ``lines``, one for each caregiver, in the order of their numbers."""
    people = {x.caregiver_id: x.caregiver for x in lines}
    count = Counter(x.caregiver_id for x in lines)
    send, recover = transfers((x.caregiver_id, x.pay_fen) for x in lines)

    def listed(amounts: dict[int, int]) -> list[Transfer]:
        found = [Transfer(people[c], fen, count[c]) for c, fen in amounts.items()]
        return sorted(found, key=lambda x: x.caregiver.number)

    sent = listed(send)
    return Transfers(
        [x for x in sent if x.caregiver.bank_account_enc is not None],
        [x for x in sent if x.caregiver.bank_account_enc is None],
        listed(recover),
    )


@operation("settlement.bank_file", permission="settlements.pay")
def bank_file(actor: Actor, settlement_id: int) -> Transfers:
    """The transfers of every line the actor may pay, for the bank; whose full accounts were read goes to the audit log.

    Raises ``Refused`` when the settlement is not approved or nothing may be sent.
    """
    row = queries.settlement(actor, settlement_id)
    need(row, SettlementState.APPROVED)
    found = transfers_of(may_pay(actor, row)[0])
    if not found.to_send:
        raise Refused(gettext("There is nothing to send to the bank."))
    audit.record(
        "settlement.bank_file",
        "settlement",
        row.id,
        {"fen": found.fen, "accounts": [x.caregiver.number for x in found.to_send]},
    )
    return found


@operation("settlement.pay", permission="settlements.pay")
def pay(
    actor: Actor, settlement_id: int, paid_on: dt.date, reference: str, *, returned: Collection[int] = ()
) -> Payment:
    """Put the payment of every line the actor may pay into the ledger; the settlement is paid once all lines are.

    ``paid_on`` is the day of the bank's advice, ``reference`` its number; ``returned`` are caregivers whose transfer the
    bank sent back: their lines stay payable. Raises ``Refused`` when no line may be paid.
    """
    row = queries.settlement(actor, settlement_id, lock=True)
    need(row, SettlementState.APPROVED)
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
    lines, held = may_pay(actor, row)
    held += [(x, gettext("The bank returned the transfer.")) for x in lines if x.caregiver_id in returned]
    lines = [x for x in lines if x.caregiver_id not in returned]
    if held and not lines:
        raise Refused(
            gettext(
                "None of the %(count)s open lines may be paid by you: %(reason)s", count=len(held), reason=held[0][1]
            )
        )
    now = clock.now()
    entries = [
        {
            "posting": side.posting,
            "account": Account(side.account),
            "amount_fen": side.amount_fen,
            "quarter": row.quarter,
            "settlement_id": row.id,
            "line_id": line.id,
            "contract_id": line.contract_id,
            "caregiver_id": line.caregiver_id,
            "posted_at": now,
        }
        for line in lines
        for side in payment(payment_key(line.id), line.pay_fen)
    ]
    if entries:
        db.session.execute(insert(LedgerEntry), entries)
    result = Payment(len(lines), sum(x.pay_fen for x in lines), held, complete=not held)
    audit.record(
        "settlement.pay",
        "settlement",
        row.id,
        {
            "lines": result.lines,
            "fen": result.fen,
            "held": len(held),
            "paid_on": paid_on.isoformat(),
            "reference": reference.strip()[:80],
        },
    )
    target = SettlementState.PAID if result.complete else SettlementState.APPROVED
    move(
        row,
        target,
        "settlement.paid" if result.complete else "settlement.paid_in_part",
        paid_at=now,
        paid_on=paid_on,
        paid_by=actor.user_id,
        payment_reference=reference.strip()[:80],
    )
    return result
