"""SQL of what was recorded: counts of packed columns, and the way to the rows of some residents and days."""

from __future__ import annotations

import datetime as dt
import functools
import json
import operator
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Integer, any_, func, literal, literal_column, select

from app.care import rules
from app.care.models import ChecklistDay
from app.core import clock
from app.core.db import db
from app.core.together import asked


def shifted(number: Any, bits: int) -> Any:
    """PostgreSQL shifts by a plain integer only, whatever the width of the number."""
    return number.op(">>")(literal_column(str(bits)))


def count_of(packed: Any, item: str) -> Any:
    """SQL of one item's count in a packed column, or of all twelve together (see ``rules.total``)."""
    if item:
        return shifted(packed, rules.WIDTH * rules.ITEMS.index(item)).op("&")(15)
    half = packed.op("&")(rules.EVERY_SECOND)
    return (half + shifted(packed, rules.WIDTH).op("&")(rules.EVERY_SECOND)) % 255


def bits_of(mask: Any, item: str) -> Any:
    """SQL of the number of items in a mask of bits that are asked about."""
    places = [rules.ITEMS.index(item)] if item else range(len(rules.ITEMS))
    one, *more = (shifted(mask, n).op("&")(1) for n in places)
    return functools.reduce(operator.add, more, one)


def one_of(column: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether a column is one of some numbers. Thousands go as one value: read one by one as parameters they take the
    database longer than the rows they ask for.
    """
    if len(ids) <= MANY:
        found: ColumnElement[bool] = column.in_(ids)
        return found
    if db.engine.dialect.name == "postgresql":
        return column == any_(literal(list(ids), ARRAY(Integer)))
    numbers = func.json_each(json.dumps(list(ids))).table_valued("value")
    return column.in_(select(numbers.c.value))


def recorded_where(ids: Sequence[int], first: dt.date, last: dt.date) -> list[ColumnElement[bool]]:
    """Conditions on the checklist for some residents and days.

    The key begins with the day. Few residents are asked for by lists of both, which every row of the key answers by itself
    (a resident's month is 31 look-ups); many by the range of days, which is read in order.
    """
    residents = one_of(ChecklistDay.resident_id, ids)
    length = (last - first).days + 1
    if len(ids) > MANY or length > MANY:
        return [ChecklistDay.day.between(first, last), residents]
    return [ChecklistDay.day.in_([first + dt.timedelta(days=n) for n in range(length)]), residents]


def _last_recorded(keys: Sequence[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], dt.date]:
    found: dict[tuple[int, dt.date], dt.date] = {}
    for first in {first for _resident_id, first in keys if first <= clock.today()}:
        ids = [resident_id for resident_id, on in keys if on == first]
        query = select(ChecklistDay.resident_id, func.max(ChecklistDay.day))
        query = query.where(*recorded_where(ids, first, clock.today())).group_by(ChecklistDay.resident_id)
        found |= {(resident_id, first): day for resident_id, day in db.session.execute(query)}
    return found


@asked(_last_recorded, reads={"checklist_day": "resident_id"})
def last_recorded(resident_id: int, first: dt.date) -> dt.date | None:
    """The last day from ``first`` to today on which something was recorded for a resident."""
    return _last_recorded([(resident_id, first)]).get((resident_id, first))


MANY = 400
"""Beyond so many residents or days a range of days is read in order."""
