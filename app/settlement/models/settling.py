"""Settlements, their frozen inputs and lines, approvals, archives, and the ledger. Money is whole fen."""

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
from app.places.models import Area, Organisation
from app.settlement.models.payees import Payee


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
    ``submission`` counts submissions, approvals are of one of them. ``asked_at`` stands while a calculation of all townships
    has not come to this one, ``problem`` is what it was refused for.
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
    asked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    problem: Mapped[str | None] = mapped_column(Text)

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
    """What a line is: the quarter's own amount, a correction of an earlier closed quarter, or a payment of a closed quarter that
    the bank sent back and that is paid again.
    """

    QUARTER = "quarter"
    CORRECTION = "correction"
    RETURNED = "returned"


class SettlementLine(Model):
    """One contract in one calculation; append-only. ``months`` holds the arithmetic month by month.

    ``due_fen`` = ``pay_fen`` + ``withheld_fen``. A blocked line has its reason and no money (never ratio 1.0).
    For a correction ``for_quarter`` is the closed quarter it corrects and amounts are differences (may be negative).
    The money goes to the caregiver, or to the institution ``payee_id`` when the contract says so (ADR 42).
    """

    __tablename__ = "settlement_line"

    id: Mapped[int] = identity()
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlement.id"))
    run: Mapped[int]
    kind: Mapped[LineKind] = mapped_column(enum_type(LineKind, "kind"))
    for_quarter: Mapped[str] = mapped_column(String(7))
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    caregiver_id: Mapped[int] = mapped_column(ForeignKey("caregiver.id"), index=True)
    payee_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
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
    house: Mapped[Organisation | None] = relationship(lazy="joined")
    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    settlement: Mapped[Settlement] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        UniqueConstraint("settlement_id", "run", "contract_id", "kind", "for_quarter", name="uq_settlement_line_run"),
        Index("ix_settlement_line_settlement_id_run_id", "settlement_id", "run", "id"),
        Index(
            "ix_settlement_line_payee_id",
            "payee_id",
            sqlite_where=text("payee_id IS NOT NULL"),
            postgresql_where=text("payee_id IS NOT NULL"),
        ),
        CheckConstraint("due_fen = pay_fen + withheld_fen", name="sums"),
        CheckConstraint("blocked IS NULL OR (due_fen = 0 AND pay_fen = 0)", name="blocked"),
    )

    @property
    def payee(self) -> Payee:
        """Whom the money of this line goes to."""
        return Payee(self.house or self.caregiver)


class Account(StrEnum):
    """Accounts of the double-entry ledger."""

    PROGRAMME = "programme_funds"
    PAYABLE = "payable"
    PAID = "paid"
    WITHHELD = "withheld"
    RECOVERED = "recovered"


class LedgerEntry(Model):
    """One side of one posting; append-only. The entries of a ``posting`` sum to zero; the unique key keeps the same
    posting from ever being written twice. ``quarter`` is the one of the settlement it belongs to, ``payee_id`` the institution
    the money is for, when it is not for the caregiver.
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
    payee_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
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
