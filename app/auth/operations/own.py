"""What people do with their own account: password, second factor, tokens, sessions, language."""

from __future__ import annotations

import datetime as dt
import secrets

import pyotp
from flask_babel import gettext
from sqlalchemy import func, select

from app.auth import passwords, sessions
from app.auth.labels import PASSWORD_LABELS
from app.auth.models import ApiToken, PasswordHistory, User
from app.auth.operations.throttle import refuse_when_locked, settle_try
from app.auth.queries import account_key
from app.auth.rules import (
    REMEMBERED_PASSWORDS,
    AccountPolicy,
    PasswordProblem,
    password_problems,
    throttle_address,
    totp_step,
)
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.core.operation import operation
from app.core.transaction import transaction

MAX_TOKENS = 10
MAX_TOKEN_DAYS = 365


def own_account(actor: Actor) -> User:
    """The actor's account, locked for change. Raises ``NotFound`` for the system, which has none."""
    user = db.session.scalar(
        select(User).where(User.id == actor.user_id).with_for_update().execution_options(populate_existing=True)
    )
    if user is None:
        raise NotFound
    return user


def check_password(actor: Actor, password: str, *, address: str, field: str = "current_password") -> None:
    """Ask for the password again before something that could take the account over.

    Wrong ones count like failed sign-ins. Raises ``Invalid`` at ``field``, or ``TooManyTries``.
    """
    user = db.session.get(User, actor.user_id) if actor.user_id is not None else None
    if user is None:
        raise NotFound
    key, counted = account_key("sign-in", user.username), throttle_address(address)
    refuse_when_locked(key, counted)
    fits = passwords.matches(user.password_hash, password)
    with transaction() as tx:
        if not fits:
            tx.actor, tx.act = tx.actor or actor, tx.act or "account.check_password"
            locked = settle_try(key, counted, ok=False)
            audit.record("account.password_wrong", "user_account", user.id, {"locked": True} if locked else {})
    if not fits:
        raise Invalid(gettext("This is not your present password."), field=field)


def store_password(user: User, password: str) -> None:
    """Write a password and remember its hash, within the open transaction."""
    now = clock.now()
    user.password_hash, user.password_changed_at = passwords.hash_password(password), now
    db.session.flush()
    db.session.add(PasswordHistory(user_id=user.id, password_hash=user.password_hash, set_at=now))
    db.session.flush()


def refuse_bad_password(
    password: str, policy: AccountPolicy, *, username: str, name: str, earlier: list[str], field: str
) -> None:
    """Raise ``Invalid`` with everything wrong with a new password; ``earlier`` are hashes that it may not fit."""
    problems = password_problems(
        password,
        policy,
        common=passwords.common_passwords(),
        context={username, name} | passwords.context_words(),
    )
    if not problems and any(passwords.matches(old, password) for old in earlier):
        problems = [PasswordProblem.USED_BEFORE]
    if problems:
        words = [str(PASSWORD_LABELS[p]) for p in problems]
        if PasswordProblem.TOO_SHORT in problems:
            words[problems.index(PasswordProblem.TOO_SHORT)] = gettext(
                "The password needs at least %(count)s characters.", count=policy.min_length
            )
        raise Invalid(" ".join(words), field=field)


@operation("account.change_password", permission="account.self")
def _change_password(actor: Actor, password: str, *, policy: AccountPolicy, token: str) -> str:
    user = own_account(actor)
    if policy.profile == "djbh":
        earlier = list(
            db.session.scalars(
                select(PasswordHistory.password_hash)
                .where(PasswordHistory.user_id == user.id)
                .order_by(PasswordHistory.id.desc())
                .limit(REMEMBERED_PASSWORDS)
            )
        )
    else:
        earlier = []
    earlier = list(dict.fromkeys([user.password_hash, *earlier]))[:REMEMBERED_PASSWORDS]
    refuse_bad_password(password, policy, username=user.username, name=user.name, earlier=earlier, field="new_password")
    if user.demo:
        raise Refused(gettext("The accounts of the demonstration keep their published password."))
    store_password(user, password)
    user.must_change_password = False
    user.initial_password_until = None
    sessions.end_all(user.id, except_token=token)
    return sessions.renew(token)


def change_password(actor: Actor, current: str, new: str, *, policy: AccountPolicy, token: str, address: str) -> str:
    """Set a new password; every other session ends and this one gets a new token, which is returned.

    Raises ``Invalid`` with what is wrong, ``TooManyTries`` after five wrong present passwords, and ``Refused`` for
    demonstration accounts.
    """
    check_password(actor, current, address=address)
    return _change_password(actor, new, policy=policy, token=token)


@operation("account.start_second_factor", permission="account.self")
def _start_second_factor(actor: Actor) -> None:
    user = own_account(actor)
    if user.totp_confirmed_at is not None:
        raise Refused(gettext("A second factor is set up already. A security administrator can reset it."))
    user.totp, user.totp_last_step = pyotp.random_base32(), None


def start_second_factor(actor: Actor, current: str, *, address: str) -> None:
    """Make a secret for an authenticator; it counts once a first code was entered. Asks for the password again."""
    check_password(actor, current, address=address)
    _start_second_factor(actor)


def confirm_second_factor(actor: Actor, code: str, *, token: str, address: str) -> str:
    """Put the second factor into force with its first code; other sessions end. Return this session's new token.

    Raises ``Invalid`` for a wrong code and ``TooManyTries`` after five.
    """
    actor.require("account.self")
    key, counted = account_key("code", str(actor.user_id)), throttle_address(address)
    new_token = None
    with transaction() as tx:
        tx.actor, tx.act = actor, "account.confirm_second_factor"
        user = own_account(actor)
        if user.totp is None or user.totp_confirmed_at is not None:
            raise Refused(gettext("There is no second factor to confirm."))
        step = totp_step(user.totp, code, clock.now(), user.totp_last_step)
        settle_try(key, counted, ok=step is not None)
        if step is not None:
            user.totp_last_step, user.totp_confirmed_at = step, clock.now()
            sessions.end_all(user.id, except_token=token)
            new_token = sessions.promote(token)
            audit.record("account.confirm_second_factor", "user_account", user.id)
        else:
            audit.record("account.second_factor_failed", "user_account", user.id)
    if new_token is None:
        raise Invalid(gettext("This code is not right, or it was used already. Wait for the next one."), field="code")
    return new_token


@operation("account.create_token", permission="account.self")
def _create_token(actor: Actor, label: str, days: int) -> str:
    user = own_account(actor)
    now = clock.now()
    label = label.strip()
    if not label:
        raise Invalid(gettext("Say what the token is for."), field="label")
    if not 1 <= days <= MAX_TOKEN_DAYS:
        raise Invalid(gettext("A token works for 1 to %(days)s days.", days=MAX_TOKEN_DAYS), field="days")
    live = db.session.scalar(
        select(func.count())
        .select_from(ApiToken)
        .where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)
    )
    if (live or 0) >= MAX_TOKENS:
        raise Refused(gettext("There are %(count)s tokens already. Revoke one first.", count=MAX_TOKENS))
    token = secrets.token_urlsafe(32)
    db.session.add(
        ApiToken(
            user_id=user.id,
            label=label[:80],
            token_hash=sessions.digest(token),
            created_at=now,
            expires_at=now + dt.timedelta(days=days),
        )
    )
    return token


def create_token(actor: Actor, label: str, days: int, current: str, *, address: str) -> str:
    """Make a token for the JSON API and return it: it is shown once, the database keeps its hash. Asks for the
    password again. Raises ``Invalid`` and, beyond ten tokens, ``Refused``.
    """
    check_password(actor, current, address=address)
    return _create_token(actor, label, days)


@operation("account.revoke_token", permission="account.self")
def revoke_token(actor: Actor, token_id: int) -> None:
    """Take one of the actor's own tokens back at once. Raises ``NotFound`` for others'."""
    row = db.session.scalar(select(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == actor.user_id))
    if row is None:
        raise NotFound
    if row.revoked_at is None:
        row.revoked_at = clock.now()
    else:
        audit.record("account.revoke_token", "api_token", token_id)


@operation("account.end_other_sessions", permission="account.self")
def _end_other_sessions(actor: Actor, token: str) -> None:
    if actor.user_id is None:
        raise NotFound
    sessions.end_all(actor.user_id, except_token=token)
    audit.record("account.end_other_sessions", "user_account", actor.user_id)


def end_other_sessions(actor: Actor, current: str, *, token: str, address: str) -> None:
    """End every session of the own account except this one. Asks for the password again."""
    check_password(actor, current, address=address)
    _end_other_sessions(actor, token)


@operation("account.set_locale", permission="account.self")
def set_locale(actor: Actor, locale: str) -> None:
    """Remember the language of the account."""
    user = own_account(actor)
    if user.locale == locale:
        audit.record("account.set_locale", "user_account", user.id, {"locale": [locale, locale]})
    user.locale = locale
