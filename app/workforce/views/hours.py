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
from app.workforce import operations, queries
from app.workforce.forms import HoursForm
from app.workforce.views import bp


@bp.route("/staffing/<id:institution_id>/hours", methods=["GET", "POST"])
@requires("staffing.read")
def hours(institution_id: int) -> Response | str | tuple[str, int]:
    """The hours in force, those to come and those gone by, and who decided them."""
    actor, today = current_actor(), clock.today()
    house = queries.institution(actor, institution_id)
    form = HoursForm()
    wrong = False
    if form.is_submitted():
        actor.require("roster.write")
        wrong = not form.validate()
        if not wrong:
            try:
                operations.set_hours(actor, house.id, form.in_force_from.data, form.begins(), form.reason.data)
            except DomainError as error:
                if error.status == 404:
                    raise
                add_errors(form, error)
                wrong = True
            else:
                flash(gettext("The hours are stored. They hold from the day you gave."), "success")
                return redirect(url_for("workforce.hours", institution_id=house.id))
    else:
        form.start_from(care.hours_of(house.id)(today))
        form.in_force_from.data = today + dt.timedelta(days=1)
    versions = care.house_versions(house.id)
    return render_template(
        "workforce/hours.html",
        house=house,
        form=form,
        today=today,
        now=care.hours_of(house.id)(today),
        county=care.county_hours(today),
        versions=versions,
        current=max(
            (v for v in versions if v.in_force_from <= today), key=lambda v: (v.in_force_from, v.version), default=None
        ),
        names=names_of([v.decided_by for v in versions]),
        shifts=SHIFTS,
        may_write=actor.may("roster.write"),
    ), (422 if wrong else 200)
