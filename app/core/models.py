"""Tables of the shared kernel: audit chain, jobs, issued documents, controlled rules, keys in use."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import BigId, JsonText, Model, UtcDateTime, enum_type, identity


class AuditEntry(Model):
    """One change or one look at personal data; append-only, each row carries the hash of the one before."""

    __tablename__ = "audit_entry"

    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None] = mapped_column(BigId, index=True)
    actor_name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(32))
    act: Mapped[str] = mapped_column(String(64), index=True)
    object_type: Mapped[str] = mapped_column(String(48))
    object_id: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(64))
    changes: Mapped[str] = mapped_column(Text)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    __table_args__ = (UniqueConstraint("prev_hash"),)


class AuditHead(Model):
    """The end of the audit chain: one row, locked by whoever appends."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigId)
    hash: Mapped[str] = mapped_column(String(64))


class JobRun(Model):
    """One run of one scheduled job for one period; the unique key keeps two schedulers from running it twice."""

    __tablename__ = "job_run"

    id: Mapped[int] = identity()
    job: Mapped[str] = mapped_column(String(48))
    period: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    ok: Mapped[bool | None]
    result: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("job", "period"),)


class IssuedDocument(Model):
    """A printed document: what the QR code on paper leads to. ``token`` cannot be guessed."""

    __tablename__ = "issued_document"

    id: Mapped[int] = identity()
    token: Mapped[str] = mapped_column(String(32), unique=True)
    number: Mapped[str] = mapped_column(String(48), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(String(64))
    area_code: Mapped[str | None] = mapped_column(String(12))
    fingerprint: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    withdrawn_reason: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (UniqueConstraint("number", "fingerprint"),)


class RuleState(StrEnum):
    """Life of a controlled rule document."""

    DRAFT = "draft"
    PUBLISHED = "published"
    REJECTED = "rejected"


class RuleDocument(Model):
    """A dated rule the county keeps itself (pay table, scorecard, care standard …): drafted, approved by a second
    person, published with a date, then frozen. ``body`` is the TOML text; ``sha256`` is of its bytes.
    """

    __tablename__ = "rule_document"
    __audited__ = True

    id: Mapped[int] = identity()
    kind: Mapped[str] = mapped_column(String(32), index=True)
    code: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    title_zh: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    in_force_from: Mapped[dt.date] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[RuleState] = mapped_column(enum_type(RuleState, "state"))
    drafted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    drafted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("kind", "code", "version"),)


class KeyInUse(Model):
    """Fingerprint of each encryption key this database was written with; start-up refuses a keyring without it."""

    __tablename__ = "key_in_use"

    key_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    check_value: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


COUNTY_KEY = "county"
"""The setting that says which county of an installation of many these tables hold."""


class Setting(Model):
    """Small facts of this installation (county code, when the demo was seeded)."""

    __tablename__ = "setting"
    __audited__ = True

    key: Mapped[str] = mapped_column(String(48), primary_key=True)
    value: Mapped[Any] = mapped_column(JsonText)
