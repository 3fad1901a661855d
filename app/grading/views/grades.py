"""A resident's care grades over time, and the notice of a decision."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

from flask import render_template, send_file
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import current_actor, requires
from app.grading import documents, pictures, queries
from app.grading.labels import CAUSES, GRADE_TONES, GRADES
from app.grading.queries import appeals
from app.grading.queries import due as due_queries
from app.grading.views import bp
from app.people import queries as people
from app.people.models import ResidentStatus


@bp.get("/residents/<id:resident_id>/grades")
@requires("grades.read")
def history(resident_id: int) -> str:
    """Every care grade of a resident with its days and its decision, and the ability over time."""
    actor = current_actor()
    resident = people.resident(actor, resident_id)
    rows = queries.grades_of(actor, resident.id)
    known = appeals.appeals_of(resident.id)
    open_to = actor.may("appeals.file") and resident.status is ResidentStatus.ACTIVE
    days = appeals.deadlines(clock.today())

    def appealable(at: dt.datetime) -> bool:
        return clock.today() <= days.published_until(at.astimezone(clock.ZONE).date()).on

    return render_template(
        "grading/history.html",
        resident=resident,
        rows=rows,
        current=queries.grade_on(resident.id, clock.today()),
        picture=pictures.grades_over_time(rows, resident.ended_on or clock.today()),
        due=due_queries.due_rows(actor, [resident])[0],
        names=queries.names_of(row.proposal.decided_by for row in rows),
        grades=GRADES,
        grade_tones=GRADE_TONES,
        causes=CAUSES,
        appeals=known,
        appealable={row.id for row in rows if appealable(row.decided_at)} - known.keys() if open_to else set(),
        may_appeals=actor.may("appeals.read"),
        may_sheets=actor.may("sheets.read"),
        may_issue=actor.may("documents.issue"),
        may_report=actor.may("grades.report"),
        may_write=actor.may("sheets.write"),
        may_pair=actor.may("pairs.write"),
    )


@bp.get("/grades/<id:grade_id>/notice.pdf")
@requires("grades.read")
def notice(grade_id: int) -> Response:
    """The decision in plain words for the resident, with the right to object."""
    actor = current_actor()
    data, name = documents.notice_pdf(actor, queries.grade(actor, grade_id))
    return send_file(BytesIO(data), mimetype="application/pdf", download_name=name)
