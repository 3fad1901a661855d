"""Answers to people who cannot sign in, in words."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext

from app.core import clock
from app.core.errors import DomainError


class SignInFailed(DomainError):
    """Name and password do not open an account; the same words whatever the reason."""

    status = 422

    def __init__(self) -> None:
        super().__init__(gettext("The account name or the password is not right."))


class TooManyTries(DomainError):
    """The account or the address is locked for a while, also for the right password."""

    status = 429

    def __init__(self, until: dt.datetime) -> None:
        minutes = max(1, -int(-(until - clock.now()).total_seconds() // 60))
        super().__init__(gettext("Too many failed tries. Wait %(minutes)s minutes, then try again.", minutes=minutes))
        self.minutes = minutes
