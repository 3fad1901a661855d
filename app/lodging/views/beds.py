"""Institutions with their beds, the board of one house, and a month's days."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.forms import add_errors
from app.core.sending import attachment
from app.lodging import documents, operations, queries
from app.lodging.forms import RoomForm
from app.lodging.rules import Days
from app.lodging.views import bp
from app.people.labels import ABSENCE_LABELS
from app.people.queries import BY_INSTITUTION
from app.people.views import filters


@bp.get("/beds")
@requires("lodging.read")
def houses() -> str | tuple[str, int]:
    """Institutions with their beds; who works in one sees its board at once."""
    actor = current_actor()
    if actor.role in BY_INSTITUTION and actor.organisation_id:
        return _board(actor.organisation_id, RoomForm(formdata=None))
    return render_template("lodging/houses.html", boards=queries.boards(actor, clock.today()))


@bp.get("/beds.<any(xlsx,csv):kind>")
@requires("lodging.read")
def houses_export(kind: str) -> Response:
    """Exactly what the list shows, as a table."""
    actor = current_actor()
    return attachment(documents.beds_table(actor, queries.boards(actor, clock.today()), kind))


def _board(institution_id: int, form: RoomForm, status: int = 200) -> tuple[str, int]:
    actor = current_actor()
    queries.institution(actor, institution_id)
    (board,) = queries.boards(actor, clock.today(), institution_id)
    page = render_template(
        "lodging/board.html",
        board=board,
        form=form,
        away=ABSENCE_LABELS,
        may_write=actor.may("lodging.write"),
        may_absences=actor.may("absences.write"),
    )
    return page, status


@bp.get("/beds/<id:institution_id>")
@requires("lodging.read")
def board(institution_id: int) -> tuple[str, int]:
    """Rooms and beds of a house: whose, since when, who is away, who has none."""
    return _board(institution_id, RoomForm(formdata=None))


@bp.post("/beds/<id:institution_id>/rooms")
@requires("lodging.write")
def add_room(institution_id: int) -> Response | tuple[str, int]:
    """Add a room with its beds."""
    actor = current_actor()
    queries.institution(actor, institution_id)
    form = RoomForm()
    if form.validate_on_submit():
        try:
            room = operations.add_room(actor, institution_id, name=form.name.data, beds=form.beds.data)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("Room %(name)s was added.", name=room.name), "success")
            return redirect(url_for("lodging.board", institution_id=institution_id))
    return _board(institution_id, form, 422)


@bp.post("/beds/beds/<id:bed_id>")
@requires("lodging.write")
def change_bed(bed_id: int) -> Response:
    """Take a bed out of use, put it back, or put another beside it."""
    actor = current_actor()
    row = queries.bed(actor, bed_id)
    try:
        operations.change_beds(actor, bed_id, request.form.get("act", ""))
    except DomainError as error:
        if error.status == 404:
            raise
        flash(error.message, "danger")
    else:
        flash(gettext("The beds were changed."), "success")
    return redirect(url_for("lodging.board", institution_id=row.room.institution_id))


@bp.get("/beds/<id:institution_id>/days")
@requires("lodging.read")
def days(institution_id: int) -> str:
    """A month's days of each resident: in bed, in hospital, on leave."""
    actor, today = current_actor(), clock.today()
    house = queries.institution(actor, institution_id)
    asked = documents.month_of(request.args.get("month", ""), today)
    rows = queries.month(actor, institution_id, asked, today)
    return render_template(
        "lodging/days.html",
        house=house,
        asked=asked,
        last=min(asked.last, today),
        rows=rows,
        total=sum((one.days for one in rows), start=Days()),
        may_print=actor.may("documents.issue"),
    )


@bp.get("/beds/<id:institution_id>/days.<any(xlsx,csv):kind>")
@requires("lodging.read")
def days_export(institution_id: int, kind: str) -> Response:
    """Exactly what the page shows, as a table."""
    actor, today = current_actor(), clock.today()
    house = queries.institution(actor, institution_id)
    asked = documents.month_of(request.args.get("month", ""), today)
    rows = queries.month(actor, institution_id, asked, today)
    return attachment(documents.month_table(actor, house, asked, rows, kind, filters.kept(("month",))))


@bp.get("/beds/<id:institution_id>/days.pdf")
@requires("lodging.read")
def days_pdf(institution_id: int) -> Response:
    """The month on paper."""
    actor, today = current_actor(), clock.today()
    house = queries.institution(actor, institution_id)
    asked = documents.month_of(request.args.get("month", ""), today)
    data, name = documents.month_pdf(actor, house, asked, queries.month(actor, institution_id, asked, today))
    return send_file(data, mimetype="application/pdf", download_name=name)
