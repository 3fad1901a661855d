"""Words for training, certificates, exceptions and duty."""

from __future__ import annotations

from typing import Any

from app.core.words import lazy_gettext as _l
from app.workforce.models import CredentialKind, SessionState

SESSION_STATES = {
    SessionState.PLANNED: _l("Planned"),
    SessionState.RECORDED: _l("Waits for confirmation"),
    SessionState.CLOSED: _l("Certificates given"),
    SessionState.CANCELLED: _l("Called off"),
}
SESSION_TONES = {
    SessionState.PLANNED: "info",
    SessionState.RECORDED: "warn",
    SessionState.CLOSED: "good",
    SessionState.CANCELLED: "neutral",
}
CREDENTIAL_KINDS = {
    CredentialKind.TRAINING: _l("Tiered training"),
    CredentialKind.HEALTH_CHECK: _l("Health check"),
    CredentialKind.CARE_WORKER: _l("Occupational certificate of care"),
    CredentialKind.FIRST_AID: _l("First aid certificate"),
    CredentialKind.OTHER: _l("Another certificate"),
}
EXPIRY_KINDS: dict[str, Any] = {
    **{kind.value: words for kind, words in CREDENTIAL_KINDS.items()},
    "gap": _l("Grade above the training"),
    "override": _l("Exception from the training"),
    "assessor": _l("Assessor's certificate"),
}
STANDINGS = {
    "over": _l("Run out"),
    "soon": _l("Runs out soon"),
    "none": _l("Not on record"),
    "valid": _l("Valid"),
}
STANDING_TONES = {"over": "bad", "soon": "warn", "none": "bad", "valid": "good"}
