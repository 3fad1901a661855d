"""Signing in and out. Until a password fits there is no actor, so these acts open their transaction themselves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyotp
from sqlalchemy import select

from app.auth import passwords, sessions
from app.auth.errors import SignInFailed
from app.auth.models import User
from app.auth.operations.throttle import refuse_when_locked, settle_try
from app.auth.queries import account_key
from app.auth.roles import SECOND_FACTOR_ROLES
from app.auth.rules import (
    MAX_PASSWORD,
    AccountPolicy,
    clean_username,
    password_expired,
    possible_username,
    throttle_address,
    totp_step,
)
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Forbidden
from app.core.operation import operation
from app.core.transaction import Transaction, transaction


class NextStep(StrEnum):
    """What a person who gave the right password does next."""

    GO_ON = "go_on"
    ENTER_CODE = "enter_code"
    SET_UP_CODE = "set_up_code"


@dataclass(frozen=True)
class SignedIn:
    """An open session: the token for the cookie, the language of the account, and what comes next."""

    token: str
    locale: str | None
    next_step: NextStep


def sign_in(username: str, password: str, *, address: str, agent: str, policy: AccountPolicy) -> SignedIn:
    """Open a session for a name and a password.

    Raises ``TooManyTries`` while the account or the address is locked, also for the right password, and
    ``SignInFailed`` otherwise; unknown names take the same time, get the same words and are throttled alike.
    """
    name, counted = clean_username(username), throttle_address(address)
    key = account_key("sign-in", name)
    possible = possible_username(name) and len(password) <= MAX_PASSWORD
    if not possible:
        counted = ""  # such a name opens nothing, so it is no guess and must not lock a whole office out
    refuse_when_locked(key, counted)
    row = None
    if possible:
        row = db.session.execute(
            select(User.id, User.password_hash, User.active, User.demo).where(User.username == name)
        ).one_or_none()
    fits = possible and passwords.matches(row.password_hash if row else None, password)
    fits = fits and row is not None and _may_enter(row.active, row.demo, password, policy)
    signed_in = None
    with transaction() as tx:
        user = _locked(row.id) if fits and row is not None else None
        fits = user is not None and row is not None and user.active and user.password_hash == row.password_hash
        if user is not None and user.initial_password_until and user.initial_password_until <= clock.now():
            fits = False  # handed out and never used: it may lie about on paper
        locked = settle_try(key, counted, ok=fits)
        if fits and user is not None:
            signed_in = _enter(tx, user, password, address=address, agent=agent, policy=policy)
        else:
            audit.record(
                "account.sign_in_failed",
                "user_account",
                row.id if row else "-",
                {"account": key[:16], **({"locked": True} if locked else {})},
            )
    if signed_in is None:
        raise SignInFailed
    return signed_in


def _may_enter(active: bool, demo: bool, password: str, policy: AccountPolicy) -> bool:
    if policy.production and (demo or passwords.is_demo_password(password)):
        return False
    return active


def _locked(user_id: int) -> User | None:
    return db.session.scalar(
        select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
    )


def second_factor_needed(user: User, policy: AccountPolicy) -> bool:
    """Whether this account must show a code: its role asks for it here, or its owner set one up."""
    if user.totp_confirmed_at is not None:
        return True
    return policy.require_second_factor and not user.demo and user.role in SECOND_FACTOR_ROLES


def _enter(tx: Transaction, user: User, password: str, *, address: str, agent: str, policy: AccountPolicy) -> SignedIn:
    tx.actor, tx.act = sessions.actor_of(user), "account.sign_in"
    if passwords.outdated(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    if not user.demo and password_expired(policy, user.password_changed_at, clock.now()):
        user.must_change_password = True
    needed = second_factor_needed(user, policy)
    step = NextStep.GO_ON
    if needed:
        step = NextStep.ENTER_CODE if user.totp_confirmed_at else NextStep.SET_UP_CODE
    if step is NextStep.SET_UP_CODE and user.totp is None:
        user.totp = pyotp.random_base32()
    token = sessions.start(
        user, address=address, agent=agent, absolute_hours=policy.absolute_hours, needs_second_factor=needed
    )
    audit.record("account.sign_in", "user_account", user.id, {"second_factor": "asked" if needed else "not asked"})
    return SignedIn(token, user.locale, step)


def enter_code(user_id: int, code: str, *, token: str, address: str) -> str:
    """Complete a half signed-in session with a one-time code; return its new token.

    The first right code also confirms a second factor that was set up just now. A code opens one session only, once.
    Raises ``TooManyTries`` after five wrong ones and ``SignInFailed`` for a wrong one.
    """
    key, counted = account_key("code", str(user_id)), throttle_address(address)
    new_token = None
    with transaction() as tx:
        user = _locked(user_id)
        if user is None or user.totp is None or not user.active:
            raise Forbidden
        step = totp_step(user.totp, code, clock.now(), user.totp_last_step)
        locked = settle_try(key, counted, ok=step is not None)
        if step is not None:
            tx.actor, tx.act = sessions.actor_of(user), "account.second_factor"
            user.totp_last_step = step
            if user.totp_confirmed_at is None:
                user.totp_confirmed_at = clock.now()
            new_token = sessions.promote(token)
            audit.record("account.second_factor", "user_account", user.id)
        else:
            audit.record("account.second_factor_failed", "user_account", user.id, {"locked": True} if locked else {})
    if new_token is None:
        raise SignInFailed
    return new_token


@operation("account.sign_out", permission="account.self")
def sign_out(actor: Actor, token: str) -> None:
    """End the session behind ``token`` in every copy of the cookie."""
    sessions.end(token)
    audit.record("account.sign_out", "user_account", actor.user_id)
