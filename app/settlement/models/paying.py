"""Orders for the bank, payments with the lines they pay, and what the bank answers. Money is whole fen."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import JsonText, Model, UtcDateTime, enum_type, identity
from app.people.models import Caregiver
from app.places.models import Organisation
from app.settlement.models.payees import Payee
from app.settlement.models.settling import Settlement


class PaymentMethod(StrEnum):
    """How a payee's sum is settled: by the bank's list, in another way (a caregiver without an account), or without money: what
    was paid too much offsets what is due, or has to be recovered.
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
    """One payee's sum in an order (fen; negative when it is to be recovered), with what became of it: a caregiver's, or an
    institution's (``payee_id``) for all its lines in the order.
    """

    __tablename__ = "payment"

    id: Mapped[int] = identity()
    order_id: Mapped[int] = mapped_column(ForeignKey("payment_order.id"), index=True)
    caregiver_id: Mapped[int | None] = mapped_column(ForeignKey("caregiver.id"), index=True)
    payee_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    reference: Mapped[str] = mapped_column(String(35), unique=True)
    method: Mapped[PaymentMethod] = mapped_column(enum_type(PaymentMethod, "method"))
    fen: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[PaymentState] = mapped_column(enum_type(PaymentState, "state"))
    settled_on: Mapped[dt.date | None] = mapped_column(Date)
    advice: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(200))

    caregiver: Mapped[Caregiver | None] = relationship(lazy="joined")
    house: Mapped[Organisation | None] = relationship(lazy="joined")
    order: Mapped[PaymentOrder] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        UniqueConstraint("order_id", "caregiver_id"),
        UniqueConstraint("order_id", "payee_id"),
        CheckConstraint("method NOT IN ('bank', 'other') OR fen > 0", name="amount"),
        CheckConstraint("(caregiver_id IS NULL) <> (payee_id IS NULL)", name="payee"),
    )

    @property
    def payee(self) -> Payee:
        """Whom the money goes to."""
        record = self.house or self.caregiver
        assert record is not None  # noqa: S101  # the table's own check: one of the two is named
        return Payee(record)


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


class LateReturn(Model):
    """The bank sent a payment back after its quarter was closed; append-only. ``settlement_id`` is the open settlement that pays
    it again: the closed one stays as it is.
    """

    __tablename__ = "late_return"

    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), primary_key=True, autoincrement=False)
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlement.id"), index=True)
    reason: Mapped[str] = mapped_column(String(200))
    noted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    noted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    payment: Mapped[Payment] = relationship(lazy="joined", innerjoin=True)
    settlement: Mapped[Settlement] = relationship(lazy="joined", innerjoin=True)
