"""What a new version of the instrument does to the population: once when it was approved, once when it took effect."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import BigInteger, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model, UtcDateTime, enum_type, identity


class Stage(StrEnum):
    """When it was computed."""

    APPROVED = "approved"
    CARRIED_OUT = "carried_out"


class RuleEffect(Model):
    """Counts and fingerprint of a re-grading; equal fingerprints mean the same people got the same grades.

    ``month_fen``: change of care money a month, in fen, of those whose grade moved and who are under contract.
    """

    __tablename__ = "rule_effect"
    __audited__ = True

    id: Mapped[int] = identity()
    rule_id: Mapped[int] = mapped_column(ForeignKey("rule_document.id"))
    stage: Mapped[Stage] = mapped_column(enum_type(Stage, "stage"))
    day: Mapped[dt.date] = mapped_column(Date)
    population: Mapped[int] = mapped_column(Integer)
    moved: Mapped[int] = mapped_column(Integer)
    to_judge: Mapped[int] = mapped_column(Integer)
    month_fen: Mapped[int] = mapped_column(BigInteger)
    fingerprint: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("rule_id", "stage"),)
