"""Who cares for whom in the institutions of the demo county: each worker for so many people as the contract's ratio allows."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from sqlalchemy import select

from app.core.db import db
from app.grading.models import CareGrade
from app.people.models import Caregiver, Resident, Setting

SHARE = {1: Fraction(1, 10), 2: Fraction(1, 6), 3: Fraction(1, 3)}
"""Part of a worker that a person of each grade takes (``[ratio]`` of the contract template)."""


def workers(persons: Sequence[Resident], grades: Sequence[CareGrade]) -> list[tuple[Resident, Caregiver]]:
    """A worker for every resident of an institution who has a grade: those who need most first, each to the first who has room."""
    grade = {row.resident_id: row.grade for row in grades}
    inside = [one for one in persons if one.setting is Setting.INSTITUTIONAL and one.id in grade]
    free: dict[int, list[tuple[Caregiver, Fraction]]] = {}
    query = select(Caregiver).where(Caregiver.institution_id.is_not(None)).order_by(Caregiver.id)
    for caregiver in db.session.scalars(query).unique():
        free.setdefault(caregiver.institution_id or 0, []).append((caregiver, Fraction(1)))
    found: dict[int, Caregiver] = {}
    for one in sorted(inside, key=lambda p: (-grade[p.id], p.id)):
        room = free[one.institution_id or 0]
        place, (caregiver, left) = next((n, x) for n, x in enumerate(room) if x[1] >= SHARE[grade[one.id]])
        room[place] = (caregiver, left - SHARE[grade[one.id]])
        found[one.id] = caregiver
    return [(one, found[one.id]) for one in inside]
