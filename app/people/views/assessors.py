"""Assessors: list and record."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import Select
from werkzeug.wrappers import Response

from app.auth.queries import name_of
from app.core import clock
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.core.sending import attachment
from app.people import documents, labels, operations, queries, rules
from app.people.forms import AssessorForm, entered
from app.people.history import tell
from app.people.models import Assessor
from app.people.views import bp, filters
from app.places import queries as places
from app.places.forms import CHOOSE, options
from app.places.models import OrganisationKind

FILTERS = ("q", "active")


def _narrowed(actor: Actor) -> Select[Assessor]:
    active = {"0": False, "all": None}.get(request.args.get("active", ""), True)
    return queries.found_assessors(actor, q=text_arg("q"), active=active)


@bp.get("/assessors")
@requires("assessors.read")
def assessors() -> str:
    """Assessors the actor may see."""
    actor = current_actor()
    page = paginate(_narrowed(actor), [Assessor.id], request.args.get("cursor"))
    today = clock.today()
    return render_template(
        "people/assessors.html",
        rows=page.items,
        pager=pager(page),
        standing={a.id: rules.tier_standing(a.certificate_valid_to, today) for a in page.items},
        active=request.args.get("active", "1"),
        labels=labels,
        may=actor.may,
        kept=filters.kept(FILTERS),
    )


@bp.get("/assessors.<any(xlsx,csv):kind>")
@requires("assessors.write")
def assessors_export(kind: str) -> Response:
    """Exactly what the list shows, as a table."""
    actor = current_actor()
    file = documents.assessors_table(actor, _narrowed(actor), kind, filters.kept(FILTERS))
    return attachment(file)


@bp.get("/assessors/<id:assessor_id>")
@requires("assessors.read")
def assessor(assessor_id: int) -> str:
    """One assessor."""
    actor = current_actor()
    row = queries.assessor(actor, assessor_id)
    return render_template(
        "people/assessor.html",
        row=row,
        standing=rules.tier_standing(row.certificate_valid_to, clock.today()),
        account=name_of(row.user_id),
        area=places.area_name(row.area_code),
        history=tell(queries.history("assessor", row.id)) if actor.may("assessors.write") else [],
        labels=labels,
        may=actor.may,
    )


def _offer(form: AssessorForm, row: Assessor | None = None) -> None:
    actor = current_actor()
    agencies = [(str(o.id), o.name) for o in places.organisations(actor, OrganisationKind.ASSESSMENT_AGENCY)]
    if row is not None and str(row.organisation_id) not in {a for a, _ in agencies}:
        agencies.append((str(row.organisation_id), row.organisation.name))
    form.organisation_id.choices = options(agencies, CHOOSE)
    accounts = [(str(u.id), f"{u.name} ({u.username})") for u in queries.free_accounts(actor, Assessor)]
    if row is not None and row.user_id is not None:
        accounts.insert(0, (str(row.user_id), name_of(row.user_id)))
    form.user_id.choices = options(accounts, gettext("None"))


def _page(form: AssessorForm, row: Assessor | None, status: int | None = None) -> tuple[str, int]:
    return render_template("people/assessor_form.html", form=form, row=row), status or (422 if form.errors else 200)


@bp.route("/assessors/new", methods=["GET", "POST"])
@requires("assessors.write")
def new_assessor() -> Response | tuple[str, int]:
    """Open an assessor's record."""
    form = AssessorForm()
    _offer(form)
    if form.validate_on_submit():
        try:
            row = operations.create_assessor(current_actor(), **entered(form))
        except DomainError as error:
            add_errors(form, error)
            return _page(form, None, error.status)
        flash(gettext("The record of %(name)s was opened.", name=row.name), "success")
        return redirect(url_for("people.assessor", assessor_id=row.id))
    return _page(form, None)


class _Plain:
    """What the form starts from."""

    def __init__(self, row: Assessor) -> None:
        for name in operations.ASSESSOR_FIELDS:
            setattr(self, name, getattr(row, name))
        self.organisation_id = str(row.organisation_id)
        self.user_id = str(row.user_id or "")


@bp.route("/assessors/<id:assessor_id>/edit", methods=["GET", "POST"])
@requires("assessors.write")
def edit_assessor(assessor_id: int) -> Response | tuple[str, int]:
    """Change an assessor's record."""
    actor = current_actor()
    row = queries.assessor(actor, assessor_id)
    form = AssessorForm(obj=_Plain(row))
    _offer(form, row)
    if form.validate_on_submit():
        try:
            operations.update_assessor(actor, assessor_id, **entered(form))
        except DomainError as error:
            add_errors(form, error)
            return _page(form, row, error.status)
        flash(gettext("The changes were saved."), "success")
        return redirect(url_for("people.assessor", assessor_id=assessor_id))
    return _page(form, row)
