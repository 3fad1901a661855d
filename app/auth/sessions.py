"""Server-side sessions: the cookie carries a random token, the database its hash, so that sign-out ends every copy."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from app.auth.models import ApiToken, User, WebSession
from app.auth.roles import permissions_of
from app.core import clock
from app.core.actor import Actor
from app.core.db import db, storage_status
from app.core.transaction import transaction

MAX_SESSIONS = 3
TOUCH_EVERY = dt.timedelta(minutes=1)

LinkLoader = Callable[[User], dict[str, int | None]]


def _no_links(_user: User) -> dict[str, int | None]:
    return {}


@dataclass
class _Links:
    """What the features above know about an account (which caregiver, which assessor it is)."""

    load: LinkLoader = field(default=_no_links)


links = _Links()


def digest(token: str) -> str:
    """What the database keeps of a session or API token."""
    return hashlib.sha256(token.encode()).hexdigest()


def actor_of(user: User) -> Actor:
    """The acting value of an account with the rights that hold now: changes act on the next request."""
    return Actor(
        user_id=user.id,
        name=user.name,
        role=user.role,
        permissions=permissions_of(user.role),
        area_code=user.area_code,
        organisation_id=user.organisation_id,
        person_key=user.person_key,
        **links.load(user),
    )


def start(user: User, *, address: str, agent: str, absolute_hours: int, needs_second_factor: bool) -> str:
    """Open a session and return its token; the oldest ones beyond three are ended."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    with transaction():
        db.session.add(
            WebSession(
                token_hash=digest(token),
                user_id=user.id,
                created_at=now,
                seen_at=now,
                expires_at=now + dt.timedelta(hours=absolute_hours),
                needs_second_factor=needs_second_factor,
                address=address[:64],
                agent=agent[:200],
            )
        )
        db.session.flush()
        keep = (
            select(WebSession.id)
            .where(WebSession.user_id == user.id, WebSession.ended_at.is_(None))
            .order_by(WebSession.id.desc())
            .limit(MAX_SESSIONS)
        )
        db.session.execute(
            update(WebSession)
            .where(
                WebSession.user_id == user.id,
                WebSession.ended_at.is_(None),
                WebSession.id.not_in(select(keep.subquery().c.id)),
            )
            .values(ended_at=now)
            .execution_options(synchronize_session=False)
        )
    return token


def find(token: str, *, idle_minutes: int) -> tuple[WebSession, User] | None:
    """The live session behind a cookie and its active account; None when ended, expired, idle or unknown."""
    row = db.session.execute(
        select(WebSession, User).join(User, User.id == WebSession.user_id).where(WebSession.token_hash == digest(token))
    ).one_or_none()
    if row is None:
        return None
    session, user = row
    now = clock.now()
    if session.ended_at is not None or session.expires_at <= now or not user.active:
        return None
    if session.seen_at + dt.timedelta(minutes=idle_minutes) <= now:
        return None
    if now - session.seen_at >= TOUCH_EVERY:
        try:
            with transaction():
                db.session.execute(update(WebSession).where(WebSession.id == session.id).values(seen_at=now))
        except DBAPIError as error:
            if storage_status(error) is None:
                raise
            # on a full or read-only disk people go on reading; the session only ends earlier than it would
    return session, user


def promote(token: str) -> str:
    """Give a half signed-in session its second factor, and a new token with it; return the token."""
    new, now = secrets.token_urlsafe(32), clock.now()
    with transaction():
        db.session.execute(
            update(WebSession)
            .where(WebSession.token_hash == digest(token), WebSession.ended_at.is_(None))
            .values(token_hash=digest(new), second_factor_at=now, seen_at=now)
            .execution_options(synchronize_session=False)
        )
    return new


def renew(token: str) -> str:
    """A new token for a session whose account changed its password or second factor; the old one is dead."""
    new = secrets.token_urlsafe(32)
    with transaction():
        db.session.execute(
            update(WebSession)
            .where(WebSession.token_hash == digest(token), WebSession.ended_at.is_(None))
            .values(token_hash=digest(new))
            .execution_options(synchronize_session=False)
        )
    return new


def end(token: str) -> None:
    """End one session everywhere."""
    with transaction():
        db.session.execute(
            update(WebSession)
            .where(WebSession.token_hash == digest(token), WebSession.ended_at.is_(None))
            .values(ended_at=clock.now())
        )


def end_all(user_id: int, *, except_token: str | None = None) -> None:
    """End every session of an account (password change, account switched off)."""
    query = update(WebSession).where(WebSession.user_id == user_id, WebSession.ended_at.is_(None))
    if except_token is not None:
        query = query.where(WebSession.token_hash != digest(except_token))
    with transaction():
        db.session.execute(query.values(ended_at=clock.now()).execution_options(synchronize_session=False))


def by_api_token(token: str) -> User | None:
    """The active account behind a bearer token."""
    row = db.session.execute(
        select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.token_hash == digest(token), ApiToken.revoked_at.is_(None), ApiToken.expires_at > clock.now())
    ).one_or_none()
    return row[1] if row is not None and row[1].active else None
