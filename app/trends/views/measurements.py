"""Weight and skin of one resident: the record, its curve, a new entry, a mistake taken back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import charts, clock, shown
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError
from app.core.forms import add_errors
from app.grading.queries import names_of
from app.people import queries as people
from app.people.forms import ReasonForm, entered
from app.people.models import Resident, ResidentStatus
from app.trends import operations, queries
from app.trends.forms import MeasurementForm
from app.trends.labels import SKIN
from app.trends.models import Measurement
from app.trends.views import bp


def _curve(rows: list[Measurement]) -> Any:
    """Weight over time, oldest first; None below two readings."""
    points = [(one.taken_on, one.weight) for one in reversed(rows) if one.weight and one.taken_back_at is None]
    if len(points) < 2:
        return None
    return charts.line_svg(
        [f"{day.month}/{day.day}" for day, _weight in points],
        {gettext("Weight"): [weight / 1000 for _day, weight in points]},
        title=gettext("Weight in kilograms"),
    )


def _record(actor: Actor, resident: Resident, form: MeasurementForm, status: int = 200) -> tuple[str, int]:
    rows = queries.measurements_of(resident.id)
    page = render_template(
        "trends/measurements.html",
        resident=resident,
        rows=rows,
        chart=_curve(rows),
        form=form,
        skin=SKIN,
        names=names_of(one.recorded_by for one in rows),
        may_write=actor.may("measurements.write") and resident.status is ResidentStatus.ACTIVE,
    )
    return page, status


@bp.get("/residents/<id:resident_id>/measurements")
@requires("signs.read")
def measurements(resident_id: int) -> tuple[str, int]:
    """Weight and skin of one resident."""
    actor = current_actor()
    form = MeasurementForm(formdata=None, taken_on=clock.today())
    return _record(actor, people.resident(actor, resident_id), form)


@bp.post("/residents/<id:resident_id>/measurements/new")
@requires("measurements.write")
def measure(resident_id: int) -> Response | tuple[str, int]:
    """Record weight and skin of a day."""
    actor = current_actor()
    resident = people.resident(actor, resident_id)
    form = MeasurementForm()
    if form.validate_on_submit():
        try:
            operations.record_measurement(actor, resident_id, **entered(form))
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The measurement is on record."), "success")
            return redirect(url_for("trends.measurements", resident_id=resident_id))
    return _record(actor, resident, form, 422)


@bp.route("/measurements/<id:measurement_id>/take-back", methods=["GET", "POST"])
@requires("measurements.write")
def take_back(measurement_id: int) -> Response | tuple[str, int]:
    """Take back a measurement recorded by mistake."""
    actor = current_actor()
    row = queries.measurement(actor, measurement_id)
    form, back = ReasonForm(), url_for("trends.measurements", resident_id=row.resident_id)
    if form.validate_on_submit():
        try:
            operations.take_back_measurement(actor, measurement_id, form.reason.data)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The measurement was taken back."), "success")
            return redirect(back)
    page = render_template(
        "people/reason.html",
        form=form,
        name=row.resident.name,
        back=back,
        title=gettext("Take back a measurement"),
        message=gettext(
            "The measurement of %(day)s will not count any more. It stays on record.", day=shown.date(row.taken_on)
        ),
        act=gettext("Take back"),
    )
    return page, 422 if form.errors else 200
