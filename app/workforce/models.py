"""Training, certificates and health checks of those who care, exceptions from the gate, and who is on duty."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import JsonText, Model, UtcDateTime, enum_type, identity
from app.people.models import Caregiver, Resident, Tier
from app.places.models import Area, Organisation


class SessionState(StrEnum):
    """Life of a training session: results are entered by one person and confirmed by another."""

    PLANNED = "planned"
    RECORDED = "recorded"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class CredentialKind(StrEnum):
    """What a paper about a caregiver says."""

    TRAINING = "training"
    HEALTH_CHECK = "health_check"
    CARE_WORKER = "care_worker"
    FIRST_AID = "first_aid"
    OTHER = "other"


class TrainingSession(Model):
    """A course that is held once: ``parts`` are its half-days. ``rule_sha256`` names the rule with the course and the marks
    to pass; ``area_code`` is whose session it is, ``institution_id`` is set for a house's own.
    """

    __tablename__ = "training_session"
    __audited__ = True

    id: Mapped[int] = identity()
    course: Mapped[str] = mapped_column(String(24))
    tier: Mapped[Tier] = mapped_column(enum_type(Tier, "tier"))
    rule_sha256: Mapped[str] = mapped_column(String(64))
    held_on: Mapped[dt.date] = mapped_column(Date, index=True)
    parts: Mapped[int] = mapped_column(SmallInteger)
    place: Mapped[str] = mapped_column(String(120))
    teacher: Mapped[str] = mapped_column(String(80))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[SessionState] = mapped_column(enum_type(SessionState, "state"), default=SessionState.PLANNED)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_by_person: Mapped[str | None] = mapped_column(String(64))
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    area: Mapped[Area] = relationship(lazy="joined", innerjoin=True)
    institution: Mapped[Organisation | None] = relationship()

    __table_args__ = (CheckConstraint("parts BETWEEN 1 AND 40", name="parts"),)


class Credential(Model):
    """A certificate or health check of a caregiver, from a session here or from elsewhere; never deleted, only withdrawn.

    ``tier`` is set for training alone, ``fit`` for health checks alone; ``valid_to`` is the last day, None without an end.
    """

    __tablename__ = "credential"
    __audited__ = True

    id: Mapped[int] = identity()
    caregiver_id: Mapped[int] = mapped_column(ForeignKey("caregiver.id"))
    kind: Mapped[CredentialKind] = mapped_column(enum_type(CredentialKind, "kind"))
    tier: Mapped[Tier | None] = mapped_column(enum_type(Tier, "tier"))
    number: Mapped[str] = mapped_column(String(64))
    issuer: Mapped[str] = mapped_column(String(120))
    issued_on: Mapped[dt.date] = mapped_column(Date)
    valid_to: Mapped[dt.date | None] = mapped_column(Date)
    fit: Mapped[bool | None]
    session_id: Mapped[int | None] = mapped_column(ForeignKey("training_session.id"), index=True)
    withdrawn_on: Mapped[dt.date | None] = mapped_column(Date)
    withdrawn_reason: Mapped[str | None] = mapped_column(String(200))
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    caregiver: Mapped[Caregiver] = relationship(lazy="joined", innerjoin=True)
    session: Mapped[TrainingSession | None] = relationship()

    __table_args__ = (
        UniqueConstraint("caregiver_id", "kind", "number"),
        Index("ix_credential_valid_to_id", "valid_to", "id"),
        CheckConstraint("(kind = 'training') = (tier IS NOT NULL)", name="tier_of_training"),
        CheckConstraint("kind <> 'training' OR valid_to IS NOT NULL", name="training_ends"),
        CheckConstraint("valid_to IS NULL OR valid_to >= issued_on", name="order"),
        CheckConstraint("withdrawn_on IS NULL OR withdrawn_reason IS NOT NULL", name="withdrawn_why"),
    )


class TrainingEntry(Model):
    """One caregiver in one session: parts attended, points of the test (0–100), the certificate it led to."""

    __tablename__ = "training_entry"
    __audited__ = True

    id: Mapped[int] = identity()
    session_id: Mapped[int] = mapped_column(ForeignKey("training_session.id"))
    caregiver_id: Mapped[int] = mapped_column(ForeignKey("caregiver.id"), index=True)
    attended: Mapped[int | None] = mapped_column(SmallInteger)
    points: Mapped[int | None] = mapped_column(SmallInteger)
    credential_id: Mapped[int | None] = mapped_column(ForeignKey("credential.id"))

    session: Mapped[TrainingSession] = relationship(lazy="joined", innerjoin=True)
    caregiver: Mapped[Caregiver] = relationship(lazy="joined", innerjoin=True)
    credential: Mapped[Credential | None] = relationship()

    __table_args__ = (
        UniqueConstraint("session_id", "caregiver_id"),
        CheckConstraint("points IS NULL OR points BETWEEN 0 AND 100", name="points"),
        CheckConstraint("attended IS NULL OR attended BETWEEN 0 AND 40", name="attended"),
    )


class TierOverride(Model):
    """A named exception: this caregiver may care for this resident without the tier, from a day until a day, because …"""

    __tablename__ = "tier_override"
    __audited__ = True

    id: Mapped[int] = identity()
    caregiver_id: Mapped[int] = mapped_column(ForeignKey("caregiver.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    tier: Mapped[Tier] = mapped_column(enum_type(Tier, "tier"))
    from_on: Mapped[dt.date] = mapped_column(Date)
    until_on: Mapped[dt.date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200))
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    granted_by_name: Mapped[str] = mapped_column(String(80))
    granted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ended_on: Mapped[dt.date | None] = mapped_column(Date)
    end_reason: Mapped[str | None] = mapped_column(String(200))

    caregiver: Mapped[Caregiver] = relationship(lazy="joined", innerjoin=True)
    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        Index("ix_tier_override_caregiver_id_resident_id", "caregiver_id", "resident_id"),
        CheckConstraint("until_on >= from_on", name="order"),
        CheckConstraint("ended_on IS NULL OR end_reason IS NOT NULL", name="ended_why"),
    )


class CareStanding(Model):
    """How much of the care due the records of a caregiver show over the rule's days, worked out each night (``as_of``): the
    order of the lessons page, which would read every recorded day of the county otherwise. Figures shown are read anew.

    ``residents`` are those whose days count for the caregiver, or may.
    """

    __tablename__ = "care_standing"

    caregiver_id: Mapped[int] = mapped_column(ForeignKey("caregiver.id"), primary_key=True)
    as_of: Mapped[dt.date] = mapped_column(Date)
    done: Mapped[int]
    due: Mapped[int]
    residents: Mapped[list[int]] = mapped_column(JsonText)


class RosterShift(Model):
    """Who of a house is on duty in a shift that begins on a day (``shift`` is the rule's word for it)."""

    __tablename__ = "roster_shift"

    institution_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    day: Mapped[dt.date] = mapped_column(Date)
    shift: Mapped[str] = mapped_column(String(16))
    caregiver_id: Mapped[int] = mapped_column(ForeignKey("caregiver.id"))

    __table_args__ = (PrimaryKeyConstraint("institution_id", "day", "shift", "caregiver_id"),)
