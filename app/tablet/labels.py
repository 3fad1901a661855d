"""Words for devices and offline records."""

from __future__ import annotations

from app.contracts.labels import COSIGNER_LABELS, SLOT_LABELS
from app.core.words import lazy_gettext as _l
from app.tablet.rules import Clock, Code, DeviceState, Verdict

DEVICE_STATES = {
    DeviceState.ACTIVE: _l("In use"),
    DeviceState.BLOCKED: _l("Blocked, told to forget"),
    DeviceState.FORGOTTEN: _l("Has forgotten"),
}
DEVICE_TONES = {DeviceState.ACTIVE: "good", DeviceState.BLOCKED: "bad", DeviceState.FORGOTTEN: "neutral"}
VERDICTS = {
    Verdict.ACCEPTED: _l("Accepted"),
    Verdict.REFUSED: _l("Not accepted"),
    Verdict.CONFLICT: _l("Several versions"),
}
VERDICT_TONES = {Verdict.ACCEPTED: "good", Verdict.REFUSED: "bad", Verdict.CONFLICT: "warn"}
CODES = {
    Code.ROUTED: _l("Resident has moved"),
    Code.BLOCKED: _l("Device or account is blocked"),
    Code.SEALED: _l("Sealed until the other assessor hands in"),
    Code.SETTLED: _l("Settled by an officer"),
    Code.ADJUDICATED: _l("Compared and decided"),
}
"""Codes that say more than the verdict."""
CLOCKS = {
    Clock.PLAUSIBLE: _l("plausible"),
    Clock.AHEAD: _l("more than a day ahead"),
    Clock.BEHIND: _l("more than a day behind"),
}
KIND_NAMES = {
    "sheet": _l("Assessment sheet"),
    "care_day": _l("Day of care"),
    "care_round": _l("One whole round"),
    "care_handover": _l("Handover of a shift"),
    "attachment": _l("Attachment"),
    "contract_signature": _l("Signature of a contract"),
    "unknown": _l("Unreadable"),
}
QUEUES = {
    "queued": _l("Wait for an officer"),
    "refused": _l("Not accepted"),
    "conflict": _l("Several versions"),
    "clock": _l("Clock was wrong"),
    "pending": _l("Not worked on yet"),
}
ROLES = {
    **{slot.value: words for slot, words in SLOT_LABELS.items()},
    **{role.value: words for role, words in COSIGNER_LABELS.items()},
    "first": _l("First assessor"),
    "second": _l("Second assessor"),
    "informant": _l("Informant"),
    "resident": _l("Resident"),
    "guardian": _l("Guardian"),
    "given": _l("Leaves"),
    "taken": _l("Takes over"),
}
"""Who signed on the device."""
