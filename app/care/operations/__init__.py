"""Planning care, recording it day by day, visiting, reporting incidents."""

from app.care.operations.checklists import Round, record_day, record_round
from app.care.operations.plans import approve_plan, draft_plan, update_plan
from app.care.operations.visits import judge_incident, record_visit, report_incident

__all__ = [
    "Round",
    "approve_plan",
    "draft_plan",
    "judge_incident",
    "record_day",
    "record_round",
    "record_visit",
    "report_incident",
    "update_plan",
]
