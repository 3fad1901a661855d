"""Business acts of assessment: sheets, proposals, grades, re-assessment."""

from app.grading.operations.appeals import file_appeal, withdraw_appeal
from app.grading.operations.drawing import close_draw, commit_draw
from app.grading.operations.many import Decision, decide_grades, review_proposals, submit_documents
from app.grading.operations.noting import note_accidents
from app.grading.operations.pairs import adjudicate_pair, cancel_pair, open_pair
from app.grading.operations.proposals import decide_grade, return_proposal, review_proposal
from app.grading.operations.reassessment import (
    close_ended_grades,
    escalate,
    note_discharges,
    open_reassessments,
    report_change,
)
from app.grading.operations.regrading import regrade_everybody
from app.grading.operations.sheets import choose_instrument, discard_sheet, open_sheet, save_draft, submit_sheet
from app.grading.operations.submission import Submitted, draft_document, submit_document, submit_version

__all__ = [
    "Decision",
    "Submitted",
    "adjudicate_pair",
    "cancel_pair",
    "choose_instrument",
    "close_draw",
    "close_ended_grades",
    "commit_draw",
    "decide_grade",
    "decide_grades",
    "discard_sheet",
    "draft_document",
    "escalate",
    "file_appeal",
    "note_accidents",
    "note_discharges",
    "open_pair",
    "open_reassessments",
    "open_sheet",
    "regrade_everybody",
    "report_change",
    "return_proposal",
    "review_proposal",
    "review_proposals",
    "save_draft",
    "submit_document",
    "submit_documents",
    "submit_sheet",
    "submit_version",
    "withdraw_appeal",
]
