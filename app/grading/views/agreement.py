"""How well assessors agree, and the draws of who is scored twice."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer

from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError, NotFound
from app.core.periods import Month
from app.grading import operations, queries
from app.grading.forms import EmptyForm
from app.grading.queries import agreement as reading
from app.grading.views import bp


@bp.get("/agreement")
@requires("agreement.read")
def agreement() -> str:
    """Weighted kappa of the blind pairs by item, assessor, pair and month, with its interval."""
    return render_template("grading/agreement.html", found=reading.agreement())


@bp.get("/double-scoring")
@requires("agreement.read")
def double_draws() -> str:
    """The draws by month."""
    actor = current_actor()
    now = Month.of(clock.today())
    taken = {row.month for row in reading.draws()}
    return render_template(
        "grading/draws.html",
        rows=reading.draws(),
        open_months=[str(m) for m in (now, now.plus(1)) if str(m) not in taken],
        may_write=actor.may("pairs.write"),
    )


@bp.post("/double-scoring")
@requires("pairs.write")
def commit_draw() -> Answer:
    """Fix the seed of a month."""
    if EmptyForm().validate_on_submit():
        try:
            row = operations.commit_draw(current_actor(), request.form.get("month", ""))
        except DomainError as error:
            flash(error.message, "danger")
        else:
            flash(gettext("The seed is fixed; its hash is public from now on."), "success")
            return redirect(url_for("grading.double_draw", draw_id=row.id))
    return redirect(url_for("grading.double_draws"))


@bp.get("/double-scoring/<id:draw_id>")
@requires("agreement.read")
def double_draw(draw_id: int) -> str:
    """One draw: the hash of the seed, and once the list is closed the list, the seed and who was drawn."""
    actor = current_actor()
    row = reading.double_draw(draw_id)
    return render_template(
        "grading/draw.html",
        draw=row,
        drawn=reading.drawn_residents(row),
        names=queries.names_of([row.committed_by, row.closed_by]),
        may_write=actor.may("pairs.write"),
        command=f"python -m assessments draw {row.month}.txt --seed {row.seed} --percent {row.percent}",
    )


@bp.post("/double-scoring/<id:draw_id>/close")
@requires("pairs.write")
def close_draw(draw_id: int) -> Answer:
    """Freeze the list and draw."""
    if EmptyForm().validate_on_submit():
        try:
            operations.close_draw(current_actor(), draw_id)
        except DomainError as error:
            if error.status == 404:
                raise
            flash(error.message, "danger")
        else:
            flash(gettext("The list is closed and drawn from."), "success")
    return redirect(url_for("grading.double_draw", draw_id=draw_id))


@bp.get("/double-scoring/<id:draw_id>/list.txt")
@requires("agreement.read")
def draw_list_export(draw_id: int) -> Response:
    """The frozen list, one number a line, as the drawing command reads it."""
    row = reading.double_draw(draw_id)
    if row.entries is None:
        raise NotFound
    headers = {"Content-Disposition": f'attachment; filename="{row.month}.txt"'}
    return Response("\n".join(row.entries) + "\n", mimetype="text/plain", headers=headers)
