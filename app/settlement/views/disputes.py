"""Objections: the list, and the answer."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.settlement import operations, queries
from app.settlement.forms import AnswerForm
from app.settlement.labels import DISPUTE_STATES, DISPUTE_TONES
from app.settlement.models import Dispute, DisputeState
from app.settlement.views import bp
from app.settlement.views.shared import area_arg, choice_arg, quarter_arg

Page = str | tuple[str, int] | Response


@bp.get("/objections")
@requires("disputes.read")
def disputes() -> str:
    """Objections about contracts the actor may see, newest first."""
    actor = current_actor()
    query = queries.disputes(
        actor, quarter=quarter_arg(), state=choice_arg("state", DisputeState), area=area_arg(), q=text_arg("q")
    )
    page = paginate(query, [Dispute.id], request.args.get("cursor"), descending=True)
    return render_template(
        "settlement/disputes.html",
        page=page,
        pager=pager(page),
        states=DISPUTE_STATES,
        tones=DISPUTE_TONES,
        due_on=queries.due_on,
        today=clock.today(),
        people=queries.names({x.raised_by for x in page.items}),
    )


@bp.get("/objections/<id:dispute_id>")
@requires("disputes.read")
def dispute(dispute_id: int) -> str:
    """One objection, its evaluation and its answer."""
    actor = current_actor()
    row = queries.dispute(actor, dispute_id)
    return render_template(
        "settlement/dispute.html",
        row=row,
        states=DISPUTE_STATES,
        tones=DISPUTE_TONES,
        due_on=queries.due_on(row),
        people=queries.names({row.raised_by, row.answered_by}),
        evaluations=queries.evaluations_of(actor, row.contract_id, row.quarter),
        may=actor.may,
    )


@bp.route("/objections/<id:dispute_id>/answer", methods=["GET", "POST"])
@requires("disputes.decide")
def answer(dispute_id: int) -> Page:
    """Answer an objection with reasons."""
    actor = current_actor()
    row, form = queries.dispute(actor, dispute_id), AnswerForm()
    if form.validate_on_submit():
        try:
            operations.answer_dispute(
                actor, dispute_id, upheld=form.upheld.data == "yes", answer=form.answer.data or ""
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The answer is on record and shown to the caregiver."), "success")
            return redirect(url_for("settlement.dispute", dispute_id=dispute_id))
    html = render_template("settlement/answer.html", row=row, form=form)
    return html, (422 if form.errors or form.form_errors else 200)
