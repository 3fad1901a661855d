"""The bundle: what an assessor needs for thirty days without network, and not more.

Residents come from the due list and are limited to what the actor may see. ID numbers, telephone numbers, addresses and
health notes stay in the county: a tablet can be lost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select

import assessments
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.periods import age_on
from app.grading import instruments
from app.grading import queries as grading
from app.grading.models import GradeProposal, Sheet, SheetPair
from app.grading.queries import due as due_queries
from app.grading.queries import pairs
from app.grading.rules import OPEN, SheetState
from app.people import queries as people
from app.people.models import Assessor, Resident, ResidentStatus
from app.places import queries as places
from assessments.export import exported
from assessments.model import Instrument

OFFLINE_DAYS = 30
"""So long a device works without contact; then what was downloaded is forgotten."""
MAX_RESIDENTS = 400
"""Residents of one bundle at most: about 3 MB. A larger area is taken along township by township."""
KEPT_SHEETS = 2
"""Earlier sheets of each resident that go along."""


def areas(actor: Actor) -> list[dict[str, Any]]:
    """The townships (or, within one, the villages) an assessor chooses from, with how many residents are due there."""
    found = places.areas_under(actor.area_code or "", "township" if len(actor.area_code or "") < 9 else "village")
    if not found:
        return []
    length = len(found[0].code)
    prefix = func.substr(Resident.area_code, 1, length).label("code")
    query = due_queries.due_list(actor).with_only_columns(prefix, func.count().label("number")).group_by(prefix)
    due = {row.code: row.number for row in db.session.execute(query)}
    return [{"code": area.code, "name": area.name, "due": due.get(area.code, 0)} for area in found]


def taken(actor: Actor, area_codes: Sequence[str]) -> list[Resident]:
    """Supported residents of the chosen areas (all of the actor's when none is chosen), those due first."""
    chosen = area_codes or [""]
    found: dict[int, Resident] = {}
    for code in chosen:
        for query in (
            due_queries.due_list(actor, area_code=code),
            people.found(actor, area_code=code, status=ResidentStatus.ACTIVE),
        ):
            rows = people.in_care(query).order_by(Resident.area_code, Resident.id).limit(MAX_RESIDENTS)
            for row in db.session.scalars(rows).unique():
                found.setdefault(row.id, row)
    return list(found.values())[:MAX_RESIDENTS]


def bundle(actor: Actor, area_codes: Sequence[str]) -> dict[str, Any]:
    """Everything to take along, ready for JSON. Days are local dates, instants UTC."""
    residents = taken(actor, area_codes)
    ids = [row.id for row in residents]
    due = {row.resident.id: row for row in due_queries.due_rows(actor, residents)}
    grades = grading.grades_on(ids, clock.today())
    waiting = set(
        db.session.scalars(
            select(GradeProposal.resident_id).where(GradeProposal.resident_id.in_(ids), GradeProposal.state.in_(OPEN))
        )
    )
    waiting |= pairs.differing(ids)
    blind = pairs.open_pairs(ids)
    earlier = _earlier(actor, ids)
    instrument = instruments.in_force(clock.today())
    offered = _offered(instrument)
    forms = {one.key: one for one in offered}
    for key in {kept["instrument"] for kept_sheets in earlier.values() for kept in kept_sheets} - forms.keys():
        forms[key] = instruments.find(key)
    own = people.assessor(actor, actor.assessor_id) if actor.assessor_id else None
    return {
        "v": 1,
        "issued_at": _instant(clock.now()),
        "today": clock.today().isoformat(),
        "offline_days": OFFLINE_DAYS,
        "instrument": instrument.key,
        "offered": [one.key for one in offered],
        "instruments": {key: exported(one) for key, one in sorted(forms.items())},
        "me": {"name": actor.name, "assessor": _assessor(own) if own else None},
        "colleagues": [_assessor(row) for row in grading.colleagues(actor)],
        "areas": areas(actor),
        "taken": list(area_codes),
        "residents": [
            {
                **_resident(row),
                "due": _due(due.get(row.id)),
                "waiting": row.id in waiting or (row.id in blind and not pairs.named_in(blind[row.id], actor)),
                "pair": _pair(actor, blind.get(row.id)),
                "grade": grades[row.id].grade if row.id in grades else None,
                "sheets": earlier.get(row.id, []),
            }
            for row in residents
        ],
    }


def _offered(in_force: Instrument) -> list[Instrument]:
    """What a sheet may be written with: the county's instrument first, then the shipped ones that ask something else."""
    others = [key for key in assessments.available() if key.partition("@")[0] != in_force.code]
    return [in_force, *(instruments.find(key) for key in others)]


def _pair(actor: Actor, pair: SheetPair | None) -> dict[str, Any] | None:
    """The blind pair the actor is named in: its name for the record, and whether the own sheet is still to come."""
    if pair is None or not pairs.named_in(pair, actor):
        return None
    own = pairs.own_sheet(pair, actor)
    return {"token": pair.token, "open": own is None or own.state is SheetState.DRAFT}


def _resident(row: Resident) -> dict[str, Any]:
    informants = []
    if row.guardian_name:
        informants.append({"name": row.guardian_name, "relation": row.guardian_relation or "5"})
    if row.caregiver is not None:
        informants.append({"name": row.caregiver.name, "relation": "4"})
    return {
        "id": row.id,
        "number": row.number,
        "name": row.name,
        "search": row.search,
        "sex": row.sex.value,
        "born_on": row.born_on.isoformat(),
        "age": age_on(row.born_on, clock.today()),
        "village": row.area.name,
        "area_code": row.area_code,
        "setting": row.setting.value,
        "institution": row.institution.name if row.institution else None,
        "guardian": row.guardian_name,
        "informants": informants,
    }


def _due(row: due_queries.DueRow | None) -> dict[str, Any] | None:
    if row is None or not row.causes:
        return None
    on = row.due_on.isoformat() if row.due_on else None
    return {"causes": list(row.causes), "on": on, "overdue": row.overdue}


def _assessor(row: Assessor) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "valid_to": row.certificate_valid_to.isoformat()}


def _earlier(actor: Actor, ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The last submitted sheets of each resident, newest first, as far as the actor may see them."""
    query = (
        grading.visible_sheets(actor)
        .where(Sheet.resident_id.in_(list(ids)), Sheet.state == SheetState.SUBMITTED)
        .order_by(Sheet.assessed_on.desc(), Sheet.id.desc())
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in db.session.scalars(query).unique():
        kept = found.setdefault(row.resident_id, [])
        if len(kept) < KEPT_SHEETS:
            kept.append(_sheet(row))
    return found


def _sheet(row: Sheet) -> dict[str, Any]:
    return {
        "number": row.number,
        "assessed_on": row.assessed_on.isoformat(),
        "instrument": row.instrument,
        "answers": row.answers,
        "facts": row.facts,
        "result": row.result,
        "assessors": [a.name for a in (row.first_assessor, row.second_assessor) if a is not None],
        "informant": row.informant_name,
        "notes": row.notes,
    }


def _instant(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
