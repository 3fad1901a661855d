"""The quarterly scorecard, spot checks, and objections."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.contracts.models import Contract
from app.core.db import JsonText, Model, UtcDateTime, enum_type, identity


class EvaluationState(StrEnum):
    """A score counts once a second person confirmed it."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"


class Clock(StrEnum):
    """Why a score could count: the time to object is over, the caregiver agreed before, or an objection was dismissed."""

    EXPIRED = "expired"
    AGREED = "agreed"
    ANSWERED = "answered"


class Evaluation(Model):
    """The quarterly scorecard of one contract. ``score`` is in hundredths of a point (0–10000), ``ratio_bp`` in
    hundredths of a percent (10000 = 1.00); both are empty until everything that people must score is scored.

    ``parts`` holds the records it was filled from, people's points with their reasons, and the points of each line. The
    highest ``version`` counts; an upheld objection opens the next one and leaves the confirmed one as it was. ``agreed_…`` says
    that the caregiver saw this score and gave up the rest of the time to object (``agreed_note``: what an officer was given on
    paper; never the person who scored or who confirms); ``clock`` what the confirmation rested on.
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
    agreed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    agreed_by_person: Mapped[str | None] = mapped_column(String(64))
    agreed_note: Mapped[str | None] = mapped_column(String(500))
    clock: Mapped[Clock | None] = mapped_column(enum_type(Clock, "clock"))
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    confirmed_by_person: Mapped[str | None] = mapped_column(String(64))
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    contract: Mapped[Contract] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        UniqueConstraint("contract_id", "quarter", "version"),
        Index(
            "ix_evaluation_open",
            "state",
            "id",
            sqlite_where=text("state <> 'confirmed'"),
            postgresql_where=text("state <> 'confirmed'"),
        ),
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 10000", name="score"),
        CheckConstraint("ratio_bp IS NULL OR ratio_bp BETWEEN 0 AND 10000", name="ratio"),
        CheckConstraint("state <> 'confirmed' OR (ratio_bp IS NOT NULL AND confirmed_by IS NOT NULL)", name="named"),
        CheckConstraint("state <> 'confirmed' OR confirmed_by_person <> scored_by_person", name="two_people"),
        CheckConstraint(
            "agreed_by_person IS NULL OR (agreed_by_person <> scored_by_person"
            " AND (state <> 'confirmed' OR agreed_by_person <> confirmed_by_person))",
            name="agreed_apart",
        ),
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
