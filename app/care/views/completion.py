"""Delivered against planned: by item, day, resident, caregiver or village, each figure with the list behind it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import render_template, request, send_file, url_for
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from app.care import documents, queries, rules
from app.care.labels import GROUP_WORDS, OUTCOME_TONES, OUTCOMES, REASONS
from app.care.queries import CompletionRow, Wanted
from app.care.views import bp
from app.care.views.plans import day_arg
from app.core import charts, clock, shown
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError, NotFound
from app.core.forms import pager_at, place_arg
from app.core.rulebook import rule_in_force
from app.core.sending import attachment
from app.people import queries as people
from app.places.queries import area_name, areas_under

HEAT_DAYS = 30
CHART_ROWS = 31
PAGE = 100
"""Rows of one page: a county has thousands of residents; what was least delivered stands on the first one."""
DAY = dt.timedelta(days=1)


def _wanted(actor: Actor) -> Wanted:
    """What the address asks for; thirty days up to yesterday when it says nothing."""
    yesterday = clock.today() - DAY
    last = day_arg("to") if request.args.get("to") else yesterday
    first = day_arg("from") if request.args.get("from") else last - dt.timedelta(days=29)
    first = max(min(first, last), last - dt.timedelta(days=366))
    area, item = request.args.get("area", ""), request.args.get("item", "")
    caregiver, resident = (_id(request.args.get(name, "")) for name in ("caregiver", "resident"))
    if resident is not None:
        people.resident(actor, resident)
    return Wanted(
        first,
        last,
        area if area.isascii() and area.isdigit() and len(area) <= 12 else "",
        caregiver,
        resident,
        item if item in rules.ITEMS else "",
    )


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _group() -> str:
    group = request.args.get("by", "item")
    return group if group in queries.GROUPS else "item"


def _words(day: dt.date) -> dict[str, str]:
    """The items as the standard in force on a day words them, without what stands in brackets."""
    language = "en" if str(get_locale()) == "en" else "zh"
    try:
        body = rule_in_force("care_standard", day).body
    except DomainError:
        return {item: item for item in rules.ITEMS}
    return {item: text[f"short_{language}"] for item, text in rules.texts(body).items()}


@bp.get("/completion")
@requires("checklist.read")
def completion() -> str:
    """Completion with a chart, its table, and the heat map of missed care."""
    actor, group = current_actor(), _group()
    wanted = _wanted(actor)
    words = _words(wanted.last)
    rows = queries.completion(actor, wanted, group)
    rows = rows if any(row.due or row.days for row in rows) else []
    _label(rows, group, words)
    step = PAGE if group in ("resident", "caregiver", "village") else max(1, len(rows))
    start = place if (place := place_arg()) < len(rows) else 0
    recent = Wanted(
        max(wanted.first, wanted.last - dt.timedelta(days=HEAT_DAYS - 1)),
        wanted.last,
        wanted.area,
        wanted.caregiver_id,
        wanted.resident_id,
        wanted.item,
    )
    heat = queries.heat(actor, recent) if group == "resident" and not start else []
    days = [recent.first + n * DAY for n in range((recent.last - recent.first).days + 1)]
    return render_template(
        "care/completion.html",
        rows=rows[start : start + step],
        pages=pager_at(start, step, more=start + step < len(rows)),
        total=_total(rows),
        wanted=wanted,
        group=group,
        groups=GROUP_WORDS,
        links={row.key: _drill(wanted, group, row) for row in rows[start : start + step]},
        narrowed=_narrowed(actor, wanted, words),
        areas=[(a.code, a.name) for a in areas_under(actor.area_code, "township")] if actor.area_code else [],
        items=words,
        chart=None if start else _chart(rows),
        heat=_heat(heat, days),
        heat_rows=heat,
        days=days,
        reasons=queries.reasons(actor, wanted) if wanted.caregiver_id is None and not start else [],
        reason_words=REASONS,
        outcomes=OUTCOMES,
        tones=OUTCOME_TONES,
        report_url=url_for("care.care_report", **_kept(wanted)),
        exports=[
            ("Excel", url_for("care.completion_export", kind="xlsx", **_kept(wanted, by=group))),
            ("CSV", url_for("care.completion_export", kind="csv", **_kept(wanted, by=group))),
        ],
    )


@bp.get("/completion/report.pdf")
@requires("checklist.read")
def care_report() -> Response:
    """The care report of a range on paper, usually of a month."""
    actor = current_actor()
    data, name = documents.care_report_pdf(actor, _wanted(actor))
    return send_file(data, mimetype="application/pdf", download_name=name)


def _label(rows: list[CompletionRow], group: str, words: dict[str, str]) -> None:
    for row in rows:
        if group == "item":
            row.label = words.get(row.key, row.key)
        elif group == "day":
            row.label = shown.date(row.key)


def _total(rows: list[CompletionRow]) -> CompletionRow:
    total = CompletionRow("", "")
    for row in rows:
        total.done, total.due, total.late = total.done + row.done, total.due + row.due, total.late + row.late
    return total


def _kept(wanted: Wanted, **changes: Any) -> dict[str, Any]:
    """The question as arguments of an address."""
    return {
        "from": wanted.first.isoformat(),
        "to": wanted.last.isoformat(),
        "area": wanted.area or None,
        "caregiver": wanted.caregiver_id,
        "resident": wanted.resident_id,
        "item": wanted.item or None,
        **changes,
    }


def _drill(wanted: Wanted, group: str, row: CompletionRow) -> str:
    """The list behind a row: residents behind a village, caregiver, item or day; a resident's days; a day's checklist."""
    if group == "resident":
        return url_for("care.completion", **_kept(wanted, by="day", resident=row.key))
    if group == "day":
        if wanted.resident_id is not None:
            return url_for("care.checklist", resident_id=wanted.resident_id, day=row.key)
        day = row.key.isoformat()
        return url_for("care.completion", **_kept(wanted, by="resident", **{"from": day, "to": day}))
    name = {"village": "area", "caregiver": "caregiver", "item": "item"}[group]
    return url_for("care.completion", **_kept(wanted, by="resident", **{name: row.key}))


def _narrowed(actor: Actor, wanted: Wanted, words: dict[str, str]) -> list[tuple[str, str, str]]:
    """What the list is narrowed to: (kind, words, address without it)."""
    found = []
    if wanted.resident_id is not None:
        found.append((gettext("Resident"), people.resident(actor, wanted.resident_id).name, "resident"))
    if wanted.caregiver_id is not None:
        found.append((gettext("Caregiver"), _caregiver_name(actor, wanted.caregiver_id), "caregiver"))
    if len(wanted.area) > 9:
        found.append((gettext("Village"), area_name(wanted.area) or wanted.area, "area"))
    if wanted.item:
        found.append((gettext("Item"), words.get(wanted.item, wanted.item), "item"))
    return [
        (kind, text, url_for("care.completion", **_kept(wanted, by=_group(), **{name: None})))
        for kind, text, name in found
    ]


def _caregiver_name(actor: Actor, caregiver_id: int) -> str:
    try:
        return people.caregiver(actor, caregiver_id).name
    except NotFound:
        return "—"


def _chart(rows: list[CompletionRow]) -> Any:
    filled = [row for row in rows if row.percent is not None][:CHART_ROWS]
    if not filled:
        return None
    return charts.bars_svg(
        [row.label for row in filled],
        [row.percent or 0 for row in filled],
        title=gettext("Delivered, percent of what was due"),
        maximum=100,
        unit="%",
    )


def _heat(rows: list[tuple[CompletionRow, dict[dt.date, int | None]]], days: list[dt.date]) -> Any:
    if not rows:
        return None
    values = [[None if (v := cells.get(day)) is None else v / 100 for day in days] for _row, cells in rows]
    return charts.heatmap_svg(
        [row.label for row, _cells in rows],
        [f"{d.month}/{d.day}" for d in days],
        values,
        title=gettext("Delivered care by resident and day"),
    )


@bp.get("/completion.<any(xlsx,csv):kind>")
@requires("checklist.read")
def completion_export(kind: str) -> Response:
    """Exactly what the completion page shows, as a table."""
    actor, group = current_actor(), _group()
    wanted = _wanted(actor)
    rows = queries.completion(actor, wanted, group)
    _label(rows, group, _words(wanted.last))
    shown_ = {**request.args.to_dict(), "from": wanted.first.isoformat(), "to": wanted.last.isoformat()}
    return attachment(documents.completion_table(actor, rows, str(GROUP_WORDS[group]), kind, shown_))
