"""Why care was not done, or not needed."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import select

from app.care.models import ChecklistNote
from app.care.queries.basis import Wanted, people_asked
from app.core.actor import Actor
from app.core.db import db


def reasons(actor: Actor, wanted: Wanted) -> list[tuple[str, str, int]]:
    """Why care was not done or not needed in a range: (outcome, reason code, times), the most frequent first.

    Entries that a correction took back are not counted.
    """
    persons = people_asked(actor, wanted)
    query = select(
        ChecklistNote.resident_id,
        ChecklistNote.day,
        ChecklistNote.item,
        ChecklistNote.outcome,
        ChecklistNote.before,
        ChecklistNote.reason_code,
        ChecklistNote.times,
    ).where(ChecklistNote.day.between(wanted.first, wanted.last), ChecklistNote.extra.is_(False))
    if wanted.item:
        query = query.where(ChecklistNote.item == wanted.item)
    standing: dict[tuple[Any, ...], list[list[Any]]] = defaultdict(list)
    for resident_id, day, item, outcome, before, code, count in db.session.execute(query.order_by(ChecklistNote.id)):
        if resident_id not in persons:
            continue
        stack, need = standing[resident_id, day, item, before], count if before else 0
        while need and stack:
            taken = min(need, stack[-1][1])
            stack[-1][1] -= taken
            need -= taken
            if not stack[-1][1]:
                stack.pop()
        if outcome in ("not_done", "not_needed"):
            standing[resident_id, day, item, outcome].append([code or "other", count])
    found: dict[tuple[str, str], int] = defaultdict(int)
    for (_resident, _day, _item, outcome), stack in standing.items():
        for code, count in stack:
            found[outcome, code] += count
    return sorted(((outcome, code, n) for (outcome, code), n in found.items()), key=lambda row: -row[2])
