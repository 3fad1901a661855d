"""The only place that reads the clock. Business dates are dates in China (Asia/Shanghai).

A fixed moment lives in a context variable: it holds for the block and what it calls, not for other threads.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from app.core.periods import ZONE, local_date

_fixed: ContextVar[dt.datetime | None] = ContextVar("fixed", default=None)


def now() -> dt.datetime:
    """This instant, UTC, timezone-aware."""
    return _fixed.get() or dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """Today's date in China."""
    return local_date(now())


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Let the clock stand at ``moment`` (aware) inside the block; for tests and the demo county."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    token = _fixed.set(moment.astimezone(dt.UTC))
    try:
        yield
    finally:
        _fixed.reset(token)


__all__ = ["ZONE", "at", "now", "today"]
