"""Charts of sheets and grades for the pages, each with the rows of its table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from flask_babel import gettext
from markupsafe import Markup

from app.core import charts
from app.grading.labels import GRADES, wording
from app.grading.models import CareGrade, Sheet
from assessments.model import Instrument

MOST_AXES = 12
"""So many axes of a radar a reader can tell apart."""


class ItemRow(NamedTuple):
    """One of the ten items: points now and last time (None: not assessed), the most, and what decided it, in words."""

    title: str
    score: int | None
    before: int | None
    top: int
    deciding: tuple[str, ...]


def item_rows(instrument: Instrument, sheet: Sheet, last: Sheet | None) -> list[ItemRow]:
    """The items of a scored sheet against the last comparable one."""
    result = sheet.result or {}
    before = (last.result or {}).get("items", {}) if last is not None else {}
    rows = []
    for item in instrument.items:
        titles = {sub.id: wording(sub.title) for sub in item.subitems} or {item.code: wording(item.title)}
        reason = result.get("reasons", {}).get(item.id, {})
        deciding = tuple(titles.get(name, name) for name in reason.get("deciding", []))
        rows.append(
            ItemRow(wording(item.title), result.get("items", {}).get(item.id), before.get(item.id), item.max, deciding)
        )
    return rows


def axes(instrument: Instrument, rows: list[ItemRow]) -> list[ItemRow]:
    """What a radar shows: the items, or their groups when there are more items than a reader can tell apart."""
    if len(rows) <= MOST_AXES or not instrument.groups:
        return rows
    axes = []
    for group in instrument.groups:
        own = [row for row, item in zip(rows, instrument.items, strict=True) if item.group == group.id]
        now, before = [row.score for row in own], [row.before for row in own]
        axes.append(ItemRow(wording(group.title), _sum(now), _sum(before), group.top, ()))
    return axes


def _sum(points: list[int | None]) -> int | None:
    known = [value for value in points if value is not None]
    return sum(known) if len(known) == len(points) else None


def shares(rows: Sequence[ItemRow], *, last: bool = False) -> list[float | None]:
    """Points as a share of the most an item gives (0 to 1), since the items weigh 5 to 15 points."""
    points = [row.before if last else row.score for row in rows]
    return [None if value is None else value / row.top for value, row in zip(points, rows, strict=True)]


def radar(instrument: Instrument, sheet: Sheet, last: Sheet | None) -> Markup:
    """The items as a radar; the last sheet dashed beside it."""
    rows = axes(instrument, item_rows(instrument, sheet, last))
    return charts.radar_svg(
        [row.title for row in rows],
        shares(rows),
        shares(rows, last=True) if last is not None else None,
        title=gettext("The items against the last sheet"),
        names=(gettext("This sheet"), gettext("Last sheet")),
    )


def grades_over_time(rows: Sequence[CareGrade], until: dt.date) -> Markup | None:
    """The care grade (1 self-caring … 3 full care) on the first and the last day of each period up to ``until``."""
    points: list[tuple[dt.date, int]] = []
    for row in rows:
        if row.valid_from <= until:
            points += [(row.valid_from, row.grade), (min(row.valid_to or until, until), row.grade)]
    if not points:
        return None
    return charts.line_svg(
        [f"{day:%Y-%m-%d}" for day, _grade in points],
        {gettext("Care grade"): [grade for _day, grade in points]},
        title=gettext("Care grade over time"),
        maximum=max(GRADES),
        show=lambda value: "" if value is None else str(GRADES.get(round(value), "")),
    )


def points_over_time(totals: Sequence[tuple[dt.date, int]], top: int) -> Markup | None:
    """The total of each assessment as a line; None while there is only one."""
    if len(totals) < 2:
        return None
    return charts.line_svg(
        [f"{day:%Y-%m-%d}" for day, _points in totals],
        {gettext("Points"): [points for _day, points in totals]},
        title=gettext("Points over time"),
        maximum=top,
    )
