"""Import of residents: template, check, import; every wrong cell is named, nothing is half imported."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.forms import add_errors
from app.core.sending import attachment
from app.people import documents, labels, operations, queries
from app.people.forms import ImportForm
from app.people.operations.columns import COLUMNS, NEEDED
from app.people.operations.imports import MAX_ROWS, SHOWN_PROBLEMS, ImportRefused, ImportReport
from app.people.views import bp


def _page(form: ImportForm, report: ImportReport | None, status: int) -> tuple[str, int]:
    return render_template(
        "people/import.html",
        form=form,
        report=report,
        problems=report.problems[:SHOWN_PROBLEMS] if report else [],
        runs=queries.import_runs(current_actor()),
        columns=COLUMNS,
        needed=NEEDED,
        labels=labels,
        max_rows=MAX_ROWS,
    ), status


@bp.route("/residents/import", methods=["GET", "POST"])
@requires("people.import")
def import_residents() -> Response | tuple[str, int]:
    """Check a table of residents, or import all of it."""
    actor = current_actor()
    form = ImportForm()
    if not form.validate_on_submit():
        return _page(form, None, 422 if form.errors else 200)
    name = form.file.data.filename or ""
    try:
        if request.form.get("step") == "check":
            report, _facts = operations.examine(actor, name, form.file.data.stream)
            return _page(form, report, 422 if report.problems else 200)
        report = operations.import_residents(actor, name, form.file.data.stream)
    except ImportRefused as refused:
        return _page(form, refused.report, 422)
    except DomainError as error:
        add_errors(form, error)
        return _page(form, None, error.status)
    flash(gettext("%(n)s residents were imported.", n=report.imported), "success")
    return redirect(url_for("people.residents", sort="newest"))


@bp.get("/residents/import/template.<any(xlsx,csv):kind>")
@requires("people.import")
def import_template(kind: str) -> Response:
    """An empty table with the right headings and one invented row."""
    file = documents.import_template(current_actor(), kind)
    return attachment(file)
