"""Counting tries to guess a password or a code, one after the other even when they come at once."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, delete

from app.auth.errors import TooManyTries
from app.auth.models import SignInAttempt
from app.auth.queries import account_locked_until, address_locked_until
from app.auth.rules import WINDOW
from app.core import clock
from app.core.db import db, hold

KEPT = 8 * WINDOW
"""Attempts older than this are of no use to the throttle and are forgotten."""


def refuse_when_locked(key: str, address: str) -> None:
    """Raise ``TooManyTries`` when the account or the address is locked now."""
    locks = [lock for lock in (account_locked_until(key), address and address_locked_until(address)) if lock]
    if locks:
        raise TooManyTries(max(locks))


def settle_try(key: str, address: str, *, ok: bool) -> bool:
    """Write one try down within the open transaction; return whether it locked the account.

    Tries at one account are decided one after the other: of fifty right and wrong ones that come at once, those after
    the fifth wrong one are refused whatever they carry. Raises ``TooManyTries`` when it is locked already.
    """
    for lock in sorted({key, address}):
        hold(f"tries {lock}")
    refuse_when_locked(key, address)
    now = clock.now()
    db.session.add(SignInAttempt(at=now, username=key, address=address, ok=ok))
    db.session.execute(
        delete(SignInAttempt).where(SignInAttempt.at < now - KEPT).execution_options(synchronize_session=False)
    )
    db.session.flush()
    return not ok and account_locked_until(key) is not None


def forget_failures(key: str) -> int:
    """Take the lock off an account; return how many failures were counted."""
    result = db.session.execute(
        delete(SignInAttempt)
        .where(SignInAttempt.username == key, SignInAttempt.ok.is_(False))
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount
