"""When the shifts of a house begin, and letting them begin at other hours from a day on."""

from __future__ import annotations

import datetime as dt

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.care import queries as care
from app.care.labels import SHIFTS
from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.forms import add_errors
from app.grading.queries import names_of
from app.places.models import Organisation
from app.workforce import operations, queries
from app.workforce.forms import HoursForm
from app.workforce.views import bp


@bp.get("/staffing/<id:institution_id>/hours")
@requires("staffing.read")
def hours(institution_id: int) -> str:
    """The hours in force, those to come and those gone by, and who decided them."""
    house = queries.institution(current_actor(), institution_id)
    form = HoursForm(formdata=None)
    form.start_from(care.hours_of(house.id)(clock.today()))
    form.in_force_from.data = clock.today() + dt.timedelta(days=1)
    return _page(house, form)


@bp.post("/staffing/<id:institution_id>/hours/store")
@requires("roster.write")
def store_hours(institution_id: int) -> Response | tuple[str, int]:
    """Let the shifts begin at other hours from a day on."""
    actor, form = current_actor(), HoursForm()
    house = queries.institution(actor, institution_id)
    if form.validate():
        try:
            operations.set_hours(actor, house.id, form.in_force_from.data, form.begins(), form.reason.data)
        except DomainError as error:
            if error.status == 404:
                raise
            add_errors(form, error)
        else:
            flash(gettext("The hours are stored. They hold from the day you gave."), "success")
            return redirect(url_for("workforce.hours", institution_id=house.id))
    return _page(house, form), 422


def _page(house: Organisation, form: HoursForm) -> str:
    today, versions = clock.today(), care.house_versions(house.id)
    held = (row for row in versions if row.in_force_from <= today)
    return render_template(
        "workforce/hours.html",
        house=house,
        form=form,
        today=today,
        now=care.hours_of(house.id)(today),
        county=care.county_hours(today),
        versions=versions,
        current=max(held, key=lambda row: (row.in_force_from, row.version), default=None),
        names=names_of([row.decided_by for row in versions]),
        shifts=SHIFTS,
        may_write=current_actor().may("roster.write"),
    )
