"""What somebody looks twice at in the demo county: household cards, acts of recording with a few that are hard to believe, needs
that went or came, and people of the houses who are away today. Drawn apart, so that nothing else of the county moves.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select, update

from app.auth.roles import system_actor
from app.care import rules
from app.care.models import ChecklistDay, ChecklistNote, Recording
from app.care.operations import make_cards, note_patterns
from app.care.queries import plan_on
from app.care.rules import Presence
from app.core import audit, clock
from app.core.db import db
from app.core.transaction import transaction
from app.demo.county import TOWNSHIPS, County
from app.demo.records import local
from app.people.models import Absence, AbsenceKind, Resident, ResidentStatus, Setting

HOMES = 8
"""Homes whose acts are shown; the daily rows of the others say enough."""
DAYS_BACK, WINDOW = 10, 27
SLOT = dt.timedelta(minutes=15)
"""Between the acts in two homes: who walks from one to the next needs as long."""
EACH = 7
"""Services of an ordinary act: one round of a day, not a whole day in one go."""


def leave_traces(county: County, residents: Sequence[Resident], end: dt.date, seed: int) -> str:
    """Cards of the month, acts of the last days, patterns, drift and absences; in words what there is."""
    rng = random.Random(seed + 815)
    living = [one for one in residents if one.status is ResidentStatus.ACTIVE]
    homes = [one for one in living if one.setting is Setting.HOME and plan_on(one.id, end) is not None][:HOMES]
    with clock.at(local(end, 7, 30)):
        cards = sum(make_cards(county.actor(f"township_officer_{side}"), f"{end:%Y-%m}") for side in TOWNSHIPS)
        with transaction() as tx:
            tx.act, tx.actor = "demo.traces", county.actor("county_officer_a")
            acts = _acts(homes, rng, end, county.users["caregiver_a"].id)
            if acts:
                db.session.execute(insert(Recording), acts)
            away = _away(county, living, end)
            if homes:
                _gone(homes[-1], end)
                _came(homes[len(homes) // 2], end)
            audit.record("demo.traces", "care_recording", "bulk", {"acts": len(acts), "away": away})
        found = note_patterns(system_actor("seed"), end)
    return f"traces: {cards} household cards, {len(acts)} acts of recording, {found} to look at, {away} away today"


def _acts(homes: Sequence[Resident], rng: random.Random, end: dt.date, user_id: int) -> list[dict[str, Any]]:
    first = end - dt.timedelta(days=DAYS_BACK)
    query = select(ChecklistDay).where(ChecklistDay.day >= first, ChecklistDay.resident_id.in_([h.id for h in homes]))
    days: dict[int, list[ChecklistDay]] = {}
    for row in db.session.scalars(query.order_by(ChecklistDay.day)):
        days.setdefault(row.resident_id, []).append(row)
    found: list[dict[str, Any]] = []
    for place, home in enumerate(homes):
        photo = hashlib.sha256(f"{home.number}".encode()).hexdigest()
        for n, row in enumerate(days.get(home.id, ())):
            total, at = rules.total(row.done), local(row.day, 8) + SLOT * place
            if place == 0 and n < 3:  # three days within a minute
                at = local(days[home.id][min(2, len(days[home.id]) - 1)].day, 20) + dt.timedelta(seconds=20 * n)
            if place == 4 and n == 6:  # the cards of two villages within minutes, where these are two
                at -= SLOT - dt.timedelta(minutes=4)
            found.append(
                {
                    "resident_id": home.id,
                    "day": row.day,
                    "user_id": row.recorded_by or user_id,  # most carers of the demonstration have no account
                    "made_at": at,
                    "recorded_at": at + dt.timedelta(minutes=rng.randint(0, 90)),
                    "times": total if place == 1 else min(total, EACH),  # the second home: whole days in one go
                    "items": rules.mask(row.done),
                    "presence": rng.choice(
                        (Presence.CARD, Presence.CARD, Presence.CARD, Presence.NONE, Presence.WRONG)
                    ),
                    "photos": [photo] if place == 2 and n in (2, 5) else [],  # the third: one picture twice
                }
            )
    return found


def _away(county: County, living: Sequence[Resident], end: dt.date) -> int:
    """One of each house in hospital since today, one on leave where there are enough."""
    away = 0
    for side in TOWNSHIPS:
        house = county.organisations[f"institution_{side}"]
        inside = [one for one in living if one.institution_id == house.id and one.setting is Setting.INSTITUTIONAL]
        for one, kind in zip(inside, (AbsenceKind.HOSPITAL, AbsenceKind.LEAVE)[: len(inside) // 2], strict=False):
            db.session.add(Absence(resident_id=one.id, kind=kind, from_on=end, recorded_at=clock.now()))
            away += 1
    return away


def _rows(resident: Resident, end: dt.date) -> list[ChecklistDay]:
    first = end - dt.timedelta(days=WINDOW)
    query = select(ChecklistDay).where(ChecklistDay.resident_id == resident.id, ChecklistDay.day >= first)
    return list(db.session.scalars(query.order_by(ChecklistDay.day)))


def _gone(resident: Resident, end: dt.date) -> None:
    """A need that went: the item done most often is done by the person alone now."""
    rows = _rows(resident, end)
    often = {item: [row for row in rows if rules.times(row.done, item)] for item in ("S04", "S02", "S05", "S01")}
    item = max(often, key=lambda one: len(often[one]))
    for row in often[item]:
        times = rules.times(row.done, item)
        packed = rules.pack({item: times})
        db.session.execute(
            update(ChecklistDay)
            .where(ChecklistDay.day == row.day, ChecklistDay.resident_id == row.resident_id)
            .values(done=ChecklistDay.done - packed, excused=ChecklistDay.excused + packed)
        )
        db.session.add(_note(row, item, times, outcome="not_needed", reason_code="self"))


def _came(resident: Resident, end: dt.date) -> None:
    """A need that came: care that is not due that day, again and again."""
    plan = plan_on(resident.id, end)
    lines = plan.lines if plan is not None else []
    for row in _rows(resident, end)[-12::2]:
        due = rules.due_times(lines, row.day)
        free = [item for item in rules.items_of(rules.recordable_mask(lines, row.day)) if not rules.times(due, item)]
        if free:
            db.session.add(_note(row, free[-1], 1, outcome="done", extra=True))


def _note(row: ChecklistDay, item: str, times: int, **more: Any) -> ChecklistNote:
    return ChecklistNote(
        day=row.day,
        resident_id=row.resident_id,
        item=item,
        times=times,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        **more,
    )
