"""The list of residents and a resident's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import Select
from werkzeug.wrappers import Response

from app.core import clock, identity
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.core.periods import age_on
from app.core.sending import attachment
from app.people import documents, labels, operations, queries, rules
from app.people.forms import ResidentForm, entered
from app.people.history import tell
from app.people.models import Resident, ResidentStatus, Setting
from app.people.panels import resident_panels
from app.people.views import bp, filters
from app.places import queries as places
from app.places.forms import grouped, options
from app.places.models import Level, OrganisationKind

FILTERS = ("q", "township", "village", "setting", "status", "sort")


@dataclass(frozen=True)
class Narrowed:
    """The list as the address asks for it."""

    query: Select[Resident]
    newest_first: bool
    status: str


def _narrowed(actor: Actor) -> Narrowed:
    status = request.args.get("status", ResidentStatus.ACTIVE.value)
    query = queries.found(
        actor,
        q=text_arg("q"),
        area_code=filters.area(),
        setting=filters.member(Setting, "setting"),
        status=ResidentStatus(status) if status in {s.value for s in ResidentStatus} else None,
    )
    return Narrowed(query, request.args.get("sort") == "newest", status)


@bp.get("/residents")
@requires("people.read")
def residents() -> str:
    """Residents the actor may see: searched, filtered, page by page."""
    actor = current_actor()
    narrowed = _narrowed(actor)
    order = [Resident.id] if narrowed.newest_first else [Resident.area_code, Resident.id]
    page = paginate(
        queries.in_care(narrowed.query), order, request.args.get("cursor"), descending=narrowed.newest_first
    )
    townships, villages = filters.area_options()
    today = clock.today()
    return render_template(
        "people/residents.html",
        rows=page.items,
        pager=pager(page),
        ages={r.id: age_on(r.born_on, r.ended_on or today) for r in page.items},
        townships_of=places.area_names(r.area_code[:9] for r in page.items),
        townships=townships,
        villages=villages,
        status=narrowed.status,
        labels=labels,
        show_ids=queries.sees_identity(actor),
        mask_id=identity.mask_id,
        may=actor.may,
        kept=filters.kept(FILTERS),
        narrowed=any(request.args.get(n) for n in FILTERS if n != "sort"),
    )


@bp.get("/residents.<any(xlsx,csv):kind>")
@requires("people.export")
def residents_export(kind: str) -> Response:
    """Exactly what the list shows, as a table with masked numbers and a line that says who took it."""
    actor = current_actor()
    narrowed = _narrowed(actor)
    file = documents.residents_table(actor, narrowed.query, kind, filters.kept(FILTERS))
    return attachment(file)


@bp.get("/residents/<id:resident_id>")
@requires("people.read")
def resident(resident_id: int) -> str:
    """One person: who, where, how supported; absences, history, and the parts of the features above."""
    actor = current_actor()
    row = queries.resident(actor, resident_id)
    today = clock.today()
    id_number = row.id_number
    return render_template(
        "people/resident.html",
        row=row,
        age=age_on(row.born_on, row.ended_on or today),
        path=places.area_path(row.area_code, top=Level.TOWNSHIP),
        labels=labels,
        ethnicity=rules.ETHNICITIES.get(row.ethnicity, ""),
        paid_by=[labels.MEDICAL_PAYMENT[c] for c in row.medical_payment if c in labels.MEDICAL_PAYMENT],
        income=[labels.INCOME_SOURCES[c] for c in row.income_sources if c in labels.INCOME_SOURCES],
        masked=_masked(row) if queries.sees_identity(actor) else {},
        invented=bool(id_number and id_number.startswith(identity.FICTITIOUS)),
        absences=[(a, rules.days_in((a.from_on, a.to_on), today)) for a in reversed(queries.absences(row.id))],
        parts=resident_panels.parts(actor, row),
        history=tell(queries.history("resident", row.id)) if actor.may("people.export") else [],
        may=actor.may,
        active=row.status is ResidentStatus.ACTIVE,
        caregiver_open=actor.may("caregivers.read") and queries.sees_caregiver(actor, row.caregiver_id),
    )


def _masked(row: Resident) -> dict[str, str]:
    some = gettext("on record")
    return {
        "id_number": identity.mask_id(row.id_number),
        "phone": identity.mask_phone(row.phone),
        "address": some if row.address_enc else "",
        "guardian_phone": identity.mask_phone(row.guardian_phone),
        "religion": some if row.religion_enc else "",
        "health_notes": some if row.health_notes_enc else "",
    }


def _offer(form: ResidentForm, row: Resident | None = None) -> None:
    actor = current_actor()
    groups = places.area_choices(actor, (Level.VILLAGE,))
    if row is not None and not any(row.area_code == code for g in groups.values() for code, _ in g):
        groups = {"": [(row.area_code, row.area.name)], **groups}
    form.area_code.choices = grouped(groups)
    houses = [(str(o.id), o.name) for o in places.organisations(actor, OrganisationKind.INSTITUTION)]
    if row is not None and row.institution is not None and str(row.institution_id) not in {h for h, _ in houses}:
        houses.append((str(row.institution_id), row.institution.name))
    form.institution_id.choices = options(houses, gettext("None"))


def _page(form: ResidentForm, row: Resident | None, status: int | None = None) -> tuple[str, int]:
    masked = _masked(row) if row is not None else {}
    return render_template("people/resident_form.html", form=form, row=row, masked=masked), status or (
        422 if form.errors else 200
    )


@bp.route("/residents/new", methods=["GET", "POST"])
@requires("people.write")
def new_resident() -> Response | tuple[str, int]:
    """Open a resident's record."""
    form = ResidentForm()
    _offer(form)
    if form.validate_on_submit():
        try:
            row = operations.create_resident(current_actor(), **entered(form, ["version"]))
        except DomainError as error:
            add_errors(form, error)
            return _page(form, None, error.status)
        flash(
            gettext("The record of %(name)s was opened with the number %(number)s.", name=row.name, number=row.number),
            "success",
        )
        return redirect(url_for("people.resident", resident_id=row.id))
    return _page(form, None)


@bp.route("/residents/<id:resident_id>/edit", methods=["GET", "POST"])
@requires("people.write")
def edit_resident(resident_id: int) -> Response | tuple[str, int]:
    """Change a record. Protected fields stay empty unless somebody types a new value."""
    actor = current_actor()
    row = queries.resident(actor, resident_id)
    form = ResidentForm(obj=_Plain(row))
    _offer(form, row)
    if form.validate_on_submit():
        version = str(form.version.data or "")
        try:
            operations.update_resident(
                actor, resident_id, int(version) if filters.whole(version) else 0, **_typed(form)
            )
        except DomainError as error:
            add_errors(form, error)
            return _page(form, row, error.status)
        flash(gettext("The changes were saved."), "success")
        return redirect(url_for("people.resident", resident_id=resident_id))
    return _page(form, row)


class _Plain:
    """What the form starts from: protected fields are not written into the page."""

    def __init__(self, row: Resident) -> None:
        for name in operations.RESIDENT_FIELDS:
            if name not in operations.REVEALED:
                setattr(self, name, getattr(row, name))
        self.version = row.version
        self.institution_id = str(row.institution_id or "")


def _typed(form: ResidentForm) -> dict[str, Any]:
    """Fields to change; an empty protected field keeps what is stored unless its removal is asked for."""
    removed = set(request.form.getlist("remove"))
    values = entered(form, ["version"])
    for name in operations.REVEALED:
        if not values[name] and name not in removed:
            del values[name]
    return values
