"""Sheets side by side: the list of pairs, naming two who score blind, the comparison and its adjudication."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core import charts
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError, NotFound
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.grading import operations, pictures, queries
from app.grading.comparing import differing, groups
from app.grading.documents.pairs import pair_pdf
from app.grading.drafting import instrument_of
from app.grading.forms import AdjudicationForm, PairForm, ReturnForm, adjudication_form
from app.grading.labels import (
    GRADE_TONES,
    GRADES,
    PAIR_KINDS,
    PAIR_STATES,
    PAIR_TONES,
    wording,
)
from app.grading.models import Sheet, SheetPair
from app.grading.operations.pairs import may_adjudicate
from app.grading.queries import hands, pairs
from app.grading.rules.pairing import NEXT, PairAct, PairRole, PairState
from app.grading.views import bp
from app.people import queries as people


@bp.get("/sheet-pairs")
@requires("pairs.read")
def sheet_pairs() -> str:
    """Pairs of sheets, newest first."""
    actor, state = current_actor(), request.args.get("state", "")
    query = pairs.found_pairs(
        actor,
        q=text_arg("q"),
        state=PairState(state) if state in set(PairState) else None,
        kind=request.args.get("kind", "") if request.args.get("kind") in set(PAIR_KINDS) else "",
    )
    page = paginate(query, [SheetPair.id], request.args.get("cursor"), descending=True)
    return render_template(
        "grading/pairs.html",
        page=page,
        pager=pager(page),
        kinds=PAIR_KINDS,
        states=PAIR_STATES,
        tones=PAIR_TONES,
        may_open=actor.may("pairs.write"),
    )


@bp.route("/residents/<id:resident_id>/sheet-pairs/new", methods=["GET", "POST"])
@requires("pairs.write")
def new_pair(resident_id: int) -> Response | str | tuple[str, int]:
    """Name two assessors who score a resident independently."""
    actor = current_actor()
    resident = people.resident(actor, resident_id)
    form = PairForm()
    form.offer([(row.id, row.name) for row in queries.colleagues(actor) if row.user_id is not None])
    if form.validate_on_submit():
        try:
            row = operations.open_pair(
                actor, resident.id, form.first_assessor_id.data, form.second_assessor_id.data, form.reason.data or ""
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(
                gettext("Both assessors find the resident on their list now; neither sees the other's sheet."),
                "success",
            )
            return redirect(url_for("grading.sheet_pair", pair_id=row.id))
    failed = bool(form.errors or form.form_errors)
    return render_template("grading/new_pair.html", form=form, resident=resident), (422 if failed else 200)


@bp.get("/sheet-pairs/<id:pair_id>")
@requires("pairs.read")
def sheet_pair(pair_id: int) -> str:
    """The comparison: nothing of it before both sheets are in."""
    return _page(current_actor(), pair_id)


@bp.post("/sheet-pairs/<id:pair_id>/cancel")
@requires("pairs.write")
def cancel_pair(pair_id: int) -> Response | tuple[str, int]:
    """Give a waiting pair up."""
    actor, form = current_actor(), ReturnForm()
    pairs.pair(actor, pair_id)
    if form.validate_on_submit():
        try:
            operations.cancel_pair(actor, pair_id, form.reason.data or "")
        except DomainError as error:
            if error.status == 404:
                raise
            add_errors(form, error)
        else:
            flash(gettext("Given up. The resident can be assessed in the usual way."), "success")
            return redirect(url_for("grading.sheet_pair", pair_id=pair_id))
    return _page(actor, pair_id, cancel=form), 422


@bp.post("/sheet-pairs/<id:pair_id>/adjudicate")
@requires("pairs.adjudicate")
def adjudicate(pair_id: int) -> Response | tuple[str, int]:
    """Decide what differs."""
    actor = current_actor()
    row = pairs.pair(actor, pair_id)
    form, found = _form(row), differing(row)
    if form.validate_on_submit():
        values = {d.field: d.values[int(form[f"choice_{n}"].data)] for n, d in enumerate(found)}
        reasons = {group.key: form[f"reason_{n}"].data or "" for n, group in enumerate(groups(row))}
        try:
            operations.adjudicate_pair(actor, row.id, values, reasons, form.reason.data or "")
        except DomainError as error:
            if error.status == 404:
                raise
            add_errors(form, error)
        else:
            flash(gettext("Decided. The grade proposal rests on the sheet of this adjudication."), "success")
            return redirect(url_for("grading.sheet_pair", pair_id=pair_id))
    return _page(actor, pair_id, adjudication=form), 422


def _form(row: SheetPair) -> AdjudicationForm:
    """The form of what differs: per entry a choice of the sheets' answers, per item a reason."""
    found = groups(row)
    fields = []
    for number, difference in enumerate(differing(row)):
        line = next(x for g in found for x in g.lines if x.field == difference.field)
        options: dict[str, str] = {}
        for index, words in enumerate(line.words):
            options.setdefault(words, str(index))
        fields.append(
            (f"choice_{number}", wording(line.asked.title), [(value, words) for words, value in options.items()])
        )
    return adjudication_form(fields, [(f"reason_{n}", group.title) for n, group in enumerate(found)])


def _chart(sheets: Sequence[Sheet]) -> Markup | None:
    if len(sheets) < 2:
        return None
    instrument = instrument_of(sheets[0])
    rows = [pictures.item_rows(instrument, sheet, None) for sheet in sheets[:2]]
    return charts.radar_svg(
        [row.title for row in rows[0]],
        pictures.shares(rows[0]),
        pictures.shares(rows[1]),
        title=gettext("The ten items of both sheets"),
        names=(sheets[0].number, sheets[1].number),
    )


@bp.get("/sheet-pairs/<id:pair_id>/comparison.pdf")
@requires("pairs.read")
def comparison_pdf(pair_id: int) -> Response:
    """Both sheets side by side with differences, agreement and adjudication, to be filed."""
    actor = current_actor()
    row = pairs.pair(actor, pair_id)
    if row.state in {PairState.OPEN, PairState.CANCELLED}:
        raise NotFound
    actor.require("documents.issue")
    data, name = pair_pdf(actor, row)
    return send_file(BytesIO(data), mimetype="application/pdf", download_name=name)


def _page(
    actor: Actor, pair_id: int, *, adjudication: AdjudicationForm | None = None, cancel: ReturnForm | None = None
) -> str:
    row = pairs.pair(actor, pair_id)
    closed = row.state in {PairState.OPEN, PairState.CANCELLED}
    sheets = [] if closed else pairs.members(row.id)
    results = pairs.members(row.id, PairRole.RESULT)
    may_judge = (
        actor.may("pairs.adjudicate") and (row.state, PairAct.ADJUDICATE) in NEXT and may_adjudicate(actor, sheets)
    )
    may_cancel = actor.may("pairs.write") and (row.state, PairAct.CANCEL) in NEXT
    return render_template(
        "grading/pair.html",
        pair=row,
        resident=people.resident(actor, row.resident_id),
        handed_in=len(pairs.members(row.id)),
        sheets=sheets,
        result=results[0] if results else None,
        groups=[] if closed else groups(row),
        hands=hands.for_pair(sheets, actor.person_key) if row.state is PairState.DIFFERING else None,
        may_print=not closed and actor.may("documents.issue"),
        chart=_chart(sheets),
        form=(adjudication or _form(row)) if may_judge else None,
        cancel_form=(cancel or ReturnForm(formdata=None)) if may_cancel else None,
        cancelling=cancel is not None,
        own=pairs.own_sheet(row, actor) if pairs.named_in(row, actor) else None,
        named=pairs.named_in(row, actor),
        names=queries.names_of([row.opened_by, row.settled_by, *(sheet.submitted_by for sheet in sheets)]),
        proposal=queries.proposal_of(results[0].id) if results else None,
        kinds=PAIR_KINDS,
        states=PAIR_STATES,
        tones=PAIR_TONES,
        grades=GRADES,
        grade_tones=GRADE_TONES,
        wording=wording,
    )
