"""Evaluations: the list, one scorecard with its evidence, scoring and confirming."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.core.periods import Quarter
from app.core.rulebook import rule_by_sha, rule_in_force
from app.settlement import operations, queries
from app.settlement.forms import ReasonForm, given_points, language, score_form
from app.settlement.labels import CLOCKS, DISPUTE_STATES, DISPUTE_TONES, EVALUATION_STATES, EVALUATION_TONES
from app.settlement.models import Evaluation, EvaluationState
from app.settlement.rules.scoring import Records, from_records, scorable_by_person, score
from app.settlement.views import bp
from app.settlement.views.shared import (
    area_arg,
    choice_arg,
    last_quarters,
    quarter_arg,
    quarter_choices,
    township_choices,
)

Page = str | tuple[str, int] | Response
ERRORS = {"veto": "veto", "veto_reason": "veto_reason"}


@bp.get("/evaluations")
@requires("evaluations.read")
def evaluations() -> str:
    """Evaluations of the contracts the actor may see."""
    actor = current_actor()
    query = queries.evaluations(
        actor,
        quarter=quarter_arg(),
        state=choice_arg("state", EvaluationState),
        q=text_arg("q"),
        area=area_arg(),
    )
    page = paginate(query, [Evaluation.id], request.args.get("cursor"), descending=True)
    townships = queries.townships(actor) if actor.area_code else []
    return render_template(
        "settlement/evaluations.html",
        page=page,
        pager=pager(page),
        states=EVALUATION_STATES,
        tones=EVALUATION_TONES,
        quarters=last_quarters(),
        quarter_choices=quarter_choices(last_quarters()),
        quarter=quarter_arg(),
        townships=townships,
        township_choices=township_choices(townships),
        current_area=actor.area_code or "",
        bands=_band_words(page.items),
        waiting=queries.count_of(
            queries.evaluations(actor, quarter=quarter_arg(), state=EvaluationState.SUBMITTED, area=area_arg())
        ),
        may=actor.may,
    )


def _band_words(rows: Any) -> dict[int, str]:
    found, cards = {}, queries.cards_of(rows)
    for row in rows:
        band = queries.band(row, cards)
        if band is not None:
            found[row.id] = band[language()]
    return found


@bp.post("/evaluations/fill")
@requires("evaluations.score")
def fill() -> Response:
    """Make missing sheets and refresh the records on unscored ones."""
    actor = current_actor()
    quarter = request.form.get("quarter", "")[:7]
    try:
        new, fresh = operations.fill_evaluations(actor, quarter, actor.area_code or "")
    except DomainError as error:
        flash(error.message, "error")
    else:
        flash(gettext("%(new)s new evaluation sheets, %(fresh)s brought up to date.", new=new, fresh=fresh), "success")
    return redirect(url_for("settlement.evaluations", quarter=quarter))


@bp.post("/evaluations/confirm")
@requires("evaluations.confirm")
def confirm_all() -> Response:
    """Confirm every scored card without a veto in a quarter and area."""
    actor = current_actor()
    quarter, area = request.form.get("quarter", "")[:7], request.form.get("area", "")[:12]
    try:
        count = operations.confirm_submitted(actor, quarter, area)
    except DomainError as error:
        flash(error.message, "error")
    else:
        flash(gettext("%(count)s evaluations confirmed.", count=count), "success")
    return redirect(url_for("settlement.evaluations", quarter=quarter, area=area or None))


@bp.get("/evaluations/<id:evaluation_id>")
@requires("evaluations.read")
def evaluation(evaluation_id: int) -> Page:
    """One scorecard: every line with its points and evidence."""
    return _page(current_actor(), evaluation_id)


def _page(actor: Actor, evaluation_id: int, refusal: str | None = None) -> Page:
    row = queries.evaluation(actor, evaluation_id)
    policy = rule_by_sha("scorecard", row.scorecard_sha256)
    records = Records.from_json(row.parts.get("records", {}))
    given = row.parts.get("given", {})
    html = render_template(
        "settlement/evaluation.html",
        now=queries.objection_clock(row),
        clock_words=CLOCKS,
        is_caregiver=actor.caregiver_id is not None,
        row=row,
        policy=policy,
        card=policy.body,
        lang=language(),
        lines=_lines(policy.body, records, given),
        records=records,
        items=[(item, done, due) for item, (done, due) in sorted(records.items.items())],
        item_words=_item_words(row),
        quarter=Quarter.parse(row.quarter),
        band=queries.band(row),
        states=EVALUATION_STATES,
        tones=EVALUATION_TONES,
        versions=queries.versions(actor, row),
        disputes=queries.disputes_of(row.contract_id, row.quarter),
        dispute_states=DISPUTE_STATES,
        dispute_tones=DISPUTE_TONES,
        people=queries.names({row.scored_by, row.confirmed_by, row.agreed_by}),
        veto=next((v for v in policy.body["veto"] if v["id"] == row.veto), None),
        refusal=refusal,
        may=actor.may,
        own=row.scored_by_person is not None and row.scored_by_person == actor.person_key,
        own_paper=row.agreed_by_person is not None and row.agreed_by_person == actor.person_key,
    )
    return (html, 409) if refusal else html


def _item_words(row: Evaluation) -> dict[str, str]:
    """Names of the twelve items in the standard that held on the quarter's first day."""
    try:
        standard = rule_in_force("care_standard", Quarter.parse(row.quarter).first)
    except DomainError:
        return {}
    return {item["id"]: f"{item['id']} {item[language()]}" for item in standard.body["item"]}


def _lines(card: Any, records: Records, given: Any) -> list[dict[str, Any]]:
    result = score(card, records, {k: v["points"] for k, v in given.items()})
    words = {line["id"]: line for line in card["line"]}
    return [
        {
            "id": x.id,
            "part": x.part,
            "words": words[x.id],
            "maximum": x.maximum,
            "points": None if x.points is None else float(round(x.points * 100)) / 100,
            "by": x.by,
            "reason": given.get(x.id, {}).get("reason", "") if x.by == "person" else "",
        }
        for x in result.lines
    ]


@bp.route("/evaluations/<id:evaluation_id>/score", methods=["GET", "POST"])
@requires("evaluations.score")
def score_page(evaluation_id: int) -> Page:
    """Give the points that people must give."""
    actor = current_actor()
    row = queries.evaluation(actor, evaluation_id)
    policy = rule_by_sha("scorecard", row.scorecard_sha256)
    records = operations.current_records(row)
    form = score_form(
        policy.body, records, row.parts.get("given", {}), veto=row.veto or "", veto_reason=row.veto_reason
    )
    if form.validate_on_submit():
        try:
            operations.score_evaluation(
                actor,
                row.id,
                given_points(form),
                veto=form["veto"].data or None,
                veto_reason=form["veto_reason"].data,
            )
        except DomainError as error:
            _place_errors(form, error)
        else:
            flash(gettext("Scored. The county confirms next."), "success")
            return redirect(url_for("settlement.evaluation", evaluation_id=row.id))
    by_records = [
        (line, from_records(line, records)) for line in policy.body["line"] if not scorable_by_person(line, records)
    ]
    html = render_template(
        "settlement/score.html",
        row=row,
        form=form,
        card=policy.body,
        lang=language(),
        records=records,
        by_records=by_records,
        person_lines=[line for line in policy.body["line"] if scorable_by_person(line, records)],
        quarter=Quarter.parse(row.quarter),
    )
    return html, (422 if form.errors or form.form_errors else 200)


def _place_errors(form: Any, error: DomainError) -> None:
    errors = dict(getattr(error, "errors", {}) or {})
    moved = {(name if name in ERRORS else f"points_{name}"): words for name, words in errors.items()}
    lost = {name: words for name, words in moved.items() if name not in form}
    if hasattr(error, "errors"):
        error.errors = {name: words for name, words in moved.items() if name in form}
    add_errors(form, error)
    form.form_errors.extend(words for words in lost.values() if words not in form.form_errors)
    if error.message not in form.form_errors and not lost:
        form.form_errors.insert(0, error.message)


@bp.post("/evaluations/<id:evaluation_id>/confirm")
@requires("evaluations.confirm")
def confirm(evaluation_id: int) -> Page:
    """Confirm a scored card."""
    actor = current_actor()
    try:
        operations.confirm_evaluation(actor, evaluation_id)
    except DomainError as error:
        if error.status == 404:
            raise
        return _page(actor, evaluation_id, error.message)
    flash(gettext("Confirmed. The ratio counts in the settlement."), "success")
    return redirect(url_for("settlement.evaluation", evaluation_id=evaluation_id))


@bp.post("/evaluations/<id:evaluation_id>/agree")
@requires("evaluations.agree")
def agree(evaluation_id: int) -> Page:
    """The caregiver gives up the rest of the time to object."""
    actor = current_actor()
    try:
        operations.agree_evaluation(actor, evaluation_id, request.form.get("note", "")[:500])
    except DomainError as error:
        if error.status == 404:
            raise
        return _page(actor, evaluation_id, error.message)
    flash(gettext("Noted that the caregiver agrees to this score."), "success")
    return redirect(url_for("settlement.evaluation", evaluation_id=evaluation_id))


@bp.route("/evaluations/<id:evaluation_id>/return", methods=["GET", "POST"])
@requires("evaluations.confirm")
def return_page(evaluation_id: int) -> Page:
    """Send a scored card back with a reason."""
    actor = current_actor()
    row, form = queries.evaluation(actor, evaluation_id), ReasonForm()
    if form.validate_on_submit():
        try:
            operations.return_evaluation(actor, evaluation_id, form.reason.data or "")
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("Returned to the township with your reason."), "success")
            return redirect(url_for("settlement.evaluation", evaluation_id=evaluation_id))
    html = render_template("settlement/return.html", row=row, form=form)
    return html, (422 if form.errors or form.form_errors else 200)
