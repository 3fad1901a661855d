"""Reading plans, checklists, completion, visits and incidents; each list starts from the residents the actor may see."""

from pathlib import Path

from app.care.queries.completion import GROUPS, CompletionRow, Wanted, completion, heat, recorded_where
from app.care.queries.days import DayState, ItemState, away_on, day_states, exceptions, notes, recorder
from app.care.queries.handovers import (
    HandoverShown,
    handover,
    handover_facts,
    handover_shown,
    handovers,
    may_hand_over,
    own_institution,
    shift_ends,
)
from app.care.queries.plans import (
    COUNTS,
    ProfileFacts,
    missing,
    next_plan_number,
    open_draft,
    outdated,
    personal_of,
    plan,
    plan_on,
    plans_of,
    plans_on,
    profile_facts,
    profile_of,
    profiles_of,
    standard_of,
    visible_plans,
    without_plan,
)
from app.care.queries.reasons import reasons
from app.care.queries.visits import (
    incident,
    incidents_between,
    incidents_of_day,
    to_visit,
    visible_incidents,
    visible_visits,
    visit,
    visits_between,
)
from app.core import rulebook

rulebook.ship(Path(__file__).parent.parent / "policies")

__all__ = [
    "COUNTS",
    "GROUPS",
    "CompletionRow",
    "DayState",
    "HandoverShown",
    "ItemState",
    "ProfileFacts",
    "Wanted",
    "away_on",
    "completion",
    "day_states",
    "exceptions",
    "handover",
    "handover_facts",
    "handover_shown",
    "handovers",
    "heat",
    "incident",
    "incidents_between",
    "incidents_of_day",
    "may_hand_over",
    "missing",
    "next_plan_number",
    "notes",
    "open_draft",
    "outdated",
    "own_institution",
    "personal_of",
    "plan",
    "plan_on",
    "plans_of",
    "plans_on",
    "profile_facts",
    "profile_of",
    "profiles_of",
    "reasons",
    "recorded_where",
    "recorder",
    "shift_ends",
    "standard_of",
    "to_visit",
    "visible_incidents",
    "visible_plans",
    "visible_visits",
    "visit",
    "visits_between",
    "without_plan",
]
