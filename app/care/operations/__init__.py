"""Planning care, recording it day by day, visiting, reporting incidents."""

from app.care.operations.batches import bring_days, bring_round, bring_rounds
from app.care.operations.cards import end_card, make_cards
from app.care.operations.checklists import Round, record_day, record_round
from app.care.operations.handovers import give_handover, receive_handover
from app.care.operations.many import approve_plans, draft_plans
from app.care.operations.offline import Left, Written, bring_day, bring_handover
from app.care.operations.patterns import decide_pattern, note_patterns
from app.care.operations.plans import approve_plan, confirm_texture, draft_plan, sign_plan, update_plan
from app.care.operations.profiles import record_profile
from app.care.operations.visits import add_step, hear_resident, judge_incident, record_visit, report_incident

__all__ = [
    "Left",
    "Round",
    "Written",
    "add_step",
    "approve_plan",
    "approve_plans",
    "bring_day",
    "bring_days",
    "bring_handover",
    "bring_round",
    "bring_rounds",
    "confirm_texture",
    "decide_pattern",
    "draft_plan",
    "draft_plans",
    "end_card",
    "give_handover",
    "hear_resident",
    "judge_incident",
    "make_cards",
    "note_patterns",
    "receive_handover",
    "record_day",
    "record_profile",
    "record_round",
    "record_visit",
    "report_incident",
    "sign_plan",
    "update_plan",
]
