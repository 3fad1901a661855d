"""What roles, states and password rules are called on screen and paper."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.auth.rules import AccountState, PasswordProblem
from app.core.actor import Role

ROLE_LABELS = {
    Role.ASSESSOR: _l("Assessor"),
    Role.INSTITUTION_MANAGER: _l("Institution manager"),
    Role.CARE_WORKER: _l("Care worker"),
    Role.CAREGIVER: _l("Caregiver"),
    Role.VILLAGE_OFFICER: _l("Village officer"),
    Role.VOLUNTEER: _l("Volunteer"),
    Role.TOWNSHIP_OFFICER: _l("Township officer"),
    Role.COUNTY_OFFICER: _l("County officer"),
    Role.COUNTY_REVIEWER: _l("County reviewer"),
    Role.AUDITOR: _l("Auditor"),
    Role.SYSTEM_ADMIN: _l("System administrator"),
    Role.SECURITY_ADMIN: _l("Security administrator"),
}

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
