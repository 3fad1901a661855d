"""Many residents' days of care at once: read, weighed and written by a few statements for all of them.

Only what needs no words goes this way. A day of a resident the actor does not see, with something wrong or to be corrected
without a reason, recorded already, or the second of one resident and day, is left as it was: ``bring_day`` says what there is to
say (ADR 40).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext
from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite

from app.care import queries, rules
from app.care.models import ChecklistDay, ChecklistNote, PresenceCard, Recording
from app.care.operations.checklists import Change, Evidence, act_columns, change, columns, log_said
from app.care.operations.offline import Written, check_written, checked
from app.care.queries import DayState
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.people import queries as people
from app.people.models import Resident

NEEDED = (Resident.id, Resident.number, Resident.supported_from, Resident.ended_on, Resident.caregiver_id)
"""What recording needs to know of a resident: whole rows of thousands of people take longer to load than all the rest."""


@operation("checklist.bring", permission="checklist.record")
def bring_days(actor: Actor, batch: Sequence[Written]) -> list[str | None]:
    """Record many residents' days, each by itself: the county's reference of each in their order, None for what is left."""
    found: list[str | None] = []
    audit.record("checklist.batch", "checklist_day", "", {"days": len(batch)})
    for taken in _take(actor, [[one] for one in batch]):
        if taken is None:
            found.append(None)
            continue
        one, state = taken[0].written, taken[0].state
        log_said("checklist.bring", one.resident_id, one.day, state.said, taken[0].said)
        found.append(f"{state.resident.number}/{one.day.isoformat()}")
    return found


@operation("checklist.bring", permission="checklist.record")
def bring_rounds(actor: Actor, rounds: Sequence[Sequence[Written]]) -> list[bool]:
    """Record rounds, each of many residents and one day, as their author wrote them: which ones were. A round is recorded as
    a whole or not at all. One entry of the audit log for each round names its residents.
    """
    found = []
    audit.record("checklist.batch", "checklist_day", "", {"rounds": len(rounds)})
    for taken in _take(actor, rounds):
        found.append(taken is not None)
        if taken:
            done = sum(rules.total(one.said.done) - rules.total(one.state.said.done) for one in taken)
            audit.record(
                "checklist.round",
                "checklist_day",
                taken[0].written.day.isoformat(),
                {"residents": [one.written.resident_id for one in taken], "done": done},
            )
    return found


@operation("checklist.bring", permission="checklist.record")
def bring_round(actor: Actor, batch: Sequence[Written]) -> None:
    """Record one round. Raises ``Invalid`` when it cannot be recorded as a whole: then its device hands the days in singly,
    and each is answered by itself.
    """
    if not bring_rounds(actor, [batch])[0]:
        words = gettext("The round cannot be recorded as a whole; the tablet hands its days in one by one.")
        raise Invalid(words, errors={"days": words})


@dataclass(frozen=True)
class _Taken:
    """A day that can be written: how it stood, what becomes of it, and the columns of the act."""

    written: Written
    state: DayState
    made: Change | None
    act: dict[str, Any]

    @property
    def said(self) -> rules.Said:
        """What stands afterwards."""
        return self.made.said if self.made else self.state.said


def _take(actor: Actor, groups: Sequence[Sequence[Written]]) -> list[list[_Taken] | None]:
    """Write each group of days of which every one is plain; None for the others, of which nothing is written."""
    batch = [one for group in groups for one in group]
    wanted = sorted({one.resident_id for one in batch})
    query = people.visible(actor).where(Resident.id.in_(wanted)).order_by(Resident.id).with_for_update(of=Resident)
    residents = {row.id: row for row in db.session.execute(query.with_only_columns(*NEEDED))}
    keys = select(Recording.record_key).where(Recording.record_key.in_([one.record_key for one in batch]))
    known = set(db.session.scalars(keys))
    states = _states(residents, batch)
    cards = queries.cards_among([one.resident_id for one in batch if one.code])
    found: list[list[_Taken] | None] = []
    for group in groups:
        taken = []
        for one in group:  # every one of them: a day stands for the first that speaks of it, whatever becomes of that
            state = states.pop((one.resident_id, one.day), None)
            fit = None if state is None or one.record_key in known else _fit(actor, one, state, cards)
            if fit is not None:
                taken.append(fit)
        found.append(taken if len(taken) == len(group) else None)
    _write(actor, [one for taken in found if taken for one in taken])
    return found


def _fit(actor: Actor, one: Written, state: DayState, cards: Mapping[int, Sequence[PresenceCard]]) -> _Taken | None:
    best = one.moment.best
    try:
        made = _made(actor, one, state, best)
    except (Invalid, Refused):
        return None
    presence = queries.presence_by(cards.get(one.resident_id, ()), one.code, best)
    evidence = Evidence(one.record_key, presence, tuple(one.photos))
    return _Taken(one, state, made, act_columns(actor, one.resident_id, one.day, made, one.moment, evidence))


def _made(actor: Actor, one: Written, state: DayState, best: dt.datetime) -> Change | None:
    """What becomes of a day. Where everything was done as due, which is nearly always, there is nothing to weigh."""
    if one.done is None:
        return change(actor, state, one.day, checked(state, one), correction=one.correction, made_at=best)
    check_written(state, one)
    said = rules.with_done(state.due, state.said, one.done)
    if said is None:
        entries = {item: {"outcome": "done", "times": count} for item, count in one.done.items()}
        return _made(actor, replace(one, done=None, entries=entries), state, best)
    if said == state.said:
        return None
    more = said.done - state.said.done
    if rules.is_late(one.day, best, clock.ZONE):
        said = replace(said, late=said.late | rules.mask(more))
    asked = sum(rules.bit(item) for item in one.done)
    return Change(said, [], rules.total(more), asked)


def _states(residents: Mapping[int, Any], batch: Sequence[Written]) -> dict[tuple[int, dt.date], DayState]:
    """How each day of a batch stands, locked."""
    found = {}
    by_day: dict[dt.date, set[int]] = {}
    for one in batch:
        by_day.setdefault(one.day, set()).add(one.resident_id)
    plans = queries.plans_by_day(sorted(residents), by_day) if by_day else {}
    for day, ids in sorted(by_day.items()):
        mine = [residents[n] for n in sorted(ids) if n in residents]
        for state in queries.day_states(mine, day, lock=True, plans=plans[day]) if mine else ():
            found[state.resident.id, day] = state
    return found


def _write(actor: Actor, taken: Sequence[_Taken]) -> None:
    """One statement for each table, whatever the number of rows. The locks of the residents keep everybody else away."""
    connection = db.session.connection()
    days = [
        {"day": one.written.day, "resident_id": one.written.resident_id} | columns(actor, one.state, one.made)
        for one in taken
        if one.made is not None
    ]
    if days:
        table: Any = ChecklistDay.__table__
        put: Any = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
        new = {name: put.excluded[name] for name in days[0] if name not in ("day", "resident_id")}
        connection.execute(put.on_conflict_do_update(index_elements=["day", "resident_id"], set_=new), days)
    notes = [row for one in taken if one.made is not None for row in one.made.notes]
    for model, rows in ((ChecklistNote, notes), (Recording, [one.act for one in taken])):
        if rows:
            written: Any = model.__table__
            connection.execute(insert(written), rows)
