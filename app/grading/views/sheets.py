"""The list of sheets, and one submitted sheet with its result and reasons."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

from flask import redirect, render_template, request, send_file, url_for
from sqlalchemy import Select
from werkzeug.wrappers import Response

from app.core.access import current_actor, requires
from app.core.errors import NotFound
from app.core.forms import export_links, pager, text_arg
from app.core.paging import paginate
from app.core.sending import attachment
from app.grading import documents, pictures, queries
from app.grading.documents import tables
from app.grading.drafting import instrument_of
from app.grading.labels import (
    GRADE_TONES,
    GRADES,
    PAIR_STATES,
    PAIR_TONES,
    PROPOSAL_STATES,
    PROPOSAL_TONES,
    REASONS,
    RELATIONS,
    SHEET_STATES,
    SHEET_TONES,
    wording,
)
from app.grading.models import Sheet
from app.grading.panels import sheet_panels
from app.grading.queries import pairs
from app.grading.rules import SheetState
from app.grading.telling import tell
from app.grading.views import bp
from app.grading.views.due import area_arg, area_options
from app.people import queries as people


def _day(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text_arg(name, 10))
    except ValueError:
        return None


def _query() -> Select[Sheet]:
    state = request.args.get("state", "")
    return queries.found_sheets(
        current_actor(),
        q=text_arg("q"),
        state=SheetState(state) if state in set(SheetState) else None,
        disagreeing=request.args.get("tiers") == "differ",
        area_code=area_arg(),
        from_on=_day("from"),
        to_on=_day("to"),
    )


@bp.get("/sheets")
@requires("sheets.read")
def sheets() -> str:
    """Sheets the actor may see, newest first."""
    page = paginate(_query(), [Sheet.id], request.args.get("cursor"), descending=True)
    return render_template(
        "grading/sheets.html",
        page=page,
        pager=pager(page),
        states=SHEET_STATES,
        tones=SHEET_TONES,
        grades=GRADES,
        grade_tones=GRADE_TONES,
        areas=area_options(),
        exports=export_links("grading.sheets_export"),
    )


@bp.get("/sheets.<any(xlsx,csv):kind>")
@requires("sheets.read")
def sheets_export(kind: str) -> Response:
    """Exactly what the list shows, as a table."""
    file = tables.sheets_table(current_actor(), _query(), kind, request.args.to_dict())
    return attachment(file)


@bp.get("/sheets/<id:sheet_id>")
@requires("sheets.read")
def sheet(sheet_id: int) -> str | Response:
    """One submitted sheet: result, reasons, comparison with the last one; a draft opens for writing."""
    actor = current_actor()
    row = queries.sheet(actor, sheet_id)
    if row.state is SheetState.DRAFT:
        return redirect(url_for("grading.edit", sheet_id=row.id))
    last = queries.last_comparable(row)
    instrument = instrument_of(row)
    others = queries.latest_by_instrument(row)
    wanted = set(request.args.getlist("with"))
    return render_template(
        "grading/sheet.html",
        sheet=row,
        others=[(one, instrument_of(one)) for one in others],
        beside=[(one, instrument_of(one)) for one in (row, *(o for o in others if o.instrument in wanted))],
        resident=people.resident(actor, row.resident_id),
        result=row.result,
        last=last,
        instrument=instrument,
        radar=pictures.radar(instrument, row, last),
        items=pictures.item_rows(instrument, row, last),
        told=tell(row, last),
        totals=queries.totals_until(row),
        over_time=pictures.points_over_time(queries.totals_until(row), sum(item.max for item in instrument.items)),
        proposal=queries.proposal_of(row.id),
        pairs=pairs.pairs_of(row.id) if actor.may("pairs.read") else [],
        pair_states=PAIR_STATES,
        pair_tones=PAIR_TONES,
        names=queries.names_of([row.submitted_by]),
        grades=GRADES,
        grade_tones=GRADE_TONES,
        reasons=REASONS,
        relations=RELATIONS,
        proposal_states=PROPOSAL_STATES,
        proposal_tones=PROPOSAL_TONES,
        wording=wording,
        parts=sheet_panels.parts(actor, row),
    )


@bp.get("/sheets/<id:sheet_id>/report.pdf")
@requires("sheets.read")
def sheet_report(sheet_id: int) -> Response:
    """The report with radar, trace and places to sign."""
    actor = current_actor()
    row = queries.sheet(actor, sheet_id)
    if row.state is not SheetState.SUBMITTED:
        raise NotFound
    data, name = documents.sheet_pdf(actor, row)
    return send_file(BytesIO(data), mimetype="application/pdf", download_name=name)
