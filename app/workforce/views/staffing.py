"""Workers against the ratio by institution and shift, and who is on the roster."""

from __future__ import annotations

import datetime as dt

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.care import queries as care
from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError, NotFound
from app.core.sending import attachment
from app.people.labels import TIER_LABELS
from app.people.models import Tier
from app.people.views import filters
from app.workforce import documents, operations, queries
from app.workforce.queries.staffing import houses
from app.workforce.views import bp

DAY = dt.timedelta(days=1)


def _day() -> dt.date:
    try:
        return dt.date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return clock.today()


def _near(day: dt.date) -> dt.date:
    """Rosters are written for days near today; days further ahead have no page."""
    if day > clock.today() + operations.roster.AHEAD:
        raise NotFound
    return day


@bp.get("/staffing")
@requires("staffing.read")
def staffing() -> str:
    """Each institution on a day: residents by grade, workers needed and there, shifts."""
    actor, day = current_actor(), _day()
    return render_template(
        "workforce/staffing.html",
        houses=houses(actor, day),
        day=day,
        ratio=queries.rule(day).body["ratio"],
        may=actor.may,
    )


@bp.get("/staffing.<any(xlsx,csv):kind>")
@requires("staffing.read")
def staffing_export(kind: str) -> Response:
    """Exactly what the page shows, as a table."""
    actor, day = current_actor(), _day()
    return attachment(documents.staffing_table(actor, houses(actor, day), day, kind, filters.kept(("day",))))


@bp.get("/staffing/<id:institution_id>/<day:day>")
@requires("staffing.read")
def roster(institution_id: int, day: dt.date) -> str:
    """Who is on the roster in each shift of a day."""
    actor = current_actor()
    queries.institution(actor, institution_id)
    (house,) = houses(actor, _near(day), institution_id)
    today = clock.today()
    return render_template(
        "workforce/roster.html",
        house=house,
        day=day,
        before=day - DAY,
        after=day + DAY if day < today + operations.roster.AHEAD else None,
        tiers=TIER_LABELS,
        tier=Tier,
        may_write=actor.may("roster.write") and day >= today - operations.roster.BACK,
    )


@bp.post("/staffing/<id:institution_id>/<day:day>/store")
@requires("roster.write")
def store_roster(institution_id: int, day: dt.date) -> Response:
    """Say who is on the roster in each shift of a day."""
    actor = current_actor()
    queries.institution(actor, institution_id)
    chosen = {
        shift: [int(one) for one in request.form.getlist(f"shift_{shift}") if filters.whole(one)]
        for _hour, shift in care.hours_of(institution_id)(day).begins
    }
    try:
        operations.set_roster(actor, institution_id, day, chosen)
    except DomainError as error:
        if error.status == 404:
            raise
        flash(error.message, "danger")
    else:
        flash(gettext("The roster is stored."), "success")
    return redirect(url_for("workforce.roster", institution_id=institution_id, day=day))


@bp.post("/staffing/<id:institution_id>/<day:day>/copy")
@requires("roster.write")
def copy_roster(institution_id: int, day: dt.date) -> Response:
    """Put the people of the day before on the roster."""
    try:
        operations.copy_day(current_actor(), institution_id, day, day - DAY)
    except DomainError as error:
        if error.status == 404:
            raise
        flash(error.message, "danger")
    else:
        flash(gettext("The roster of the day before was copied."), "success")
    return redirect(url_for("workforce.roster", institution_id=institution_id, day=day))
