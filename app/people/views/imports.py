"""Import of residents: template, check, import; every wrong cell is named, nothing is half imported."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from app.core.access import current_actor, requires
from app.core.errors import DomainError, Invalid, NotFound
from app.core.forms import add_errors
from app.core.sending import attachment
from app.people import documents, labels, operations, queries
from app.people.forms import ImportForm
from app.people.operations.columns import COLUMNS, NEEDED
from app.people.operations.imports import KEPT_PROBLEMS, MAX_ROWS, SHOWN_PROBLEMS, ImportRefused, ImportReport, Problem
from app.people.views import bp

REPORT_HOURS = 12


def _notes() -> URLSafeTimedSerializer:
    """Signs the errors of a table into the page that shows them: nothing of a refused table is kept here."""
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="import report")


def _signed(report: ImportReport) -> str:
    listed = [[p.row, p.column, p.message] for p in report.problems[:KEPT_PROBLEMS]]
    return str(_notes().dumps([current_actor().user_id, listed]))


def _page(form: ImportForm, report: ImportReport | None, status: int) -> tuple[str, int]:
    return render_template(
        "people/import.html",
        form=form,
        report=report,
        problems=report.problems[:SHOWN_PROBLEMS] if report else [],
        signed=_signed(report) if report and report.problems else "",
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


@bp.post("/residents/import/errors.<any(xlsx,csv):kind>")
@requires("people.import")
def import_errors(kind: str) -> Response:
    """The errors that the page before shows, as a file: row, column, what is wrong."""
    try:
        user_id, listed = _notes().loads(request.form.get("report", ""), max_age=REPORT_HOURS * 3600)
    except BadData as error:
        raise Invalid(gettext("These errors are no longer at hand. Check the table again.")) from error
    if user_id != current_actor().user_id:
        raise NotFound
    return attachment(documents.import_report([Problem(*one) for one in listed], kind))


@bp.get("/residents/import/template.<any(xlsx,csv):kind>")
@requires("people.import")
def import_template(kind: str) -> Response:
    """An empty table with the right headings and one invented row."""
    file = documents.import_template(current_actor(), kind)
    return attachment(file)
