"""Residents, the people who care for them and the people who assess them."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Connection,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    and_,
    delete,
    event,
    insert,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import get_history

from app.core.db import JsonText, Model, UtcDateTime, enum_type, identity
from app.core.names import LONGEST_TERM, terms
from app.core.secrets import HasSecrets, Secret
from app.places.models import Area, Organisation


class Sex(StrEnum):
    """GB/T 2261.1, the two values an ID number can carry (1 male, 2 female)."""

    MALE = "1"
    FEMALE = "2"


class Setting(StrEnum):
    """Form of support: 集中供养 in an institution or 分散供养 at home (SA14 art. 19)."""

    INSTITUTIONAL = "institutional"
    HOME = "home"


class ResidentStatus(StrEnum):
    """Whether support runs; a record is never deleted."""

    ACTIVE = "active"
    DECEASED = "deceased"
    ENDED = "ended"


class Resident(HasSecrets, Model):
    """A supported person (特困人员). Codes are those of MZ/T 039 form A and domain tables; personal data encrypted."""

    __tablename__ = "resident"
    __audited__ = True

    id: Mapped[int] = identity()
    number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    search: Mapped[str] = mapped_column(String(360))
    sex: Mapped[Sex] = mapped_column(enum_type(Sex, "sex"))
    born_on: Mapped[dt.date] = mapped_column(Date)
    id_number_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_number_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    id_tail: Mapped[str | None] = mapped_column(String(4), index=True)
    id_number = Secret("id_number_enc", index="id_number_index", tail="id_tail")
    ethnicity: Mapped[str] = mapped_column(String(2))
    education: Mapped[str | None] = mapped_column(String(1))
    religion_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    religion = Secret("religion_enc")
    marital: Mapped[str | None] = mapped_column(String(1))
    living: Mapped[str | None] = mapped_column(String(1))
    medical_payment: Mapped[list[str]] = mapped_column(JsonText, default=list)
    income_sources: Mapped[list[str]] = mapped_column(JsonText, default=list)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    address_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    address = Secret("address_enc")
    phone_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone = Secret("phone_enc")
    health_notes_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    health_notes = Secret("health_notes_enc")
    setting: Mapped[Setting] = mapped_column(enum_type(Setting, "setting"))
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    caregiver_id: Mapped[int | None] = mapped_column(ForeignKey("caregiver.id"), index=True)
    guardian_name: Mapped[str | None] = mapped_column(String(80))
    guardian_relation: Mapped[str | None] = mapped_column(String(1))
    guardian_phone_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    guardian_phone = Secret("guardian_phone_enc")
    status: Mapped[ResidentStatus] = mapped_column(enum_type(ResidentStatus, "status"), default=ResidentStatus.ACTIVE)
    supported_from: Mapped[dt.date] = mapped_column(Date)
    ended_on: Mapped[dt.date | None] = mapped_column(Date)
    end_reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    area: Mapped[Area] = relationship(lazy="joined", innerjoin=True)
    institution: Mapped[Organisation | None] = relationship()
    caregiver: Mapped[Caregiver | None] = relationship()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_resident_area_code_id", "area_code", "id"),
        CheckConstraint("setting <> 'institutional' OR institution_id IS NOT NULL", name="institution_named"),
        CheckConstraint("status = 'active' OR ended_on IS NOT NULL", name="end_dated"),
    )


class ResidentTerm(Model):
    """Under what residents are found (``names.terms``), in the order of their list: who looks for a name reads those who have
    it, and stops after a page. Kept by ``_keep_terms`` below; holds nothing that is not in ``resident``.
    """

    __tablename__ = "resident_term"

    term: Mapped[str] = mapped_column(String(LONGEST_TERM), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), primary_key=True)

    __table_args__: Any = {"sqlite_with_rowid": False}


class AbsenceKind(StrEnum):
    """Why a resident is not at the place of care."""

    HOSPITAL = "hospital"
    LEAVE = "leave"


class Absence(Model):
    """Days away from the place of care; ``to_on`` is the last day away, open while it lasts. Settlement counts them."""

    __tablename__ = "absence"
    __audited__ = True

    id: Mapped[int] = identity()
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    kind: Mapped[AbsenceKind] = mapped_column(enum_type(AbsenceKind, "kind"))
    from_on: Mapped[dt.date] = mapped_column(Date)
    to_on: Mapped[dt.date | None] = mapped_column(Date)
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    resident: Mapped[Resident] = relationship()

    __table_args__ = (
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="order"),
        UniqueConstraint("resident_id", "from_on"),
    )


class Tier(StrEnum):
    """Pre-job training passed: T1 basic, T2 half care, T3 full care (domain.md 7.3)."""

    T1 = "T1"
    T2 = "T2"
    T3 = "T3"


class Caregiver(HasSecrets, Model):
    """A person paid for care: a neighbour or relative at home, or a worker of an institution."""

    __tablename__ = "caregiver"
    __audited__ = True

    id: Mapped[int] = identity()
    number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    search: Mapped[str] = mapped_column(String(360))
    sex: Mapped[Sex] = mapped_column(enum_type(Sex, "sex"))
    born_on: Mapped[dt.date] = mapped_column(Date)
    id_number_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_number_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    id_tail: Mapped[str | None] = mapped_column(String(4), index=True)
    id_number = Secret("id_number_enc", index="id_number_index", tail="id_tail")
    phone_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone = Secret("phone_enc")
    bank_name: Mapped[str | None] = mapped_column(String(80))
    bank_account_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    bank_tail: Mapped[str | None] = mapped_column(String(4))
    bank_account = Secret("bank_account_enc", tail="bank_tail")
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), index=True)
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), unique=True)
    tier: Mapped[Tier | None] = mapped_column(enum_type(Tier, "tier"))
    tier_passed_on: Mapped[dt.date | None] = mapped_column(Date)
    tier_valid_to: Mapped[dt.date | None] = mapped_column(Date)
    health_check_on: Mapped[dt.date | None] = mapped_column(Date)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    area: Mapped[Area] = relationship(lazy="joined", innerjoin=True)
    institution: Mapped[Organisation | None] = relationship()

    __mapper_args__ = {"version_id_col": version}


class CaregiverTerm(Model):
    """As ``ResidentTerm``, for caregivers."""

    __tablename__ = "caregiver_term"

    term: Mapped[str] = mapped_column(String(LONGEST_TERM), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    caregiver_id: Mapped[int] = mapped_column(ForeignKey("caregiver.id"), primary_key=True)

    __table_args__: Any = {"sqlite_with_rowid": False}


class Assessor(Model):
    """A member of the professional medical agency; two sign every sheet (MZ/T 039-2013)."""

    __tablename__ = "assessor"
    __audited__ = True

    id: Mapped[int] = identity()
    name: Mapped[str] = mapped_column(String(80))
    search: Mapped[str] = mapped_column(String(360))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    qualification: Mapped[str] = mapped_column(String(24))
    certificate_number: Mapped[str] = mapped_column(String(64))
    certificate_valid_to: Mapped[dt.date] = mapped_column(Date)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), unique=True)
    active: Mapped[bool] = mapped_column(default=True)

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)


class ImportRun(Model):
    """One import of residents from a table: who, when, which file (by hash), how many rows."""

    __tablename__ = "import_run"
    __audited__ = True

    id: Mapped[int] = identity()
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(String(64))
    imported: Mapped[int]
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    detail: Mapped[Any] = mapped_column(JsonText, default=dict)


FOUND_BY: dict[type[Resident | Caregiver], type[ResidentTerm | CaregiverTerm]] = {
    Resident: ResidentTerm,
    Caregiver: CaregiverTerm,
}
"""The table of terms of each kind of person."""


def term_rows(kind: type[Resident | Caregiver], person_id: int, key: str, area: str) -> list[dict[str, Any]]:
    """The rows a person is found by, sorted as they are stored."""
    own = "resident_id" if kind is Resident else "caregiver_id"
    return [{"term": term, "area_code": area, own: person_id} for term in sorted(terms(key))]


def _keep_terms(kind: type[Resident | Caregiver]) -> None:
    """Whoever is written, renamed or moved is found by the new name at the new place from the same transaction on. Rows that
    go past the unit of work (a bulk load) bring their terms along. What a row was before is known because both kinds are audited.
    """
    table = FOUND_BY[kind].__table__
    person = table.c["resident_id" if kind is Resident else "caregiver_id"]

    @event.listens_for(kind, "after_insert")
    def written(_mapper: Any, connection: Connection, row: Resident | Caregiver) -> None:
        if rows := term_rows(kind, row.id, row.search, row.area_code):
            connection.execute(insert(table), rows)  # type: ignore[arg-type]  # a table, which the mapping calls a selectable

    @event.listens_for(kind, "after_update")
    def changed(_mapper: Any, connection: Connection, row: Resident | Caregiver) -> None:
        was = {}
        for name in ("search", "area_code"):
            gone = get_history(row, name).deleted
            was[name] = gone[0] if gone else getattr(row, name)
        if (was["search"], was["area_code"]) == (row.search, row.area_code):
            return
        if old := terms(was["search"]):
            there = and_(table.c.term.in_(old), table.c.area_code == was["area_code"], person == row.id)
            connection.execute(delete(table).where(there))  # type: ignore[arg-type]  # as above
        written(_mapper, connection, row)


_keep_terms(Resident)
_keep_terms(Caregiver)
