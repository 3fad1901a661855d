"""Pages of visits."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.care import operations, queries, rules
from app.care.forms import VisitForm, VoiceForm
from app.care.models import Visit
from app.care.views import bp
from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.labels import ROLE_LABELS
from app.core.paging import paginate
from app.grading.queries import names_of
from app.people import queries as people
from app.people.models import Resident


@bp.get("/visits")
@requires("visits.read")
def visits() -> str:
    """Visits, newest first; and whom the actor can visit."""
    actor = current_actor()
    query = queries.visible_visits(actor)
    if q := text_arg("q"):
        found = people.found(actor, q=q).with_only_columns(Resident.id)
        query = query.where(Visit.resident_id.in_(found))
    if request.args.get("problem") == "1":
        query = query.where(Visit.problem)
    page = paginate(query, [Visit.visited_on, Visit.id], request.args.get("cursor"), descending=True)
    return render_template(
        "care/visits.html",
        page=page,
        pager=pager(page),
        roles=ROLE_LABELS,
        whom=queries.to_visit(actor, clock.today(), q=q) if actor.may("visits.write") else [],
    )


@bp.get("/visits/<id:visit_id>")
@requires("visits.read")
def visit(visit_id: int) -> str:
    """One visit."""
    row = queries.visit(current_actor(), visit_id)
    return render_template(
        "care/visit.html",
        visit=row,
        roles=ROLE_LABELS,
        names=names_of([row.visitor_id]),
        voice=VoiceForm(formdata=None),
        questions=rules.VOICE,
    )


@bp.route("/residents/<id:resident_id>/visits/new", methods=["GET", "POST"])
@requires("visits.write")
def new_visit(resident_id: int) -> Response | str | tuple[str, int]:
    """Record a visit."""
    actor = current_actor()
    resident = people.resident(actor, resident_id)
    form = VisitForm(visited_on=clock.today())
    if form.validate_on_submit():
        try:
            operations.record_visit(
                actor,
                resident.id,
                form.visited_on.data,
                ate_together=form.ate_together.data,
                talked=form.talked.data,
                caregiver_present=form.caregiver_present.data,
                satisfaction=_points(form.satisfaction.data),
                neighbour_view=_points(form.neighbour_view.data),
                clean=_seen(form.clean.data),
                skin=_seen(form.skin.data),
                steady=_seen(form.steady.data),
                problem=form.problem.data,
                note=form.note.data,
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The visit to %(name)s is on record.", name=resident.name), "success")
            return redirect(url_for("care.visits"))
    return render_template("care/new_visit.html", form=form, resident=resident), (422 if form.errors else 200)


@bp.route("/residents/<id:resident_id>/voice", methods=["GET", "POST"])
@requires("visits.write")
def voice(resident_id: int) -> Response | str | tuple[str, int]:
    """The resident's own voice, asked alone: large type, read aloud."""
    actor, form = current_actor(), VoiceForm()
    resident = people.resident(actor, resident_id)
    if form.validate_on_submit():
        answers = {name: _seen(form[name].data) for name in rules.VOICE}
        try:
            row = operations.hear_resident(
                actor, resident.id, answers, alone=form.alone.data, words=form.words.data or ""
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("What %(name)s said is on record.", name=resident.name), "success")
            return redirect(url_for("care.visit", visit_id=row.id))
    page = render_template("care/voice.html", form=form, resident=resident, questions=rules.VOICE)
    return page, (422 if form.errors else 200)


def _points(value: str | None) -> int | None:
    return int(value) if value else None


def _seen(value: str | None) -> bool | None:
    return None if not value else value == "1"
