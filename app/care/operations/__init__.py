"""Planning care, recording it day by day, visiting, reporting incidents."""

from app.care.operations.checklists import Round, record_day, record_round
from app.care.operations.handovers import give_handover, receive_handover
from app.care.operations.plans import approve_plan, confirm_texture, draft_plan, sign_plan, update_plan
from app.care.operations.profiles import record_profile
from app.care.operations.visits import add_step, judge_incident, record_visit, report_incident

__all__ = [
    "Round",
    "add_step",
    "approve_plan",
    "confirm_texture",
    "draft_plan",
    "give_handover",
    "judge_incident",
    "receive_handover",
    "record_day",
    "record_profile",
    "record_round",
    "record_visit",
    "report_incident",
    "sign_plan",
    "update_plan",
]
