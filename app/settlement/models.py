"""Quarterly evaluation, settlement, ledger and disputes. Money is whole fen."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.contracts.models import Contract
from app.core.db import JsonText, Model, UtcDateTime, enum_type, identity
from app.people.models import Caregiver, Resident
from app.places.models import Area


class EvaluationState(StrEnum):
    """A score counts once a second person confirmed it."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"


class Evaluation(Model):
    """The quarterly scorecard of one contract. ``score`` is in hundredths of a point (0–10000), ``ratio_bp`` in
    hundredths of a percent (10000 = 1.00); both are empty until everything that people must score is scored.

    ``parts`` holds the records it was filled from, people's points with their reasons, and the points of each line. The
    highest ``version`` counts; an upheld objection opens the next one and leaves the confirmed one as it was.
    """

    __tablename__ = "evaluation"
    __audited__ = True

    id: Mapped[int] = identity()
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    quarter: Mapped[str] = mapped_column(String(7), index=True)
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[EvaluationState] = mapped_column(enum_type(EvaluationState, "state"))
    scorecard_sha256: Mapped[str] = mapped_column(String(64))
    parts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    veto: Mapped[str | None] = mapped_column(String(32))
    veto_reason: Mapped[str | None] = mapped_column(Text)
    score: Mapped[int | None]
    band: Mapped[str | None] = mapped_column(String(16))
    ratio_bp: Mapped[int | None]
    scored_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    scored_by_person: Mapped[str | None] = mapped_column(String(64))
    scored_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    confirmed_by_person: Mapped[str | None] = mapped_column(String(64))
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    contract: Mapped[Contract] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        UniqueConstraint("contract_id", "quarter", "version"),
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 10000", name="score"),
        CheckConstraint("ratio_bp IS NULL OR ratio_bp BETWEEN 0 AND 10000", name="ratio"),
        CheckConstraint("state <> 'confirmed' OR (ratio_bp IS NOT NULL AND confirmed_by IS NOT NULL)", name="named"),
        CheckConstraint("state <> 'confirmed' OR confirmed_by_person <> scored_by_person", name="two_people"),
    )


class SpotCheckDraw(Model):
    """The spot checks of one quarter: the seed's hash is published first, then the ``frame`` (contract, township, institution)
    is frozen under its hash, the seed is opened, and ``drawn`` are the contracts to visit.
    """

    __tablename__ = "spot_check_draw"

    id: Mapped[int] = identity()
    quarter: Mapped[str] = mapped_column(String(7), unique=True)
    seed: Mapped[str] = mapped_column(String(64))
    commitment: Mapped[str] = mapped_column(String(64))
    committed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    committed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    frame: Mapped[list[list[Any]]] = mapped_column(JsonText, default=list)
    frame_sha256: Mapped[str | None] = mapped_column(String(64))
    drawn: Mapped[list[int]] = mapped_column(JsonText, default=list)
    drawn_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    drawn_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class SettlementState(StrEnum):
    """The way of a township's quarter; one direction, except that a rejection returns it to calculated."""

    OPEN = "open"
    CALCULATED = "calculated"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PAYING = "paying"
    RECONCILED = "reconciled"
    CLOSED = "closed"


class Settlement(Model):
    """One township, one quarter. Totals in fen; ``run`` counts calculations, the lines of the current run count;
    ``submission`` counts submissions, approvals are of one of them.
    """

    __tablename__ = "settlement"
    __audited__ = True

    id: Mapped[int] = identity()
    quarter: Mapped[str] = mapped_column(String(7))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    state: Mapped[SettlementState] = mapped_column(enum_type(SettlementState, "state"))
    run: Mapped[int] = mapped_column(default=0)
    inputs_sha256: Mapped[str | None] = mapped_column(String(64))
    due_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    pay_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    withheld_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    submission: Mapped[int] = mapped_column(default=0)
    lines_count: Mapped[int] = mapped_column(default=0)
    blocked_count: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    calculated_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    calculated_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    submitted_by_person: Mapped[str | None] = mapped_column(String(64))
    approved_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_by_person: Mapped[str | None] = mapped_column(String(64))
    paid_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    paid_on: Mapped[dt.date | None] = mapped_column(Date)
    paid_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    payment_reference: Mapped[str | None] = mapped_column(String(80))
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    audit_head: Mapped[str | None] = mapped_column(String(64))
    rejection_reason: Mapped[str | None] = mapped_column(Text)

    area: Mapped[Area] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        UniqueConstraint("quarter", "area_code"),
        CheckConstraint("due_fen = pay_fen + withheld_fen", name="sums"),
        CheckConstraint(
            "state NOT IN ('approved', 'paying', 'reconciled', 'closed') OR approved_by_person <> submitted_by_person",
            name="two_people",
        ),
    )


class SettlementInputs(Model):
    """The facts one calculation was made from, frozen; append-only. ``body`` is the compressed text whose SHA-256 stands on
    the settlement and on its statement.
    """

    __tablename__ = "settlement_inputs"

    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlement.id"), primary_key=True)
    run: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)


class SettlementArchive(Model):
    """What closing wrote for replay; append-only. ``seal`` is the SHA-256 over the files of ``body`` (compressed JSON)."""

    __tablename__ = "settlement_archive"

    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlement.id"), primary_key=True)
    seal: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class LineKind(StrEnum):
    """What a line is: the quarter's own amount, or a correction of an earlier closed quarter."""

    QUARTER = "quarter"
    CORRECTION = "correction"


class SettlementLine(Model):
    """One contract in one calculation; append-only. ``months`` holds the arithmetic month by month.

    ``due_fen`` = ``pay_fen`` + ``withheld_fen``. A blocked line has its reason and no money (never ratio 1.0).
    For a correction ``for_quarter`` is the closed quarter it corrects and amounts are differences (may be negative).
    """

    __tablename__ = "settlement_line"

    id: Mapped[int] = identity()
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlement.id"))
    run: Mapped[int]
    kind: Mapped[LineKind] = mapped_column(enum_type(LineKind, "kind"))
    for_quarter: Mapped[str] = mapped_column(String(7))
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    caregiver_id: Mapped[int] = mapped_column(ForeignKey("caregiver.id"), index=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    due_fen: Mapped[int] = mapped_column(BigInteger)
    pay_fen: Mapped[int] = mapped_column(BigInteger)
    withheld_fen: Mapped[int] = mapped_column(BigInteger)
    score: Mapped[int | None]
    ratio_bp: Mapped[int | None]
    blocked: Mapped[str | None] = mapped_column(String(32))
    months: Mapped[list[dict[str, Any]]] = mapped_column(JsonText)
    rules: Mapped[dict[str, Any]] = mapped_column(JsonText)
    calculated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    contract: Mapped[Contract] = relationship()
    caregiver: Mapped[Caregiver] = relationship(lazy="joined", innerjoin=True)
    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    settlement: Mapped[Settlement] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        UniqueConstraint("settlement_id", "run", "contract_id", "kind", "for_quarter", name="uq_settlement_line_run"),
        Index("ix_settlement_line_settlement_id_run_id", "settlement_id", "run", "id"),
        CheckConstraint("due_fen = pay_fen + withheld_fen", name="sums"),
        CheckConstraint("blocked IS NULL OR (due_fen = 0 AND pay_fen = 0)", name="blocked"),
    )


class Account(StrEnum):
    """Accounts of the double-entry ledger."""

    PROGRAMME = "programme_funds"
    PAYABLE = "payable"
    PAID = "paid"
    WITHHELD = "withheld"
    RECOVERED = "recovered"


class LedgerEntry(Model):
    """One side of one posting; append-only. The entries of a ``posting`` sum to zero; the unique key keeps the same
    posting from ever being written twice. ``quarter`` is the one of the settlement it belongs to.
    """

    __tablename__ = "ledger_entry"

    id: Mapped[int] = identity()
    posting: Mapped[str] = mapped_column(String(80))
    account: Mapped[Account] = mapped_column(enum_type(Account, "account"))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    quarter: Mapped[str] = mapped_column(String(7), index=True)
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlement.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("settlement_line.id"))
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    caregiver_id: Mapped[int] = mapped_column(ForeignKey("caregiver.id"), index=True)
    posted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("posting", "account"),)


class SettlementApproval(Model):
    """One person's approval of a submission; append-only. Large sums need two (``settlement_rule``, ``approval``)."""

    __tablename__ = "settlement_approval"

    id: Mapped[int] = identity()
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlement.id"), index=True)
    submission: Mapped[int]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_by_person: Mapped[str] = mapped_column(String(64))
    approved_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("settlement_id", "submission", "approved_by_person"),)


class PaymentMethod(StrEnum):
    """How a caregiver's sum is settled: by the bank's list, in another way (no account), or without money: what was paid
    too much offsets what is due, or has to be recovered.
    """

    BANK = "bank"
    OTHER = "other"
    OFFSET = "offset"
    RECOVER = "recover"


class PaymentState(StrEnum):
    """A payment is on its way until the bank answers; what it returns later can be paid again by another payment."""

    SENT = "sent"
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"


class PaymentOrder(Model):
    """One list for the bank; ``message_id`` makes it unique everywhere. ``fen`` and ``count`` are of its bank transfers."""

    __tablename__ = "payment_order"
    __audited__ = True

    id: Mapped[int] = identity()
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlement.id"), index=True)
    number: Mapped[int]
    message_id: Mapped[str] = mapped_column(String(35), unique=True)
    fen: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int]
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    made_by_person: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("settlement_id", "number"),)


class Payment(Model):
    """One caregiver's sum in an order (fen; negative when it is to be recovered), with what became of it."""

    __tablename__ = "payment"

    id: Mapped[int] = identity()
    order_id: Mapped[int] = mapped_column(ForeignKey("payment_order.id"), index=True)
    caregiver_id: Mapped[int] = mapped_column(ForeignKey("caregiver.id"), index=True)
    reference: Mapped[str] = mapped_column(String(35), unique=True)
    method: Mapped[PaymentMethod] = mapped_column(enum_type(PaymentMethod, "method"))
    fen: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[PaymentState] = mapped_column(enum_type(PaymentState, "state"))
    settled_on: Mapped[dt.date | None] = mapped_column(Date)
    advice: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(200))

    caregiver: Mapped[Caregiver] = relationship(lazy="joined", innerjoin=True)
    order: Mapped[PaymentOrder] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        UniqueConstraint("order_id", "caregiver_id"),
        CheckConstraint("method NOT IN ('bank', 'other') OR fen > 0", name="amount"),
    )


class PaymentLine(Model):
    """Which settlement lines a payment pays; append-only. ``attempt`` counts the payments of one line: unique, so that a
    line is never in two payments at once.
    """

    __tablename__ = "payment_line"

    id: Mapped[int] = identity()
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("settlement_line.id"))
    attempt: Mapped[int]
    fen: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (UniqueConstraint("line_id", "attempt"),)


class BankImport(Model):
    """One answer of the bank, taken once: ``sha256`` is of the file. ``rows`` holds each row's number, reference, words of the
    bank, and what was done with it.
    """

    __tablename__ = "bank_import"

    id: Mapped[int] = identity()
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlement.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JsonText)
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    __table_args__ = (UniqueConstraint("settlement_id", "sha256"),)


class DisputeState(StrEnum):
    """An objection waits until another person answers it."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Dispute(Model):
    """A caregiver's objection to one evaluation or line; decided by somebody who did not score it."""

    __tablename__ = "dispute"
    __audited__ = True

    id: Mapped[int] = identity()
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    quarter: Mapped[str] = mapped_column(String(7))
    line_id: Mapped[int | None] = mapped_column(ForeignKey("settlement_line.id"))
    reason: Mapped[str] = mapped_column(Text)
    raised_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    raised_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    state: Mapped[DisputeState] = mapped_column(enum_type(DisputeState, "state"))
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    contract: Mapped[Contract] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        Index(
            "uq_dispute_open",
            "contract_id",
            "quarter",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        CheckConstraint("state = 'open' OR (answer IS NOT NULL AND answered_by IS NOT NULL)", name="answered"),
    )
