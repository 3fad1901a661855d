"""Plan, checklist, visits and incidents on the resident's page; what a care grade means for the plan."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext

from app.care import queries, rules
from app.care.labels import INCIDENT_KINDS
from app.care.models import Incident, Visit
from app.care.queries import Wanted
from app.core import clock
from app.core.actor import Actor
from app.core.errors import DomainError
from app.core.paging import paginate
from app.core.rulebook import rule_in_force
from app.core.words import lazy_gettext as _l
from app.grading.panels import Effect, add_effect
from app.people.models import Resident, ResidentStatus
from app.people.panels import Panel, Shown, register_ending_effect, resident_panels


def _care(actor: Actor, resident: Resident) -> Shown:
    today = clock.today()
    active = resident.status is ResidentStatus.ACTIVE
    month = Wanted(today - dt.timedelta(days=30), today - dt.timedelta(days=1), resident_id=resident.id)
    visits = queries.visible_visits(actor).where(Visit.resident_id == resident.id)
    incidents = queries.visible_incidents(actor).where(Incident.resident_id == resident.id)
    return Shown(
        "care/_panel.html",
        {
            "resident": resident,
            "plan": queries.plan_on(resident.id, today),
            "draft": queries.open_draft(resident.id),
            "month": next(iter(queries.completion(actor, month, "resident")), None)
            if actor.may("checklist.read")
            else None,
            "month_args": {"from": month.first.isoformat(), "to": month.last.isoformat()},
            "visits": paginate(visits, [Visit.visited_on, Visit.id], None, descending=True, size=3).items
            if actor.may("visits.read")
            else None,
            "incidents": paginate(incidents, [Incident.happened_on, Incident.id], None, descending=True, size=3).items
            if actor.may("incidents.read")
            else None,
            "kinds": INCIDENT_KINDS,
            "today": today,
            "may_plan": active and actor.may("plans.write"),
            "may_record": active and actor.may("checklist.record"),
            "may_profile": actor.may("profiles.read"),
            "may_visit": active and actor.may("visits.write"),
            "may_report": active and actor.may("incidents.write"),
        },
    )


def _ending(_actor: Actor, resident: Resident, today: dt.date) -> list[str]:
    plan = queries.plan_on(resident.id, today)
    return [] if plan is None else [gettext("Care plan %(number)s is no longer recorded by.", number=plan.number)]


def _effect(_actor: Actor, resident: Resident, valid_from: dt.date) -> Effect | None:
    """How much care a week the standard asks for in each grade, in the resident's form of support."""
    try:
        standard = rule_in_force("care_standard", valid_from)
        personal = rule_in_force("personal_plan", valid_from)
    except DomainError:
        return None
    words = {}
    for grade in rules.GRADE_KEYS:
        lines = rules.plan_lines(standard.body, personal.body, grade, resident.setting.value, {}, {})
        words[grade] = gettext("%(count)s services a week", count=rules.services_a_week(lines))
    return Effect(gettext("Care plan (a new one is drawn up)"), words)


resident_panels.register(Panel("care", _l("Care"), "plans.read", _care, order=30))
register_ending_effect(_ending)
add_effect(_effect)
