"""Pages on which a contract goes on: amendment, renewal, substitute care."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.contracts import operations, queries
from app.contracts.forms import AmendForm, RenewForm, SubstituteForm
from app.contracts.operations import renewing
from app.contracts.rules import State
from app.contracts.views import bp
from app.contracts.views.contracts import caregivers_for
from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError, Invalid, NotFound
from app.core.forms import add_errors

RENEW_DAYS = 60
"""Contracts that run out within so many days are drawn up anew together."""


@bp.route("/contracts/<id:contract_id>/amend", methods=["GET", "POST"])
@requires("contracts.write")
def amend(contract_id: int) -> Response | str | tuple[str, int]:
    """Draw up an amendment: what changed since is found by itself."""
    actor = current_actor()
    row = queries.contract(actor, contract_id)
    form = AmendForm(caregiver_id=row.caregiver_id)
    form.caregiver_id.choices = caregivers_for(row.resident)
    if request.method == "GET":
        form.on.data = clock.today()
    obstacles: list[str] = []
    if form.validate_on_submit():
        try:
            new = renewing.draft_amendment(
                actor, row.id, form.on.data, caregiver_id=form.caregiver_id.data, reason=form.reason.data
            )
        except DomainError as error:
            listed = error.errors.get("obstacles", "") if isinstance(error, Invalid) else ""
            obstacles = listed.splitlines()
            if not obstacles:
                add_errors(form, error)
        else:
            flash(gettext("The amendment is drawn up. Read what it changes, then open it for signing."), "success")
            return redirect(url_for("contracts.contract", contract_id=new.id))
    page = render_template("contracts/amend.html", form=form, contract=row, obstacles=obstacles)
    return page, (422 if form.errors or form.form_errors or obstacles else 200)


@bp.post("/contracts/renew")
@requires("contracts.write")
def renew() -> Response | str | tuple[str, int]:
    """Draw up the next year of every contract that runs out soon; what hinders one is listed."""
    form = RenewForm()
    if not form.validate_on_submit():
        return redirect(url_for("contracts.contracts"))
    found = renewing.renew_contracts(current_actor(), RENEW_DAYS)
    return render_template("contracts/renewed.html", found=found)


@bp.route("/contracts/<id:contract_id>/substitute", methods=["GET", "POST"])
@requires("contracts.write")
def substitute(contract_id: int) -> Response | str | tuple[str, int]:
    """Name who cares until another contract is in force."""
    actor = current_actor()
    row = queries.contract(actor, contract_id)
    if request.method == "GET" and not operations.needs_substitute(row):
        raise NotFound
    form = SubstituteForm()
    known = caregivers_for(row.resident)
    form.caregiver_id.choices = [(0, "—"), *(one for one in known if one[0] != row.caregiver_id)]
    if row.state is State.IN_FORCE and row.substitutes:
        back = gettext("%(name)s is back and cares again from that day", name=row.caregiver.name)
        form.caregiver_id.choices.append((row.caregiver_id, back))
    if request.method == "GET":
        form.from_on.data = clock.today()
        form.to_on.data = row.replace_by if row.replace_by and row.replace_by >= clock.today() else None
    if form.validate_on_submit():
        try:
            operations.name_substitute(
                actor,
                row.id,
                form.from_on.data,
                to_on=form.to_on.data,
                caregiver_id=form.caregiver_id.data or None,
                name=form.name.data or "",
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("Substitute care is arranged: who cares and until when stands at the contract."), "success")
            return redirect(url_for("contracts.contract", contract_id=row.id))
    page = render_template("contracts/substitute.html", form=form, contract=row)
    return page, (422 if form.errors or form.form_errors else 200)
