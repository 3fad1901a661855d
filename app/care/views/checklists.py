"""Pages of the daily checklist and of completion."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from app.care import documents, operations, queries, rules
from app.care.forms import EmptyForm
from app.care.labels import OUTCOME_TONES, OUTCOMES, REASONS
from app.care.views import bp
from app.care.views.plans import day_arg
from app.core import charts, clock
from app.core.access import current_actor, requires
from app.core.actor import Role
from app.core.errors import DomainError, Invalid, NotFound
from app.core.forms import pager, text_arg
from app.core.names import normalise
from app.core.paging import paginate
from app.core.sending import attachment
from app.people import queries as people
from app.people.models import Resident, ResidentStatus
from app.places.queries import areas_under

BOARD_SIZE = 30


@bp.get("/checklist")
@requires("checklist.record")
def today() -> str:
    """The round board: residents × items of one day."""
    actor = current_actor()
    day = day_arg()
    query = people.visible(actor).where(Resident.status == ResidentStatus.ACTIVE)
    if q := text_arg("q"):
        query = query.where(Resident.search.like(f"%{normalise(q)}%"))
    page = paginate(query, [Resident.id], request.args.get("cursor"), size=BOARD_SIZE)
    states = queries.day_states(page.items, day)
    return render_template(
        "care/today.html",
        day=day,
        states=states,
        page=page,
        pager=pager(page),
        q=q,
        items=rules.ITEMS,
        bit=rules.bit,
        is_today=day == clock.today(),
        previous=day - dt.timedelta(days=1),
        following=day + dt.timedelta(days=1),
        large=actor.role is Role.CAREGIVER,
        form=EmptyForm(),
        texts=_texts(states),
    )


def _texts(states: list[queries.DayState]) -> dict[str, Any]:
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
        reason = request.form.get("reason", "").strip()[:300]
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
        lines={line["item"]: line for line in state.plan.lines} if state.plan else {},
        shown=rules.items_of(state.recordable),
        bit=rules.bit,
        notes=queries.notes(resident.id, day),
        outcomes=OUTCOMES,
        tones=OUTCOME_TONES,
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
    ), (422 if errors else 200)


def _entries(state: queries.DayState) -> dict[str, dict[str, str]]:
    """What the form says; 'all as planned' fills in the due items nobody touched."""
    entries: dict[str, dict[str, str]] = {}
    whole = request.form.get("act") == "all_done"
    for item in rules.items_of(state.recordable):
        outcome = request.form.get(f"outcome_{item}", "")
        if not outcome and whole and item in state.open:
            outcome = "done"
        if outcome:
            entries[item] = {
                "outcome": outcome,
                "reason": request.form.get(f"reason_{item}", ""),
                "note": request.form.get(f"note_{item}", "")[:500],
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


def _range() -> tuple[dt.date, dt.date]:
    last = day_arg("to")
    first = day_arg("from") if request.args.get("from") else last - dt.timedelta(days=29)
    first = min(first, last)
    return max(first, last - dt.timedelta(days=366)), last


@bp.get("/completion")
@requires("checklist.read")
def completion() -> str:
    """Delivered against planned, by resident, caregiver, village, day or item; the heat map of missed care."""
    actor = current_actor()
    first, last = _range()
    group = request.args.get("by", "item")
    group = group if group in queries.GROUPS else "item"
    area = request.args.get("area", "")
    area = area if area.isdigit() and len(area) <= 12 else ""
    rows = queries.completion(actor, first, last, group, area=area)
    heat_first = max(first, last - dt.timedelta(days=29))
    heat = queries.heat(actor, heat_first, last, limit=20) if group == "resident" else []
    texts = _standard_texts(last)
    days = [heat_first + dt.timedelta(days=n) for n in range((last - heat_first).days + 1)]
    return render_template(
        "care/completion.html",
        rows=rows,
        first=first,
        last=last,
        group=group,
        groups=queries.GROUPS,
        area=area,
        townships=areas_under(actor.area_code or "", "township") if actor.area_code else [],
        texts=texts,
        chart=_chart(rows, group, texts),
        heat=_heat(heat, days),
        heat_rows=heat,
        days=days,
    )


def _standard_texts(day: dt.date) -> dict[str, Any]:
    from app.core.rulebook import rule_in_force

    try:
        return rules.texts(rule_in_force("care_standard", day).body)
    except DomainError:
        return {}


def _chart(rows: list[queries.CompletionRow], group: str, texts: dict[str, Any]) -> Any:
    shown = [r for r in rows if r.percent is not None][:31]
    if not shown:
        return None
    language = "en" if str(get_locale()) == "en" else "zh"
    words = {item: text[language].split("(")[0] for item, text in texts.items()} if group == "item" else {}
    labels = [words.get(r.label, r.label) for r in shown]
    return charts.bars_svg(labels, [r.percent or 0 for r in shown], title=gettext("Delivered, percent of what was due"))


def _heat(rows: list[tuple[Resident, dict[dt.date, int | None]]], days: list[dt.date]) -> Any:
    if not rows:
        return None
    values = [[None if (v := cells.get(day)) is None else v / 100 for day in days] for _r, cells in rows]
    return charts.heatmap_svg(
        [r.name for r, _c in rows],
        [f"{d.month}/{d.day}" for d in days],
        values,
        title=gettext("Delivered care by resident and day"),
    )


@bp.get("/completion.<any(xlsx,csv):kind>")
@requires("checklist.read")
def completion_export(kind: str) -> Response:
    """Exactly what the completion page shows, as a table."""
    actor = current_actor()
    first, last = _range()
    group = request.args.get("by", "item")
    group = group if group in queries.GROUPS else "item"
    rows = queries.completion(actor, first, last, group, area=request.args.get("area", "")[:12])
    shown = {**request.args.to_dict(), "from": first.isoformat(), "to": last.isoformat()}
    return attachment(documents.completion_table(actor, rows, group, kind, shown))
