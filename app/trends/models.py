"""What was measured of a resident: a small dated record."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Model, UtcDateTime, identity
from app.people.models import Resident


class Measurement(Model):
    """Weight in grams and the worst place of the skin (0 whole, 1–4 stage of a pressure sore) of one day; either may be absent.

    A wrong one is taken back with a reason and stays on record.
    """

    __tablename__ = "measurement"
    __audited__ = True

    id: Mapped[int] = identity()
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    taken_on: Mapped[dt.date] = mapped_column(Date)
    weight: Mapped[int | None] = mapped_column(Integer)
    skin: Mapped[int | None] = mapped_column(SmallInteger)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    taken_back_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    taken_back_reason: Mapped[str | None] = mapped_column(String(200))

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        Index("ix_measurement_resident_id_taken_on", "resident_id", "taken_on"),
        CheckConstraint("weight IS NOT NULL OR skin IS NOT NULL", name="something"),
        CheckConstraint("weight IS NULL OR weight BETWEEN 15000 AND 250000", name="weight"),
        CheckConstraint("skin IS NULL OR skin BETWEEN 0 AND 4", name="skin"),
        CheckConstraint("taken_back_at IS NULL OR taken_back_reason IS NOT NULL", name="taken_back_why"),
    )
