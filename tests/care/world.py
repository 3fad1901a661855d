"""Short ways to grades, plans and recorded days in the small county, all by the product's own acts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.care import operations, queries, rules
from app.care.models import CarePlan, CareProfile, ChecklistDay
from app.core import clock
from app.core.db import db
from app.grading import operations as grading
from app.grading.models import CareGrade
from tests.grading.sheets import noon, proposed

TODAY = dt.date(2026, 3, 10)
"""A Tuesday. Grades count from 1 March, plans from then on."""
FIRST = dt.date(2026, 3, 1)
DAY = dt.timedelta(days=1)


def graded(county: Any, name: str = "甲老人", case: str = "d", on: dt.date = dt.date(2026, 2, 10)) -> CareGrade:
    """A decided care grade: case d full care, a half care, whole self-caring; from the first of the next month."""
    with clock.at(noon(on)):
        proposal = proposed(county, case, name)
        return grading.decide_grade(county.actor("county_officer_a"), proposal.id, proposal.proposed_grade)


def drafter(county: Any, name: str) -> Any:
    """The township officer of a resident."""
    side = "a" if county.resident(name).area_code.startswith("150422100") else "b"
    return county.actor(f"township_officer_{side}")


def planned(county: Any, name: str = "甲老人", case: str = "d", first: dt.date = FIRST, **frequencies: str) -> CarePlan:
    """An approved plan from ``first`` on; ``S01="4/d"`` asks for more than the standard."""
    graded(county, name, case)
    with clock.at(noon(first)):
        row = operations.draft_plan(drafter(county, name), county.resident(name).id, valid_from=first)
        lines = {item: {"frequency": text} for item, text in frequencies.items()}
        operations.update_plan(drafter(county, name), row.id, lines, valid_from=first, night={"lives_in": True})
        return operations.approve_plan(county.actor("county_officer_a"), row.id)


def at_night(county: Any, plan: CarePlan, **night: Any) -> CarePlan:
    """Say who cares at night in a draft; somebody who lives there when nothing else is said."""
    actor = drafter(county, plan.resident.name)
    return operations.update_plan(actor, plan.id, {}, valid_from=plan.valid_from, night=night or {"lives_in": True})


PLAIN: dict[str, Any] = {
    "teeth": None,
    "denture": None,
    "swallow": None,
    "swallow_on": None,
    "residue": False,
    "wishes": {},
    "orders": "",
    "show_at_bedside": False,
}


def profiled(county: Any, name: str = "甲老人", **facts: Any) -> CareProfile:
    """A version of a resident's profile; a water test was done today."""
    given = {**PLAIN, **({"swallow_on": TODAY} if "swallow" in facts else {}), **facts}
    return operations.record_profile(drafter(county, name), county.resident(name).id, **given)


def due(plan: CarePlan, day: dt.date) -> dict[str, int]:
    """How often each item of a plan is due on a day."""
    return rules.counts(rules.due_times(plan.lines, day))


def said(county: Any, day: dt.date, name: str = "甲老人") -> dict[str, dict[str, int]]:
    """What stands on record: done, not done and not needed by item."""
    db.session.rollback()
    state = queries.day_states([county.resident(name)], day)[0].said
    return {
        "done": rules.counts(state.done), "not_done": rules.counts(state.not_done), "excused": rules.counts(state.excused)
    }  # fmt: skip


def record(
    county: Any, day: dt.date, entries: dict[str, Any], name: str = "甲老人", who: str = "caregiver_a", **more: Any
) -> ChecklistDay:
    """Record items of a day: ``{"S01": "done"}`` or the whole entry."""
    full = {item: {"outcome": entry} if isinstance(entry, str) else entry for item, entry in entries.items()}
    return operations.record_day(county.actor(who), county.resident(name).id, day, full, **more)


def stored(county: Any, day: dt.date, name: str = "甲老人") -> ChecklistDay | None:
    """The day's row as the database has it."""
    db.session.rollback()
    return db.session.get(ChecklistDay, (day, county.resident(name).id), populate_existing=True)
