"""What patterns are looked for in, and the ones that were found."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Select, select

from app.care import rules
from app.care.models import ChecklistNote, OddPattern, OddState, Recording
from app.core.actor import Actor
from app.core.db import db, one_row
from app.people import queries as people
from app.people.models import Resident, Setting


def visible_patterns(actor: Actor, state: OddState | None = None) -> Select[OddPattern]:
    """Patterns about residents the actor may see."""
    query = select(OddPattern).where(OddPattern.resident_id.in_(people.visible(actor).with_only_columns(Resident.id)))
    return query if state is None else query.where(OddPattern.state == state)


def pattern(actor: Actor, pattern_id: int, *, lock: bool = False) -> OddPattern:
    """One visible pattern. Raises ``NotFound``."""
    return one_row(visible_patterns(actor).where(OddPattern.id == pattern_id), lock=lock)


def other_home(actor: Actor, row: OddPattern) -> str | None:
    """The name of the other resident a pattern is about, when the actor may see that one."""
    other = row.facts.get("other")
    if not isinstance(other, int):
        return None
    return db.session.scalar(people.visible(actor).where(Resident.id == other).with_only_columns(Resident.name))


def acts_of(row: OddPattern, limit: int = 40) -> list[Recording]:
    """The acts a pattern lies in, newest first: what its person recorded about its resident on its days."""
    query = select(Recording).where(
        Recording.resident_id == row.resident_id, Recording.day.between(row.first_on, row.last_on)
    )
    if row.user_id is not None:
        query = query.where(Recording.user_id == row.user_id)
    return list(db.session.scalars(query.order_by(Recording.id.desc()).limit(limit)))


def acts_since(first: dt.date) -> list[rules.Act]:
    """Acts of recording about days since ``first``."""
    query = (
        select(Recording, Resident.setting, Resident.area_code)
        .join(Resident, Resident.id == Recording.resident_id)
        .where(Recording.day >= first)
        .order_by(Recording.id)
    )
    return [
        rules.Act(
            resident_id=row.resident_id,
            user_id=row.user_id,
            day=row.day,
            made_at=row.made_at,
            times=row.times,
            home=setting is Setting.HOME,
            village=area_code,
            presence=row.presence,
            photos=tuple(row.photos),
        )
        for row, setting, area_code in db.session.execute(query)
    ]


def words_since(first: dt.date) -> list[rules.Words]:
    """Words of entries about what was done since ``first``."""
    query = select(
        ChecklistNote.resident_id, ChecklistNote.recorded_by, ChecklistNote.day, ChecklistNote.item, ChecklistNote.note
    ).where(ChecklistNote.day >= first, ChecklistNote.note.is_not(None), ChecklistNote.outcome.in_(["done", "note"]))
    return [rules.Words(who, by, day, item, text or "") for who, by, day, item, text in db.session.execute(query)]


def marks() -> set[str]:
    """Marks of every pattern found so far."""
    return set(db.session.scalars(select(OddPattern.mark)))
