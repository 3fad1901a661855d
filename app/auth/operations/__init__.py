"""Business acts on accounts: signing in and out, one's own account, administration."""

from app.auth.operations.accounts import (
    confirm_account,
    create_account,
    create_administrator,
    create_user,
    end_account_sessions,
    rename_account,
    reset_password,
    reset_second_factor,
    stop_account,
    unlock_account,
)
from app.auth.operations.own import (
    change_password,
    confirm_second_factor,
    create_token,
    end_other_sessions,
    revoke_token,
    set_locale,
    start_second_factor,
)
from app.auth.operations.signing import NextStep, SignedIn, enter_code, sign_in, sign_out

__all__ = [
    "NextStep",
    "SignedIn",
    "change_password",
    "confirm_account",
    "confirm_second_factor",
    "create_account",
    "create_administrator",
    "create_token",
    "create_user",
    "end_account_sessions",
    "end_other_sessions",
    "enter_code",
    "rename_account",
    "reset_password",
    "reset_second_factor",
    "revoke_token",
    "set_locale",
    "sign_in",
    "sign_out",
    "start_second_factor",
    "stop_account",
    "unlock_account",
]
