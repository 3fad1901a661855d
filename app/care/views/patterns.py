"""Pages of records that are hard to believe: the list, and saying what one was."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.care import operations, queries
from app.care.forms import PatternForm
from app.care.labels import ITEM_SHORT, PATTERN_KINDS, PATTERN_STATES, PATTERN_TONES, PRESENCES
from app.care.models import OddPattern, OddState
from app.care.views import bp
from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.grading.queries import names_of
from app.people import queries as people
from app.people.models import Resident


@bp.get("/odd-patterns")
@requires("patterns.read")
def patterns() -> str:
    """What somebody should look at, newest first; those still open unless another state is chosen."""
    actor, wanted = current_actor(), request.args.get("state", OddState.OPEN.value)
    query = queries.visible_patterns(actor, OddState(wanted) if wanted in set(OddState) else None)
    if (kind := request.args.get("kind", "")) in PATTERN_KINDS:
        query = query.where(OddPattern.kind == kind)
    if q := text_arg("q"):
        query = query.where(OddPattern.resident_id.in_(people.found(actor, q=q).with_only_columns(Resident.id)))
    page = paginate(query, [OddPattern.id], request.args.get("cursor"), descending=True)
    return render_template(
        "care/patterns.html",
        page=page,
        pager=pager(page),
        kinds=PATTERN_KINDS,
        states=PATTERN_STATES,
        tones=PATTERN_TONES,
        state=wanted if wanted in set(OddState) else "",
        names=names_of([row.user_id for row in page.items]),
    )


@bp.get("/odd-patterns/<id:pattern_id>")
@requires("patterns.read")
def pattern(pattern_id: int) -> str:
    """One pattern with its facts and what was decided."""
    return _page(pattern_id)


@bp.post("/odd-patterns/<id:pattern_id>/decision")
@requires("patterns.decide")
def decide_pattern(pattern_id: int) -> Response | tuple[str, int]:
    """Followed up, or dismissed; with a reason."""
    actor, form = current_actor(), PatternForm()
    queries.pattern(actor, pattern_id)
    if form.validate_on_submit():
        try:
            operations.decide_pattern(
                actor, pattern_id, followed=form.outcome.data == "followed", reason=form.reason.data or ""
            )
        except DomainError as error:
            if error.status == 404:
                raise
            add_errors(form, error)
        else:
            flash(gettext("What it was is on record."), "success")
            return redirect(url_for("care.pattern", pattern_id=pattern_id))
    return _page(pattern_id, form), 422


def _page(pattern_id: int, form: PatternForm | None = None) -> str:
    actor = current_actor()
    row = queries.pattern(actor, pattern_id)
    return render_template(
        "care/pattern.html",
        row=row,
        form=(form or PatternForm(formdata=None))
        if row.state is OddState.OPEN and actor.may("patterns.decide")
        else None,
        kinds=PATTERN_KINDS,
        states=PATTERN_STATES,
        tones=PATTERN_TONES,
        short=ITEM_SHORT,
        other=queries.other_home(actor, row),
        acts=queries.acts_of(row),
        presences=PRESENCES,
        names=names_of([row.user_id, row.decided_by]),
    )
