"""Training sessions: list, plan, who takes part, results, certificates."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import Select
from werkzeug.wrappers import Response

from app.core import clock, rulebook
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError
from app.core.forms import add_errors, pager
from app.core.paging import paginate
from app.core.sending import attachment
from app.grading.queries import names_of
from app.people.forms import ReasonForm
from app.people.labels import TIER_LABELS
from app.people.models import Tier
from app.people.views import filters
from app.places.forms import CHOOSE, options
from app.workforce import documents, operations, queries, rules
from app.workforce.forms import SessionForm
from app.workforce.labels import SESSION_STATES, SESSION_TONES
from app.workforce.models import SessionState, TrainingEntry, TrainingSession
from app.workforce.views import bp

FILTERS = ("state", "tier", "township")


def _narrowed(actor: Actor) -> Select[TrainingSession]:
    tier = filters.member(Tier, "tier")
    return queries.found_sessions(
        actor, state=filters.member(SessionState, "state"), tier=tier.value if tier else "", area_code=filters.area()
    )


@bp.get("/training")
@requires("training.read")
def sessions() -> str:
    """Sessions, newest first, and the courses there are."""
    actor = current_actor()
    page = paginate(
        _narrowed(actor), [TrainingSession.held_on, TrainingSession.id], request.args.get("cursor"), descending=True
    )
    body = queries.rule().body
    return render_template(
        "workforce/sessions.html",
        rows=page.items,
        pager=pager(page),
        counts=queries.entry_counts([row.id for row in page.items]),
        titles={row.id: queries.worded(queries.course_of(row)) for row in page.items},
        townships=filters.area_options()[0],
        courses=[(queries.worded(one), one, [queries.worded(le) for le in body["lesson"] if le["course"] == one["id"]])
                 for one in body["course"]],
        training=body["training"],
        states=SESSION_STATES,
        tones=SESSION_TONES,
        tiers=TIER_LABELS,
        may=actor.may,
    )  # fmt: skip


@bp.get("/training.<any(xlsx,csv):kind>")
@requires("training.read")
def sessions_export(kind: str) -> Response:
    """Exactly what the list shows, as a table."""
    actor = current_actor()
    return attachment(documents.session_table(actor, _narrowed(actor), kind, filters.kept(FILTERS)))


@bp.route("/training/new", methods=["GET", "POST"])
@requires("training.write")
def new_session() -> Response | tuple[str, int]:
    """Plan a session."""
    form = SessionForm(held_on=clock.today())
    body = queries.rule().body
    form.course.choices = options(
        [(one["id"], f"{one['tier']} · {queries.worded(one)}") for one in body["course"]], CHOOSE
    )
    if request.method == "GET":
        form.parts.data = str(body["course"][0]["parts"])
    if form.validate_on_submit():
        try:
            row = operations.plan_session(
                current_actor(),
                **{name: form[name].data for name in ("course", "held_on", "parts", "place", "teacher")},
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The session is planned. Now say who takes part."), "success")
            return redirect(url_for("workforce.session", session_id=row.id))
    page = render_template("workforce/session_form.html", form=form, courses=body["course"], worded=queries.worded)
    return page, 422 if form.errors else 200


def _outcome(row: TrainingSession, one: TrainingEntry) -> bool | None:
    body = rulebook.rule_by_sha("workforce", row.rule_sha256).body
    return rules.passed(row.parts, one.attended, one.points, body["training"])


def _page(
    actor: Actor,
    row: TrainingSession,
    status: int = 200,
    wrong: DomainError | None = None,
    reason: ReasonForm | None = None,
) -> tuple[str, int]:
    listed = queries.entries(actor, row.id)
    keeps = queries.keeps(actor, row)
    open_ = row.state in operations.sessions.OPEN
    body = rulebook.rule_by_sha("workforce", row.rule_sha256).body
    page = render_template(
        "workforce/session.html",
        row=row,
        title=queries.worded(queries.course_of(row)),
        lessons=[queries.worded(one) for one in body["lesson"] if one["course"] == row.course],
        training=body["training"],
        entries=listed,
        outcomes={one.id: _outcome(row, one) for one in listed},
        others=queries.could_join(actor, row) if keeps and open_ and actor.may("training.write") else [],
        may_write=keeps and open_ and actor.may("training.write"),
        may_certify=keeps and row.state is SessionState.RECORDED and actor.may("training.certify"),
        own=row.recorded_by_person == actor.person_key,
        held=row.held_on <= clock.today(),
        names=names_of([row.recorded_by, row.closed_by]),
        states=SESSION_STATES,
        tones=SESSION_TONES,
        tiers=TIER_LABELS,
        standing={
            one.id: rules.standing(one.tier_valid_to, clock.today(), 60) for one in [e.caregiver for e in listed]
        },
        reason=reason or ReasonForm(formdata=None),
        wrong=wrong,
        errors=getattr(wrong, "errors", None) or {},
        typed=request.form if wrong is not None else {},
    )
    return page, status


@bp.get("/training/<id:session_id>")
@requires("training.read")
def session(session_id: int) -> tuple[str, int]:
    """One session: who takes part, results, certificates."""
    actor = current_actor()
    return _page(actor, queries.session(actor, session_id))


@bp.post("/training/<id:session_id>/people")
@requires("training.write")
def add_people(session_id: int) -> Response:
    """Put caregivers on the list."""
    actor = current_actor()
    queries.session(actor, session_id)
    chosen = [int(one) for one in request.form.getlist("caregivers") if filters.whole(one)]
    try:
        number = operations.add_to_session(actor, session_id, chosen)
    except DomainError as error:
        if error.status == 404:
            raise
        flash(error.message, "danger")
    else:
        flash(ngettext("%(num)s caregiver takes part now.", "%(num)s caregivers take part now.", number), "success")
    return redirect(url_for("workforce.session", session_id=session_id))


@bp.post("/training/<id:session_id>/people/<id:caregiver_id>/remove")
@requires("training.write")
def remove_person(session_id: int, caregiver_id: int) -> Response:
    """Take somebody off the list."""
    try:
        operations.remove_from_session(current_actor(), session_id, caregiver_id)
    except DomainError as error:
        if error.status == 404:
            raise
        flash(error.message, "danger")
    return redirect(url_for("workforce.session", session_id=session_id))


@bp.post("/training/<id:session_id>/results")
@requires("training.write")
def results(session_id: int) -> Response | tuple[str, int]:
    """Attendance and test of everybody."""
    actor = current_actor()
    row = queries.session(actor, session_id)
    given = {
        one.caregiver_id: (
            request.form.get(f"attended_{one.caregiver_id}", ""),
            request.form.get(f"points_{one.caregiver_id}", ""),
        )
        for one in queries.entries(actor, row.id)
    }
    try:
        operations.record_results(actor, session_id, given)
    except DomainError as error:
        if error.status == 404:
            raise
        return _page(actor, queries.session(actor, session_id), error.status, error)
    if row.state is SessionState.RECORDED:
        flash(gettext("The results are stored. Somebody else confirms them now."), "success")
    else:
        flash(gettext("Stored. Entries are still missing before the results can be confirmed."), "info")
    return redirect(url_for("workforce.session", session_id=session_id))


@bp.post("/training/<id:session_id>/certify")
@requires("training.certify")
def certify(session_id: int) -> Response:
    """Confirm the results and give the certificates."""
    try:
        number = operations.certify(current_actor(), session_id)
    except DomainError as error:
        if error.status == 404:
            raise
        flash(error.message, "danger")
    else:
        flash(ngettext("%(num)s certificate was given.", "%(num)s certificates were given.", number), "success")
    return redirect(url_for("workforce.session", session_id=session_id))


@bp.post("/training/<id:session_id>/cancel")
@requires("training.write")
def cancel_session(session_id: int) -> Response | tuple[str, int]:
    """Call a session off."""
    actor, form = current_actor(), ReasonForm()
    row = queries.session(actor, session_id)
    if form.validate_on_submit():
        try:
            operations.cancel_session(actor, session_id, form.reason.data)
        except DomainError as error:
            if error.status == 404:
                raise
            add_errors(form, error)
        else:
            flash(gettext("The session was called off."), "success")
            return redirect(url_for("workforce.session", session_id=session_id))
    return _page(actor, row, 422, reason=form)


@bp.get("/training/<id:session_id>/attendance.pdf")
@requires("training.write")
def attendance_pdf(session_id: int) -> Response:
    """The list to sign at the door."""
    actor = current_actor()
    data, name = documents.attendance_pdf(actor, queries.session(actor, session_id))
    return send_file(data, mimetype="application/pdf", download_name=name)
