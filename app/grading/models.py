"""Assessment sheets, proposals and care grades."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import JsonText, Model, UtcDateTime, enum_type, identity
from app.grading.rules import ProposalState, SheetState
from app.grading.rules.appeals import AppealBy, AppealState
from app.grading.rules.pairing import PairKind, PairRole, PairState
from app.people.models import Assessor, Resident


class Sheet(Model):
    """One assessment of one resident: thirty observations and the domains B.2–B.4, with the result kept whole.

    ``result`` is the engine's JSON contract; the columns beside it repeat what lists filter by. Points 0–100.
    """

    __tablename__ = "assessment_sheet"
    __audited__ = True

    id: Mapped[int] = identity()
    number: Mapped[str] = mapped_column(String(24), unique=True)
    client_key: Mapped[str] = mapped_column(String(64), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    reason_code: Mapped[str | None] = mapped_column(String(1))
    assessed_on: Mapped[dt.date] = mapped_column(Date)
    instrument: Mapped[str] = mapped_column(String(32))
    instrument_sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[SheetState] = mapped_column(enum_type(SheetState, "state"))
    first_assessor_id: Mapped[int | None] = mapped_column(ForeignKey("assessor.id"))
    second_assessor_id: Mapped[int | None] = mapped_column(ForeignKey("assessor.id"))
    informant_name: Mapped[str | None] = mapped_column(String(80))
    informant_relation: Mapped[str | None] = mapped_column(String(1))
    answers: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    facts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    notes: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    total: Mapped[int | None] = mapped_column(Integer)
    ability_level: Mapped[int | None] = mapped_column(Integer)
    statutory_grade: Mapped[int | None] = mapped_column(Integer)
    score_grade: Mapped[int | None] = mapped_column(Integer)
    proposed_grade: Mapped[int | None] = mapped_column(Integer)
    tiers_agree: Mapped[bool | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_by_person: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    submitted_by_person: Mapped[str | None] = mapped_column(String(64))
    rescored_from_id: Mapped[int | None] = mapped_column(ForeignKey("assessment_sheet.id"))
    """The sheet whose observations this one repeats: nobody went out, a new version of the instrument was applied."""

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    first_assessor: Mapped[Assessor | None] = relationship(foreign_keys=[first_assessor_id])
    second_assessor: Mapped[Assessor | None] = relationship(foreign_keys=[second_assessor_id])

    __table_args__ = (
        Index("ix_assessment_sheet_resident_id_id", "resident_id", "id"),
        CheckConstraint(
            "state NOT IN ('submitted', 'sealed') OR (result IS NOT NULL AND submitted_at IS NOT NULL)", name="scored"
        ),
        CheckConstraint("first_assessor_id IS NULL OR first_assessor_id <> second_assessor_id", name="two_people"),
        UniqueConstraint("rescored_from_id", "instrument"),
    )


class GradeProposal(Model):
    """What a submitted sheet proposes and what people did with it."""

    __tablename__ = "grade_proposal"
    __audited__ = True

    id: Mapped[int] = identity()
    sheet_id: Mapped[int] = mapped_column(ForeignKey("assessment_sheet.id"), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    state: Mapped[ProposalState] = mapped_column(enum_type(ProposalState, "state"))
    proposed_grade: Mapped[int]
    review_reason: Mapped[str | None] = mapped_column(Text)
    reviewed_grade: Mapped[int | None]
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    reviewed_by_person: Mapped[str | None] = mapped_column(String(64))
    reviewed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str | None] = mapped_column(Text)
    decided_grade: Mapped[int | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_by_person: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    sheet: Mapped[Sheet] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        CheckConstraint("proposed_grade BETWEEN 1 AND 3", name="proposed"),
        CheckConstraint("decided_grade IS NULL OR decided_grade BETWEEN 1 AND 3", name="decided"),
        CheckConstraint("state <> 'decided' OR decided_by IS NOT NULL", name="named"),
    )


class CareGrade(Model):
    """A care grade (1 全自理, 2 半护理, 3 全护理) in force for whole months; periods of one resident never overlap.

    Only ``valid_to`` may change, and only once: when the next grade or the end of support closes the period.
    """

    __tablename__ = "care_grade"
    __audited__ = True

    id: Mapped[int] = identity()
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("grade_proposal.id"), unique=True)
    grade: Mapped[int]
    valid_from: Mapped[dt.date] = mapped_column(Date)
    valid_to: Mapped[dt.date | None] = mapped_column(Date)
    instrument: Mapped[str] = mapped_column(String(32))
    instrument_sha256: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    resident: Mapped[Resident] = relationship()
    proposal: Mapped[GradeProposal] = relationship()

    __table_args__ = (
        UniqueConstraint("resident_id", "valid_from"),
        CheckConstraint("grade BETWEEN 1 AND 3", name="grade"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="order"),
    )


class GradeAppeal(Model):
    """Somebody objects to a care grade within its publicity. The first sheet stays; a second pair scores again."""

    __tablename__ = "grade_appeal"
    __audited__ = True

    id: Mapped[int] = identity()
    grade_id: Mapped[int] = mapped_column(ForeignKey("care_grade.id"), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    state: Mapped[AppealState] = mapped_column(enum_type(AppealState, "state"))
    by: Mapped[AppealBy] = mapped_column(enum_type(AppealBy, "by"))
    by_name: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    filed_on: Mapped[dt.date] = mapped_column(Date)
    filed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decide_by: Mapped[dt.date] = mapped_column(Date)
    rule_sha256: Mapped[str] = mapped_column(String(64))
    second_sheet_id: Mapped[int | None] = mapped_column(ForeignKey("assessment_sheet.id"))
    outcome_grade: Mapped[int | None]
    outcome_reason: Mapped[str | None] = mapped_column(Text)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    grade: Mapped[CareGrade] = relationship(lazy="joined", innerjoin=True)
    second_sheet: Mapped[Sheet | None] = relationship()

    __table_args__ = (
        CheckConstraint("outcome_grade IS NULL OR outcome_grade BETWEEN 1 AND 3", name="outcome"),
        CheckConstraint(
            "state NOT IN ('confirmed', 'changed') OR (outcome_grade IS NOT NULL AND second_sheet_id IS NOT NULL)",
            name="decided",
        ),
    )


class ReassessmentDue(Model):
    """A resident whose next assessment is due (regularly, change reported, after hospital, accidents)."""

    __tablename__ = "reassessment_due"
    __audited__ = True

    id: Mapped[int] = identity()
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    cause: Mapped[str] = mapped_column(String(32))
    due_on: Mapped[dt.date] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    closed_by_sheet_id: Mapped[int | None] = mapped_column(ForeignKey("assessment_sheet.id"))
    escalated_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    """When the county was told that it is overdue."""

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (UniqueConstraint("resident_id", "cause", "due_on"),)


class DoubleDraw(Model):
    """Which residents of a month are scored by two blind assessors: drawn by a seed that was committed to beforehand.

    ``seed_sha256`` is shown from the first day, the seed itself only once the list is closed. ``entries`` is the frozen
    list of resident numbers, ``drawn`` those that came out of it.
    """

    __tablename__ = "double_draw"
    __audited__ = True

    id: Mapped[int] = identity()
    month: Mapped[str] = mapped_column(String(7), unique=True)
    percent: Mapped[int] = mapped_column(Integer)
    seed: Mapped[str] = mapped_column(String(64))
    seed_sha256: Mapped[str] = mapped_column(String(64))
    committed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    committed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    entries: Mapped[list[str] | None] = mapped_column(JsonText)
    entries_sha256: Mapped[str | None] = mapped_column(String(64))
    drawn: Mapped[list[str] | None] = mapped_column(JsonText)

    __table_args__ = (
        CheckConstraint("percent BETWEEN 10 AND 100", name="share"),
        CheckConstraint("closed_at IS NULL OR (entries IS NOT NULL AND drawn IS NOT NULL)", name="closed"),
    )


class SheetPair(Model):
    """Sheets of one resident that a person compares: two assessors who score blind, or versions of two devices.

    ``token`` is its name towards devices. ``first_assessor_id`` and ``second_assessor_id`` are the two of a blind pair.
    ``choices`` keeps the adjudication: per differing entry the code that counts, per group the reason in words.
    """

    __tablename__ = "sheet_pair"
    __audited__ = True

    id: Mapped[int] = identity()
    token: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[PairKind] = mapped_column(enum_type(PairKind, "kind"))
    state: Mapped[PairState] = mapped_column(enum_type(PairState, "state"), index=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    first_assessor_id: Mapped[int | None] = mapped_column(ForeignKey("assessor.id"), index=True)
    second_assessor_id: Mapped[int | None] = mapped_column(ForeignKey("assessor.id"), index=True)
    cause: Mapped[str] = mapped_column(Text)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    opened_by_person: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    completed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    choices: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    reason: Mapped[str | None] = mapped_column(Text)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    settled_by_person: Mapped[str | None] = mapped_column(String(64))
    settled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    first_assessor: Mapped[Assessor | None] = relationship(foreign_keys=[first_assessor_id])
    second_assessor: Mapped[Assessor | None] = relationship(foreign_keys=[second_assessor_id])

    __table_args__ = (
        CheckConstraint("kind <> 'blind' OR (first_assessor_id <> second_assessor_id)", name="two_people"),
        CheckConstraint(
            "state <> 'adjudicated' OR (settled_by_person IS NOT NULL AND reason IS NOT NULL)", name="named"
        ),
    )


class SheetPairMember(Model):
    """A sheet of a pair; written once. The result of an adjudication is a member as well, in its own role."""

    __tablename__ = "sheet_pair_member"
    __audited__ = True

    id: Mapped[int] = identity()
    pair_id: Mapped[int] = mapped_column(ForeignKey("sheet_pair.id"))
    sheet_id: Mapped[int] = mapped_column(ForeignKey("assessment_sheet.id"), index=True)
    role: Mapped[PairRole] = mapped_column(enum_type(PairRole, "role"))
    joined_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("pair_id", "sheet_id"),)


__all__ = [
    "CareGrade",
    "DoubleDraw",
    "GradeAppeal",
    "GradeProposal",
    "ProposalState",
    "ReassessmentDue",
    "Sheet",
    "SheetPair",
    "SheetPairMember",
    "SheetState",
]
