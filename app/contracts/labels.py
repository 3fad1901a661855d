"""Words for states, acts, parties and means."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext

from app.contracts.models import BreachState, Means, PaperState, Slot
from app.contracts.rules import Act, EndCause, State
from app.contracts.rules.duties import SUBSTITUTE, Kept
from app.contracts.rules.signing import CosignerRole, IdentityCheck, Medium, TakenBackFor
from app.core import shown
from app.core.words import lazy_gettext as _l

STATE_LABELS = {
    State.DRAFT: _l("Draft"),
    State.SIGNING: _l("Being signed"),
    State.IN_FORCE: _l("In force"),
    State.SUSPENDED: _l("Suspended"),
    State.AMENDED: _l("Amended"),
    State.ENDED: _l("Ended"),
    State.ARCHIVED: _l("Archived"),
    State.VOID: _l("Void"),
}
STATE_TONES = {
    State.DRAFT: "neutral",
    State.SIGNING: "info",
    State.IN_FORCE: "good",
    State.SUSPENDED: "warn",
    State.AMENDED: "neutral",
    State.ENDED: "neutral",
    State.ARCHIVED: "neutral",
    State.VOID: "bad",
}
ACT_LABELS = {
    Act.DRAFT: _l("Drafted"),
    Act.SEND: _l("Sent for signing"),
    Act.SIGN: _l("Signed"),
    Act.TAKE_BACK: _l("Signature taken back"),
    Act.COMPLETE: _l("In force: all seven have signed"),
    Act.REFUSE: _l("A party refused"),
    Act.WITHDRAW: _l("Withdrawn"),
    Act.SUSPEND: _l("Suspended"),
    Act.RESUME: _l("Resumed"),
    Act.AMEND: _l("Amended by a new text"),
    Act.END: _l("Ended"),
    Act.ARCHIVE: _l("Archived"),
}
END_LABELS = {
    EndCause.DEATH: _l("The person died"),
    EndCause.MOVE: _l("The person moved away"),
    EndCause.WITHDRAWAL: _l("The person withdraws from support"),
    EndCause.BREACH: _l("A grave breach; the caregiver is replaced"),
    EndCause.CAREGIVER: _l("The caregiver stops; another one follows"),
    EndCause.RECOVERY: _l("The person has recovered or is no longer entitled"),
    EndCause.OTHER: _l("Another reason"),
}
"""What may be chosen when a contract is ended by hand."""
ANNEX_LABELS = {
    "grade": _l("Assessment and grade"),
    "plan": _l("Care plan"),
    "care_standard": _l("Care standard"),
    "scorecard": _l("Scorecard"),
    "pay_table": _l("Pay table"),
    "caregiver": _l("Caregiver"),
}
SLOT_LABELS = {
    Slot.COUNTY_GOVERNMENT: _l("County government"),
    Slot.TOWNSHIP_GOVERNMENT: _l("Township government"),
    Slot.CIVIL_AFFAIRS: _l("Civil affairs bureau"),
    Slot.VILLAGE: _l("Village (community)"),
    Slot.INSTITUTION: _l("Care institution"),
    Slot.CAREGIVER: _l("Caregiver"),
    Slot.RESIDENT: _l("Resident"),
}
AXIS_LABELS = {
    "main": _l("Main axis: responsibility"),
    "second": _l("Second axis: guidance"),
    "service": _l("Service"),
    "subject": _l("The person concerned"),
}
AXES = {
    Slot.COUNTY_GOVERNMENT: "main",
    Slot.TOWNSHIP_GOVERNMENT: "main",
    Slot.CIVIL_AFFAIRS: "second",
    Slot.VILLAGE: "main",
    Slot.INSTITUTION: "service",
    Slot.CAREGIVER: "service",
    Slot.RESIDENT: "subject",
}
MEANS_LABELS = {
    Means.HAND: _l("Handwritten signature"),
    Means.FINGERPRINT: _l("Fingerprint"),
    Means.GUARDIAN: _l("Signed by the guardian"),
    Means.WITNESSED_MARK: _l("Mark before two witnesses"),
    Means.SEAL: _l("Official seal"),
}
MEDIUM_LABELS = {
    Medium.ACCOUNT: _l("from an account"),
    Medium.TABLE: _l("at the table, on a tablet"),
    Medium.PAPER: _l("on paper, with a scan"),
}
HELD_LABEL = _l("in person, on an officer's device")
"""A party without an account of its own, on the glass of an officer's."""
IDENTITY_LABELS = {
    IdentityCheck.ID_CARD: _l("ID card seen"),
    IdentityCheck.SUPPORT_CARD: _l("Support certificate seen"),
    IdentityCheck.KNOWN: _l("Known personally"),
    IdentityCheck.VOUCHED: _l("Somebody present vouched"),
    IdentityCheck.ACCOUNT: _l("Signed in with the own account"),
}
"""How it was made sure who signs; the last one is never chosen."""
COSIGNER_LABELS = {
    CosignerRole.WITNESS: _l("Witness"),
    CosignerRole.GUARDIAN: _l("Co-guardian"),
    CosignerRole.CAREGIVER: _l("Second caregiver"),
    CosignerRole.COLLEAGUE: _l("Second representative"),
}
TAKEN_BACK_LABELS = {
    TakenBackFor.WRONG_PERSON: _l("The wrong person signed"),
    TakenBackFor.UNCLEAR: _l("Handwriting or picture cannot be read"),
    TakenBackFor.CAPACITY: _l("Signed in the wrong capacity or way"),
    TakenBackFor.OTHER: _l("Another reason"),
}
PAPER_LABELS = {
    PaperState.WAITING: _l("Scan waits for a second person"),
    PaperState.CONFIRMED: _l("Scan compared, it matches"),
    PaperState.REJECTED: _l("Scan sent back"),
}
PAPER_TONES = {PaperState.WAITING: "warn", PaperState.CONFIRMED: "good", PaperState.REJECTED: "bad"}
BREACH_LABELS = {
    BreachState.OPEN: _l("Open"),
    BreachState.ANSWERED: _l("Answered"),
    BreachState.DROPPED: _l("Kept after all"),
}
BREACH_TONES = {BreachState.OPEN: "bad", BreachState.ANSWERED: "good", BreachState.DROPPED: "neutral"}
ACT_WORDS = {
    "supervise": _l("Called to account by the authority above"),
    "urge": _l("Urged by the township"),
    "rectify": _l("To be put right"),
    "score": _l("Points taken off by the scorecard"),
    "train": _l("To be trained again; substitute care until then"),
    "replace": _l("Contract ended, caregiver replaced"),
    "explain": _l("The person is heard; living money is not touched"),
}
"""What a breach opens, by the ``act`` of its clause."""


def occasion_words(what: str) -> str:
    """A quarter, month or day in words; two of one day carry a number."""
    what, _, number = what.partition("#")
    if what.startswith("seen-"):
        return str(_l("Seen by somebody"))
    if what.startswith(SUBSTITUTE):
        return gettext("Substitute care, %(day)s", day=shown.date(dt.date.fromisoformat(what.removeprefix(SUBSTITUTE))))
    if "Q" in what:
        words = shown.quarter(what)
    elif len(what) == 7:
        words = shown.month(what)
    else:
        words = shown.date(dt.date.fromisoformat(what))
    return f"{words} ({number})" if number else words


KEPT_LABELS = {
    Kept.KEPT: _l("Kept"),
    Kept.LATE: _l("Late"),
    Kept.MISSED: _l("Missed"),
    Kept.AHEAD: _l("Not due yet"),
}
KEPT_TONES = {Kept.KEPT: "good", Kept.LATE: "warn", Kept.MISSED: "bad", Kept.AHEAD: "neutral"}
