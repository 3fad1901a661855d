"""Keyset paging: the time of a page does not depend on how far down the list it is. Counts are capped."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask_babel import gettext
from sqlalchemy import Date, DateTime, Select, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.core.db import db
from app.core.errors import Invalid

T = TypeVar("T")

PAGE_SIZE = 50
COUNT_CAP = 1000


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list: rows, cursors to the neighbours (None at the ends), and the capped count."""

    items: Sequence[T]
    next_cursor: str | None
    prev_cursor: str | None
    count: int
    capped: bool

    @property
    def count_text(self) -> str:
        """'312' or '1,000+'."""
        return f"{COUNT_CAP:,}+" if self.capped else f"{self.count:,}"


def _write(values: Sequence[Any], back: bool) -> str:
    raw = json.dumps([back, *[v.isoformat() if hasattr(v, "isoformat") else v for v in values]], ensure_ascii=False)
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _read(cursor: str, columns: Sequence[InstrumentedAttribute[Any]]) -> tuple[bool, list[Any]]:
    import datetime as dt

    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        back, *values = json.loads(raw)
        if not isinstance(back, bool) or len(values) != len(columns):
            raise ValueError
        typed: list[Any] = []
        for value, column in zip(values, columns, strict=True):
            if isinstance(value, bool | dict | list) or value is None:
                raise ValueError
            if isinstance(column.type, Date):
                typed.append(dt.date.fromisoformat(value))
            elif isinstance(column.type, DateTime) or column.type.__class__.__name__ == "UtcDateTime":
                typed.append(dt.datetime.fromisoformat(value))
            elif column.type.python_type is int:
                if not isinstance(value, int) or abs(value) >= 2**63:
                    raise ValueError
                typed.append(value)
            else:
                if not isinstance(value, str) or "\x00" in value:
                    raise ValueError
                typed.append(value)
    except (ValueError, TypeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(gettext("This page of the list is gone. Open the list again."), field="cursor") from error
    return back, typed


def paginate(
    query: Select[T],
    order: Sequence[InstrumentedAttribute[Any]],
    cursor: str | None,
    *,
    descending: bool = False,
    size: int = PAGE_SIZE,
) -> Page[T]:
    """One page of ``query`` in the order of ``order`` (the last column must be unique). ``cursor`` comes from a page
    before; a damaged one raises ``Invalid``. A query that is driven by another table whose columns equal those of ``order``
    names them in its execution option ``along`` (name → column), so that its index serves the order.
    """
    along = query.get_execution_options().get("along", {})
    sort = [along.get(column.key, column) for column in order]
    back, values = _read(cursor, order) if cursor else (False, [])
    upwards = descending != back
    rows = query
    if values:
        key = tuple_(*sort)
        limit = tuple_(*values)
        rows = rows.where(key < limit if upwards else key > limit)
    rows = rows.order_by(None).order_by(*[c.desc() if upwards else c.asc() for c in sort]).limit(size + 1)
    found = list(db.session.scalars(rows).unique().all())
    more = len(found) > size
    found = found[:size]
    if back:
        found.reverse()

    def key_of(row: Any) -> list[Any]:
        return [getattr(row, c.key) for c in order]

    has_next = (more if not back else True) and bool(found)
    has_prev = (more if back else bool(values)) and bool(found)
    inner = query.order_by(None).with_only_columns(order[-1]).limit(COUNT_CAP + 1).subquery()
    count = db.session.scalar(select(func.count()).select_from(inner)) or 0
    return Page(
        found,
        _write(key_of(found[-1]), False) if has_next else None,
        _write(key_of(found[0]), True) if has_prev else None,
        min(count, COUNT_CAP),
        count > COUNT_CAP,
    )
