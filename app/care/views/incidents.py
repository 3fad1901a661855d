"""Pages of incidents."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.care import operations, queries, rules
from app.care.forms import IncidentForm, JudgeForm, StepForm
from app.care.labels import INCIDENT_KINDS, SEVERITIES, SEVERITY_TONES, STEP_TONES, STEPS
from app.care.models import Incident
from app.care.views import bp
from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.grading.queries import names_of
from app.people import queries as people
from app.people.models import Resident, ResidentStatus


@bp.get("/incidents")
@requires("incidents.read")
def incidents() -> str:
    """Incidents, newest first."""
    actor = current_actor()
    query = queries.visible_incidents(actor)
    if q := text_arg("q"):
        found = people.found(actor, q=q).with_only_columns(Resident.id)
        query = query.where(Incident.resident_id.in_(found))
    if (kind := request.args.get("kind", "")) in INCIDENT_KINDS:
        query = query.where(Incident.kind == kind)
    if request.args.get("judged") == "0":
        query = query.where(Incident.avoidable.is_(None))
    page = paginate(query, [Incident.happened_on, Incident.id], request.args.get("cursor"), descending=True)
    whom = people.found(actor, q=q, status=ResidentStatus.ACTIVE)
    return render_template(
        "care/incidents.html",
        page=page,
        pager=pager(page),
        kinds=INCIDENT_KINDS,
        severities=SEVERITIES,
        severity_tones=SEVERITY_TONES,
        closed=queries.closed_among([one.id for one in page.items]),
        whom=paginate(whom, [Resident.id], None, size=24) if actor.may("incidents.write") else None,
    )


@bp.route("/residents/<id:resident_id>/incidents/new", methods=["GET", "POST"])
@requires("incidents.write")
def new_incident(resident_id: int) -> Response | str | tuple[str, int]:
    """Report an incident."""
    actor = current_actor()
    resident = people.resident(actor, resident_id)
    form = IncidentForm(happened_on=clock.today())
    if form.validate_on_submit():
        try:
            row = operations.report_incident(
                actor,
                resident.id,
                kind=form.kind.data,
                happened_on=form.happened_on.data,
                severity=form.severity.data,
                note=form.note.data,
                time=form.time.data,
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The incident is reported."), "success")
            return redirect(url_for("care.incident", incident_id=row.id))
    return render_template("care/new_incident.html", form=form, resident=resident), (422 if form.errors else 200)


@bp.route("/incidents/<id:incident_id>", methods=["GET", "POST"])
@requires("incidents.read")
def incident(incident_id: int) -> Response | str | tuple[str, int]:
    """One incident; the county judges it here."""
    actor = current_actor()
    row = queries.incident(actor, incident_id)
    form = JudgeForm()
    if request.method == "POST":
        actor.require("incidents.judge")
        if form.validate():
            try:
                operations.judge_incident(actor, row.id, avoidable=form.avoidable.data == "1", reason=form.reason.data)
            except DomainError as error:
                add_errors(form, error)
            else:
                flash(gettext("The judgement is on record."), "success")
                return redirect(url_for("care.incident", incident_id=row.id))
    return _page(row, form), (422 if form.errors else 200)


@bp.post("/incidents/<id:incident_id>/steps")
@requires("incidents.write")
def incident_step(incident_id: int) -> Response | tuple[str, int]:
    """Put on record what was done about an incident."""
    actor, form = current_actor(), StepForm()
    row = queries.incident(actor, incident_id)
    if form.validate():
        try:
            operations.add_step(actor, row.id, kind=form.step.data, text=form.text.data, due_on=form.due_on.data)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("It is on record."), "success")
            return redirect(url_for("care.incident", incident_id=row.id))
    return _page(row, JudgeForm(formdata=None), form), 422


def _page(row: Incident, form: JudgeForm, step: StepForm | None = None) -> str:
    """The page of an incident; a form that was refused comes back with what was typed."""
    actor, steps = current_actor(), queries.steps_of(row.id)
    closed = any(one.kind == "closed" for one in steps)
    return render_template(
        "care/incident.html",
        incident=row,
        form=form,
        steps=steps,
        step_words=STEPS,
        step_tones=STEP_TONES,
        step_form=step or StepForm(formdata=None),
        may_step=not closed and actor.may("incidents.write"),
        today=clock.today(),
        kinds=INCIDENT_KINDS,
        severities=SEVERITIES,
        severity_tones=SEVERITY_TONES,
        names=names_of([row.reported_by, row.judged_by, *(one.recorded_by for one in steps)]),
        in_time=rules.reported_in_time(row.happened_on, row.happened_at, row.reported_at, clock.ZONE),
        may_judge=row.avoidable is None and actor.may("incidents.judge"),
    )
