"""What who cares takes along: the own residents, what their plans make due on each day, what is recorded already.

The device does no arithmetic with frequencies: the county counts what is due for every day of the time without network.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.care import queries as care
from app.care import rules
from app.care.labels import DRINKS, FOODS, ITEM_SHORT, REASONS, frequency_words
from app.care.models import CarePlan
from app.core import clock
from app.core.actor import Actor, Role
from app.core.db import db
from app.people import queries as people
from app.people.labels import ABSENCE_LABELS
from app.people.models import Absence, Resident, ResidentStatus
from app.tablet.kinds import both
from app.tablet.queries.bundle import MAX_RESIDENTS, OFFLINE_DAYS
from app.tablet.rules import written

DAYS_BACK = 6
"""Days gone by that can be recorded late or corrected on the device."""
NOT_NEEDED = frozenset({"hospital", "ill", "self", "family"})
"""Reasons that make a service unnecessary; with every other one it was missed."""


def residents_of(actor: Actor) -> list[Resident]:
    """Whom the actor cares for, by name."""
    query = people.visible(actor).where(Resident.status == ResidentStatus.ACTIVE)
    rows = people.in_care(query).order_by(Resident.search, Resident.id).limit(MAX_RESIDENTS)
    return list(db.session.scalars(rows).unique())


def care_bundle(actor: Actor) -> dict[str, Any]:
    """Everything to take along, ready for JSON. Days are local dates, instants UTC."""
    today, residents = clock.today(), residents_of(actor)
    first, last = today - dt.timedelta(days=DAYS_BACK), today + dt.timedelta(days=OFFLINE_DAYS)
    plans = _plans([row.id for row in residents], first, last)
    said = _said(residents, first, today)
    frequencies = {line["frequency"] for some in plans.values() for plan in some for line in plan.lines}
    kept = care.kept_elsewhere(set(plans), first, last, frequencies)
    away = _away([row.id for row in residents], first)
    cards = care.holding_cards([row.id for row in residents], today)
    housed = actor.role is not Role.CAREGIVER
    return {
        "v": 1,
        "care": True,
        "ward": housed,
        "issued_at": written(clock.now()),
        "today": today.isoformat(),
        "first": first.isoformat(),
        "offline_days": OFFLINE_DAYS,
        "me": {"name": actor.name, "user": actor.user_id, "assessor": None},
        "colleagues": [{"id": one.id, "name": one.name} for one in care.colleagues(actor)]
        if _hands_over(actor)
        else [],
        "hands_over": _hands_over(actor),
        "areas": [],
        "taken": [],
        "instruments": {},
        "hours": _hours(actor.organisation_id, first, last),
        "items": _items(plans),
        "reasons": [
            {"code": code, "words": both(lambda code=code: str(REASONS[code])), "not_needed": code in NOT_NEEDED}  # type: ignore[misc]  # the code is bound now
            for code in REASONS
        ],
        "residents": [
            {
                "id": row.id,
                "number": row.number,
                "name": row.name,
                "search": row.search,
                "area_code": row.area_code,
                "village": row.area.name,
                "sheets": [],
                "plans": [_plan(plan) for plan in plans[row.id]],
                "due": [
                    _due(plans[row.id], day, _still(kept.get((row.id, day), 0), said[row.id].get(day.isoformat(), {})))
                    for day in (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
                ],
                "said": said[row.id],
                "away": away[row.id],
                "food": _food(plans[row.id], today),
                "cards": [rules.card_check(care.card_code(one)) for one in cards.get(row.id, ())],
            }
            for row in residents
        ],
    }


def _hours(institution_id: int | None, first: dt.date, last: dt.date) -> list[dict[str, Any]]:
    """When shifts begin on the days taken along, by versions: the first holds from the first day on."""
    hours_on, found = care.hours_of(institution_id), list[dict[str, Any]]()
    for day in (first + dt.timedelta(days=n) for n in range((last - first).days + 1)):
        hours = hours_on(day)
        if not found or found[-1]["key"] != hours.key:
            found.append({"from": day.isoformat(), "key": hours.key, "begins": [list(one) for one in hours.begins]})
    return found


def _hands_over(actor: Actor) -> bool:
    return actor.may("handovers.sign") and actor.organisation_id is not None


def _plans(ids: Sequence[int], first: dt.date, last: dt.date) -> dict[int, list[CarePlan]]:
    """Plans that count within the days, by resident."""
    query = select(CarePlan).where(
        CarePlan.resident_id.in_(ids),
        CarePlan.state.in_(care.COUNTS),
        CarePlan.valid_from <= last,
        (CarePlan.valid_to.is_(None)) | (CarePlan.valid_to >= first),
    )
    found: dict[int, list[CarePlan]] = defaultdict(list)
    for row in db.session.scalars(query.order_by(CarePlan.valid_from)).unique():
        found[row.resident_id].append(row)
    return found


def _of(plans: Sequence[CarePlan], day: dt.date) -> CarePlan | None:
    return next((p for p in plans if p.valid_from <= day and (p.valid_to is None or p.valid_to >= day)), None)


def _due(plans: Sequence[CarePlan], day: dt.date, kept: int) -> str:
    """How often each item is still due on a day, less what was given on another day of its period: twelve hexadecimal
    digits, S01 first; empty without a plan.
    """
    plan = _of(plans, day)
    return "" if plan is None else f"{rules.due_times(plan.lines, day) - kept:012x}"[::-1]


def _still(kept: int, counts: dict[str, Any]) -> int:
    """What was given on another day, but for services somebody has said something else about."""
    return rules.pack({item: n for item, n in rules.counts(kept).items() if not counts.get("not_done", {}).get(item)})


def _plan(plan: CarePlan) -> dict[str, Any]:
    """The lines of a plan in words, and how many of a day's times belong before each hour, 0 … 24, as hexadecimal digits:
    whatever the hours of the shifts are that day.
    """
    lines = []
    for line in plan.lines:
        often = rules.times_a_day(line["frequency"])
        parsed = rules.parse_frequency(line["frequency"])
        if not (parsed.required or parsed.as_needed):
            continue
        lines.append(
            {
                "item": line["item"],
                "often": both(lambda line=line: frequency_words(line["frequency"])),  # type: ignore[misc]  # the line is bound now
                "by": "".join(f"{rules.expected_by(line['frequency'], often, hour):x}" for hour in range(25)),
                "notes": [{"zh": rules.plain_zh(note["zh"]), "en": note["en"]} for note in line["notes"]],
                "note": line["note"],
            }
        )
    to = plan.valid_to.isoformat() if plan.valid_to else None
    return {"from": plan.valid_from.isoformat(), "to": to, "lines": lines}


def _food(plans: Sequence[CarePlan], day: dt.date) -> dict[str, str] | None:
    """The confirmed texture of food and drink in words; never a mere suggestion."""
    plan = _of(plans, day)
    if plan is None or not plan.confirmed:
        return None
    food, drink = plan.confirmed.get("food"), plan.confirmed.get("drink")
    if food not in FOODS or drink not in DRINKS:
        return None
    return both(lambda: f"{FOODS[food]} · {DRINKS[drink]}")


def _items(plans: dict[int, list[CarePlan]]) -> dict[str, Any]:
    """Names of the twelve items, from the newest standard of the plans taken along."""
    every = [plan for some in plans.values() for plan in some]
    texts = rules.texts(care.standard_of(max(every, key=lambda p: p.valid_from)).body) if every else {}
    return {
        item: {
            "short": both(lambda item=item: str(ITEM_SHORT[item])),  # type: ignore[misc]  # the item is bound now
            "name": {"zh": texts[item].short_zh, "en": texts[item].short_en} if item in texts else None,
        }
        for item in rules.ITEMS
    }


def _said(residents: Sequence[Resident], first: dt.date, last: dt.date) -> dict[int, dict[str, Any]]:
    """What stands on record for each day, by resident: counts by outcome and item; days without a record are left out."""
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for n in range((last - first).days + 1):
        day = first + dt.timedelta(days=n)
        for state in care.day_states(residents, day):
            counts = {
                "done": rules.counts(state.said.done),
                "not_done": rules.counts(state.said.not_done),
                "not_needed": rules.counts(state.said.excused),
                "extra": {item: count for item, count in state.extras.items() if count},
            }
            if any(counts.values()):
                found[state.resident.id][day.isoformat()] = counts
    return found


def _away(ids: Sequence[int], first: dt.date) -> dict[int, list[dict[str, Any]]]:
    query = select(Absence).where(Absence.resident_id.in_(ids), (Absence.to_on.is_(None)) | (Absence.to_on >= first))
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in db.session.scalars(query.order_by(Absence.from_on)):
        found[row.resident_id].append(
            {
                "from": row.from_on.isoformat(),
                "to": row.to_on.isoformat() if row.to_on else None,
                "why": both(lambda row=row: str(ABSENCE_LABELS[row.kind])),  # type: ignore[misc]  # the row is bound now
            }
        )
    return found
