"""Proposed grades: the list, one proposal, review, decision, return."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError
from app.core.forms import add_errors, export_links, pager, text_arg
from app.core.paging import paginate
from app.core.periods import first_of_next_month
from app.core.sending import attachment
from app.grading import operations, panels, pictures, queries, rules
from app.grading.documents import tables
from app.grading.drafting import instrument_of
from app.grading.forms import DecisionForm, ReturnForm, ReviewForm
from app.grading.labels import (
    BARS,
    GRADE_TONES,
    GRADES,
    PROPOSAL_STATES,
    PROPOSAL_TONES,
    wording,
)
from app.grading.models import GradeProposal
from app.grading.queries import hands, pairs
from app.grading.rules import Act, ProposalState
from app.grading.telling import tell
from app.grading.views import bp
from app.grading.views.due import area_arg, area_options
from app.people import queries as people


def _waiting_for(actor: Actor) -> ProposalState | None:
    """What this person has to do something about."""
    if actor.may("grades.decide"):
        return ProposalState.PROPOSED
    return ProposalState.REVIEW if actor.may("grades.review") else None


def _state(actor: Actor) -> ProposalState | None:
    given = request.args.get("state")
    if given is None:
        return _waiting_for(actor)
    return ProposalState(given) if given in set(ProposalState) else None


def _query(actor: Actor) -> Select[GradeProposal]:
    differ = request.args.get("tiers") == "differ"
    return queries.found_proposals(
        actor, q=text_arg("q"), state=_state(actor), disagreeing=differ, area_code=area_arg()
    )


@bp.get("/grade-proposals")
@requires("grades.read")
def proposals() -> str:
    """Proposals; unless a state is chosen, what waits for the person who looks."""
    actor = current_actor()
    state = _state(actor)
    page = paginate(_query(actor), [GradeProposal.id], request.args.get("cursor"), descending=True)
    return render_template(
        "grading/proposals.html",
        page=page,
        pager=pager(page),
        state=state,
        states=PROPOSAL_STATES,
        tones=PROPOSAL_TONES,
        grades=GRADES,
        grade_tones=GRADE_TONES,
        areas=area_options(),
        may_open=actor.may("sheets.read"),
        exports=export_links("grading.proposals_export"),
    )


@bp.get("/grade-proposals.<any(xlsx,csv):kind>")
@requires("grades.read")
def proposals_export(kind: str) -> Response:
    """Exactly what the list shows, as a table."""
    actor = current_actor()
    file = tables.proposals_table(actor, _query(actor), kind, request.args.to_dict())
    return attachment(file)


@bp.get("/grade-proposals/<id:proposal_id>")
@requires("sheets.read")
def proposal(proposal_id: int) -> str:
    """One proposal with everything needed to judge it."""
    return _page(current_actor(), proposal_id)


@bp.post("/grade-proposals/<id:proposal_id>/review")
@requires("grades.review")
def review(proposal_id: int) -> Response | tuple[str, int]:
    """The second review, with a grade and a written reason."""
    form, actor = ReviewForm(), current_actor()

    def act() -> None:
        operations.review_proposal(actor, proposal_id, form.grade.data, form.reason.data)

    return _do(actor, proposal_id, "review", form, act, gettext("Reviewed. The decision follows by another person."))


@bp.post("/grade-proposals/<id:proposal_id>/decide")
@requires("grades.decide")
def decide(proposal_id: int) -> Response | tuple[str, int]:
    """The decision."""
    form, actor = DecisionForm(), current_actor()

    def act() -> None:
        operations.decide_grade(actor, proposal_id, form.grade.data, form.reason.data)

    return _do(actor, proposal_id, "decide", form, act, gettext("Decided. Print the notice and hand it over."))


@bp.post("/grade-proposals/<id:proposal_id>/return")
@requires("grades.return")
def send_back(proposal_id: int) -> Response | tuple[str, int]:
    """Back to the assessors."""
    form, actor = ReturnForm(), current_actor()

    def act() -> None:
        operations.return_proposal(actor, proposal_id, form.reason.data)

    return _do(actor, proposal_id, "return", form, act, gettext("Returned. The resident is due for assessment again."))


def _do(
    actor: Actor, proposal_id: int, name: str, form: FlaskForm, act: Callable[[], None], done: str
) -> Response | tuple[str, int]:
    queries.proposal(actor, proposal_id)
    if form.validate_on_submit():
        try:
            act()
        except DomainError as error:
            if error.status == 404:
                raise
            add_errors(form, error)
        else:
            flash(done, "success")
            return redirect(url_for("grading.proposal", proposal_id=proposal_id))
    return _page(actor, proposal_id, **{name: form}), 422


def _page(actor: Actor, proposal_id: int, **posted: FlaskForm) -> str:
    row = queries.proposal(actor, proposal_id)
    sheet, resident = row.sheet, people.resident(actor, row.resident_id)
    last = queries.last_comparable(sheet)
    suggested = rules.suggested_grade(row.proposed_grade, row.reviewed_grade)
    valid_from = first_of_next_month(clock.today())
    workers = queries.people_of(sheet)

    def open_to(act: Act, permission: str) -> bool:
        return (
            actor.may(permission)
            and (row.state, act) in rules.NEXT
            and rules.barred(actor.person_key, act, workers, row.reviewed_by_person) is None
        )

    instrument = instrument_of(sheet)
    every = queries.grades_of(actor, row.resident_id)
    return render_template(
        "grading/proposal.html",
        proposal=row,
        sheet=sheet,
        resident=resident,
        result=sheet.result,
        last=last,
        instrument=instrument,
        radar=pictures.radar(instrument, sheet, last),
        items=pictures.item_rows(instrument, sheet, last),
        told=tell(sheet, last),
        totals=queries.totals_until(sheet),
        over_time=pictures.points_over_time(queries.totals_until(sheet), sum(item.max for item in instrument.items)),
        current=queries.grade_on(row.resident_id, clock.today()),
        decided=next((g for g in every if g.proposal_id == row.id), None),
        suggested=suggested,
        valid_from=valid_from,
        effects=panels.effects(actor, resident, valid_from) if row.state in rules.OPEN else [],
        reason_needed=rules.reason_needed(sheet.tiers_agree, suggested, suggested),
        names=queries.names_of([sheet.submitted_by, row.reviewed_by, row.decided_by]),
        review_form=(posted.get("review") or ReviewForm(formdata=None, grade=row.proposed_grade))
        if open_to(Act.REVIEW, "grades.review")
        else None,
        decision_form=(posted.get("decide") or DecisionForm(formdata=None, grade=suggested))
        if open_to(Act.DECIDE, "grades.decide")
        else None,
        return_form=(posted.get("return") or ReturnForm(formdata=None))
        if open_to(Act.RETURN, "grades.return")
        else None,
        returning="return" in posted,
        hands=hands.for_proposal(row) if row.state in rules.OPEN else None,
        bar=rules.barred(actor.person_key, Act.DECIDE, workers, row.reviewed_by_person)
        if actor.may("grades.decide") or actor.may("grades.review")
        else None,
        bars=BARS,
        may_issue=actor.may("documents.issue"),
        pairs=pairs.pairs_of(sheet.id) if actor.may("pairs.read") else [],
        states=PROPOSAL_STATES,
        tones=PROPOSAL_TONES,
        grades=GRADES,
        grade_tones=GRADE_TONES,
        wording=wording,
    )
