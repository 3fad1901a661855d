"""Admission, another bed, the end of a stay."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import clock, shown
from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.forms import add_errors
from app.lodging import operations, queries
from app.lodging.forms import EndStayForm, StayForm
from app.lodging.models import Stay
from app.lodging.views import bp
from app.people import queries as people
from app.people.forms import ReasonForm, entered
from app.people.models import Resident
from app.places.forms import CHOOSE, options


def _home(resident: Resident, before: Stay | None) -> str:
    house = before.bed.room.institution_id if before is not None else resident.institution_id
    return url_for("lodging.board", institution_id=house) if house else url_for("lodging.houses")


@bp.route("/residents/<id:resident_id>/stays/new", methods=["GET", "POST"])
@requires("lodging.write")
def give_bed(resident_id: int) -> Response | tuple[str, int]:
    """Give a resident a bed: an admission, or a transfer from another bed."""
    actor = current_actor()
    resident = people.resident(actor, resident_id)
    before = queries.running_stay(resident.id)
    form = StayForm(from_on=clock.today())
    if request.method == "GET":
        form.bed_id.data = request.args.get("bed", "")
    form.bed_id.choices = options([(b.id, queries.bed_name(b)) for b in queries.free_beds(actor, resident)], CHOOSE)
    if form.validate_on_submit():
        try:
            made = operations.give_bed(actor, resident_id, **entered(form))
        except DomainError as error:
            if error.status == 404:
                raise
            add_errors(form, error)
        else:
            flash(
                gettext("%(name)s has the bed %(bed)s now.", name=resident.name, bed=queries.bed_name(made.bed)),
                "success",
            )
            return redirect(url_for("lodging.board", institution_id=made.bed.room.institution_id))
    page = render_template(
        "lodging/stay_form.html",
        form=form,
        resident=resident,
        before=before,
        bed=queries.bed_name(before.bed) if before else "",
        back=_home(resident, before),
    )
    return page, 422 if form.errors else 200


@bp.route("/stays/<id:stay_id>/end", methods=["GET", "POST"])
@requires("lodging.write")
def end_stay(stay_id: int) -> Response | tuple[str, int]:
    """End a stay on the day of leaving."""
    actor = current_actor()
    row = queries.stay(actor, stay_id)
    queries.bed(actor, row.bed_id)
    form = EndStayForm(left_on=clock.today())
    back = url_for("lodging.board", institution_id=row.bed.room.institution_id)
    if form.validate_on_submit():
        try:
            operations.end_stay(actor, stay_id, **entered(form))
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The stay of %(name)s has ended.", name=row.resident.name), "success")
            return redirect(back)
    page = render_template(
        "lodging/end_stay.html", form=form, stay=row, bed=queries.bed_name(row.bed), back=back, kept=_kept(row)
    )
    return page, 422 if form.errors else 200


def _kept(row: Stay) -> int:
    """How many belongings of the resident are still kept here."""
    counts = queries.belonging_counts(row.resident_id)
    return counts["kept"] + counts["damaged"]


@bp.route("/stays/<id:stay_id>/take-back", methods=["GET", "POST"])
@requires("lodging.write")
def take_back_stay(stay_id: int) -> Response | tuple[str, int]:
    """Take away a stay that was recorded by mistake."""
    actor = current_actor()
    row = queries.stay(actor, stay_id)
    queries.bed(actor, row.bed_id)
    form = ReasonForm()
    back = url_for("people.resident", resident_id=row.resident_id) + "#part-lodging"
    if form.validate_on_submit():
        try:
            operations.take_back_stay(actor, stay_id, form.reason.data)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The stay was taken back."), "success")
            return redirect(back)
    page = render_template(
        "people/reason.html",
        form=form,
        name=row.resident.name,
        back=back,
        title=gettext("Take back a stay"),
        message=gettext(
            "The stay in %(bed)s from %(first)s on will not count any more. The audit log keeps it.",
            bed=queries.bed_name(row.bed),
            first=shown.date(row.from_on),
        ),
        act=gettext("Take back"),
    )
    return page, 422 if form.errors else 200
