"""Recording care day by day: one resident's items, or a whole round as planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext

from app.care import queries, rules
from app.care.labels import REASONS
from app.care.models import ChecklistDay, ChecklistNote, Recording
from app.care.queries import DayState
from app.care.rules import Entered, Moment, Move, Outcome, Presence, Said
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


@dataclass(frozen=True)
class Entry:
    """One thing to record about an item: ``wanted`` times in all have ``outcome`` then (see ``rules.with_entry``)."""

    outcome: Outcome
    code: str | None = None
    note: str | None = None
    wanted: int | None = None


@dataclass(frozen=True)
class Stored:
    """What entries made of a day: its row, how many services they said something new about, of which items."""

    row: ChecklistDay
    times: int
    items: int


@dataclass(frozen=True)
class Evidence:
    """What came with an entry that was written without network: its record, the household's card, pictures by hash."""

    record_key: str
    presence: Presence = Presence.NONE
    photos: tuple[str, ...] = ()


def check_day(day: dt.date) -> None:
    """Raise ``Invalid`` for a day that takes no entries: ahead, or too long ago."""
    today = clock.today()
    if day > today:
        raise Invalid(gettext("The day has not come yet."), field="day")
    if today - day > rules.MAX_BACKDATING:
        raise Invalid(gettext("Days more than three months back cannot be recorded any more."), field="day")


def supported(resident: Resident, day: dt.date) -> bool:
    """Whether a day lies within the resident's support."""
    return resident.supported_from <= day and (resident.ended_on is None or day <= resident.ended_on)


@operation("checklist.record", permission="checklist.record")
def record_day(
    actor: Actor, resident_id: int, day: dt.date, entries: Mapping[str, Mapping[str, Any]], *, reason: str | None = None
) -> ChecklistDay:
    """Record items of one day: done, not done (with a reason), not needed (with a reason).

    ``entries`` maps S01 … S12 to {outcome, reason, note, times}; ``times`` is how often the item has that outcome then, all
    in all, so that the same batch twice changes nothing. Without it the entry is about all that is open. What was recorded
    before is a correction and needs ``reason``. Entries later than 24 hours after the day are marked for ever. Raises
    ``Invalid`` naming the items.
    """
    resident = people.resident(actor, resident_id, lock=True)
    check_day(day)
    if len(reason or "") > REASON_LIMIT:
        raise Invalid(
            gettext("The reason is too long (at most %(limit)s characters).", limit=REASON_LIMIT), field="reason"
        )
    if not supported(resident, day):
        raise Invalid(gettext("This resident was not in support on that day."), field="day")
    plan = queries.plan_on(resident.id, day)
    if plan is None:
        raise Refused(gettext("No approved care plan covers this day."))
    state = queries.day_states([resident], day, lock=True)[0]
    checked = check_entries(entries, rules.recordable_mask(plan.lines, day), state.due)
    made = store(actor, state, day, checked, correction=(reason or "").strip())
    if made is None:
        raise Invalid(gettext("Nothing new was recorded."), field="day")
    keep_act(actor, resident.id, day, made)
    log_change("checklist.record", resident, day, state.said)
    return made.row


def log_change(act: str, resident: Resident, day: dt.date, before: Said) -> None:
    """The audit entry of a recording: what stood before and what stands now."""
    log_said(act, resident.id, day, before, queries.day_states([resident], day)[0].said)


def log_said(act: str, resident_id: int, day: dt.date, before: Said, after: Said) -> None:
    """The same, where what stands now is known."""
    audit.record(
        act,
        "checklist_day",
        f"{resident_id}/{day.isoformat()}",
        {
            "done": [rules.counts(before.done), rules.counts(after.done)],
            "not_done": [rules.counts(before.not_done), rules.counts(after.not_done)],
            "not_needed": [rules.counts(before.excused), rules.counts(after.excused)],
            "late": after.late != before.late,
        },
    )


def keep_act(
    actor: Actor,
    resident_id: int,
    day: dt.date,
    made: Stored | None,
    moment: Moment | None = None,
    *,
    evidence: Evidence | None = None,
) -> None:
    """Keep who recorded what when, as patterns are looked for in; ``made`` is None when nothing new was said."""
    known = moment or Moment(None, clock.now())
    db.session.add(Recording(**act_columns(actor, resident_id, day, made, known, evidence)))
    db.session.flush()


def act_columns(
    actor: Actor,
    resident_id: int,
    day: dt.date,
    made: Stored | Change | None,
    moment: Moment,
    evidence: Evidence | None = None,
) -> dict[str, Any]:
    """The columns of an act of recording."""
    return {
        "resident_id": resident_id,
        "day": day,
        "user_id": actor.user_id,
        "record_key": evidence.record_key if evidence else None,
        "made_at": moment.best,
        "surely_after": moment.surely_after,
        "recorded_at": moment.received,
        "times": made.times if made else 0,
        "items": made.items if made else 0,
        "presence": evidence.presence if evidence else Presence.NONE,
        "photos": list(evidence.photos) if evidence else [],
    }


@dataclass(frozen=True)
class Change:
    """What entries make of a day, worked out and not written yet: what stands then, the columns of its entries, how many
    services something new was said about, of which items.
    """

    said: Said
    notes: list[dict[str, Any]]
    times: int
    items: int


def change(
    actor: Actor,
    state: DayState,
    day: dt.date,
    entries: Mapping[str, Entry],
    *,
    correction: str = "",
    made_at: dt.datetime | None = None,
) -> Change | None:
    """What entries make of a resident's day; None when they say nothing new. ``made_at`` is when they were written, if not
    now. Raises ``Invalid`` without a reason for a correction, and beyond what is due.
    """
    late = rules.is_late(day, made_at or clock.now(), clock.ZONE)
    said, rows, times, items = state.said, [], 0, 0
    for item, entry in entries.items():
        try:
            entered = _entered(state, said, item, entry, late=late)
        except rules.TooMany as error:
            words = gettext("At most %(due)s times that day.", due=rules.times(state.due, item))
            raise Invalid(gettext("Nothing was recorded yet."), errors={item: words}) from error
        if entered.corrects and not correction:
            raise Invalid(
                gettext("Something was recorded already. Give the reason for the correction."), field="reason"
            )
        said = entered.said
        times += sum(move.times for move in entered.moves)
        items |= rules.bit(item)
        rows += [
            _note(actor, state, day, item, move, entry, late=late, correction=correction) for move in entered.moves
        ]
        if entry.note and not entered.moves:
            rows.append(_note(actor, state, day, item, None, entry, late=late))
    noted = [row for row in rows if row is not None]
    return None if said == state.said and not noted else Change(said, noted, times, items)


def columns(actor: Actor, state: DayState, made: Change) -> dict[str, Any]:
    """The columns of a day's row after a change."""
    assert state.plan is not None  # noqa: S101  # callers ask for days under a plan
    said = made.said
    own = None if actor.role in (Role.CARE_WORKER, Role.INSTITUTION_MANAGER) else actor.caregiver_id
    return {
        "plan_id": state.plan.id,
        "done": said.done,
        "excused": said.excused,
        "not_done_mask": rules.mask(said.not_done),
        "late_mask": said.late,
        "recorded_by": actor.user_id,
        "recorded_at": clock.now(),
        "caregiver_id": own if own is not None else state.resident.caregiver_id,
    }


def store(
    actor: Actor,
    state: DayState,
    day: dt.date,
    entries: Mapping[str, Entry],
    *,
    correction: str = "",
    made_at: dt.datetime | None = None,
) -> Stored | None:
    """Write entries into a resident's day; None when they say nothing new. Raises as ``change`` does."""
    made = change(actor, state, day, entries, correction=correction, made_at=made_at)
    if made is None:
        return None
    db.session.add_all(ChecklistNote(**row) for row in made.notes)
    row = state.row or ChecklistDay(day=day, resident_id=state.resident.id)
    for name, value in columns(actor, state, made).items():
        setattr(row, name, value)
    db.session.add(row)
    db.session.flush()
    return Stored(row, made.times, made.items)


def _entered(state: DayState, said: Said, item: str, entry: Entry, *, late: bool) -> Entered:
    """One entry applied; care that was not due that day is counted beside the plan and only ever done."""
    if rules.times(state.due, item):
        return rules.with_entry(state.due, said, item, entry.outcome, entry.wanted, late=late)
    have = state.extras.get(item, 0)
    wanted = max(have, 1) if entry.wanted is None else entry.wanted
    if wanted > rules.MOST:
        raise rules.TooMany(item)
    if wanted == have:
        return Entered(said)
    more = wanted > have
    move = Move(abs(wanted - have), Outcome.DONE if more else None, None if more else Outcome.DONE)
    return Entered(replace(said, late=said.late | (rules.bit(item) if late else 0)), [move])


def _note(
    actor: Actor,
    state: DayState,
    day: dt.date,
    item: str,
    move: Move | None,
    entry: Entry,
    *,
    late: bool,
    correction: str = "",
) -> dict[str, Any] | None:
    """The columns of the entry that stands for a move or, without one, for words only; None for plain work as due."""
    extra = not rules.times(state.due, item)
    before = move.before if move else None
    if move and move.outcome is Outcome.DONE and before is None and not extra and not entry.note:
        return None
    texts = (correction if before is not None else "", entry.note or "")
    return {
        "day": day,
        "resident_id": state.resident.id,
        "item": item,
        "times": move.times if move else 1,
        "outcome": "note" if move is None else move.outcome.value if move.outcome else "open",
        "before": before.value if before else None,
        "extra": extra,
        "reason_code": entry.code,
        "note": ": ".join(text for text in texts if text) or None,
        "late": late,
        "recorded_by": actor.user_id,
        "recorded_at": clock.now(),
    }


@dataclass(frozen=True)
class Round:
    """What a whole round recorded: services done, services of people who are away, and whom it left out."""

    residents: int
    done: int
    away: int
    without_plan: int


@operation("checklist.round", permission="checklist.record")
def record_round(actor: Actor, day: dt.date, resident_ids: Sequence[int]) -> Round:
    """Record as planned what is still open of many residents up to the end of the present shift (of a day gone by: all
    of it); for who is away everything open is recorded as not needed.

    What was already recorded, exceptions above all, stays as it is. Raises ``NotFound`` when one of the residents is
    not the actor's, ``Invalid`` when nothing was open.
    """
    check_day(day)
    wanted = sorted(set(resident_ids))
    query = people.visible(actor).where(Resident.id.in_(wanted)).order_by(Resident.id)
    residents = list(db.session.scalars(query.with_for_update(of=Resident)).unique())
    if len(residents) != len(wanted):
        raise NotFound
    done = away = touched = 0
    states = [s for s in queries.day_states(residents, day, lock=True) if supported(s.resident, day)]
    for state in states:
        if state.plan is None or not (items := state.open if state.away else state.open_now):
            continue
        outcome, code = (Outcome.DONE, None) if state.away is None else (Outcome.NOT_NEEDED, "hospital")
        entries = {i.item: Entry(outcome, code, None, state.said.of(i.item, outcome) + n) for i, n in items.items()}
        store(actor, state, day, entries)
        touched += 1
        count = sum(items.values())
        done, away = done + (count if state.away is None else 0), away + (count if state.away is not None else 0)
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


def check_entries(entries: Mapping[str, Mapping[str, Any]], allowed: int, due: int) -> dict[str, Entry]:
    """Entries as they may be written. ``allowed`` is the mask of the plan's items, ``due`` packed. Raises ``Invalid``."""
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
        if outcome is not Outcome.DONE and not rules.times(due, item):
            errors[item] = gettext("This item is not due that day: it can only be recorded as done.")
            continue
        code = str(entry.get("reason") or "") or None
        note = str(entry.get("note") or "").strip() or None
        wanted = str(entry.get("times") or "").strip() or None
        if note and len(note) > NOTE_LIMIT:
            errors[item] = gettext("The note is too long (at most %(limit)s characters).", limit=NOTE_LIMIT)
            continue
        if wanted is not None and not (wanted.isascii() and wanted.isdigit() and len(wanted) < 3):
            errors[item] = gettext("Give how many times as a whole number.")
            continue
        if outcome is Outcome.DONE:
            code = None
        elif code not in REASONS:
            errors[item] = gettext("Choose a reason.")
        elif code == "other" and not note:
            errors[item] = gettext("Write the reason down.")
        checked[item] = Entry(outcome, code, note, None if wanted is None else int(wanted))
    if not entries:
        errors["day"] = gettext("Choose at least one item.")
    if errors:
        raise Invalid(gettext("Nothing was recorded yet."), errors=errors)
    return checked
