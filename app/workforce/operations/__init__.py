"""Acts on training, certificates, exceptions and duty."""

from app.workforce.operations.credentials import (
    read_number,
    record_credential,
    refresh_training,
    withdraw_credential,
)
from app.workforce.operations.hours import set_hours
from app.workforce.operations.overrides import end_override, grant_override
from app.workforce.operations.roster import copy_day, set_roster
from app.workforce.operations.sessions import (
    add_to_session,
    cancel_session,
    certify,
    plan_session,
    record_results,
    remove_from_session,
)
from app.workforce.operations.standings import keep_standings

__all__ = [
    "add_to_session",
    "cancel_session",
    "certify",
    "copy_day",
    "end_override",
    "grant_override",
    "keep_standings",
    "plan_session",
    "read_number",
    "record_credential",
    "record_results",
    "refresh_training",
    "remove_from_session",
    "set_hours",
    "set_roster",
    "withdraw_credential",
]
