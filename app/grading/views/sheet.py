"""Writing one sheet: the thirty observations, autosaved; the summary; handing it in."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

import assessments
from app.core import clock
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError, Invalid
from app.core.forms import add_errors
from app.grading import instruments, operations, queries
from app.grading.drafting import Running, codes_of, instrument_of, running
from app.grading.forms import EmptyForm, HeadForm, InstrumentForm
from app.grading.labels import GRADE_TONES, GRADES, wording
from app.grading.models import Sheet
from app.grading.operations.sheets import problems, version_of
from app.grading.queries import pairs
from app.grading.rules import SheetState
from app.grading.telling import tell
from app.grading.views import bp
from app.people import queries as people
from assessments.scoring import find_band


@bp.route("/sheets/<id:sheet_id>/edit", methods=["GET", "POST"])
@requires("sheets.write")
def edit(sheet_id: int) -> Response | str | tuple[str, int]:
    """The sheet: one item at a time with scripts, one long form without."""
    actor = current_actor()
    row = queries.sheet(actor, sheet_id)
    if row.state is not SheetState.DRAFT:
        return redirect(url_for("grading.sheet", sheet_id=row.id))
    form = _head(actor, row)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            _save(actor, row, form)
        except DomainError as error:
            if error.status == 404:
                raise
            add_errors(form, error)
            errors = dict(getattr(error, "errors", {}))
        else:
            if request.form.get("act") == "summary":
                return redirect(url_for("grading.summary", sheet_id=row.id))
            flash(gettext("Stored. You can go on at any time; nothing is handed in yet."), "success")
            return redirect(url_for("grading.edit", sheet_id=row.id))
        row = queries.sheet(actor, sheet_id)
    given = _given(row) if errors or form.form_errors else {"answers": row.answers, "facts": row.facts}
    standing, last = running(row), queries.last_comparable(row)
    return render_template(
        "grading/edit.html",
        sheet=row,
        form=form,
        given=given,
        choice=None if row.answers or row.facts else _choice(row),
        errors=errors,
        instrument=instrument_of(row),
        last=last,
        running=standing,
        texts=_texts(row, standing),
        version=request.form.get("version") or version_of(row),
        today=clock.today(),
        wording=wording,
        blind=pairs.blind_pair_of(row.id) is not None,
    ), (422 if errors or form.form_errors else 200)


@bp.post("/sheets/<id:sheet_id>/instrument")
@requires("sheets.write")
def choose_instrument(sheet_id: int) -> Response:
    """Write the fresh draft with another instrument."""
    actor = current_actor()
    row = queries.sheet(actor, sheet_id)
    form = _choice(row)
    if not form.validate():
        flash(gettext("There is no such instrument."), "danger")
    else:
        try:
            operations.choose_instrument(actor, row.id, form.instrument.data)
        except DomainError as error:
            if error.status == 404:
                raise
            flash(error.message, "danger")
    return redirect(url_for("grading.edit", sheet_id=sheet_id))


def _choice(row: Sheet) -> InstrumentForm:
    form = InstrumentForm(instrument=row.instrument)
    form.offer([(one.key, f"{wording(one.title)} · {one.key}") for one in instruments.known()])
    return form


@bp.post("/sheets/<id:sheet_id>/draft")
@requires("sheets.write")
def autosave(sheet_id: int) -> tuple[dict[str, Any], int]:
    """Store what was entered so far and answer with the scores of the items that are complete."""
    actor = current_actor()
    row = queries.sheet(actor, sheet_id)
    form = _head(actor, row)
    try:
        row = _save(actor, row, form)
    except DomainError as error:
        if error.status == 404:
            abort(404)
        return {"message": error.message, "errors": getattr(error, "errors", {})}, error.status
    standing = running(row)
    return {"version": version_of(row), "running": standing.as_dict(), "texts": _texts(row, standing)}, 200


@bp.get("/sheets/<id:sheet_id>/summary")
@requires("sheets.write")
def summary(sheet_id: int) -> Response | str:
    """What is missing, the grade and why, and what would move it; then hand it in."""
    actor = current_actor()
    row = queries.sheet(actor, sheet_id)
    if row.state is not SheetState.DRAFT:
        return redirect(url_for("grading.sheet", sheet_id=row.id))
    return _summary(actor, row)


@bp.post("/sheets/<id:sheet_id>/submit")
@requires("sheets.write")
def submit(sheet_id: int) -> Response | tuple[str, int]:
    """Hand the sheet in."""
    actor = current_actor()
    form = EmptyForm()
    form.validate()
    try:
        row = operations.submit_sheet(actor, sheet_id)
    except DomainError as error:
        if error.status == 404:
            raise
        row = queries.sheet(actor, sheet_id)
        if row.state is not SheetState.DRAFT:
            flash(error.message, "danger")
            return redirect(url_for("grading.sheet", sheet_id=row.id))
        return _summary(actor, row, refused=error.message), error.status
    if row.state is SheetState.SEALED:
        flash(
            gettext("Handed in as %(number)s and sealed until the other assessor has handed in.", number=row.number),
            "success",
        )
    else:
        flash(gettext("Handed in as %(number)s. Print it and have it signed.", number=row.number), "success")
    return redirect(url_for("grading.sheet", sheet_id=row.id))


@bp.post("/sheets/<id:sheet_id>/discard")
@requires("sheets.write")
def discard(sheet_id: int) -> Response:
    """Give the draft up."""
    try:
        operations.discard_sheet(current_actor(), sheet_id)
    except DomainError as error:
        if error.status == 404:
            raise
        flash(error.message, "danger")
        return redirect(url_for("grading.sheet", sheet_id=sheet_id))
    flash(gettext("The draft was given up."), "success")
    return redirect(url_for("grading.due"))


def _summary(actor: Actor, row: Sheet, refused: str = "") -> str:
    body = {"instrument": row.instrument, "answers": row.answers, "facts": row.facts}
    resident, last = people.resident(actor, row.resident_id), queries.last_sheet(row.resident_id)
    missing = problems(actor, row, resident, last, pairs.blind_pair_of(row.id))
    result = telling = None
    try:
        result = assessments.score(body, instrument_of(row))
        telling = tell(row, result=result.as_dict())
    except assessments.SheetError as error:
        missing |= {p.field: wording({"zh": p.message_zh, "en": p.message_en}) for p in error.problems}
    standing = running(row)
    return render_template(
        "grading/summary.html",
        sheet=row,
        instrument=instrument_of(row),
        missing=[(words, _anchor(row, name)) for name, words in missing.items()],
        running=standing,
        result=result.as_dict() if result else None,
        told=telling,
        refused=refused,
        grades=GRADES,
        grade_tones=GRADE_TONES,
        wording=wording,
        form=EmptyForm(),
    )


def _anchor(row: Sheet, field: str) -> str:
    """The place of a field on the sheet page."""
    part, _, name = field.partition(".")
    if part not in {"answers", "facts"}:
        return "step-head"
    if part == "facts":
        return "step-facts"
    for item in instrument_of(row).items:
        if name == item.code or any(sub.id == name for sub in item.subitems):
            return f"step-{item.id}"
    return f"step-{name.rsplit('.', 1)[0].replace('.', '')}"


def _head(actor: Actor, row: Sheet) -> HeadForm:
    form = HeadForm(obj=row)
    form.offer([(assessor.id, assessor.name) for assessor in queries.colleagues(actor)])
    return form


def _given(row: Sheet) -> dict[str, dict[str, Any]]:
    """The answers in the posted form; codes of whole numbers as such, anything unknown as it came."""
    kinds = dict(zip(("answers", "facts"), codes_of(instrument_of(row)), strict=True))
    found: dict[str, dict[str, Any]] = {"answers": {}, "facts": {}}
    for field, value in request.form.items():
        part, _, name = field.partition(".")
        if part in found:
            known = {str(code): code for code in kinds[part].get(name, ())}
            found[part][name] = known.get(value, value[:20])
    return found


def _save(actor: Actor, row: Sheet, form: HeadForm) -> Sheet:
    if not form.validate():
        errors = {name: " ".join(map(str, words)) for name, words in form.errors.items() if name}
        raise Invalid(gettext("%(count)s entries are missing or wrong.", count=len(errors)), errors=errors)
    given = [name for name in form.data if name in request.form and name not in {"csrf_token", "version"}]
    head = {name: form[name].data for name in given}
    return operations.save_draft(actor, row.id, version=form.version.data or None, **head, **_given(row))


def _texts(row: Sheet, standing: Running) -> dict[str, Any]:
    """The standing of a draft in words, for the rail and the line above it."""
    steps: dict[str, dict[str, str]] = {}
    for name, item in standing.items.items():
        if item.score is not None:
            words = gettext("%(score)s of %(top)s points", score=item.score, top=item.top)
        else:
            words = gettext("%(done)s of %(asked)s answered", done=item.answered, asked=item.asked)
        steps[name] = {"words": words, "state": _state(item.answered, item.asked)}
    for name, (done, asked) in standing.parts.items():
        words = gettext("%(done)s of %(asked)s answered", done=done, asked=asked)
        steps[name.replace(".", "")] = {"words": words, "state": _state(done, asked)}
    head = [row.first_assessor_id, row.informant_name, row.informant_relation, row.reason_code]
    if pairs.blind_pair_of(row.id) is None:
        head.append(row.second_assessor_id)
    filled = sum(value is not None for value in head)
    words = gettext("%(done)s of %(asked)s answered", done=filled, asked=len(head))
    steps["head"] = {"words": words, "state": _state(filled, len(head))}
    if standing.total is None:
        count, points = standing.complete, standing.points
        line = gettext(
            "%(count)s of %(all)s items complete, %(points)s points so far",
            count=count,
            all=len(standing.items),
            points=points,
        )
    else:
        instrument = instrument_of(row)
        band = find_band(instrument.adl_bands, standing.total)
        line = gettext(
            "All items: %(points)s points, %(title)s: %(level)s",
            points=standing.total,
            title=wording(instrument.adl_title),
            level=wording(band.title) if band else "",
        )
    return {"steps": steps, "line": line}


def _state(done: int, asked: int) -> str:
    return "done" if done >= asked else "begun" if done else "open"
