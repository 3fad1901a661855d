"""The care grade on the resident's page, and what the end of support does to it."""

from __future__ import annotations

import datetime as dt

from flask import url_for
from flask_babel import gettext

from app.core import clock
from app.core.actor import Actor
from app.core.words import lazy_gettext as _l
from app.grading import queries
from app.grading.labels import CAUSES, GRADE_TONES, GRADES
from app.grading.queries import due as due_queries
from app.people.models import Resident, ResidentStatus
from app.people.panels import Panel, Shown, register_ending_effect, resident_panels


def _grades(actor: Actor, resident: Resident) -> Shown:
    rows = queries.grades_of(actor, resident.id)
    active = resident.status is ResidentStatus.ACTIVE
    return Shown(
        "grading/_panel.html",
        {
            "resident": resident,
            "rows": rows[::-1][:3],
            "current": queries.grade_on(resident.id, clock.today()),
            "due": due_queries.due_rows(actor, [resident])[0] if active else None,
            "grades": GRADES,
            "grade_tones": GRADE_TONES,
            "causes": CAUSES,
            "may_report": active and actor.may("grades.report"),
            "may_write": active and actor.may("sheets.write"),
        },
        url_for("grading.history", resident_id=resident.id),
        _l("All grades"),
    )


def _ending(_actor: Actor, resident: Resident, today: dt.date) -> list[str]:
    current = queries.grade_on(resident.id, today)
    return [] if current is None else [gettext("The care grade “%(grade)s” ends.", grade=GRADES[current.grade])]


resident_panels.register(Panel("grades", _l("Care grade"), "grades.read", _grades, order=20))
register_ending_effect(_ending)
