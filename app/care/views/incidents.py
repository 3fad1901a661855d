"""Pages of incidents."""

from __future__ import annotations

import datetime as dt

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.care import operations, queries
from app.care.forms import IncidentForm, JudgeForm
from app.care.labels import INCIDENT_KINDS, SEVERITIES, SEVERITY_TONES
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
    return render_template(
        "care/incident.html",
        incident=row,
        form=form,
        kinds=INCIDENT_KINDS,
        severities=SEVERITIES,
        severity_tones=SEVERITY_TONES,
        names=names_of([row.reported_by, row.judged_by]),
        in_time=row.reported_at.astimezone(clock.ZONE).date() <= row.happened_on + dt.timedelta(days=1),
        may_judge=row.avoidable is None and actor.may("incidents.judge"),
    ), (422 if form.errors else 200)
