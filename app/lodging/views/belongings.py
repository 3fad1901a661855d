"""The register of what a resident gave into keeping."""

from __future__ import annotations

from flask import flash, redirect, render_template, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError
from app.core.forms import add_errors
from app.lodging import documents, operations, queries
from app.lodging.forms import BelongingForm, ChangeBelongingForm
from app.lodging.labels import KINDS, STATE_TONES, STATES
from app.lodging.rules import NEXT
from app.lodging.views import bp
from app.people import queries as people
from app.people.forms import entered
from app.people.models import Resident, Setting


def _register(actor: Actor, resident: Resident, form: BelongingForm, status: int = 200) -> tuple[str, int]:
    rows = queries.belongings_of(resident.id)
    page = render_template(
        "lodging/belongings.html",
        resident=resident,
        rows=rows,
        form=form,
        kinds=KINDS,
        states=STATES,
        tones=STATE_TONES,
        money=sum(one.value or 0 for one in rows if one.kind == "money" and one.state == "kept"),
        kept=sum(one.state in {"kept", "damaged"} for one in rows),
        may_write=actor.may("belongings.write") and resident.setting is Setting.INSTITUTIONAL,
        may_change={one.id for one in rows if NEXT[one.state]} if actor.may("belongings.write") else set(),
        may_print=actor.may("documents.issue"),
    )
    return page, status


@bp.get("/residents/<id:resident_id>/belongings")
@requires("belongings.read")
def belongings(resident_id: int) -> tuple[str, int]:
    """Everything on the register of one resident."""
    actor = current_actor()
    form = BelongingForm(formdata=None, received_on=clock.today())
    return _register(actor, people.resident(actor, resident_id), form)


@bp.post("/residents/<id:resident_id>/belongings/new")
@requires("belongings.write")
def receive(resident_id: int) -> Response | tuple[str, int]:
    """Put something on the register."""
    actor = current_actor()
    resident = people.resident(actor, resident_id)
    form = BelongingForm()
    if form.validate_on_submit():
        try:
            operations.receive_belonging(actor, resident_id, **entered(form))
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("It is on the register now. Print the register and let all three sign."), "success")
            return redirect(url_for("lodging.belongings", resident_id=resident_id))
    return _register(actor, resident, form, 422)


@bp.route("/belongings/<id:belonging_id>", methods=["GET", "POST"])
@requires("belongings.write")
def change_belonging(belonging_id: int) -> Response | tuple[str, int]:
    """Give a belonging back, or report its loss or damage."""
    actor = current_actor()
    row = queries.belonging(actor, belonging_id)
    form = ChangeBelongingForm(changed_on=clock.today())
    form.offer(NEXT[row.state])
    if form.validate_on_submit():
        try:
            operations.change_belonging(actor, belonging_id, **entered(form))
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The register was changed."), "success")
            return redirect(url_for("lodging.belongings", resident_id=row.resident_id))
    page = render_template("lodging/change_belonging.html", form=form, row=row, kinds=KINDS, states=STATES)
    return page, 422 if form.errors else 200


@bp.get("/residents/<id:resident_id>/belongings.pdf")
@requires("belongings.read")
def belongings_pdf(resident_id: int) -> Response:
    """The register on paper, to sign when things are handed over."""
    actor = current_actor()
    data, name = documents.belongings_pdf(actor, people.resident(actor, resident_id))
    return send_file(data, mimetype="application/pdf", download_name=name)
