"""Who is due for assessment, and reporting a change."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.grading import operations
from app.grading.forms import ReportForm
from app.grading.labels import CAUSES, LATE
from app.grading.queries import due as due_queries
from app.grading.views import bp
from app.people import queries as people
from app.people.models import Resident
from app.places import queries as places


def area_arg() -> str:
    """A division code from the address, or nothing."""
    given = text_arg("area", 12)
    return given if given.isascii() and given.isdigit() else ""


def area_options() -> list[tuple[str, str]]:
    """Townships the actor may choose from; within one township its villages."""
    actor = current_actor()
    below = places.areas_under(actor.area_code or "", "township" if len(actor.area_code or "") < 9 else "village")
    return [(area.code, area.name) for area in below]


@bp.get("/sheets/due")
@requires("sheets.read")
def due() -> str:
    """Residents to assess, village by village: never yet, the next regular one nearly or long due, or a change was reported."""
    actor = current_actor()
    cause = request.args.get("cause", "")
    query = due_queries.due_list(
        actor, q=text_arg("q"), area_code=area_arg(), cause=cause if cause in {**CAUSES, **LATE} else ""
    )
    page = paginate(query, [Resident.area_code, Resident.id], request.args.get("cursor"))
    return render_template(
        "grading/due.html",
        rows=due_queries.due_rows(actor, page.items),
        pager=pager(page),
        causes=CAUSES,
        filters={**CAUSES, **LATE},
        areas=area_options(),
        today=clock.today(),
        may_write=actor.may("sheets.write"),
    )


@bp.post("/residents/<id:resident_id>/sheets")
@requires("sheets.write")
def open_sheet(resident_id: int) -> Response:
    """Begin a sheet, or go on with the draft."""
    actor = current_actor()
    try:
        row = operations.open_sheet(actor, resident_id)
    except DomainError as error:
        if error.status == 404:
            raise
        flash(error.message, "danger")
        return redirect(url_for("grading.due"))
    return redirect(url_for("grading.edit", sheet_id=row.id))


@bp.route("/residents/<id:resident_id>/change-reports/new", methods=["GET", "POST"])
@requires("grades.report")
def report_change(resident_id: int) -> Response | str | tuple[str, int]:
    """Tell the assessors that something changed."""
    actor = current_actor()
    resident = people.resident(actor, resident_id)
    form = ReportForm()
    if form.validate_on_submit():
        try:
            operations.report_change(actor, resident.id, form.cause.data, form.note.data)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("Reported. The assessors see it on their list from now on."), "success")
            return redirect(url_for("grading.history", resident_id=resident.id))
    failed = bool(form.errors or form.form_errors)
    return render_template("grading/report.html", form=form, resident=resident), (422 if failed else 200)
