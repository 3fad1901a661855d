"""Caregivers: list, record, full view of protected fields."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import Select
from werkzeug.wrappers import Response

from app.auth.queries import name_of
from app.core import clock, identity
from app.core.access import current_actor, requires
from app.core.actor import Actor, Role
from app.core.errors import DomainError, NotFound
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.core.periods import age_on
from app.core.sending import attachment
from app.people import documents, labels, operations, queries, rules
from app.people.forms import CaregiverForm, entered
from app.people.history import tell
from app.people.models import Caregiver, Tier
from app.people.panels import caregiver_panels
from app.people.views import bp, filters
from app.people.views.revealing import reveal_page
from app.places import queries as places
from app.places.forms import grouped, options
from app.places.models import Level, OrganisationKind

FILTERS = ("q", "township", "village", "tier", "active")


def _narrowed(actor: Actor) -> Select[Caregiver]:
    active = {"0": False, "all": None}.get(request.args.get("active", ""), True)
    return queries.found_caregivers(
        actor, q=text_arg("q"), area_code=filters.area(), tier=filters.member(Tier, "tier"), active=active
    )


@bp.get("/caregivers")
@requires("caregivers.read")
def caregivers() -> str:
    """Caregivers the actor may see."""
    actor = current_actor()
    page = paginate(queries.housed(_narrowed(actor)), [Caregiver.area_code, Caregiver.id], request.args.get("cursor"))
    townships, villages = filters.area_options()
    today = clock.today()
    return render_template(
        "people/caregivers.html",
        rows=page.items,
        pager=pager(page),
        standing={c.id: rules.tier_standing(c.tier_valid_to, today) for c in page.items},
        counts=queries.resident_counts(actor, [c.id for c in page.items]),
        townships=townships,
        villages=villages,
        active=request.args.get("active", "1"),
        labels=labels,
        may=actor.may,
        kept=filters.kept(FILTERS),
    )


@bp.get("/caregivers.<any(xlsx,csv):kind>")
@requires("people.export")
def caregivers_export(kind: str) -> Response:
    """Exactly what the list shows, as a table."""
    actor = current_actor()
    file = documents.caregivers_table(actor, _narrowed(actor), kind, filters.kept(FILTERS))
    return attachment(file)


@bp.get("/caregivers/<id:caregiver_id>")
@requires("caregivers.read")
def caregiver(caregiver_id: int) -> str:
    """One caregiver: training, account, residents, and the parts of the features above."""
    actor = current_actor()
    row = queries.caregiver(actor, caregiver_id)
    today = clock.today()
    return render_template(
        "people/caregiver.html",
        row=row,
        age=age_on(row.born_on, today),
        path=places.area_path(row.area_code, top=Level.TOWNSHIP),
        standing=rules.tier_standing(row.tier_valid_to, today),
        masked=_masked(row),
        account=name_of(row.user_id),
        residents=queries.rows(queries.residents_of(actor, caregiver_id=row.id)),
        parts=caregiver_panels.parts(actor, row),
        history=tell(queries.history("caregiver", row.id)) if actor.may("people.export") else [],
        labels=labels,
        may=actor.may,
    )


def _masked(row: Caregiver) -> dict[str, str]:
    return {
        "id_number": identity.mask_id(row.id_number),
        "phone": identity.mask_phone(row.phone),
        "bank_account": identity.mask_bank(row.bank_account),
    }


def _offer(form: CaregiverForm, row: Caregiver | None = None) -> None:
    actor = current_actor()
    groups = places.area_choices(actor, (Level.TOWNSHIP, Level.VILLAGE))
    if row is not None and not any(row.area_code == code for g in groups.values() for code, _ in g):
        groups = {"": [(row.area_code, row.area.name)], **groups}
    form.area_code.choices = grouped(groups)
    if actor.role is Role.INSTITUTION_MANAGER:
        del form.institution_id
    else:
        houses = [(str(o.id), o.name) for o in places.organisations(actor, OrganisationKind.INSTITUTION)]
        if row is not None and row.institution is not None and str(row.institution_id) not in {h for h, _ in houses}:
            houses.append((str(row.institution_id), row.institution.name))
        form.institution_id.choices = options(houses, gettext("None: a neighbour or relative"))
    accounts = [(str(u.id), f"{u.name} ({u.username})") for u in queries.free_accounts(actor, Caregiver)]
    if row is not None and row.user_id is not None:
        accounts.insert(0, (str(row.user_id), name_of(row.user_id)))
    form.user_id.choices = options(accounts, gettext("None"))


def _page(form: CaregiverForm, row: Caregiver | None, status: int | None = None) -> tuple[str, int]:
    masked = _masked(row) if row is not None else {}
    page = render_template("people/caregiver_form.html", form=form, row=row, masked=masked)
    return page, status or (422 if form.errors else 200)


@bp.route("/caregivers/new", methods=["GET", "POST"])
@requires("caregivers.write")
def new_caregiver() -> Response | tuple[str, int]:
    """Open a caregiver's record."""
    form = CaregiverForm()
    _offer(form)
    if form.validate_on_submit():
        try:
            row = operations.create_caregiver(current_actor(), **entered(form, ["version"]))
        except DomainError as error:
            add_errors(form, error)
            return _page(form, None, error.status)
        message = gettext(
            "The record of %(name)s was opened with the number %(number)s.", name=row.name, number=row.number
        )
        flash(message, "success")
        return redirect(url_for("people.caregiver", caregiver_id=row.id))
    return _page(form, None)


class _Plain:
    """What the form starts from: protected fields are not written into the page."""

    def __init__(self, row: Caregiver) -> None:
        for name in operations.CAREGIVER_FIELDS:
            if name not in operations.REVEALED_OF_CAREGIVER:
                setattr(self, name, getattr(row, name))
        self.version = row.version
        self.institution_id = str(row.institution_id or "")
        self.user_id = str(row.user_id or "")


def _typed(form: CaregiverForm) -> dict[str, Any]:
    removed = set(request.form.getlist("remove"))
    values = entered(form, ["version"])
    for name in operations.REVEALED_OF_CAREGIVER:
        if not values[name] and name not in removed:
            del values[name]
    return values


@bp.route("/caregivers/<id:caregiver_id>/edit", methods=["GET", "POST"])
@requires("caregivers.write")
def edit_caregiver(caregiver_id: int) -> Response | tuple[str, int]:
    """Change a caregiver's record."""
    actor = current_actor()
    row = queries.caregiver(actor, caregiver_id)
    form = CaregiverForm(obj=_Plain(row))
    _offer(form, row)
    if form.validate_on_submit():
        version = str(form.version.data or "")
        try:
            operations.update_caregiver(
                actor, caregiver_id, version=int(version) if filters.whole(version) else 0, **_typed(form)
            )
        except DomainError as error:
            add_errors(form, error)
            return _page(form, row, error.status)
        flash(gettext("The changes were saved."), "success")
        return redirect(url_for("people.caregiver", caregiver_id=caregiver_id))
    return _page(form, row)


@bp.route("/caregivers/<id:caregiver_id>/reveal", methods=["GET", "POST"])
@requires("caregivers.reveal")
def reveal_caregiver(caregiver_id: int) -> tuple[str, int]:
    """Show one protected field of a caregiver in full, once, with a reason."""
    actor = current_actor()
    row = queries.caregiver(actor, caregiver_id)
    field = request.args.get("field", "")
    if field not in operations.REVEALED_OF_CAREGIVER:
        raise NotFound
    return reveal_page(
        lambda reason: operations.reveal_caregiver(actor, caregiver_id, field, reason=reason),
        name=row.name,
        label=labels.FIELDS[field],
        section=gettext("Caregivers"),
        section_url=url_for("people.caregivers"),
        back=url_for("people.caregiver", caregiver_id=row.id),
    )
