"""The quarter close: settlements side by side, one township's quarter with its checklist, lines, differences, acts."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import money, shown
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError, Refused
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.core.periods import Quarter
from app.core.sending import attachment
from app.core.words import lazy_gettext as _l
from app.settlement import documents, operations, queries, verify_settlement
from app.settlement.forms import ReasonForm
from app.settlement.labels import BLOCKED, CAUSES, GRADES, LINE_KINDS, SETTLEMENT_STATES, SETTLEMENT_TONES
from app.settlement.models import Settlement, SettlementLine, SettlementState
from app.settlement.rules.settling import months_from_json
from app.settlement.views import bp
from app.settlement.views.shared import (
    area_arg,
    choice_arg,
    instant_words,
    last_quarters,
    pdf,
    quarter_arg,
    quarter_choices,
    reachable,
    slip_url,
    township_choices,
)

IN_A_FILE = 50
"""Slips of one file to print: made within a few seconds, and a stack of paper that somebody can carry."""
STEPS = {
    "calculated": _l("Calculated"),
    "submitted": _l("Submitted for approval"),
    "approved": _l("Approved"),
    "paid": _l("Paid"),
    "closed": _l("Closed"),
}
WAITS = (SettlementState.CALCULATED, SettlementState.SUBMITTED)
Page = str | tuple[str, int] | Response


@bp.get("/settlements")
@requires("settlements.read")
def settlements() -> str:
    """Quarter × township with state and sums."""
    actor = current_actor()
    query = queries.settlements(
        actor, quarter=quarter_arg(), state=choice_arg("state", SettlementState), area=area_arg()
    )
    page = paginate(query, [Settlement.quarter, Settlement.id], request.args.get("cursor"), descending=True)
    to_calculate = queries.to_calculate(actor, quarter_arg()) if quarter_arg() else 0
    known, townships = queries.quarters(actor), queries.townships(actor)
    return render_template(
        "settlement/settlements.html",
        page=page,
        pager=pager(page),
        sums=queries.overview(query),
        states=SETTLEMENT_STATES,
        tones=SETTLEMENT_TONES,
        quarter_choices=quarter_choices(known),
        townships=townships,
        township_choices=township_choices(townships),
        may_open=actor.may("settlements.calculate"),
        may_calculate_all=actor.may("settlements.calculate_all") and to_calculate > 0,
        to_calculate=to_calculate,
        running=queries.calculation_under_way(actor),
        open_choices=[q for q in last_quarters(4) if q not in known],
    )


@bp.post("/settlements/open")
@requires("settlements.calculate")
def open_quarter() -> Response:
    """Open a quarter for the townships of the actor's area."""
    quarter = request.form.get("quarter", "")[:7]
    try:
        rows = operations.open_quarter(current_actor(), quarter)
    except DomainError as error:
        flash(error.message, "error")
        return redirect(url_for("settlement.settlements"))
    flash(
        gettext("%(quarter)s is open for %(count)s townships.", quarter=shown.quarter(quarter), count=len(rows)),
        "success",
    )
    if len(rows) == 1:
        return redirect(url_for("settlement.settlement", settlement_id=rows[0].id))
    return redirect(url_for("settlement.settlements", quarter=quarter))


@bp.get("/settlements/<id:settlement_id>")
@requires("settlements.read")
def settlement(settlement_id: int) -> Page:
    """One township's quarter: where it stands, what is missing, what changed, what can be done next."""
    return settlement_page(current_actor(), settlement_id)


def settlement_page(actor: Actor, settlement_id: int, refusal: str | None = None) -> Page:
    """The page of one settlement, with what was refused."""
    row = queries.settlement(actor, settlement_id)
    calculated = row.state is not SettlementState.OPEN
    found = queries.differences(row) if calculated else []
    open_state = row.state in {SettlementState.OPEN, SettlementState.CALCULATED}
    html = render_template(
        "settlement/settlement.html",
        row=row,
        refusal=refusal,
        states=SETTLEMENT_STATES,
        tones=SETTLEMENT_TONES,
        step_words=[SETTLEMENT_STATES[s] for s in SettlementState],
        step=list(SettlementState).index(row.state)
        if row.state is not SettlementState.CLOSED
        else len(SettlementState),
        points=queries.readiness(row) if open_state else [],
        causes=queries.by_cause(found),
        cause_words=CAUSES,
        before=queries.previous(row),
        history=[
            {"at": instant_words(at), "who": who, "what": _step_words(row, step), "tone": "good"}
            for step, who, at in reversed(queries.people_of(row))
        ],
        reachable=lambda endpoint: reachable(actor, endpoint),
        quarter=Quarter.parse(row.quarter),
        seal=queries.seal(row),
        slip_parts=_slip_parts(actor, row),
        approvals=queries.names([a.approved_by for a in queries.approvals(row)]),
        needed=queries.approvers_needed(row) if row.run else 1,
        possible=queries.possible_approvers(row) if row.state in WAITS else [],
        has_approved=actor.person_key in {a.approved_by_person for a in queries.approvals(row)},
        is_own=row.submitted_by_person is not None and row.submitted_by_person == actor.person_key,
        may=actor.may,
    )
    return (html, 409) if refusal else html


def _step_words(row: Settlement, step: str) -> str:
    if step == "paid" and row.state is SettlementState.PAYING:
        return gettext("Paid in part")
    return str(STEPS[step])


def _slip_parts(actor: Actor, row: Settlement) -> list[tuple[int, int, int]]:
    """(part, first, last) of the files in which the slips of an approved settlement are printed."""
    if row.state not in queries.SETTLED or not actor.may("documents.issue"):
        return []
    count = len(queries.payees_of(actor, row.id))
    return [(n // IN_A_FILE + 1, n + 1, min(n + IN_A_FILE, count)) for n in range(0, count, IN_A_FILE)]


def _act(settlement_id: int, act: Callable[[Actor, int], Any], words: Callable[[Settlement], str]) -> Page:
    actor = current_actor()
    try:
        row = act(actor, settlement_id)
    except Refused as error:
        return settlement_page(actor, settlement_id, error.message)
    flash(words(row), "success")
    return redirect(url_for("settlement.settlement", settlement_id=settlement_id))


@bp.post("/settlements/<id:settlement_id>/calculate")
@requires("settlements.calculate")
def calculate(settlement_id: int) -> Page:
    """Freeze the facts and calculate every line."""
    return _act(
        settlement_id,
        operations.calculate,
        lambda row: gettext(
            "%(count)s lines calculated: %(pay)s to be paid, %(withheld)s withheld, %(blocked)s blocked.",
            count=row.lines_count,
            pay=money.format_yuan(row.pay_fen),
            withheld=money.format_yuan(row.withheld_fen),
            blocked=row.blocked_count,
        ),
    )


@bp.post("/settlements/<id:settlement_id>/submit")
@requires("settlements.submit")
def submit(settlement_id: int) -> Page:
    """Hand over for approval."""
    return _act(settlement_id, operations.submit, lambda _row: gettext("Handed over for approval."))


@bp.post("/settlements/<id:settlement_id>/approve")
@requires("settlements.approve")
def approve(settlement_id: int) -> Page:
    """Approve and write the ledger."""
    return _act(
        settlement_id,
        operations.approve,
        lambda row: (
            gettext("Approved: %(pay)s now stand in the ledger as payable.", pay=money.format_yuan(row.pay_fen))
            if row.state is SettlementState.APPROVED
            else gettext("Your approval is noted; a sum this large needs the approval of one more person.")
        ),
    )


@bp.post("/settlements/<id:settlement_id>/close")
@requires("settlements.close")
def close(settlement_id: int) -> Page:
    """Close for ever."""
    return _act(
        settlement_id,
        operations.close,
        lambda _row: gettext("Closed. Lines, statement and ledger agree; later facts become corrections."),
    )


@bp.route("/settlements/<id:settlement_id>/reject", methods=["GET", "POST"])
@requires("settlements.approve")
def reject(settlement_id: int) -> Page:
    """Return a submitted settlement with a reason."""
    actor = current_actor()
    row, form = queries.settlement(actor, settlement_id), ReasonForm()
    if form.validate_on_submit():
        try:
            operations.reject(actor, settlement_id, form.reason.data or "")
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("Returned with your reason. Nothing of the calculation was changed."), "success")
            return redirect(url_for("settlement.settlement", settlement_id=settlement_id))
    html = render_template("settlement/reject.html", row=row, form=form)
    return html, (422 if form.errors or form.form_errors else 200)


@bp.get("/settlements/<id:settlement_id>/archive.zip")
@requires("settlements.read")
def archive(settlement_id: int) -> Response:
    """The archive of the quarter: every closed settlement of it that the reader may see, the same bytes at any time."""
    actor = current_actor()
    row = queries.settlement(actor, settlement_id)
    found = queries.archive(actor, row.quarter)
    if found is None or row.state is not SettlementState.CLOSED:
        raise Refused(gettext("Only a closed settlement has an archive."))
    return send_file(
        BytesIO(found.data), "application/zip", as_attachment=True, download_name=f"yiheng-{row.quarter}.zip"
    )


@bp.get("/settlements/verify-settlement.py")
@requires("settlements.read")
def verifier() -> Response:
    """The program that computes an archive again without this system."""
    source = BytesIO(Path(verify_settlement.__file__).read_bytes())
    return send_file(source, "text/x-python", as_attachment=True, download_name="verify_settlement.py")


def _lines_query(settlement_id: int) -> Any:
    show = request.args.get("show", "")
    return queries.lines(current_actor(), settlement_id=settlement_id, q=text_arg("q"), show=show)


@bp.get("/settlements/<id:settlement_id>/lines")
@requires("settlements.read")
def lines(settlement_id: int) -> str:
    """The lines of a settlement, with their sums as filtered."""
    row = queries.settlement(current_actor(), settlement_id)
    query = _lines_query(settlement_id)
    page = paginate(query, [SettlementLine.id], request.args.get("cursor"))
    return render_template(
        "settlement/lines.html",
        row=row,
        page=page,
        pager=pager(page),
        totals=queries.line_totals(query),
        kinds=LINE_KINDS,
        blocked=BLOCKED,
        grades=GRADES,
        months=months_from_json,
        slip_url=slip_url,
    )


@bp.get("/settlements/<id:settlement_id>/lines.<any(xlsx,csv):kind>")
@requires("settlements.read")
def lines_export(settlement_id: int, kind: str) -> Response:
    """Exactly the lines listed, as a table."""
    actor = current_actor()
    row = queries.settlement(actor, settlement_id)
    title = gettext("Settlement lines %(quarter)s %(township)s", quarter=row.quarter, township=row.area_code)
    return attachment(
        documents.lines_table(
            actor, _lines_query(settlement_id), kind, title, {**request.args.to_dict(), "settlement": str(row.id)}
        )
    )


@bp.get("/settlements/<id:settlement_id>/differences")
@requires("settlements.read")
def differences(settlement_id: int) -> str:
    """What changed since last quarter, line by line, with the causes."""
    row = queries.settlement(current_actor(), settlement_id)
    found = queries.differences(row)
    cause = request.args.get("cause", "")
    shown = [d for d in found if not cause or any(s.cause == cause for s in d.steps)]
    return render_template(
        "settlement/differences.html",
        row=row,
        before=queries.previous(row),
        found=shown[:500],
        count=len(shown),
        cause_choices=[(c.value, CAUSES[c]) for c, _lines, _fen in queries.by_cause(found)],
        cause_words=CAUSES,
        step_value=_step_value,
        total=sum(d.fen for d in found),
    )


def _step_value(cause: str, value: str) -> str:
    """Grades as words; months and ratios as they are."""
    if cause != "grade":
        return value
    return " ".join(str(GRADES[int(g)]) if g.isdigit() else g for g in value.split("/"))


@bp.get("/settlements/<id:settlement_id>/statement.pdf")
@requires("settlements.read")
def statement_pdf(settlement_id: int) -> Response:
    """The statement on paper."""
    actor = current_actor()
    return pdf(documents.statement_pdf(actor, queries.settlement(actor, settlement_id)))
