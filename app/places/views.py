"""Pages of areas and organisations."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.core.sending import attachment
from app.places import documents, operations, queries
from app.places.forms import OrganisationForm, grouped
from app.places.labels import KIND_LABELS, LEVEL_LABELS
from app.places.models import Area, Level, Organisation, OrganisationKind
from app.places.panels import area_columns, organisation_panels

bp = Blueprint("places", __name__, template_folder="templates")


def _area_page(area: Area | None, below: list[Area]) -> str:
    actor = current_actor()
    codes = [a.code for a in below]
    columns = [
        (column.label, column.count(actor, codes), column.url)
        for column in area_columns
        if actor.may(column.permission)
    ]
    own = [(c.label, c.count(actor, [area.code]).get(area.code, 0), c.url(area.code)) for c in area_columns
           if area is not None and actor.may(c.permission)]  # fmt: skip
    return render_template(
        "places/area.html",
        area=area,
        below=below,
        path=queries.area_path(area.code) if area else [],
        mine=actor.area_code or "",
        columns=columns,
        own=own,
        organisations=queries.organisation_counts(actor, codes),
        here=queries.organisation_counts(actor, [area.code]).get(area.code, 0) if area else 0,
        level_labels=LEVEL_LABELS,
    )


@bp.get("/areas")
@requires("places.read")
def areas() -> str:
    """The top of the actor's area tree with the areas below it, or what a search finds."""
    actor, q = current_actor(), text_arg("q")
    if q:
        found = queries.found_areas(actor, q)
        names = queries.area_names(a.parent_code or "" for a in found)
        return render_template("places/found_areas.html", q=q, found=found, names=names, level_labels=LEVEL_LABELS)
    tops = queries.tops(actor)
    if len(tops) == 1:
        return _area_page(tops[0], queries.children(actor, tops[0].code))
    return _area_page(None, tops)


@bp.get("/areas/<token:code>")
@requires("places.read")
def area(code: str) -> str:
    """One area: what lies below it, how many people and organisations it has."""
    actor = current_actor()
    row = queries.area(actor, code)
    return _area_page(row, queries.children(actor, row.code))


def _kind() -> OrganisationKind | None:
    given = request.args.get("kind", "")
    return OrganisationKind(given) if given in {k.value for k in OrganisationKind} else None


def _township() -> str:
    given = text_arg("area", 12)
    return given if given.isascii() and given.isdigit() else ""


def _kept() -> dict[str, str]:
    return {k: v for k, v in request.args.items() if k in {"q", "kind", "area"} and v}


@bp.get("/organisations")
@requires("places.read")
def organisations() -> str:
    """Organisations of the seven kinds."""
    actor = current_actor()
    query = queries.found_organisations(actor, q=text_arg("q"), kind=_kind(), area_code=_township())
    page = paginate(query, [Organisation.area_code, Organisation.id], request.args.get("cursor"))
    return render_template(
        "places/organisations.html",
        rows=page.items,
        pager=pager(page),
        names=queries.area_names(r.area_code for r in page.items),
        kind_labels=KIND_LABELS,
        townships=queries.areas_under(actor.area_code, Level.TOWNSHIP) if actor.area_code else [],
        may_write=actor.may("places.write"),
        filters=_kept(),
    )


@bp.get("/organisations.<any(xlsx,csv):kind>")
@requires("places.read")
def organisations_export(kind: str) -> Response:
    """Exactly what the list shows, as a table."""
    actor = current_actor()
    query = queries.found_organisations(actor, q=text_arg("q"), kind=_kind(), area_code=_township())
    file = documents.organisations_table(actor, query, kind, _kept())
    return attachment(file)


def _offer(form: OrganisationForm, row: Organisation | None = None) -> None:
    groups = queries.area_choices(current_actor(), (Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE))
    if row is not None and not any(row.area_code == code for g in groups.values() for code, _ in g):
        groups = {"": [(row.area_code, queries.area_name(row.area_code))], **groups}
    form.area_code.choices = grouped(groups)


def _entered(form: OrganisationForm) -> dict[str, object]:
    return {f.name: f.data for f in form if f.name != "csrf_token"}


@bp.route("/organisations/new", methods=["GET", "POST"])
@requires("places.write")
def new_organisation() -> Response | tuple[str, int]:
    """Add an organisation."""
    form = OrganisationForm(kind=request.args.get("kind"), area_code=request.args.get("area"))
    _offer(form)
    if form.validate_on_submit():
        try:
            row = operations.create_organisation(current_actor(), **_entered(form))
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("%(name)s was added.", name=row.name), "success")
            return redirect(url_for("places.organisation", organisation_id=row.id))
    return render_template("places/organisation_form.html", form=form, row=None), 422 if form.errors else 200


@bp.get("/organisations/<id:organisation_id>")
@requires("places.read")
def organisation(organisation_id: int) -> str:
    """One organisation and what the features above say about it."""
    actor = current_actor()
    row = queries.organisation(actor, organisation_id)
    return render_template(
        "places/organisation.html",
        row=row,
        path=queries.area_path(row.area_code),
        kind_labels=KIND_LABELS,
        parts=organisation_panels.parts(actor, row),
        may_write=actor.may("places.write"),
    )


@bp.route("/organisations/<id:organisation_id>/edit", methods=["GET", "POST"])
@requires("places.write")
def edit_organisation(organisation_id: int) -> Response | tuple[str, int]:
    """Change an organisation."""
    actor = current_actor()
    row = queries.organisation(actor, organisation_id)
    form = OrganisationForm(obj=row)
    _offer(form, row)
    if form.validate_on_submit():
        try:
            operations.update_organisation(actor, organisation_id, **_entered(form))
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The changes were saved."), "success")
            return redirect(url_for("places.organisation", organisation_id=organisation_id))
    return render_template("places/organisation_form.html", form=form, row=row), 422 if form.errors else 200
