"""Plans of many residents in one act: each by the rule of a single one, from facts read together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from app.care import queries
from app.care.models import CarePlan
from app.care.operations.plans import approve_plan, draft_plan
from app.core import clock
from app.core.actor import Actor
from app.core.operation import operation
from app.core.together import gathered, hold
from app.grading.queries import grade_on
from app.people import queries as people


def _ahead(first_days: Mapping[int, dt.date]) -> None:
    days = list(first_days.items())
    grade_on.ahead(days)
    queries.last_recorded.ahead(days)
    queries.profile_of.ahead(first_days)


@operation("plan.draft", permission="plans.write")
def draft_plans(actor: Actor, first_days: Mapping[int, dt.date]) -> dict[int, CarePlan]:
    """``draft_plan`` for many residents, each with the first day of the plan; all or none. Raises as it does."""
    hold(actor, people.visible(actor), first_days)
    _ahead(first_days)
    queries.open_draft.ahead(first_days)
    queries.plan_on.ahead(first_days.items())
    with gathered():
        return {one: draft_plan(actor, one, valid_from=first) for one, first in first_days.items()}


@operation("plan.approve", permission="plans.approve")
def approve_plans(actor: Actor, plan_ids: Collection[int]) -> list[CarePlan]:
    """``approve_plan`` for many, all or none. Raises as it does."""
    hold(actor, people.visible(actor), queries.residents_of(actor, plan_ids))
    rows = list(hold(actor, queries.visible_plans(actor), plan_ids).values())
    days = {row.resident_id: row.valid_from for row in rows if row.valid_from >= clock.today()}
    _ahead(days)
    queries.plans_from.ahead(days.items())
    with gathered():
        return [approve_plan(actor, one) for one in plan_ids]
