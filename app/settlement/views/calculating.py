"""Calculating every township of a quarter: asked for once, done step by step, to be left and come back to."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import shown
from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.settlement import operations, queries
from app.settlement.labels import SETTLEMENT_STATES, SETTLEMENT_TONES
from app.settlement.views import bp
from app.settlement.views.shared import quarter_arg

AT_ONCE = 5
"""Townships of one request: it answers within a second or two."""


@bp.post("/settlements/calculate-all")
@requires("settlements.calculate_all")
def calculate_all() -> Response:
    """Ask for the calculation of every township that is not submitted."""
    quarter = request.form.get("quarter", "")[:7]
    try:
        operations.ask_all(current_actor(), quarter)
    except DomainError as error:
        flash(error.message, "error")
        return redirect(url_for("settlement.settlements"))
    return redirect(url_for("settlement.calculating", quarter=quarter))


@bp.post("/settlements/calculate-some")
@requires("settlements.calculate_all")
def calculate_some() -> Response:
    """Go on with a few townships that were asked for."""
    quarter = request.form.get("quarter", "")[:7]
    try:
        for _step in operations.calculate_asked(current_actor(), quarter, at_most=AT_ONCE):
            pass
    except DomainError as error:
        flash(error.message, "error")
        return redirect(url_for("settlement.settlements"))
    return redirect(url_for("settlement.calculating", quarter=quarter))


@bp.get("/settlements/calculating")
@requires("settlements.read")
def calculating() -> str:
    """How far the calculation of a quarter is; without a quarter the one that is under way, or the newest."""
    actor = current_actor()
    quarter = quarter_arg() or queries.calculation_under_way(actor) or next(iter(queries.quarters(actor)), "")
    rows = queries.calculations(actor, quarter) if quarter else []
    waiting = [row for row in rows if row.asked_at is not None]
    return render_template(
        "settlement/calculating.html",
        quarter=quarter,
        rows=rows,
        done=sum(1 for row in rows if row.asked_at is None and (row.run or row.problem)),
        finished=not waiting,
        refused=sum(1 for row in rows if row.problem),
        title=gettext("Calculation of %(quarter)s", quarter=shown.quarter(quarter) if quarter else ""),
        states=SETTLEMENT_STATES,
        tones=SETTLEMENT_TONES,
        may=actor.may,
    )
