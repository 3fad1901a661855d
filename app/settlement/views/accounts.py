"""The account of an institution: on its page, to record it, and in full for a reason."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import identity
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError, NotFound
from app.core.forms import add_errors
from app.core.words import lazy_gettext as _l
from app.people.views.revealing import reveal_page
from app.places.models import Organisation, OrganisationKind
from app.places.panels import Panel, Shown, organisation_panels
from app.settlement import operations, queries
from app.settlement.forms import AccountForm
from app.settlement.views import bp


@bp.route("/institutions/<id:institution_id>/account", methods=["GET", "POST"])
@requires("accounts.write")
def account(institution_id: int) -> Response | tuple[str, int]:
    """Record the account to which an institution's care money goes."""
    actor = current_actor()
    row, form = queries.institution(actor, institution_id), AccountForm()
    back = url_for("places.organisation", organisation_id=row.id)
    if form.validate_on_submit():
        try:
            operations.set_account(
                actor, row.id, form.bank_name.data or "", form.account.data or "", form.again.data or ""
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The account of %(name)s is on record.", name=row.name), "success")
            return redirect(back)
    html = render_template("settlement/account.html", form=form, row=row, back=back)
    return html, (422 if form.errors or form.form_errors else 200)


@bp.route("/institutions/<id:institution_id>/account/reveal", methods=["GET", "POST"])
@requires("accounts.reveal")
def reveal_account(institution_id: int) -> tuple[str, int]:
    """Show the account of an institution in full, once, with a reason."""
    actor = current_actor()
    row = queries.institution(actor, institution_id)
    return reveal_page(
        lambda reason: operations.reveal_account(actor, row.id, reason),
        name=row.name,
        label=gettext("Bank account"),
        section=gettext("Organisations"),
        section_url=url_for("places.organisations"),
        back=url_for("places.organisation", organisation_id=row.id),
    )


def _panel(actor: Actor, organisation: Organisation) -> Shown | None:
    if organisation.kind is not OrganisationKind.INSTITUTION:
        return None
    try:
        row = queries.institution(actor, organisation.id)
    except NotFound:
        return None
    context = {"row": row, "masked": identity.mask_bank(row.bank_account)}
    change = url_for("settlement.account", institution_id=row.id) if actor.may("accounts.write") else None
    return Shown("settlement/_account.html", context, change, gettext("Change the account"))


organisation_panels.register(Panel("account", _l("Account for the care money"), "accounts.reveal", _panel, order=20))
