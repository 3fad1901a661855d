"""The round board and one resident's day."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.care import documents, operations, queries, rules
from app.care.forms import EmptyForm
from app.care.labels import ENTRIES, ENTRY_TONES, INCIDENT_KINDS, ITEM_SHORT, OUTCOMES, REASONS, frequency_words
from app.care.panels import Day, day_panels
from app.care.views import bp
from app.care.views.handovers import words_of
from app.care.views.plans import day_arg
from app.core import clock
from app.core.access import current_actor, requires
from app.core.actor import Role
from app.core.errors import DomainError, Invalid, NotFound
from app.core.forms import pager, text_arg
from app.core.paging import paginate
from app.people import queries as people
from app.people.labels import ABSENCE_LABELS
from app.people.models import Resident, ResidentStatus

BOARD_SIZE = 30
_ONE = re.compile(r"resident-(\d{1,18})(?:-(S\d{2})-(\d{1,2}))?", re.ASCII)
"""A button of the board: everything of a resident, or an item with how many times it is done then."""


@bp.get("/checklist")
@requires("checklist.record")
def today() -> str:
    """The round board: residents × items of one day, tap to record, and what the next shift must know."""
    actor = current_actor()
    day = day_arg()
    query = people.found(actor, q=text_arg("q"), status=ResidentStatus.ACTIVE)
    page = paginate(query, [Resident.id], request.args.get("cursor"), size=BOARD_SIZE)
    states = queries.day_states(page.items, day)
    own = actor.role is Role.CAREGIVER
    shift = queries.shift_to_give(actor, day) if actor.organisation_id is not None else None
    running = shift is not None and shift.begins <= clock.now() < shift.ends
    before = queries.day_states(page.items, day - dt.timedelta(days=1)) if day == clock.today() and not own else []
    return render_template(
        "care/own_day.html" if own else "care/board.html",
        day=day,
        states=states,
        pager=pager(page),
        is_today=day == clock.today(),
        late=rules.is_late(day, clock.now(), clock.ZONE),
        previous=day - dt.timedelta(days=1),
        following=day + dt.timedelta(days=1),
        large=own,
        texts=_texts(states),
        short=ITEM_SHORT,
        frequency_words=frequency_words,
        plain=rules.plain_zh,
        entry_words=ENTRIES,
        entry_tones=ENTRY_TONES,
        reasons=REASONS,
        away=ABSENCE_LABELS,
        incident_kinds=INCIDENT_KINDS,
        open_count=sum(sum(s.open_now.values()) for s in states),
        open_residents=[s.resident.id for s in states if s.plan is not None and s.open_now],
        shift=words_of(shift) if shift is not None and running else None,
        handover=shift if shift is not None and states else None,
        yesterday_open=sum(sum(s.open_now.values()) for s in before if s.away is None),
        exceptions=queries.exceptions(actor, day),
        incidents=queries.incidents_of_day(actor, day) if actor.may("incidents.read") else [],
    )


@bp.post("/checklist")
@requires("checklist.record")
def record() -> Response:
    """Record from the board: the whole round, one resident's rest, or one item, each as planned."""
    actor = current_actor()
    day, act = day_arg("day"), request.form.get("act", "")
    kept = {name: request.args[name] for name in ("q", "cursor") if request.args.get(name)}
    back = url_for("care.today", day=day, **kept)  # type: ignore[arg-type]  # inferred too narrowly
    try:
        if act == "round":
            ids = [int(i) for i in request.form.getlist("resident") if re.fullmatch(r"\d{1,18}", i, re.ASCII)]
            done = operations.record_round(actor, day, ids)
            flash(_round_words(done), "success")
            return redirect(back)
        found = _ONE.fullmatch(act)
        if found is None:
            raise NotFound
        resident = people.resident(actor, int(found[1]))
        if found[2]:
            operations.record_day(actor, resident.id, day, {found[2]: {"outcome": "done", "times": found[3]}})
        else:
            operations.record_round(actor, day, [resident.id])
    except DomainError as error:
        if error.status == 404:
            raise
        flash(" ".join({error.message, *getattr(error, "errors", {}).values()}), "danger")
    else:
        flash(gettext("Recorded for %(name)s.", name=resident.name), "success")
        back += f"#resident-{resident.id}"
    return redirect(back)


def _round_words(done: operations.Round) -> str:
    words = gettext(
        "The round is recorded: %(people)s residents, %(count)s services as planned.",
        people=done.residents,
        count=done.done,
    )
    if done.away:
        words += " " + gettext("%(count)s services of people who are away stand as not needed.", count=done.away)
    if done.without_plan:
        words += " " + gettext("%(count)s residents have no plan and were left out.", count=done.without_plan)
    return words


def _texts(states: list[queries.DayState]) -> dict[str, Any]:
    """Words of the twelve items from the standard of the plans shown."""
    for state in states:
        if state.plan is not None:
            return rules.texts(queries.standard_of(state.plan).body)
    return {}


@bp.route("/residents/<id:resident_id>/checklist/<day:day>", methods=["GET", "POST"])
@requires("checklist.read")
def checklist(resident_id: int, day: dt.date) -> Response | str | tuple[str, int]:
    """One resident's day: record it, or read what was recorded."""
    actor = current_actor()
    resident = people.resident(actor, resident_id)
    if day > clock.today():
        raise NotFound
    state = queries.day_states([resident], day)[0]
    may_record = actor.may("checklist.record") and state.plan is not None
    form, errors, typed = EmptyForm(), {}, {}
    if request.method == "POST":
        actor.require("checklist.record")
        typed = _entries(state)
        reason = request.form.get("reason", "").strip()
        if form.validate():
            try:
                operations.record_day(actor, resident.id, day, typed, reason=reason or None)
            except Invalid as error:
                errors = {**error.errors, "": error.message}
            except DomainError as error:
                errors = {"": error.message}
            else:
                flash(gettext("Recorded for %(name)s.", name=resident.name), "success")
                return redirect(
                    (request.form.get("then") == "board" and url_for("care.today", day=day)) or request.path
                )
    return render_template(
        "care/checklist.html",
        resident=resident,
        day=day,
        state=state,
        texts=rules.texts(queries.standard_of(state.plan).body) if state.plan else {},
        frequency_words=frequency_words,
        plain=rules.plain_zh,
        may_board=actor.may("checklist.record"),
        away=ABSENCE_LABELS,
        recorder=queries.recorder(state.row),
        lines={line["item"]: line for line in state.plan.lines} if state.plan else {},
        shown=list(state.items),
        notes=queries.notes(resident.id, day),
        outcomes=OUTCOMES,
        entry_words=ENTRIES,
        entry_tones=ENTRY_TONES,
        reasons=REASONS,
        may_record=may_record,
        form=form,
        errors=errors,
        typed=typed,
        large=actor.role is Role.CAREGIVER,
        previous=day - dt.timedelta(days=1),
        following=day + dt.timedelta(days=1),
        is_today=day == clock.today(),
        late=rules.is_late(day, clock.now(), clock.ZONE),
        parts=day_panels.parts(actor, Day(resident, day)),
    ), (422 if errors else 200)


def _entries(state: queries.DayState) -> dict[str, dict[str, str]]:
    """What the form says; 'all as planned' fills in the due items nobody touched."""
    entries: dict[str, dict[str, str]] = {}
    whole = request.form.get("act") == "all_done"
    for item in rules.items_of(state.recordable):
        outcome = request.form.get(f"outcome_{item}", "")
        if not outcome and whole and state.items[item].open:
            outcome = "done"
        note = request.form.get(f"note_{item}", "")
        if outcome or note.strip():  # a note without an outcome is asked about, never dropped
            entries[item] = {
                "outcome": outcome,
                "reason": request.form.get(f"reason_{item}", ""),
                "note": note,
                "times": request.form.get(f"times_{item}", ""),
            }
    return entries


@bp.get("/residents/<id:resident_id>/checklist/<day:day>.pdf")
@requires("checklist.read")
def checklist_pdf(resident_id: int, day: dt.date) -> Response:
    """The day's checklist on paper."""
    actor = current_actor()
    resident = people.resident(actor, resident_id)
    state = queries.day_states([resident], day)[0]
    if state.plan is None:
        raise NotFound
    data, name = documents.checklist_pdf(actor, resident, day, state)
    return send_file(data, mimetype="application/pdf", download_name=name)
