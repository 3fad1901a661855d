"""Acts on a resident's record: end of support, absences, full view of protected fields."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError, NotFound
from app.core.forms import add_errors
from app.people import labels, operations, queries
from app.people.forms import AbsenceForm, CloseAbsenceForm, EndForm, ReasonForm
from app.people.panels import ending_effects
from app.people.views import bp, filters
from app.people.views.revealing import reveal_page


def _to_resident(resident_id: int) -> Response:
    return redirect(url_for("people.resident", resident_id=resident_id))


@bp.route("/residents/<id:resident_id>/end", methods=["GET", "POST"])
@requires("people.write")
def end_support(resident_id: int) -> Response | tuple[str, int]:
    """End support; the page says in numbers what ends with it."""
    actor = current_actor()
    row = queries.resident(actor, resident_id)
    form = EndForm(version=row.version, ended_on=clock.today())
    status = 200
    if form.validate_on_submit():
        try:
            operations.end_support(
                actor,
                resident_id,
                form.ended_on.data,
                form.how.data == "deceased",
                form.reason.data,
                version=int(form.version.data) if filters.whole(str(form.version.data or "")) else 0,
            )
        except DomainError as error:
            add_errors(form, error)
            status = error.status
        else:
            flash(gettext("The end of support of %(name)s was recorded.", name=row.name), "success")
            return _to_resident(resident_id)
    elif form.errors:
        status = 422
    today = clock.today()
    effects = [sentence for effect in ending_effects for sentence in effect(actor, row, today)]
    return render_template(
        "people/end_support.html",
        form=form,
        row=row,
        days=(today - row.supported_from).days + 1,
        open_absences=sum(1 for a in queries.absences(row.id) if a.to_on is None),
        effects=effects,
    ), status


@bp.route("/residents/<id:resident_id>/resume", methods=["GET", "POST"])
@requires("people.write")
def resume_support(resident_id: int) -> Response | tuple[str, int]:
    """Take back an end of support that was recorded by mistake."""
    actor = current_actor()
    row = queries.resident(actor, resident_id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            operations.resume_support(actor, resident_id, reason=form.reason.data)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("%(name)s is supported again.", name=row.name), "success")
            return _to_resident(resident_id)
    page = render_template(
        "people/reason.html",
        form=form,
        name=row.name,
        back=url_for("people.resident", resident_id=row.id),
        title=gettext("Take back the end of support"),
        message=gettext(
            "Support ended on %(day)s. Taking it back makes %(name)s supported again from then on; "
            "the history keeps both.",
            day=row.ended_on.isoformat() if row.ended_on else "—",
            name=row.name,
        ),
        act=gettext("Take back"),
    )
    return page, 422 if form.errors else 200


@bp.route("/residents/<id:resident_id>/reveal", methods=["GET", "POST"])
@requires("people.reveal")
def reveal(resident_id: int) -> tuple[str, int]:
    """Show one protected field in full, once, after a reason was given and written to the audit log."""
    actor = current_actor()
    row = queries.resident(actor, resident_id)
    field = request.args.get("field", "")
    if field not in operations.REVEALED:
        raise NotFound
    return reveal_page(
        lambda reason: operations.reveal(actor, resident_id, field, reason=reason),
        name=row.name,
        label=labels.FIELDS[field],
        section=gettext("Residents"),
        section_url=url_for("people.residents"),
        back=url_for("people.resident", resident_id=row.id),
    )


@bp.post("/residents/<id:resident_id>/health-notes")
@requires("people.health")
def health_notes(resident_id: int) -> str:
    """What whoever cares has to know; the answer shows it once and is kept nowhere."""
    actor = current_actor()
    row = queries.resident(actor, resident_id)
    return render_template(
        "people/reveal.html",
        form=None,
        name=row.name,
        label=labels.FIELDS["health_notes"],
        section=gettext("Residents"),
        section_url=url_for("people.residents"),
        shown=operations.read_health_notes(actor, resident_id),
        back=url_for("people.resident", resident_id=row.id),
    )


@bp.route("/residents/<id:resident_id>/absences/new", methods=["GET", "POST"])
@requires("absences.write")
def new_absence(resident_id: int) -> Response | tuple[str, int]:
    """Record a stay in hospital or a leave."""
    actor = current_actor()
    row = queries.resident(actor, resident_id)
    form = AbsenceForm(from_on=clock.today())
    status = 200
    if form.validate_on_submit():
        try:
            operations.record_absence(actor, resident_id, form.kind.data, form.from_on.data, form.to_on.data)
        except DomainError as error:
            add_errors(form, error)
            status = error.status
        else:
            flash(gettext("The absence was recorded."), "success")
            return _to_resident(resident_id)
    elif form.errors:
        status = 422
    return render_template("people/absence_form.html", form=form, row=row, absence=None), status


@bp.route("/absences/<id:absence_id>/close", methods=["GET", "POST"])
@requires("absences.write")
def close_absence(absence_id: int) -> Response | tuple[str, int]:
    """Give an open absence its last day."""
    actor = current_actor()
    absence = queries.absence(actor, absence_id)
    row = queries.resident(actor, absence.resident_id)
    form = CloseAbsenceForm(to_on=clock.today())
    status = 200
    if form.validate_on_submit():
        try:
            operations.close_absence(actor, absence_id, form.to_on.data)
        except DomainError as error:
            add_errors(form, error)
            status = error.status
        else:
            flash(gettext("The absence has ended."), "success")
            return _to_resident(row.id)
    elif form.errors:
        status = 422
    return render_template("people/absence_form.html", form=form, row=row, absence=absence, labels=labels), status


@bp.route("/absences/<id:absence_id>/cancel", methods=["GET", "POST"])
@requires("absences.write")
def cancel_absence(absence_id: int) -> Response | tuple[str, int]:
    """Take away an absence that was recorded by mistake."""
    actor = current_actor()
    absence = queries.absence(actor, absence_id)
    row = queries.resident(actor, absence.resident_id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            operations.cancel_absence(actor, absence_id, reason=form.reason.data)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The absence was taken back."), "success")
            return _to_resident(row.id)
    page = render_template(
        "people/reason.html",
        form=form,
        name=row.name,
        back=url_for("people.resident", resident_id=row.id),
        title=gettext("Take back an absence"),
        message=gettext(
            "The absence from %(first)s to %(last)s will not count any more. The history keeps it.",
            first=absence.from_on.isoformat(),
            last=absence.to_on.isoformat() if absence.to_on else gettext("today (open)"),
        ),
        act=gettext("Take back"),
    )
    return page, 422 if form.errors else 200
