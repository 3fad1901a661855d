"""File numbers of people: a letter and at least six digits, without gaps inside one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from sqlalchemy import func, select

from app.core.db import db, hold
from app.people.models import Caregiver, Resident


def numbers(model: type[Resident | Caregiver], letter: str) -> Iterator[str]:
    """The next free numbers; a lock until the end of the transaction keeps two acts from taking one number."""
    hold("file numbers of people")
    last = db.session.scalar(
        select(model.number).order_by(func.length(model.number).desc(), model.number.desc()).limit(1)
    )
    start = int(last[1:]) if last and last[1:].isdigit() else 0
    return (f"{letter}{n:06d}" for n in count(start + 1))
