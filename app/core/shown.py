"""Days, instants and quarters as people read them, in the reader's language; template filters and views use the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from flask_babel import format_date, format_datetime, get_locale

from app.core.periods import Month, Quarter


def _chinese() -> bool:
    return not str(get_locale() or "zh").startswith("en")


def date(value: dt.date | None) -> str:
    """``2026年3月31日``, or ``31 Mar 2026``; nothing for no day."""
    return "" if value is None else format_date(value, "y年M月d日" if _chinese() else "d MMM y")


def instant(value: dt.datetime | None) -> str:
    """A day with its time of day in China; nothing for no instant."""
    return "" if value is None else format_datetime(value, "y年M月d日 HH:mm" if _chinese() else "d MMM y HH:mm")


def time_of_day(value: dt.datetime) -> str:
    """The time of day of an instant in China: ``14:00``."""
    return format_datetime(value, "HH:mm")


def quarter(value: Quarter | str | None) -> str:
    """``2026年第3季度``, or ``Q3 2026``, from a quarter or its code ``2026-Q3``. Raises ``ValueError`` for other text."""
    if not value:
        return ""
    found = value if isinstance(value, Quarter) else Quarter.parse(value)
    return found.label_zh if _chinese() else f"Q{found.number} {found.year}"


def month(value: Month | str | None) -> str:
    """``2026年7月``, or ``Jul 2026``, from a month or its code ``2026-07``. Raises ``ValueError`` for other text."""
    if not value:
        return ""
    found = value if isinstance(value, Month) else Month.parse(value)
    return found.label_zh if _chinese() else format_date(found.first, "MMM y")


def listed(values: Iterable[object]) -> str:
    """Several things in a row: ``甲、乙``, or ``A, B``."""
    return ("、" if _chinese() else ", ").join(str(value) for value in values)
