"""Who shows unsafe signs, and whose daily record no longer fits the plan; each row with what it rests on."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Select, case, func, select

from app.care import rules as care
from app.care.models import CarePlan, ChecklistNote, Incident, Visit
from app.care.queries.plans import COUNTS
from app.core import clock, rulebook
from app.core.actor import Actor
from app.core.db import db, one_row
from app.core.policies import Policy
from app.core.rulebook import rule_in_force
from app.grading.models import ReassessmentDue, Sheet, SheetState
from app.people import queries as people
from app.people.models import Resident, ResidentStatus
from app.places.queries import within
from app.trends.models import Measurement
from app.trends.rules import Drift, Loss, Sign, drifts, weight_loss

rulebook.ship(Path(__file__).parent / "policies")
FALLS = ("fall", "bed_fall")


def rule(on: dt.date | None = None) -> Policy:
    """The county's marks in force on a day (today). Raises ``Refused``."""
    return rule_in_force("unsafe_signs", on or clock.today())


@dataclass(frozen=True)
class Seen:
    """One sign of one resident. ``since`` is the day it is seen from, ``count`` how often; ``loss`` and ``drift`` say more."""

    sign: Sign
    resident: Resident
    since: dt.date
    count: int = 0
    loss: Loss | None = None
    drift: Drift | None = None
    noted: bool = False
    """Whether the resident stands on the due list for it already."""


@dataclass(frozen=True)
class Asked:
    """The question: kind of sign, area, one resident, those of some caregivers; ``drifts``: whether the daily record is read
    against the plan too.
    """

    sign: Sign | None = None
    area_code: str = ""
    resident_id: int | None = None
    caregivers: Collection[int] | None = None
    drifts: bool = True


def _asked(actor: Actor, asked: Asked) -> Select[Resident]:
    query = people.visible(actor).where(Resident.status == ResidentStatus.ACTIVE)
    if asked.area_code:
        query = query.where(within(Resident.area_code, asked.area_code))
    if asked.resident_id is not None:
        query = query.where(Resident.id == asked.resident_id)
    if asked.caregivers is not None:
        query = query.where(Resident.caregiver_id.in_(asked.caregivers))
    return query


def signs(actor: Actor, today: dt.date, asked: Asked) -> list[Seen]:
    """Every sign of the residents the actor may see, the latest first."""
    body = rule(today).body
    found: dict[int, list[tuple[Sign, dt.date, int, Any]]] = defaultdict(list)
    scope = _asked(actor, asked).with_only_columns(Resident.id)
    looks: Mapping[Sign, Any] = {Sign.WEIGHT: _weights, Sign.FALLS: _falls, Sign.SKIN: _skin}
    for sign, look in looks.items():
        if asked.sign in (None, sign):
            for resident_id, since, count, more in look(scope, body, today):
                found[resident_id].append((sign, since, count, more))
    if asked.drifts and asked.sign in (None, Sign.GONE, Sign.CAME):
        for resident_id, one in drifting(scope, body, today):
            if asked.sign in (None, one.sign):
                since = today - dt.timedelta(days=int(body["drift"]["days"]))
                found[resident_id].append((one.sign, since, one.times, one))
    persons = {row.id: row for row in _rows(list(found))}
    noted = _noted(list(found), today - dt.timedelta(days=int(body["drift"]["quiet_days"])))
    rows = [
        Seen(
            sign,
            persons[resident_id],
            since,
            count,
            more if isinstance(more, Loss) else None,
            more if isinstance(more, Drift) else None,
            resident_id in noted,
        )
        for resident_id, listed in found.items()
        for sign, since, count, more in listed
    ]
    return sorted(rows, key=lambda one: (-one.since.toordinal(), one.resident.area_code, one.resident.id, one.sign))


def _rows(ids: Sequence[int]) -> Iterable[Resident]:
    return db.session.scalars(select(Resident).where(Resident.id.in_(ids))).unique() if ids else ()


def _weights(scope: Any, body: Mapping[str, Any], today: dt.date) -> Iterable[tuple[int, dt.date, int, Loss]]:
    longest = max(int(mark["days"]) for mark in body["weight"])
    query = select(Measurement.resident_id, Measurement.taken_on, Measurement.weight).where(
        Measurement.resident_id.in_(scope),
        Measurement.weight.is_not(None),
        Measurement.taken_back_at.is_(None),
        Measurement.taken_on.between(today - dt.timedelta(days=2 * longest), today),
    )
    readings: dict[int, list[tuple[dt.date, int]]] = defaultdict(list)
    for resident_id, day, weight in db.session.execute(query):
        readings[resident_id].append((day, int(weight or 0)))
    for resident_id, listed in readings.items():
        if loss := weight_loss(listed, body["weight"], today):
            yield resident_id, loss.last[0], loss.grams, loss


def _falls(scope: Any, body: Mapping[str, Any], today: dt.date) -> Iterable[tuple[int, dt.date, int, None]]:
    query = (
        select(Incident.resident_id, func.max(Incident.happened_on), func.count())
        .where(
            Incident.resident_id.in_(scope),
            Incident.kind.in_(FALLS),
            Incident.happened_on.between(today - dt.timedelta(days=int(body["falls"]["days"])), today),
        )
        .group_by(Incident.resident_id)
        .having(func.count() >= int(body["falls"]["at_least"]))
    )
    for resident_id, last, count in db.session.execute(query):
        yield resident_id, last, count, None


def _skin(scope: Any, body: Mapping[str, Any], today: dt.date) -> Iterable[tuple[int, dt.date, int, None]]:
    """A pressure sore reported, skin seen broken by a visitor, or measured above stage 0, each within the days of the mark."""
    first = today - dt.timedelta(days=int(body["skin"]["days"]))
    looks = (
        select(Incident.resident_id, Incident.happened_on).where(
            Incident.resident_id.in_(scope),
            Incident.kind == "pressure_sore",
            Incident.happened_on.between(first, today),
        ),
        select(Visit.resident_id, Visit.visited_on).where(
            Visit.resident_id.in_(scope), Visit.skin.is_(False), Visit.visited_on.between(first, today)
        ),
        select(Measurement.resident_id, Measurement.taken_on).where(
            Measurement.resident_id.in_(scope),
            Measurement.skin > 0,
            Measurement.taken_back_at.is_(None),
            Measurement.taken_on.between(first, today),
        ),
    )
    days: dict[int, list[dt.date]] = defaultdict(list)
    for query in looks:
        for resident_id, day in db.session.execute(query):
            days[resident_id].append(day)
    for resident_id, listed in days.items():
        yield resident_id, max(listed), len(listed), None


def drifting(scope: Any, body: Mapping[str, Any], today: dt.date) -> list[tuple[int, Drift]]:
    """Residents (of ``scope``, a query of their numbers) whose record of the last days no longer fits the plan in force.

    What a correction took back counts against; days before the present plan do not count.
    """
    marks = body["drift"]
    first, last = today - dt.timedelta(days=int(marks["days"])), today - dt.timedelta(days=1)
    sign = case((ChecklistNote.before.is_(None), ChecklistNote.times), else_=-ChecklistNote.times)
    alone = case(
        ((ChecklistNote.outcome == "not_needed") & (ChecklistNote.reason_code == "self"), ChecklistNote.times),
        (ChecklistNote.before == "not_needed", -ChecklistNote.times),
        else_=0,
    )
    unplanned = case((ChecklistNote.extra & (ChecklistNote.outcome != "note"), sign), else_=0)
    query = (
        select(ChecklistNote.resident_id, ChecklistNote.item, func.sum(alone), func.sum(unplanned))
        .join(CarePlan, CarePlan.resident_id == ChecklistNote.resident_id)
        .where(
            ChecklistNote.resident_id.in_(scope),
            ChecklistNote.day.between(first, last),
            ChecklistNote.day >= CarePlan.valid_from,
            CarePlan.state.in_(COUNTS),
            CarePlan.valid_from <= today,
            (CarePlan.valid_to.is_(None)) | (CarePlan.valid_to >= today),
        )
        .group_by(ChecklistNote.resident_id, ChecklistNote.item)
    )
    said: dict[int, tuple[dict[str, int], dict[str, int]]] = defaultdict(lambda: ({}, {}))
    for resident_id, item, did, came in db.session.execute(query):
        if int(did or 0) > 0:
            said[resident_id][0][item] = int(did)
        if int(came or 0) > 0:
            said[resident_id][1][item] = int(came)
    plans = select(CarePlan.resident_id, CarePlan.valid_from, CarePlan.lines).where(
        CarePlan.resident_id.in_(said),
        CarePlan.state.in_(COUNTS),
        CarePlan.valid_from <= today,
        (CarePlan.valid_to.is_(None)) | (CarePlan.valid_to >= today),
    )
    found = []
    for resident_id, begins, lines in db.session.execute(plans):
        due = {line["item"]: care.services_due(line["frequency"], max(first, begins), last) for line in lines}
        found += [(resident_id, one) for one in drifts(due, *said[resident_id], marks)]
    return sorted(found, key=lambda row: (row[0], row[1].item))


def _noted(ids: Sequence[int], since: dt.date) -> set[int]:
    """Who was put on the due list for a drift since a day, or was assessed since."""
    noted = select(ReassessmentDue.resident_id).where(
        ReassessmentDue.resident_id.in_(ids), ReassessmentDue.cause == "drift", ReassessmentDue.due_on >= since
    )
    return set(db.session.scalars(noted))


def to_note(today: dt.date) -> dict[int, list[Drift]]:
    """Drifts nobody was told of: not noted within the quiet days, and not assessed since the window began."""
    body = rule(today).body
    everybody = select(Resident.id).where(Resident.status == ResidentStatus.ACTIVE)
    found: dict[int, list[Drift]] = defaultdict(list)
    for resident_id, one in drifting(everybody, body, today):
        found[resident_id].append(one)
    quiet = _noted(list(found), today - dt.timedelta(days=int(body["drift"]["quiet_days"])))
    window = today - dt.timedelta(days=int(body["drift"]["days"]))
    assessed = select(Sheet.resident_id).where(
        Sheet.resident_id.in_(found), Sheet.state == SheetState.SUBMITTED, Sheet.assessed_on >= window
    )
    quiet |= set(db.session.scalars(assessed))
    return {resident_id: listed for resident_id, listed in found.items() if resident_id not in quiet}


def visible_measurements(actor: Actor) -> Select[Measurement]:
    """Measurements of the residents the actor may see."""
    return select(Measurement).where(Measurement.resident_id.in_(people.visible(actor).with_only_columns(Resident.id)))


def measurement(actor: Actor, measurement_id: int, *, lock: bool = False) -> Measurement:
    """One visible measurement. Raises ``NotFound``."""
    return one_row(visible_measurements(actor).where(Measurement.id == measurement_id), lock=lock)


def measurements_of(resident_id: int, limit: int = 60) -> list[Measurement]:
    """The latest measurements of one resident, newest first; those taken back too."""
    query = select(Measurement).where(Measurement.resident_id == resident_id)
    query = query.order_by(Measurement.taken_on.desc(), Measurement.id.desc()).limit(limit)
    return list(db.session.scalars(query).unique())
