"""Pages of care plans."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.care import documents, operations, queries, rules
from app.care.forms import EmptyForm, NewPlanForm, PlanForm
from app.care.labels import PLAN_STATES, PLAN_TONES, frequency_words
from app.care.models import CarePlan, PlanState
from app.care.views import bp
from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.grading.labels import GRADE_TONES, GRADES
from app.grading.queries import names_of
from app.people import queries as people
from app.people.labels import SETTING_LABELS
from app.people.models import Resident


@bp.get("/care-plans")
@requires("plans.read")
def plans() -> str:
    """Plans the actor may see, newest first; above them whose plan is missing or no longer fits."""
    actor, today = current_actor(), clock.today()
    query = queries.visible_plans(actor)
    if q := text_arg("q"):
        found = people.found(actor, q=q).with_only_columns(Resident.id)
        query = query.where((CarePlan.resident_id.in_(found)) | (CarePlan.number == q.strip().upper()))
    state = request.args.get("state", "")
    if state in set(PlanState):
        query = query.where(CarePlan.state == PlanState(state))
    page = paginate(query, [CarePlan.id], request.args.get("cursor"), descending=True)
    return render_template(
        "care/plans.html",
        page=page,
        pager=pager(page),
        missing=paginate(queries.without_plan(actor, today), [Resident.id], None, size=12),
        outdated=paginate(queries.outdated(actor, today), [Resident.id], None, size=12),
        states=PLAN_STATES,
        tones=PLAN_TONES,
        settings=SETTING_LABELS,
        grades=GRADES,
        grade_tones=GRADE_TONES,
        may_write=actor.may("plans.write"),
    )


@bp.route("/residents/<id:resident_id>/care-plans/new", methods=["GET", "POST"])
@requires("plans.write")
def new_plan(resident_id: int) -> Response | str | tuple[str, int]:
    """Draw up a plan for one resident."""
    actor = current_actor()
    resident = people.resident(actor, resident_id)
    current = queries.plan_on(resident.id, clock.today())
    form = NewPlanForm(valid_from=clock.today() + dt.timedelta(days=1) if current else clock.today())
    if form.validate_on_submit():
        try:
            row = operations.draft_plan(actor, resident.id, valid_from=form.valid_from.data)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The draft is ready: look at each line, then have it approved."), "success")
            return redirect(url_for("care.plan", plan_id=row.id))
    return render_template("care/new_plan.html", form=form, resident=resident, current=current), (
        422 if form.errors else 200
    )


@bp.route("/care-plans/<id:plan_id>", methods=["GET", "POST"])
@requires("plans.read")
def plan(plan_id: int) -> Response | str | tuple[str, int]:
    """One plan; a draft can be changed here."""
    actor = current_actor()
    row = queries.plan(actor, plan_id)
    editable = row.state is PlanState.DRAFT and actor.may("plans.write")
    form = PlanForm(obj=row)
    errors: dict[str, str] = {}
    lines = row.lines
    if request.method == "POST":
        actor.require("plans.write")
        given = _given_lines(row)
        lines = [{**line, **given[line["item"]]} for line in row.lines]
        if form.validate():
            try:
                operations.update_plan(actor, row.id, given, valid_from=form.valid_from.data, notes=form.notes.data)
            except DomainError as error:
                errors = getattr(error, "errors", {})
                add_errors(form, error)
            else:
                flash(gettext("The draft was saved."), "success")
                return redirect(url_for("care.plan", plan_id=row.id))
    standard = queries.standard_of(row)
    return render_template(
        "care/plan.html",
        plan=row,
        lines=lines,
        errors=errors,
        form=form,
        act=EmptyForm(formdata=None),
        standard=standard,
        texts=rules.texts(standard.body),
        editable=editable,
        may_approve=row.state is PlanState.DRAFT and actor.may("plans.approve"),
        states=PLAN_STATES,
        tones=PLAN_TONES,
        settings=SETTING_LABELS,
        grades=GRADES,
        grade_tones=GRADE_TONES,
        own=row.drafted_by_person == actor.person_key,
        names=names_of([row.drafted_by, row.approved_by]),
        services=rules.services_a_week(row.lines),
        frequency_words=frequency_words,
        plain=rules.plain_zh,
    ), (422 if request.method == "POST" else 200)


def _given_lines(row: CarePlan) -> dict[str, dict[str, Any]]:
    return {
        line["item"]: {
            "frequency": request.form.get(f"frequency_{line['item']}", line["frequency"]),
            "note": request.form.get(f"note_{line['item']}", line["note"]),
        }
        for line in row.lines
    }


@bp.post("/care-plans/<id:plan_id>/approve")
@requires("plans.approve")
def approve_plan(plan_id: int) -> Response:
    """Put a plan in force."""
    try:
        row = operations.approve_plan(current_actor(), plan_id)
    except DomainError as error:
        if error.status == 404:
            raise
        flash(error.message, "danger")
    else:
        flash(gettext("Plan %(number)s is approved.", number=row.number), "success")
    return redirect(url_for("care.plan", plan_id=plan_id))


@bp.get("/care-plans/<id:plan_id>.pdf")
@requires("plans.read")
def plan_pdf(plan_id: int) -> Response:
    """The plan on paper for the bedside or the kitchen wall."""
    actor = current_actor()
    row = queries.plan(actor, plan_id)
    data, name = documents.plan_pdf(actor, row)
    return send_file(data, mimetype="application/pdf", download_name=name)


def day_arg(name: str = "day") -> dt.date:
    """A date from the address; today when missing or unreadable, never in the future."""
    today = clock.today()
    try:
        return min(dt.date.fromisoformat(request.args.get(name, "")), today)
    except ValueError:
        return today
