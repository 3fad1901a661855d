"""A plan follows a grade: the night after the decision the new plan lies ready and shows what changes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from app.auth.roles import system_actor
from app.care import jobs, queries
from app.care.models import PlanState
from app.care.operations.following import draft_for_new_grades
from app.core import clock
from app.core.errors import Forbidden
from tests.care import world
from tests.grading.sheets import noon


def test_a_new_grade_drafts_the_plan_that_follows_it_once(county: Any, sign_in: Any) -> None:
    before = world.planned(county, "甲老人", "a")
    today = dt.date(2026, 3, 12)
    with clock.at(noon(today)):
        assert draft_for_new_grades(system_actor(), today) == (0, 0), "the plan fits the grade"
    grade = world.graded(county, "甲老人", "d", on=dt.date(2026, 3, 11))
    assert grade.valid_from == dt.date(2026, 4, 1)
    with clock.at(noon(today)):
        assert jobs.draft_plans(today) == "1 plans drafted after a new grade"
        assert jobs.draft_plans(today) == "0 plans drafted after a new grade"
        draft = queries.open_draft(county.resident("甲老人").id)
        assert draft is not None
        assert (draft.state, draft.grade_id, draft.valid_from) == (PlanState.DRAFT, grade.id, grade.valid_from)
        assert draft.lines != before.lines
        page = sign_in("township_officer_a").get(f"/care-plans/{draft.id}").get_data(as_text=True)
        assert before.number in page, "the page shows the difference to the plan in force"
        assert queries.plan_on(draft.resident_id, today) is before, "nothing counts before it is approved"
        with pytest.raises(Forbidden):
            draft_for_new_grades(county.actor("township_officer_a"), today)
