"""Reads of accounts, sessions and tokens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, column, func, or_, select, table

from app.auth.models import ApiToken, SignInAttempt, User, WebSession
from app.auth.rules import (
    ACCOUNT_FAILURES,
    ADDRESS_FAILURES,
    WINDOW,
    AccountState,
    account_state,
    locked_until,
)
from app.core import clock, crypto
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.errors import NotFound
from app.core.names import normalise
from app.core.secrets import keyring

# Accounts name an area and an organisation by foreign key. Those tables belong to a feature above this one, so they
# are read here by name and only for what an account shows of them.
_area = table("area", column("code"), column("name"), column("parent_code"), column("in_use"))
_organisation = table("organisation", column("id"), column("name"), column("active"))

LIKE_ESCAPE = "\\"


@dataclass(frozen=True)
class Filters:
    """What the list of accounts is limited to."""

    q: str = ""
    role: Role | None = None
    state: AccountState | None = None


def visible(actor: Actor) -> Select[User]:
    """Accounts the actor may see: administrators all of the county, everybody else the own one."""
    query = select(User)
    return query if actor.may("users.read") else query.where(User.id == actor.user_id)


def accounts(actor: Actor, filters: Filters) -> Select[User]:
    """The list of accounts, searched by account name, name (also pinyin and initials) or area."""
    query = visible(actor)
    if filters.q:
        escaped = filters.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        like = f"%{escaped.lower()}%"
        by_name = "%" + normalise(filters.q).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        in_area = select(_area.c.code).where(_area.c.name.like(f"%{escaped}%", escape=LIKE_ESCAPE))
        query = query.where(
            or_(
                User.username.like(like, escape=LIKE_ESCAPE),
                User.search.like(by_name, escape=LIKE_ESCAPE),
                User.area_code.in_(in_area),
            )
        )
    if filters.role:
        query = query.where(User.role == filters.role)
    if filters.state is AccountState.ACTIVE:
        query = query.where(User.active)
    elif filters.state is AccountState.WAITING:
        query = query.where(~User.active, User.role_confirmed_at.is_(None))
    elif filters.state is AccountState.STOPPED:
        query = query.where(~User.active, User.role_confirmed_at.is_not(None))
    return query


def user(actor: Actor, user_id: int) -> User:
    """One account. Raises ``NotFound`` for a missing one and for somebody else's."""
    row = db.session.scalar(visible(actor).where(User.id == user_id))
    if row is None:
        raise NotFound
    return row


def name_of(user_id: int | None) -> str:
    """Name on an account, for saying who did something; empty for none."""
    return db.session.scalar(select(User.name).where(User.id == user_id)) or "" if user_id else ""


def state_of(account: User) -> AccountState:
    """Whether the account works, waits for confirmation, or was stopped."""
    return account_state(account.active, account.role_confirmed_at)


def area_name(code: str | None) -> str:
    """Name of the area an account is limited to; empty for none."""
    return db.session.scalar(select(_area.c.name).where(_area.c.code == code)) or "" if code else ""


def area_names(codes: Sequence[str | None]) -> dict[str, str]:
    """Names of several areas at once."""
    wanted = {code for code in codes if code}
    rows = db.session.execute(select(_area.c.code, _area.c.name).where(_area.c.code.in_(wanted)))
    return dict(rows.all())


def area_choices() -> list[tuple[str, str]]:
    """Areas in use in the order of their codes, each with its number of levels below the top shown as indent."""
    rows = db.session.execute(select(_area.c.code, _area.c.name).where(_area.c.in_use).order_by(_area.c.code)).all()
    return [(code, f"{'　' * _depth(code)}{name}") for code, name in rows]


def _depth(code: str) -> int:
    return {2: 0, 4: 0, 6: 0, 9: 1, 12: 2}.get(len(code), 0)


def organisation_name(organisation_id: int | None) -> str:
    """Name of the organisation an account belongs to; empty for none."""
    if organisation_id is None:
        return ""
    return db.session.scalar(select(_organisation.c.name).where(_organisation.c.id == organisation_id)) or ""


def organisation_choices() -> list[tuple[int, str]]:
    """Organisations in use, by name."""
    return list(
        db.session.execute(
            select(_organisation.c.id, _organisation.c.name)
            .where(_organisation.c.active)
            .order_by(_organisation.c.name, _organisation.c.id)
        )
    )


def scope_exists(area_code: str | None, organisation_id: int | None) -> tuple[bool, bool]:
    """Whether the area and the organisation that an account is to be limited to are there (True for none)."""
    area = area_code is None or db.session.scalar(select(_area.c.code).where(_area.c.code == area_code)) is not None
    organisation = organisation_id is None or (
        db.session.scalar(select(_organisation.c.id).where(_organisation.c.id == organisation_id)) is not None
    )
    return area, organisation


def live_sessions(user_id: int, *, idle_minutes: int) -> list[WebSession]:
    """Browsers that are signed in to an account now, the latest first."""
    now = clock.now()
    return list(
        db.session.scalars(
            select(WebSession)
            .where(
                WebSession.user_id == user_id,
                WebSession.ended_at.is_(None),
                WebSession.expires_at > now,
                WebSession.seen_at > now - dt.timedelta(minutes=idle_minutes),
            )
            .order_by(WebSession.id.desc())
        )
    )


def live_tokens(user_id: int) -> list[ApiToken]:
    """API tokens of an account that still work, the latest first."""
    return list(
        db.session.scalars(
            select(ApiToken)
            .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > clock.now())
            .order_by(ApiToken.id.desc())
        )
    )


def person_key_of(id_number: str) -> str:
    """Equal for every account of the person with this ID number; the number itself is not kept."""
    return crypto.blind_index(keyring(), id_number, "user_account.person_key")


def account_key(kind: str, name: str) -> str:
    """What attempts are counted under: a keyed hash, so that the table names nobody (people type passwords into the
    name field). ``kind`` keeps sign-in and second factor apart.
    """
    return crypto.blind_index(keyring(), f"{kind}:{name}", "sign_in_attempt.username")


def account_locked_until(key: str) -> dt.datetime | None:
    """Until when the account behind ``key`` is locked; failures before its last success do not count."""
    now = clock.now()
    rows = db.session.execute(
        select(SignInAttempt.at, SignInAttempt.ok)
        .where(SignInAttempt.username == key, SignInAttempt.at > now - 2 * WINDOW)
        .order_by(SignInAttempt.id.desc())
        .limit(200)
    )
    failures = []
    for at, ok in rows:
        if ok:
            break
        failures.append(at)
    return locked_until(failures, ACCOUNT_FAILURES, now)


def address_locked_until(address: str) -> dt.datetime | None:
    """Until when an address is locked; a success does not clear it, or one own account would free a guesser."""
    now = clock.now()
    failures = db.session.scalars(
        select(SignInAttempt.at)
        .where(
            SignInAttempt.address == address,
            SignInAttempt.at > now - 2 * WINDOW,
            SignInAttempt.ok.is_(False),
        )
        .order_by(SignInAttempt.id.desc())
        .limit(ADDRESS_FAILURES * 4)
    ).all()
    return locked_until(failures, ADDRESS_FAILURES, now)


def demo_accounts() -> list[User]:
    """Accounts of the demonstration in the order of their names, for printing at start and in the README."""
    return list(db.session.scalars(select(User).where(User.demo).order_by(User.username)))


def demo_accounts_active() -> int:
    """How many demonstration accounts would work; production refuses to start when there is one."""
    return db.session.scalar(select(func.count()).select_from(User).where(User.demo, User.active)) or 0
