"""Words for sheets, proposals and grades. Wording of the instruments themselves comes from their files."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import get_locale

from app.core.words import lazy_gettext as _l
from app.grading.rules import BadDay, Bar, ProposalState, SheetState
from app.grading.rules.appeals import AppealBy, AppealState
from app.grading.rules.pairing import PairKind, PairState
from app.people.labels import RELATION

SHEET_STATES = {
    SheetState.DRAFT: _l("Draft"),
    SheetState.SEALED: _l("Handed in, sealed"),
    SheetState.SUBMITTED: _l("Submitted"),
    SheetState.DISCARDED: _l("Discarded"),
}
SHEET_TONES = {
    SheetState.DRAFT: "warn",
    SheetState.SEALED: "info",
    SheetState.SUBMITTED: "good",
    SheetState.DISCARDED: "neutral",
}
PROPOSAL_STATES = {
    ProposalState.REVIEW: _l("Waits for the second review"),
    ProposalState.PROPOSED: _l("Waits for the decision"),
    ProposalState.DECIDED: _l("Decided"),
    ProposalState.RETURNED: _l("Returned to the assessors"),
    ProposalState.SET_ASIDE: _l("Set aside: several sheets are compared"),
}
PROPOSAL_TONES = {
    ProposalState.REVIEW: "warn",
    ProposalState.PROPOSED: "info",
    ProposalState.DECIDED: "good",
    ProposalState.RETURNED: "neutral",
    ProposalState.SET_ASIDE: "neutral",
}
PAIR_KINDS = {PairKind.BLIND: _l("Blind pair"), PairKind.CONFLICT: _l("Sheets of several devices")}
PAIR_STATES = {
    PairState.OPEN: _l("Waits for the sheets"),
    PairState.DIFFERING: _l("Waits for the adjudication"),
    PairState.AGREED: _l("Equal in everything"),
    PairState.ADJUDICATED: _l("Adjudicated"),
    PairState.CANCELLED: _l("Given up"),
}
PAIR_TONES = {
    PairState.OPEN: "info",
    PairState.DIFFERING: "warn",
    PairState.AGREED: "good",
    PairState.ADJUDICATED: "good",
    PairState.CANCELLED: "neutral",
}
GRADES = {1: _l("Self-caring"), 2: _l("Half care"), 3: _l("Full care")}
GRADE_TONES = {1: "neutral", 2: "info", 3: "warn"}
"""How much care, not how good: no grade is a fault."""
REASONS = {
    "1": _l("First assessment before the service"),
    "2": _l("Regular assessment during the service"),
    "3": _l("Assessment at once after a change"),
    "4": _l("Repeated assessment because the result is doubted"),
}
"""MZ/T 039-2013 A.1.3."""
RELATIONS = RELATION
"""MZ/T 039-2013 A.3.2."""
CAUSES = {
    "never": _l("Never assessed"),
    "regular": _l("Regular re-assessment"),
    "change": _l("A change was reported"),
    "hospital": _l("Back from hospital"),
    "accidents": _l("Several accidents in a short time"),
    "drift": _l("The daily record no longer fits the grade"),
    "objection": _l("The grade is objected to"),
    "returned": _l("The last sheet was returned"),
    "standard": _l("A new version of the instrument cannot grade the last sheet"),
}
LATE = {"overdue": _l("Overdue"), "escalated": _l("Overdue, reported to the county")}
"""What the due list may be narrowed to beside the causes."""
REPORTED_CAUSES = {name: CAUSES[name] for name in ("change", "hospital")}
"""What people may report themselves; who objects to a grade files an appeal."""
REASON_OF_CAUSE = {"objection": "4", "change": "3", "hospital": "3", "accidents": "3", "drift": "3"}
"""The reason offered for a sheet (MZ/T 039-2013 A.1.3) by what stands on the due list."""
BARS = {
    Bar.ASSESSED: _l("You worked on this sheet; somebody else must judge it."),
    Bar.REVIEWED: _l("You reviewed this grade; somebody else must decide it."),
}
APPEAL_STATES = {
    AppealState.OPEN: _l("Waits for the second pair"),
    AppealState.ASSESSED: _l("Waits for the decision"),
    AppealState.CONFIRMED: _l("Grade confirmed"),
    AppealState.CHANGED: _l("Grade changed"),
    AppealState.WITHDRAWN: _l("Withdrawn"),
}
APPEAL_TONES = {
    AppealState.OPEN: "warn",
    AppealState.ASSESSED: "info",
    AppealState.CONFIRMED: "good",
    AppealState.CHANGED: "good",
    AppealState.WITHDRAWN: "neutral",
}
APPEAL_BY = {
    AppealBy.RESIDENT: _l("The resident"),
    AppealBy.GUARDIAN: _l("The guardian"),
    AppealBy.INSTITUTION: _l("The institution"),
}
BAD_DAYS = {
    BadDay.FUTURE: _l("The day of the assessment lies in the future."),
    BadDay.TOO_OLD: _l("By the day of this assessment the next one is due already; assess again."),
    BadDay.BEFORE_LAST: _l("There is already a sheet of a later day."),
    BadDay.BEFORE_BIRTH: _l("The day lies before the birth of the resident."),
}


def wording(words: Mapping[str, str]) -> str:
    """Bilingual words of an instrument in the reader's language."""
    return words["en"] if str(get_locale() or "").startswith("en") else words["zh"]
