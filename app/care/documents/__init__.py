"""Care on paper: plans, checklists, handovers, reports."""

from app.care.documents.cards import cards_pdf
from app.care.documents.plans import bedside_pdf, plan_pdf
from app.care.documents.records import checklist_pdf, completion_table, handover_pdf
from app.care.documents.reports import care_report_pdf

__all__ = [
    "bedside_pdf",
    "cards_pdf",
    "care_report_pdf",
    "checklist_pdf",
    "completion_table",
    "handover_pdf",
    "plan_pdf",
]
