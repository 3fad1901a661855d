"""Enrolled devices, the records they sent, and what was said to each."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import User
from app.core.db import JsonText, Model, UtcDateTime, enum_type, identity
from app.core.secrets import HasSecrets, Secret
from app.people.models import Resident
from app.tablet.rules import Clock, Code, DeviceState, Verdict


class Device(Model):
    """A browser profile that one account enrolled. ``uid`` is its own name, ``public_key`` what its records are signed with
    (ECDSA P-256, the uncompressed point in hexadecimal). ``counts`` is what it last said of itself.
    """

    __tablename__ = "device"
    __audited__ = True

    id: Mapped[int] = identity()
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    public_key: Mapped[str] = mapped_column(String(130))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    token_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[DeviceState] = mapped_column(enum_type(DeviceState, "state"))
    reason: Mapped[str | None] = mapped_column(Text)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    changed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    enrolled_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    counts: Mapped[dict[str, int]] = mapped_column(JsonText, default=dict)
    taken: Mapped[list[int]] = mapped_column(JsonText, default=list)
    """Residents that are on the device, by id, as of its last download."""

    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="joined", innerjoin=True)


class Route(StrEnum):
    """How a record came."""

    DIRECT = "direct"
    COURIER = "courier"


class SyncRecord(HasSecrets, Model):
    """One offline record as it came, written once. ``hash`` is SHA-256 of its text, which is kept encrypted.

    ``written_at`` is the device's own time, ``received_at`` the county's; ``clock`` says whether the first can be right.
    """

    __tablename__ = "sync_record"

    id: Mapped[int] = identity()
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    counter: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(64), index=True)
    version: Mapped[int]
    of_key: Mapped[str | None] = mapped_column(String(64))
    """The record this one belongs to (an attachment's sheet), by its key on the same device."""
    signature: Mapped[str] = mapped_column(String(100))
    text_enc: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    text = Secret("text_enc")
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    written_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    clock: Mapped[Clock] = mapped_column(enum_type(Clock, "clock"))
    route: Mapped[Route] = mapped_column(enum_type(Route, "route"))
    brought_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    device: Mapped[Device] = relationship(lazy="joined", innerjoin=True)
    resident: Mapped[Resident | None] = relationship()

    __table_args__ = (UniqueConstraint("device_id", "counter", "hash"),)


class SyncReceipt(Model):
    """What the county said to a record, written once; the one with the highest ``number`` holds. ``id`` is the ``seq`` of
    the protocol. ``detail`` keeps what the server itself found (its own result of a sheet whose trace differs).
    """

    __tablename__ = "sync_receipt"

    id: Mapped[int] = identity()
    record_id: Mapped[int] = mapped_column(ForeignKey("sync_record.id"))
    number: Mapped[int]
    verdict: Mapped[Verdict] = mapped_column(enum_type(Verdict, "verdict"))
    code: Mapped[Code] = mapped_column(enum_type(Code, "code"))
    words: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    fields: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    reference: Mapped[str | None] = mapped_column(String(64))
    routed_to: Mapped[str | None] = mapped_column(String(120))
    result_sha256: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    said_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    said_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    __table_args__ = (
        UniqueConstraint("record_id", "number"),
        Index("ix_sync_receipt_verdict_code", "verdict", "code"),
        CheckConstraint("number >= 1", name="number"),
    )


__all__ = ["Device", "DeviceState", "Route", "SyncReceipt", "SyncRecord"]
