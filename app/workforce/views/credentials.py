"""Certificates, health checks and exceptions of one caregiver."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import current_actor, requires
from app.core.actor import Role
from app.core.errors import DomainError, NotFound
from app.core.forms import add_errors
from app.people import queries as people
from app.people.forms import ReasonForm, entered
from app.people.models import Resident, ResidentStatus
from app.places.forms import CHOOSE, options
from app.workforce import documents, operations, queries
from app.workforce.forms import CredentialForm, OverrideForm
from app.workforce.labels import CREDENTIAL_KINDS
from app.workforce.models import CredentialKind
from app.workforce.views import bp


def _back(caregiver_id: int) -> str:
    return url_for("people.caregiver", caregiver_id=caregiver_id) + "#part-training"


@bp.route("/caregivers/<id:caregiver_id>/credentials/new", methods=["GET", "POST"])
@requires("credentials.write")
def new_credential(caregiver_id: int) -> Response | tuple[str, int]:
    """Record a certificate or health check from elsewhere."""
    actor = current_actor()
    row = people.caregiver(actor, caregiver_id)
    form = CredentialForm()
    if request.method == "GET":
        form.kind.data = request.args.get("kind", "")
    if actor.role is Role.INSTITUTION_MANAGER:
        form.kind.choices = options(
            [(kind, words) for kind, words in CREDENTIAL_KINDS.items() if kind is not CredentialKind.TRAINING], CHOOSE
        )
        del form.tier
    if form.validate_on_submit():
        try:
            operations.record_credential(actor, caregiver_id, **entered(form))
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The certificate of %(name)s is on record.", name=row.name), "success")
            return redirect(_back(caregiver_id))
    page = render_template("workforce/credential_form.html", form=form, row=row, back=_back(caregiver_id))
    return page, 422 if form.errors else 200


@bp.route("/credentials/<id:credential_id>/withdraw", methods=["GET", "POST"])
@requires("training.certify")
def withdraw_credential(credential_id: int) -> Response | tuple[str, int]:
    """Withdraw a certificate that should not have been given."""
    actor = current_actor()
    row = queries.credential(actor, credential_id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            operations.withdraw_credential(actor, credential_id, form.reason.data)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The certificate was withdrawn."), "success")
            return redirect(_back(row.caregiver_id))
    page = render_template(
        "workforce/reason.html",
        form=form,
        row=row.caregiver,
        back=_back(row.caregiver_id),
        title=gettext("Withdraw a certificate"),
        message=gettext(
            "%(what)s, number %(number)s, will not count any more from today on. It stays on record as withdrawn.",
            what=documents.credential_words(row),
            number=row.number,
        ),
        act=gettext("Withdraw the certificate"),
    )
    return page, 422 if form.errors else 200


@bp.get("/credentials/<id:credential_id>/certificate.pdf")
@requires("caregivers.read")
def certificate_pdf(credential_id: int) -> Response:
    """The certificate of tiered training on paper."""
    actor = current_actor()
    row = queries.credential(actor, credential_id)
    if row.kind is not CredentialKind.TRAINING:
        raise NotFound
    data, name = documents.certificate_pdf(actor, row)
    return send_file(data, mimetype="application/pdf", download_name=name)


@bp.route("/caregivers/<id:caregiver_id>/exceptions/new", methods=["GET", "POST"])
@requires("overrides.write")
def new_override(caregiver_id: int) -> Response | tuple[str, int]:
    """Let a caregiver care for a resident without the training of the grade."""
    actor = current_actor()
    row = people.caregiver(actor, caregiver_id)
    form = OverrideForm(from_on=clock.today())
    near = people.rows(
        people.visible(actor).where(
            Resident.status == ResidentStatus.ACTIVE,
            Resident.area_code.startswith(row.area_code[:9], autoescape=True),
        ),
        500,
    )
    form.resident_id.choices = options([(one.id, f"{one.name} · {one.area.name}") for one in near], CHOOSE)
    if form.validate_on_submit():
        try:
            made = operations.grant_override(actor, caregiver_id, **entered(form))
        except DomainError as error:
            if error.status == 404:
                raise
            add_errors(form, error)
        else:
            flash(gettext("The exception holds until %(day)s.", day=made.until_on.isoformat()), "success")
            return redirect(_back(caregiver_id))
    longest = queries.rule().body["override"]["longest_days"]
    page = render_template(
        "workforce/override_form.html", form=form, row=row, longest=longest, back=_back(caregiver_id)
    )
    return page, 422 if form.errors else 200


@bp.route("/exceptions/<id:override_id>/end", methods=["GET", "POST"])
@requires("overrides.write")
def end_override(override_id: int) -> Response | tuple[str, int]:
    """End an exception today."""
    actor = current_actor()
    row = queries.override(actor, override_id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            operations.end_override(actor, override_id, form.reason.data)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The exception has ended."), "success")
            return redirect(_back(row.caregiver_id))
    page = render_template(
        "workforce/reason.html",
        form=form,
        row=row.caregiver,
        back=_back(row.caregiver_id),
        title=gettext("End an exception"),
        message=gettext(
            "%(caregiver)s will not be allowed to care for %(resident)s from today on without the training. "
            "A contract that runs has to be changed by the township.",
            caregiver=row.caregiver.name,
            resident=row.resident.name,
        ),
        act=gettext("End today"),
    )
    return page, 422 if form.errors else 200
