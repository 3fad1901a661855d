"""Reading plans, checklists, completion, visits and incidents; each list starts from the residents the actor may see."""

from pathlib import Path

from app.care.queries.completion import GROUPS, CompletionRow, Wanted, completion, heat
from app.care.queries.days import DayState, away_on, day_states, exceptions, notes, recorder
from app.care.queries.plans import (
    COUNTS,
    next_plan_number,
    open_draft,
    outdated,
    plan,
    plan_on,
    plans_of,
    plans_on,
    standard_of,
    visible_plans,
    without_plan,
)
from app.care.queries.visits import incident, incidents_of_day, to_visit, visible_incidents, visible_visits, visit
from app.core import rulebook

rulebook.ship(Path(__file__).parent.parent / "policies")

__all__ = [
    "COUNTS",
    "GROUPS",
    "CompletionRow",
    "DayState",
    "Wanted",
    "away_on",
    "completion",
    "day_states",
    "exceptions",
    "heat",
    "incident",
    "incidents_of_day",
    "next_plan_number",
    "notes",
    "open_draft",
    "outdated",
    "plan",
    "plan_on",
    "plans_of",
    "plans_on",
    "recorder",
    "standard_of",
    "to_visit",
    "visible_incidents",
    "visible_plans",
    "visible_visits",
    "visit",
    "without_plan",
]
