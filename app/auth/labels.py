"""What states and password rules are called on screen and paper."""

from __future__ import annotations

from app.auth.rules import AccountState, PasswordProblem
from app.core.words import lazy_gettext as _l

STATE_LABELS = {
    AccountState.ACTIVE: _l("In use"),
    AccountState.WAITING: _l("Waiting for confirmation"),
    AccountState.STOPPED: _l("Stopped"),
}

PASSWORD_LABELS = {
    PasswordProblem.TOO_SHORT: _l("The password is too short."),
    PasswordProblem.TOO_LONG: _l("The password is too long (at most 200 characters)."),
    PasswordProblem.TOO_FEW_KINDS: _l(
        "Use at least three of: capital letters, small letters, digits, other characters."
    ),
    PasswordProblem.COMMON: _l("This password is on the list of passwords that are guessed first."),
    PasswordProblem.CONTEXT: _l("The password contains the account name, your name, a place or the product name."),
    PasswordProblem.USED_BEFORE: _l("This is one of your last five passwords."),
}
