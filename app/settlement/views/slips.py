"""Slips: what one payee is paid and why, in large type; the place to object to one line."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import money
from app.core.access import current_actor, requires
from app.core.actor import Role
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.core.sending import attachment
from app.settlement import documents, operations, queries
from app.settlement.forms import DisputeForm, language
from app.settlement.labels import BLOCKED, DISPUTE_TITLES, GRADES, LINE_KINDS
from app.settlement.models import SettlementLine
from app.settlement.views import bp
from app.settlement.views.settlements import IN_A_FILE
from app.settlement.views.shared import area_arg, pdf, quarter_arg, quarter_choices, slip_url, township_choices

Page = str | tuple[str, int] | Response


@bp.get("/slips")
@requires("slips.read")
def slips() -> str:
    """Slips the actor may see: those of one's own account, or those of the area."""
    actor = current_actor()
    query = queries.slips(actor, quarter=quarter_arg(), q=text_arg("q"), area=area_arg())
    page = paginate(query, [SettlementLine.id], request.args.get("cursor"), descending=True)
    townships = queries.townships(actor) if actor.may("settlements.read") else []
    return render_template(
        "settlement/slips.html",
        page=page,
        pager=pager(page),
        sums=queries.sums_of(actor, page.items),
        quarter_choices=quarter_choices(queries.line_quarters(actor)),
        townships=townships,
        township_choices=township_choices(townships),
        own=not actor.may("settlements.read"),
        house=actor.role is Role.INSTITUTION_MANAGER,
        slip_url=slip_url,
    )


@bp.get("/slips.<any(xlsx,csv):kind>")
@requires("settlements.read")
def slips_export(kind: str) -> Response:
    """The lines behind the slips listed, as a table."""
    actor = current_actor()
    query = queries.lines(actor, quarter=quarter_arg(), q=text_arg("q"), area=area_arg())
    return attachment(documents.lines_table(actor, query, kind, gettext("Slips"), request.args.to_dict()))


@bp.get("/slips/<id:settlement_id>/<id:caregiver_id>")
@requires("slips.caregiver")
def slip(settlement_id: int, caregiver_id: int) -> str:
    """The slip of a caregiver."""
    return _slip_page(queries.slip(current_actor(), settlement_id, caregiver_id))


@bp.get("/slips/<id:settlement_id>/institutions/<id:institution_id>")
@requires("slips.institution")
def house_slip(settlement_id: int, institution_id: int) -> str:
    """The slip of an institution: a line for each of its residents."""
    return _slip_page(queries.slip(current_actor(), settlement_id, -institution_id))


def _slip_page(found: queries.Slip) -> str:
    actor = current_actor()
    return render_template(
        "settlement/slip.html",
        slip=found,
        pdf_url=slip_url(found.lines[0].line, pdf=True),
        spoken=documents.spoken(found, language()),
        lang=language(),
        grades=GRADES,
        kinds=LINE_KINDS,
        blocked=BLOCKED,
        dispute_titles=DISPUTE_TITLES,
        objection_words=lambda item, raised: documents.objection_words(found, item, raised, money.format_yuan),
        may=actor.may,
    )


@bp.get("/slips/<id:settlement_id>/<id:caregiver_id>.pdf")
@requires("slips.caregiver")
def slip_pdf(settlement_id: int, caregiver_id: int) -> Response:
    """The slip of a caregiver on paper."""
    actor = current_actor()
    return pdf(documents.slip_pdf(actor, queries.slip(actor, settlement_id, caregiver_id)))


@bp.get("/slips/<id:settlement_id>/institutions/<id:institution_id>.pdf")
@requires("slips.institution")
def house_slip_pdf(settlement_id: int, institution_id: int) -> Response:
    """The slip of an institution on paper."""
    actor = current_actor()
    return pdf(documents.slip_pdf(actor, queries.slip(actor, settlement_id, -institution_id)))


@bp.get("/slips/<id:settlement_id>.pdf")
@requires("settlements.read")
def slips_pdf(settlement_id: int) -> Response:
    """A part of a township's slips in one file, by the payees' numbers; ``part`` counts from 1."""
    actor = current_actor()
    row = queries.settlement(actor, settlement_id)
    part = max(1, request.args.get("part", 1, type=int))
    wanted = queries.payees_of(actor, row.id)[(part - 1) * IN_A_FILE : part * IN_A_FILE]
    name = f"MX{row.quarter}-{row.area_code}-{part}.pdf"
    return pdf(documents.slips_pdf(actor, queries.slips_of(actor, row.id, wanted), name))


@bp.route("/settlement-lines/<id:line_id>/objection", methods=["GET", "POST"])
@requires("disputes.raise")
def object_to_line(line_id: int) -> Page:
    """Object to one line of one's own slip."""
    actor = current_actor()
    line, form = queries.line(actor, line_id), DisputeForm()
    back = slip_url(line)
    if form.validate_on_submit():
        try:
            operations.raise_dispute(actor, form.reason.data or "", line_id=line_id)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(
                gettext("Your objection is on record. Only this line waits; the others are paid as usual."), "success"
            )
            return redirect(back)
    html = render_template(
        "settlement/object.html",
        form=form,
        back=back,
        name=line.resident.name,
        quarter=line.for_quarter,
        fen=line.pay_fen,
    )
    return html, (422 if form.errors or form.form_errors else 200)


@bp.route("/evaluations/<id:evaluation_id>/objection", methods=["GET", "POST"])
@requires("evaluations.object")
def object_to_evaluation(evaluation_id: int) -> Page:
    """Object to one's own evaluation."""
    actor = current_actor()
    row, form = queries.evaluation(actor, evaluation_id), DisputeForm()
    back = url_for("settlement.evaluation", evaluation_id=row.id)
    if form.validate_on_submit():
        try:
            operations.raise_dispute(actor, form.reason.data or "", evaluation_id=row.id)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(
                gettext("Your objection is on record. Only this line waits; the others are paid as usual."), "success"
            )
            return redirect(back)
    html = render_template(
        "settlement/object.html", form=form, back=back, name=row.contract.resident.name, quarter=row.quarter, fen=None
    )
    return html, (422 if form.errors or form.form_errors else 200)
