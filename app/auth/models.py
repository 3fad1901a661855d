"""Accounts, sessions, tokens and the sign-in throttle."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.actor import Role
from app.core.db import BigId, Model, UtcDateTime, enum_type, identity
from app.core.names import search_key
from app.core.secrets import HasSecrets, Secret


def _search_key(context: Any) -> str:
    return search_key(context.get_current_parameters()["name"])


class User(HasSecrets, Model):
    """One account of one person. ``person_key`` is equal for every account of the same person (keyed hash of the ID
    number where known), so that separation of duties holds for people, not accounts.

    ``role_confirmed_at`` is empty while the account waits for a security administrator to confirm role and scope.
    ``initial_password_until`` is set while the password is one that an administrator handed out.
    """

    __tablename__ = "user_account"
    __audited__ = True

    id: Mapped[int] = identity()
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    search: Mapped[str] = mapped_column(String(360), default=_search_key)
    role: Mapped[Role] = mapped_column(enum_type(Role, "role"))
    area_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    person_key: Mapped[str] = mapped_column(String(64), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    password_changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    totp_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp = Secret("totp_enc")
    totp_confirmed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    totp_last_step: Mapped[int | None] = mapped_column(BigId)
    active: Mapped[bool] = mapped_column(default=True)
    demo: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    role_confirmed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    role_confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    initial_password_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint("username = lower(username)", name="username_lower"),)


class PasswordHistory(Model):
    """Earlier password hashes; the last five may not come back (GB/T 22239-2019 profile)."""

    __tablename__ = "password_history"

    id: Mapped[int] = identity()
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class WebSession(Model):
    """A signed-in browser. The cookie carries a random token, the database its hash: sign-out ends every copy."""

    __tablename__ = "web_session"

    id: Mapped[int] = identity()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    second_factor_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    needs_second_factor: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(200))


class ApiToken(Model):
    """A bearer token for the JSON API; acts with the account's role and scope."""

    __tablename__ = "api_token"
    __audited__ = True

    id: Mapped[int] = identity()
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    label: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class SignInAttempt(Model):
    """One try to sign in, by keyed account name and address: what the throttle counts. ``address`` is empty for tries
    that cannot be guesses (names no account can have).
    """

    __tablename__ = "sign_in_attempt"

    id: Mapped[int] = identity()
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    username: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    ok: Mapped[bool]

    __table_args__ = (
        Index("ix_sign_in_attempt_username_at", "username", "at"),
        Index("ix_sign_in_attempt_address_at", "address", "at"),
    )
