"""Care plans, daily checklists, visits and incidents."""

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
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.care.rules import Presence
from app.core.db import JsonText, Model, UtcDateTime, enum_type, identity
from app.core.secrets import HasSecrets, Secret
from app.grading.models import CareGrade
from app.people.models import Resident, Setting


class PlanState(StrEnum):
    """A plan counts once a second person approved it; the next one replaces it."""

    DRAFT = "draft"
    APPROVED = "approved"
    REPLACED = "replaced"


class CareProfile(HasSecrets, Model):
    """What a person told about eating, faith and room, and what was found about teeth and swallowing; one row a version.

    ``wishes`` and ``orders`` (medical orders on food and care) are encrypted JSON: wishes are voluntary and may show
    religion. ``show_at_bedside`` is the person's own consent to print them. Codes: ``rules.SWALLOW``, ``rules.TEETH``,
    ``rules.DENTURES`` (GB/T 42195-2022 A.5).
    """

    __tablename__ = "care_profile"
    __audited__ = True

    id: Mapped[int] = identity()
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    version: Mapped[int]
    teeth: Mapped[str | None] = mapped_column(String(16))
    denture: Mapped[str | None] = mapped_column(String(8))
    swallow: Mapped[str | None] = mapped_column(String(8))
    swallow_on: Mapped[dt.date | None] = mapped_column(Date)
    residue: Mapped[bool] = mapped_column(default=False)
    show_at_bedside: Mapped[bool] = mapped_column(default=False)
    wishes_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    wishes = Secret("wishes_enc")
    orders_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    orders = Secret("orders_enc")
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("resident_id", "version"),)


class CarePlan(Model):
    """What one resident needs: a line per care item (S01 … S12) with frequency and where it comes from.

    ``lines`` is a list of {item, frequency, suggested, minimum, tier, notes, note}; ``risks`` the nine risks {id, level,
    from, note}; ``texture`` the suggestion of ``rules.suggest`` and ``confirmed`` what a qualified person made of it;
    ``night`` {lives_in, helper, institution}; ``signed`` who agreed to it, as whom, when. ``standard_sha256`` and
    ``personal_sha256`` name the rules it was drawn from, ``profile_id`` the version of teeth, swallowing and wishes.
    """

    __tablename__ = "care_plan"
    __audited__ = True

    id: Mapped[int] = identity()
    number: Mapped[str] = mapped_column(String(24), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    grade_id: Mapped[int] = mapped_column(ForeignKey("care_grade.id"))
    setting: Mapped[Setting] = mapped_column(enum_type(Setting, "setting"))
    state: Mapped[PlanState] = mapped_column(enum_type(PlanState, "state"))
    standard_code: Mapped[str] = mapped_column(String(64))
    standard_sha256: Mapped[str] = mapped_column(String(64))
    personal_sha256: Mapped[str | None] = mapped_column(String(64))
    profile_id: Mapped[int | None] = mapped_column(ForeignKey("care_profile.id"))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JsonText)
    risks: Mapped[list[dict[str, Any]]] = mapped_column(JsonText, default=list)
    texture: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    confirmed: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    night: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    signed: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    notes: Mapped[str | None] = mapped_column(Text)
    valid_from: Mapped[dt.date] = mapped_column(Date)
    valid_to: Mapped[dt.date | None] = mapped_column(Date)
    drafted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    drafted_by_person: Mapped[str] = mapped_column(String(64))
    drafted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    grade: Mapped[CareGrade] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="order"),)


class ChecklistDay(Model):
    """What was said about one resident's day: one row, asked for by days and residents (see ADR 30).

    ``done`` and ``excused`` (not needed) are packed counts of the twelve items (``rules.pack``), never more than the plan of
    that day makes due. Items with a bit in ``not_done_mask`` have entries saying so in ``checklist_note``; in ``late_mask``
    items with an entry more than 24 hours after the day ended. Columns are ordered and four bytes wide for their size.
    """

    __tablename__ = "checklist_day"

    done: Mapped[int] = mapped_column(BigInteger, default=0)
    excused: Mapped[int] = mapped_column(BigInteger, default=0)
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    day: Mapped[dt.date] = mapped_column(Date)
    resident_id: Mapped[int] = mapped_column(Integer, ForeignKey("resident.id"))
    plan_id: Mapped[int] = mapped_column(Integer, ForeignKey("care_plan.id"))
    recorded_by: Mapped[int | None] = mapped_column(Integer)
    caregiver_id: Mapped[int | None] = mapped_column(Integer)
    not_done_mask: Mapped[int] = mapped_column(SmallInteger, default=0)
    late_mask: Mapped[int] = mapped_column(SmallInteger, default=0)

    __table_args__ = (
        PrimaryKeyConstraint("day", "resident_id"),
        CheckConstraint("done BETWEEN 0 AND 281474976710655 AND excused BETWEEN 0 AND 281474976710655", name="twelve"),
        CheckConstraint("not_done_mask BETWEEN 0 AND 4095 AND late_mask BETWEEN 0 AND 4095", name="masks"),
    )


class ChecklistNote(Model):
    """An entry that is more than plain work as due, append-only: not done, not needed, a correction, a note, or care
    nobody had planned (``extra``).

    ``times`` of ``item`` became ``outcome`` (``open`` when an entry was taken back) after having been ``before``, which is
    set in corrections only. Counts of "not done" and of unplanned care are sums over these rows.
    """

    __tablename__ = "checklist_note"

    id: Mapped[int] = identity()
    day: Mapped[dt.date] = mapped_column(Date)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    item: Mapped[str] = mapped_column(String(3))
    times: Mapped[int] = mapped_column(SmallInteger, default=1)
    outcome: Mapped[str] = mapped_column(String(16))
    before: Mapped[str | None] = mapped_column(String(16))
    extra: Mapped[bool] = mapped_column(default=False)
    reason_code: Mapped[str | None] = mapped_column(String(24))
    note: Mapped[str | None] = mapped_column(String(500))
    late: Mapped[bool] = mapped_column(default=False)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_checklist_note_resident_id_day", "resident_id", "day"),
        # care beside the plan, of a county at once: it keeps due days of its week or month
        Index(
            "ix_checklist_note_extra_day",
            "day",
            sqlite_where=text("extra IS 1"),
            postgresql_where=text("extra IS true"),
        ),
        CheckConstraint("times BETWEEN 1 AND 15", name="times"),
    )

    @property
    def correction(self) -> bool:
        """Whether it changed what somebody had recorded before."""
        return self.before is not None


class Handover(HasSecrets, Model):
    """What one shift of an institution hands to the next: a snapshot signed by who leaves and by who comes.

    ``shift`` is its word (``rules.SHIFTS``), ``day`` the day it begins. ``facts`` names residents by number only: {shift, residents, due, said,
    open, exceptions, away, incidents}; ``shift`` is {id, begins, ends, key}: which shift it was and the version of its hours.
    """

    __tablename__ = "shift_handover"
    __audited__ = True

    id: Mapped[int] = identity()
    institution_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    day: Mapped[dt.date] = mapped_column(Date)
    shift: Mapped[str] = mapped_column(String(8))
    facts: Mapped[dict[str, Any]] = mapped_column(JsonText)
    note_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    note = Secret("note_enc")
    given_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    given_by_person: Mapped[str] = mapped_column(String(64))
    given_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    received_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    received_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("institution_id", "day", "shift"),
        CheckConstraint("shift IN ('early', 'late', 'night')", name="shift"),
    )


class HouseHours(Model):
    """When the shifts of one institution begin from a day on, append-only; ``begins`` is a list of [hour, shift], empty where
    the house follows the county again. Among versions of one first day the last one counts.
    """

    __tablename__ = "house_hours"
    __audited__ = True

    id: Mapped[int] = identity()
    institution_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    version: Mapped[int]
    in_force_from: Mapped[dt.date] = mapped_column(Date)
    begins: Mapped[list[list[Any]]] = mapped_column(JsonText)
    reason: Mapped[str] = mapped_column(String(300))
    decided_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("institution_id", "version"),)


class PresenceCard(Model):
    """A card on the wall of one home for one month (``2026-03``); its code is made anew from the county's secret and stands in
    no table (``rules.card_code``). A lost card is ended with a reason and the next serial number is printed.
    """

    __tablename__ = "presence_card"
    __audited__ = True

    id: Mapped[int] = identity()
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    period: Mapped[str] = mapped_column(String(7))
    serial: Mapped[int] = mapped_column(SmallInteger)
    printed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    printed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ended_reason: Mapped[str | None] = mapped_column(String(300))

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (UniqueConstraint("resident_id", "period", "serial"),)


class Recording(Model):
    """One act of recording one resident's day, append-only: who, when by which clock, and whether the household's card was
    seen. What was recorded stands in the day and its entries; this is what patterns are looked for in.

    ``made_at`` is the best-known time (``rules.Moment``), ``surely_after`` the county's own time that the device proves it had
    heard of before, ``recorded_at`` when it came. ``record_key`` names the offline record, so that it is acted upon once.
    """

    __tablename__ = "care_recording"

    id: Mapped[int] = identity()
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    day: Mapped[dt.date] = mapped_column(Date)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    record_key: Mapped[str | None] = mapped_column(String(110), unique=True)
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    surely_after: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    times: Mapped[int] = mapped_column(SmallInteger)
    """Services it said something new about."""
    items: Mapped[int] = mapped_column(SmallInteger)
    """Mask of the items it was about."""
    presence: Mapped[Presence] = mapped_column(enum_type(Presence, "presence"))
    photos: Mapped[list[str]] = mapped_column(JsonText, default=list)
    """SHA-256 of each picture taken with it."""

    __table_args__ = (
        Index("ix_care_recording_user_id_made_at", "user_id", "made_at"),
        Index("ix_care_recording_resident_id_day", "resident_id", "day"),
    )


class OddState(StrEnum):
    """What became of a pattern that somebody should look at."""

    OPEN = "open"
    FOLLOWED = "followed"
    DISMISSED = "dismissed"


class OddPattern(HasSecrets, Model):
    """Something in the records that is hard to believe (``rules.patterns``). It changes nothing by itself: a person looks at
    it, says what it was, and acts by the ordinary ways. ``mark`` names it, so that it is found once.
    """

    __tablename__ = "odd_pattern"
    __audited__ = True

    id: Mapped[int] = identity()
    mark: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    first_on: Mapped[dt.date] = mapped_column(Date)
    last_on: Mapped[dt.date] = mapped_column(Date)
    facts: Mapped[dict[str, Any]] = mapped_column(JsonText)
    found_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    state: Mapped[OddState] = mapped_column(enum_type(OddState, "state"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    reason_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason = Secret("reason_enc")

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)


class Visit(HasSecrets, Model):
    """A visit by a village officer, volunteer or township officer: eaten together, talked, seen a problem.

    ``satisfaction`` and ``neighbour_view`` are 0–5 points of scorecard part D; ``clean``, ``skin`` and ``steady`` are
    observations for part B. ``voice`` holds what the resident said alone to each question of ``rules.VOICE`` (null: did not
    want to say); with all of them answered ``satisfaction`` is how many were yes.
    """

    __tablename__ = "visit"
    __audited__ = True

    id: Mapped[int] = identity()
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    visited_on: Mapped[dt.date] = mapped_column(Date, index=True)
    visitor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    role: Mapped[str] = mapped_column(String(32))
    ate_together: Mapped[bool] = mapped_column(default=False)
    talked: Mapped[bool] = mapped_column(default=False)
    caregiver_present: Mapped[bool] = mapped_column(default=False)
    satisfaction: Mapped[int | None] = mapped_column(SmallInteger)
    neighbour_view: Mapped[int | None] = mapped_column(SmallInteger)
    clean: Mapped[bool | None]
    skin: Mapped[bool | None]
    steady: Mapped[bool | None]
    problem: Mapped[bool] = mapped_column(default=False)
    voice: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    note_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    note = Secret("note_enc")
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        UniqueConstraint("resident_id", "visitor_id", "visited_on"),
        CheckConstraint("satisfaction IS NULL OR satisfaction BETWEEN 0 AND 5", name="satisfaction"),
        CheckConstraint("neighbour_view IS NULL OR neighbour_view BETWEEN 0 AND 5", name="neighbour_view"),
    )


class Incident(HasSecrets, Model):
    """A fall, choking, pressure sore …; ``avoidable`` is judged by a named person, never assumed."""

    __tablename__ = "incident"
    __audited__ = True

    id: Mapped[int] = identity()
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    happened_on: Mapped[dt.date] = mapped_column(Date)
    happened_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    reported_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    reported_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    severity: Mapped[str] = mapped_column(String(8))
    note_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    note = Secret("note_enc")
    avoidable: Mapped[bool | None]
    judged_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    judgement: Mapped[str | None] = mapped_column(String(500))

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)


class IncidentStep(HasSecrets, Model):
    """What was done about an incident, append-only: who was told, measures, follow-up by a day, a changed plan, a new
    assessment, closed. Kinds: ``rules.STEPS``.
    """

    __tablename__ = "incident_step"

    id: Mapped[int] = identity()
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    text_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    text = Secret("text_enc")
    due_on: Mapped[dt.date | None] = mapped_column(Date)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
