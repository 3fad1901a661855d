"""Appeals against care grades: the list, one appeal with both sheets, filing, withdrawing, the printed outcome."""

from __future__ import annotations

from io import BytesIO

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError, NotFound
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.core.workdays import workdays_between
from app.grading import operations, queries
from app.grading.documents.appeals import appeal_pdf
from app.grading.drafting import instrument_of
from app.grading.forms import AppealForm, WithdrawForm
from app.grading.labels import APPEAL_BY, APPEAL_STATES, APPEAL_TONES, GRADE_TONES, GRADES, wording
from app.grading.models import GradeAppeal
from app.grading.queries import appeals as reading
from app.grading.rules.appeals import WAITING, AppealBy, AppealState
from app.grading.views import bp


@bp.get("/grade-appeals")
@requires("appeals.read")
def appeals() -> str:
    """Appeals, newest first; unless a state is chosen, those that wait."""
    actor = current_actor()
    given = request.args.get("state", "")
    state = AppealState(given) if given in set(AppealState) else None
    query = reading.found_appeals(actor, q=text_arg("q"), state=state, waiting="state" not in request.args)
    page = paginate(query, [GradeAppeal.id], request.args.get("cursor"), descending=True)
    return render_template(
        "grading/appeals.html",
        page=page,
        pager=pager(page),
        left={row.id: _left(row) for row in page.items},
        states=APPEAL_STATES,
        tones=APPEAL_TONES,
        grades=GRADES,
        by=APPEAL_BY,
    )


def _left(row: GradeAppeal) -> int | None:
    """Working days left for the decision, negative when it is late; None when the appeal is over."""
    if row.state not in WAITING:
        return None
    today = clock.today()
    return workdays_between(today, row.decide_by) if today <= row.decide_by else -workdays_between(row.decide_by, today)


@bp.get("/grade-appeals/<id:appeal_id>")
@requires("appeals.read")
def appeal(appeal_id: int) -> str:
    """One appeal: the clock, what pay does meanwhile, both sheets side by side, the outcome."""
    return _page(appeal_id, WithdrawForm(formdata=None))


def _page(appeal_id: int, form: WithdrawForm) -> str:
    actor = current_actor()
    row = reading.appeal(actor, appeal_id)
    first, second = reading.first_sheet(row), row.second_sheet
    return render_template(
        "grading/appeal.html",
        appeal=row,
        first=first,
        second=second,
        rows=comparison(row),
        proposal=queries.proposal_of(second.id) if second is not None else None,
        left=_left(row),
        names=queries.names_of([row.filed_by, row.closed_by]),
        form=form if row.state is AppealState.OPEN and actor.may("appeals.file") else None,
        may_sheets=actor.may("sheets.read"),
        may_issue=actor.may("documents.issue") and row.state not in WAITING,
        states=APPEAL_STATES,
        tones=APPEAL_TONES,
        grades=GRADES,
        grade_tones=GRADE_TONES,
        by=APPEAL_BY,
    )


def comparison(row: GradeAppeal) -> list[tuple[str, int | None, int | None, int]]:
    """The ten items of both sheets: title, points first, points second, the most."""
    first, second = reading.first_sheet(row), row.second_sheet
    before = (first.result or {}).get("items", {})
    after = (second.result or {}).get("items", {}) if second is not None else {}
    return [
        (wording(item.title), before.get(item.id), after.get(item.id), item.max) for item in instrument_of(first).items
    ]


@bp.route("/grades/<id:grade_id>/appeals/new", methods=["GET", "POST"])
@requires("appeals.file")
def new_appeal(grade_id: int) -> Response | str | tuple[str, int]:
    """File an appeal for the resident, the guardian or the institution."""
    actor = current_actor()
    grade = queries.grade(actor, grade_id)
    form = AppealForm()
    if form.validate_on_submit():
        try:
            row = operations.file_appeal(
                actor,
                grade.id,
                by=AppealBy(form.by.data),
                by_name=form.by_name.data or "",
                reason=form.reason.data or "",
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The appeal is on record. Two other assessors score again."), "success")
            return redirect(url_for("grading.appeal", appeal_id=row.id))
    failed = bool(form.errors or form.form_errors)
    decided_on = grade.decided_at.astimezone(clock.ZONE).date()
    html = render_template(
        "grading/appeal_new.html",
        form=form,
        grade=grade,
        resident=grade.resident,
        until=reading.deadlines(clock.today()).published_until(decided_on).on,
        grades=GRADES,
    )
    return html, (422 if failed else 200)


@bp.post("/grade-appeals/<id:appeal_id>/withdraw")
@requires("appeals.file")
def withdraw_appeal(appeal_id: int) -> Response | tuple[str, int]:
    """Take an appeal back."""
    actor, form = current_actor(), WithdrawForm()
    reading.appeal(actor, appeal_id)
    if form.validate_on_submit():
        try:
            operations.withdraw_appeal(actor, appeal_id, form.reason.data or "")
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The appeal is withdrawn; the grade counts as it was decided."), "success")
            return redirect(url_for("grading.appeal", appeal_id=appeal_id))
    return _page(appeal_id, form), 422


@bp.get("/grade-appeals/<id:appeal_id>/outcome.pdf")
@requires("appeals.read")
def appeal_outcome_pdf(appeal_id: int) -> Response:
    """The outcome with both sheets, to hand over."""
    actor = current_actor()
    row = reading.appeal(actor, appeal_id)
    if row.state in WAITING:
        raise NotFound
    actor.require("documents.issue")
    data, name = appeal_pdf(actor, row)
    return send_file(BytesIO(data), mimetype="application/pdf", download_name=name)
