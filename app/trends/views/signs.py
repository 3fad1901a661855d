"""The list of unsafe signs, and the proposal to assess again."""

from __future__ import annotations

from flask import flash, redirect, render_template, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.sending import attachment
from app.people.views import filters
from app.trends import documents, operations, queries
from app.trends.labels import SIGN_TONES, SIGNS
from app.trends.queries import Asked
from app.trends.rules import Sign
from app.trends.views import bp

FILTERS = ("sign", "township", "village")
SHOWN = 300


def _asked() -> Asked:
    return Asked(filters.member(Sign, "sign"), filters.area())


@bp.get("/signs")
@requires("signs.read")
def signs() -> str:
    """Residents with unsafe signs or a record that no longer fits, the latest first."""
    actor, today, asked = current_actor(), clock.today(), _asked()
    found = queries.signs(actor, today, asked)
    townships, villages = filters.area_options()
    return render_template(
        "trends/signs.html",
        rows=found[:SHOWN],
        number=len(found),
        more=len(found) - SHOWN,
        counts={sign: sum(one.sign is sign for one in found) for sign in Sign},
        told=documents.told,
        where=documents.where,
        signs=SIGNS,
        tones=SIGN_TONES,
        asked=asked,
        body=queries.rule(today).body,
        townships=townships,
        villages=villages,
        may=actor.may,
    )


@bp.get("/signs.<any(xlsx,csv):kind>")
@requires("signs.read")
def signs_export(kind: str) -> Response:
    """Exactly what the list shows, as a table."""
    actor = current_actor()
    found = queries.signs(actor, clock.today(), _asked())
    return attachment(documents.signs_table(actor, found, kind, filters.kept(FILTERS)))


@bp.get("/signs.pdf")
@requires("signs.read")
def signs_pdf() -> Response:
    """The list on paper."""
    actor, asked = current_actor(), _asked()
    data, name = documents.signs_pdf(actor, queries.signs(actor, clock.today(), asked), asked.area_code)
    return send_file(data, mimetype="application/pdf", download_name=name)


@bp.post("/residents/<id:resident_id>/signs/propose")
@requires("grades.report")
def propose(resident_id: int) -> Response:
    """Propose to assess a resident again whose daily record no longer fits."""
    try:
        operations.propose_reassessment(current_actor(), resident_id)
    except DomainError as error:
        if error.status == 404:
            raise
        flash(error.message, "danger")
    else:
        flash(gettext("The assessors see the resident on their due list now."), "success")
    return redirect(url_for("people.resident", resident_id=resident_id) + "#part-signs")
