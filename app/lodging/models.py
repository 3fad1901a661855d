"""Rooms and beds of institutions, who had which bed when, and what residents brought along."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Model, UtcDateTime, enum_type, identity
from app.lodging.rules import Kept
from app.people.models import Resident
from app.places.models import Organisation


class LeftFor(StrEnum):
    """Why a stay in a bed ended. Hospital and leave do not end it: the bed is kept."""

    TRANSFER = "transfer"
    HOME = "home"
    ELSEWHERE = "elsewhere"
    SUPPORT_ENDED = "support_ended"


class BelongingKind(StrEnum):
    """What a resident gave into keeping (ISO 9001 8.5.3)."""

    CLOTHES = "clothes"
    FURNITURE = "furniture"
    AIDS = "aids"
    VALUABLES = "valuables"
    MONEY = "money"
    BANK_BOOK = "bank_book"
    DOCUMENTS = "documents"
    OTHER = "other"


class Room(Model):
    """A room of an institution."""

    __tablename__ = "room"
    __audited__ = True

    id: Mapped[int] = identity()
    institution_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(40))

    institution: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (UniqueConstraint("institution_id", "name"),)


class Bed(Model):
    """A bed of a room; one that is out of use since a day takes nobody any more."""

    __tablename__ = "bed"
    __audited__ = True

    id: Mapped[int] = identity()
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    name: Mapped[str] = mapped_column(String(20))
    closed_on: Mapped[dt.date | None] = mapped_column(Date)

    room: Mapped[Room] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (UniqueConstraint("room_id", "name"),)


class Stay(Model):
    """Whose a bed is, from a day until the day of leaving (not counted; open while it lasts).

    Stays of one bed, and of one resident, never share a day: the database refuses it.
    """

    __tablename__ = "stay"
    __audited__ = True

    id: Mapped[int] = identity()
    bed_id: Mapped[int] = mapped_column(ForeignKey("bed.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    from_on: Mapped[dt.date] = mapped_column(Date)
    left_on: Mapped[dt.date | None] = mapped_column(Date)
    left_for: Mapped[LeftFor | None] = mapped_column(enum_type(LeftFor, "left_for"))
    note: Mapped[str | None] = mapped_column(String(200))
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    bed: Mapped[Bed] = relationship(lazy="joined", innerjoin=True)
    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        Index("ix_stay_bed_id_from_on", "bed_id", "from_on"),
        Index("ix_stay_resident_id_from_on", "resident_id", "from_on"),
        Index(
            "uq_stay_bed_id_open", "bed_id", unique=True,
            sqlite_where=text("left_on IS NULL"), postgresql_where=text("left_on IS NULL"),
        ),
        Index(
            "uq_stay_resident_id_open", "resident_id", unique=True,
            sqlite_where=text("left_on IS NULL"), postgresql_where=text("left_on IS NULL"),
        ),
        CheckConstraint("left_on IS NULL OR left_on >= from_on", name="order"),
        CheckConstraint("(left_on IS NULL) = (left_for IS NULL)", name="left_why"),
    )  # fmt: skip


class Belonging(Model):
    """Something of a resident's that the institution keeps or watches, with who gave, took and witnessed it.

    ``value`` is whole fen, needed for money alone; ``paper`` names the paper that allows keeping money and bank books.
    """

    __tablename__ = "belonging"
    __audited__ = True

    id: Mapped[int] = identity()
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    kind: Mapped[BelongingKind] = mapped_column(enum_type(BelongingKind, "kind"))
    what: Mapped[str] = mapped_column(String(120))
    quantity: Mapped[int] = mapped_column(SmallInteger)
    value: Mapped[int | None] = mapped_column(BigInteger)
    place: Mapped[str | None] = mapped_column(String(80))
    paper: Mapped[str | None] = mapped_column(String(80))
    received_on: Mapped[dt.date] = mapped_column(Date)
    given_by: Mapped[str] = mapped_column(String(80))
    witness: Mapped[str] = mapped_column(String(80))
    state: Mapped[Kept] = mapped_column(enum_type(Kept, "state"), default=Kept.KEPT)
    changed_on: Mapped[dt.date | None] = mapped_column(Date)
    changed_with: Mapped[str | None] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(String(200))
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        CheckConstraint("quantity BETWEEN 1 AND 999", name="quantity"),
        CheckConstraint("kind <> 'money' OR value IS NOT NULL", name="money_counted"),
        CheckConstraint("kind NOT IN ('money', 'bank_book') OR paper IS NOT NULL", name="agreed"),
        CheckConstraint("state = 'kept' OR changed_on IS NOT NULL", name="changed_when"),
    )
