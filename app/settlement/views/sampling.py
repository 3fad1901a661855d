"""Spot checks of a quarter: committed, drawn, and who was visited."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError, Refused
from app.core.periods import Quarter
from app.settlement import draw_spot_checks, operations, queries
from app.settlement.views import bp
from app.settlement.views.shared import last_quarters, quarter_arg, quarter_choices


@bp.get("/spot-checks")
@requires("spotchecks.read")
def spot_checks() -> str:
    """What was committed and drawn for a quarter, and which drawn contracts were visited since."""
    actor = current_actor()
    now = str(Quarter.of(clock.today()))
    quarter = quarter_arg() or now
    row = queries.draw_of(quarter)
    checks = queries.checks(actor, row) if row is not None else []
    return render_template(
        "settlement/spot_checks.html",
        quarter=quarter,
        running=quarter == now,
        row=row,
        checks=checks,
        missing=sum(1 for c in checks if c.visit is None),
        quarter_choices=quarter_choices(last_quarters()),
        may=actor.may,
    )


def _back(quarter: str) -> Response:
    return redirect(url_for("settlement.spot_checks", quarter=quarter))


@bp.post("/spot-checks/commit")
@requires("spotchecks.draw")
def commit_seed() -> Response:
    """Commit a seed for the running quarter."""
    quarter = request.form.get("quarter", "")[:7]
    try:
        operations.commit_seed(current_actor(), quarter)
    except DomainError as error:
        flash(error.message, "error")
        return redirect(url_for("settlement.spot_checks"))
    flash(gettext("The seed is committed; its hash is published."), "success")
    return _back(quarter)


@bp.post("/spot-checks/draw")
@requires("spotchecks.draw")
def draw_checks() -> Response:
    """Freeze the list and draw."""
    quarter = request.form.get("quarter", "")[:7]
    try:
        row = operations.draw_checks(current_actor(), quarter)
    except DomainError as error:
        flash(error.message, "error")
        return redirect(url_for("settlement.spot_checks"))
    flash(gettext("%(drawn)s of %(count)s contracts are drawn.", drawn=len(row.drawn), count=len(row.frame)), "success")
    return _back(quarter)


@bp.get("/spot-checks/draw.json")
@requires("spotchecks.read")
def draw_file() -> Response:
    """The draw as a file that anybody can draw again."""
    row = queries.draw_of(quarter_arg() or str(Quarter.of(clock.today())))
    if row is None or row.drawn_at is None:
        raise Refused(gettext("Nothing is drawn for this quarter yet."))
    data = json.dumps(queries.draw_file(row), ensure_ascii=False, sort_keys=True).encode()
    return send_file(BytesIO(data), "application/json", as_attachment=True, download_name=f"draw-{row.quarter}.json")


@bp.get("/spot-checks/draw-spot-checks.py")
@requires("spotchecks.read")
def drawer() -> Response:
    """The program that draws again without this system."""
    source = BytesIO(Path(draw_spot_checks.__file__).read_bytes())
    return send_file(source, "text/x-python", as_attachment=True, download_name="draw_spot_checks.py")
