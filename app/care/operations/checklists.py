"""Recording care day by day: one resident's items, or a whole round as planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from app.care import queries, rules
from app.care.labels import REASONS
from app.care.models import CarePlan, ChecklistDay, ChecklistNote
from app.care.rules import Outcome
from app.core import audit, clock
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.core.operation import operation
from app.people import queries as people
from app.people.models import Resident

NOTE_LIMIT = 500
REASON_LIMIT = 300
"""Longest note of an item and longest reason of a correction: longer ones are refused, never cut."""
Entry = tuple[Outcome, str | None, str | None]
"""Outcome, reason code, note."""


def _check_day(day: dt.date) -> None:
    today = clock.today()
    if day > today:
        raise Invalid(gettext("The day has not come yet."), field="day")
    if today - day > rules.MAX_BACKDATING:
        raise Invalid(gettext("Days more than three months back cannot be recorded any more."), field="day")


def _supported(resident: Resident, day: dt.date) -> bool:
    return resident.supported_from <= day and (resident.ended_on is None or day <= resident.ended_on)


@operation("checklist.record", permission="checklist.record")
def record_day(
    actor: Actor,
    resident_id: int,
    day: dt.date,
    entries: Mapping[str, Mapping[str, Any]],
    *,
    shift: int = 0,
    reason: str | None = None,
) -> ChecklistDay:
    """Record items of one day: done, not done (with a reason), not needed (with a reason).

    ``entries`` maps S01 … S12 to {outcome, reason, note}. What was recorded before is a correction and needs
    ``reason``. Entries later than 24 hours after the day are marked for ever. Raises ``Invalid`` naming the items.
    """
    resident = people.resident(actor, resident_id, lock=True)
    _check_day(day)
    if len(reason or "") > REASON_LIMIT:
        raise Invalid(
            gettext("The reason is too long (at most %(limit)s characters).", limit=REASON_LIMIT), field="reason"
        )
    if not _supported(resident, day):
        raise Invalid(gettext("This resident was not in support on that day."), field="day")
    plan = queries.plan_on(resident.id, day)
    if plan is None:
        raise Refused(gettext("No approved care plan covers this day."))
    row = db.session.get(ChecklistDay, (day, resident.id, shift), with_for_update=True, populate_existing=True)
    checked = _check_entries(entries, rules.recordable_mask(plan.lines, day))
    stored = _store(actor, resident, plan, row, day, checked, shift=shift, correction=(reason or "").strip())
    if stored is None:
        raise Invalid(gettext("Nothing new was recorded."), field="day")
    row, before, after = stored
    audit.record(
        "checklist.record",
        "checklist_day",
        f"{resident.id}/{day.isoformat()}/{shift}",
        {
            "done": [before.done, after.done],
            "not_done": [before.not_done, after.not_done],
            "not_needed": [before.excused, after.excused],
            "late": after.late != before.late,
        },
    )
    return row


def _store(
    actor: Actor,
    resident: Resident,
    plan: CarePlan,
    row: ChecklistDay | None,
    day: dt.date,
    entries: Mapping[str, Entry],
    *,
    shift: int = 0,
    correction: str = "",
) -> tuple[ChecklistDay, rules.Masks, rules.Masks] | None:
    """Write entries into a resident's day; None when they say nothing new. Raises ``Invalid`` without a reason for a
    correction.
    """
    now = clock.now()
    late = rules.is_late(day, now, clock.ZONE)
    if row is None:
        row = ChecklistDay(
            day=day, resident_id=resident.id, shift=shift, done_mask=0, excused_mask=0, not_done_mask=0, late_mask=0
        )
    before = rules.Masks(row.done_mask, row.excused_mask, row.not_done_mask, row.late_mask)
    after, noted = before, False
    for item, (outcome, code, note) in entries.items():
        again = bool(before.recorded & rules.bit(item))
        if again and _outcome(before, item) is outcome and not note and code is None:
            continue
        if again and not correction:
            raise Invalid(
                gettext("Something was recorded already. Give the reason for the correction."), field="reason"
            )
        after = rules.with_entry(after, item, outcome, late=late)
        if outcome is not Outcome.DONE or again or note:
            noted = True
            db.session.add(
                ChecklistNote(
                    day=day,
                    resident_id=resident.id,
                    shift=shift,
                    item=item,
                    outcome=outcome.value,
                    reason_code=code,
                    note=(": ".join(text for text in (correction if again else "", note or "") if text) or None),
                    late=late,
                    correction=again,
                    recorded_by=actor.user_id,
                    recorded_at=now,
                )
            )
    if after == before and not noted:
        return None
    row.plan_id, row.due_mask = plan.id, rules.due_mask(plan.lines, day)
    row.done_mask, row.excused_mask = after.done, after.excused
    row.not_done_mask, row.late_mask = after.not_done, after.late
    row.recorded_by, row.recorded_at = actor.user_id, now
    row.caregiver_id = actor.caregiver_id if actor.role is Role.CAREGIVER else resident.caregiver_id
    db.session.add(row)
    return row, before, after


@dataclass(frozen=True)
class Round:
    """What a whole round recorded: services done, services of people who are away, and whom it left out."""

    residents: int
    done: int
    away: int
    without_plan: int


@operation("checklist.round", permission="checklist.record")
def record_round(actor: Actor, day: dt.date, resident_ids: Sequence[int]) -> Round:
    """Record what is still open of many residents as planned; who is away has it recorded as not needed.

    What was already recorded, exceptions above all, stays as it is. Raises ``NotFound`` when one of the residents is
    not the actor's, ``Invalid`` when nothing was open.
    """
    _check_day(day)
    wanted = sorted(set(resident_ids))
    query = people.visible(actor).where(Resident.id.in_(wanted)).order_by(Resident.id)
    residents = list(db.session.scalars(query.with_for_update(of=Resident)).unique())
    if len(residents) != len(wanted):
        raise NotFound
    done = away = touched = 0
    states = [s for s in queries.day_states(residents, day) if _supported(s.resident, day)]
    for state in states:
        if state.plan is None or not (items := state.open):
            continue
        entry: Entry = (Outcome.DONE, None, None) if state.away is None else (Outcome.NOT_NEEDED, "hospital", None)
        _store(actor, state.resident, state.plan, state.row, day, dict.fromkeys(items, entry))
        touched += 1
        done += len(items) if state.away is None else 0
        away += len(items) if state.away is not None else 0
    if not touched:
        raise Invalid(gettext("Nothing is open any more for these residents."), field="day")
    found = Round(touched, done, away, sum(1 for s in states if s.plan is None))
    audit.record(
        "checklist.round",
        "checklist_day",
        day.isoformat(),
        {"residents": [r.id for r in residents], "done": found.done, "not_needed": found.away},
    )
    return found


def _outcome(masks: rules.Masks, item: str) -> Outcome:
    one = rules.bit(item)
    return Outcome.DONE if masks.done & one else (Outcome.NOT_NEEDED if masks.excused & one else Outcome.NOT_DONE)


def _check_entries(entries: Mapping[str, Mapping[str, Any]], allowed: int) -> dict[str, Entry]:
    errors: dict[str, str] = {}
    checked: dict[str, Entry] = {}
    for item, entry in entries.items():
        if item not in rules.ITEMS or not allowed & rules.bit(item):
            errors[item] = gettext("This item is not in the plan of that day.")
            continue
        try:
            outcome = Outcome(str(entry.get("outcome")))
        except ValueError:
            errors[item] = gettext("Choose done, not done or not needed.")
            continue
        code = str(entry.get("reason") or "") or None
        note = str(entry.get("note") or "").strip() or None
        if note and len(note) > NOTE_LIMIT:
            errors[item] = gettext("The note is too long (at most %(limit)s characters).", limit=NOTE_LIMIT)
            continue
        if outcome is Outcome.DONE:
            code = None
        elif code not in REASONS:
            errors[item] = gettext("Choose a reason.")
        elif code == "other" and not note:
            errors[item] = gettext("Write the reason down.")
        checked[item] = (outcome, code, note)
    if not entries:
        errors["day"] = gettext("Choose at least one item.")
    if errors:
        raise Invalid(gettext("Nothing was recorded yet."), errors=errors)
    return checked
