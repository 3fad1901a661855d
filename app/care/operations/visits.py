"""Visiting residents and reporting incidents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from flask_babel import gettext
from sqlalchemy import select

from app.care import queries, rules
from app.care.labels import INCIDENT_KINDS, SEVERITIES
from app.care.models import Incident, IncidentStep, Visit
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.grading.operations import note_accidents, report_change
from app.people import queries as people

ACCIDENTS = ("fall", "bed_fall", "choking", "wandering", "harm")
"""Kinds of incident that form A of MZ/T 039-2013 asks for: falls, choking, getting lost, harm."""


@operation("visit.record", permission="visits.write")
def record_visit(
    actor: Actor,
    resident_id: int,
    visited_on: dt.date,
    *,
    ate_together: bool = False,
    talked: bool = False,
    caregiver_present: bool = False,
    satisfaction: int | None = None,
    neighbour_view: int | None = None,
    clean: bool | None = None,
    skin: bool | None = None,
    steady: bool | None = None,
    problem: bool = False,
    note: str | None = None,
) -> Visit:
    """Put a visit on record. Unanswered questions stay unanswered; a problem needs a note."""
    resident = people.resident(actor, resident_id)
    if visited_on > clock.today():
        raise Invalid(gettext("The day has not come yet."), field="visited_on")
    if visited_on < resident.supported_from:
        raise Invalid(gettext("Support of this resident had not begun on that day."), field="visited_on")
    if clock.today() - visited_on > rules.MAX_BACKDATING:
        raise Invalid(gettext("Days more than three months back cannot be recorded any more."), field="visited_on")
    if problem and not (note or "").strip():
        raise Invalid(gettext("Say what the problem was."), field="note")
    for name, value in (("satisfaction", satisfaction), ("neighbour_view", neighbour_view)):
        if value is not None and not 0 <= value <= 5:
            raise Invalid(gettext("Choose 0 to 5."), field=name)
    account, role = actor.person()
    twice = select(Visit.id).where(
        Visit.resident_id == resident.id, Visit.visitor_id == account, Visit.visited_on == visited_on
    )
    if db.session.scalar(twice) is not None:
        raise Invalid(gettext("You have already recorded a visit on that day."), field="visited_on")
    row = Visit(
        resident_id=resident.id,
        visited_on=visited_on,
        visitor_id=account,
        role=role.value,
        ate_together=ate_together,
        talked=talked,
        caregiver_present=caregiver_present,
        satisfaction=satisfaction,
        neighbour_view=neighbour_view,
        clean=clean,
        skin=skin,
        steady=steady,
        problem=problem,
        recorded_at=clock.now(),
    )
    row.note = (note or "")[:2000]
    db.session.add(row)
    return row


@operation("visit.hear", permission="visits.write")
def hear_resident(
    actor: Actor, resident_id: int, answers: Mapping[str, bool | None], *, alone: bool, words: str = ""
) -> Visit:
    """Put on record what a resident said without the caregiver, as part of today's visit; the satisfaction of the scorecard
    is how many of the questions were yes, once all are answered.

    Raises ``Invalid`` when the caregiver was there, nothing was answered, or the resident was heard today already.
    """
    resident = people.resident(actor, resident_id, lock=True)
    if not alone:
        raise Invalid(gettext("Ask without the caregiver; only then is it the resident's own voice."), field="alone")
    said = {name: answers.get(name) for name in rules.VOICE}
    if not any(value is not None for value in said.values()) and len(words.strip()) < 2:
        raise Invalid(gettext("Nothing was answered yet."), field="food")
    if len(words) > 2000:
        raise Invalid(gettext("The note is too long (at most %(limit)s characters).", limit=2000), field="words")
    account, role = actor.person()
    today = clock.today()
    query = select(Visit).where(
        Visit.resident_id == resident.id, Visit.visitor_id == account, Visit.visited_on == today
    )
    row = db.session.scalars(query).unique().one_or_none()
    if row is None:
        row = Visit(resident_id=resident.id, visited_on=today, visitor_id=account, role=role.value)
        row.talked, row.recorded_at = True, clock.now()
        db.session.add(row)
    elif row.voice is not None or row.satisfaction is not None or row.caregiver_present:
        raise Invalid(gettext("You have already recorded a visit on that day."), field="alone")
    row.voice, row.satisfaction = said, rules.points(said)
    if words.strip():
        row.note = "\n".join(text for text in (row.note or "", words.strip()) if text)[:2000]
    db.session.flush()
    return row


@operation("incident.report", permission="incidents.write")
def report_incident(
    actor: Actor,
    resident_id: int,
    *,
    kind: str,
    happened_on: dt.date,
    severity: str,
    note: str,
    time: dt.time | None = None,
) -> Incident:
    """Report a fall, choking, sore …, with the local time of day where it is known; whether it was avoidable is judged
    later by the county, never assumed.
    """
    resident = people.resident(actor, resident_id)
    errors: dict[str, str] = {}
    if kind not in INCIDENT_KINDS:
        errors["kind"] = gettext("Choose what happened.")
    if severity not in SEVERITIES:
        errors["severity"] = gettext("Choose how severe it was.")
    if happened_on > clock.today():
        errors["happened_on"] = gettext("The day has not come yet.")
    elif happened_on < resident.supported_from:
        errors["happened_on"] = gettext("Support of this resident had not begun on that day.")
    if len(note.strip()) < 2:
        errors["note"] = gettext("Say what happened.")
    happened_at = dt.datetime.combine(happened_on, time, tzinfo=clock.ZONE) if time is not None else None
    if happened_at is not None and happened_at > clock.now() and "happened_on" not in errors:
        errors["time"] = gettext("This time has not come yet.")
    if errors:
        raise Invalid(gettext("The incident was not recorded."), errors=errors)
    account, _role = actor.person()
    row = Incident(
        resident_id=resident.id,
        kind=kind,
        happened_on=happened_on,
        happened_at=happened_at,
        reported_at=clock.now(),
        reported_by=account,
        severity=severity,
    )
    row.note = note[:2000]
    db.session.add(row)
    if kind in ACCIDENTS:
        db.session.flush()
        known = select(Incident.happened_on).where(Incident.resident_id == resident.id, Incident.kind.in_(ACCIDENTS))
        note_accidents(actor, resident.id, happened_on, list(db.session.scalars(known)))
    return row


STEP_LIMIT = 1000


@operation("incident.step", permission="incidents.write")
def add_step(actor: Actor, incident_id: int, *, kind: str, text: str, due_on: dt.date | None = None) -> IncidentStep:
    """Put on record what was done about an incident; ``reassess`` also puts the resident on the due list of assessments.

    An incident is closed only after somebody was told and a measure was taken; then nothing is added. Raises ``Invalid``,
    ``Refused``.
    """
    row = queries.incident(actor, incident_id, lock=True)
    done = [step.kind for step in queries.steps_of(row.id)]
    if "closed" in done:
        raise Refused(gettext("This incident is closed."))
    errors: dict[str, str] = {}
    if kind not in rules.STEPS:
        errors["step"] = gettext("Choose one.")
    if not 2 <= len(text.strip()) <= STEP_LIMIT:
        errors["text"] = gettext("Say it in 2 to %(limit)s characters.", limit=STEP_LIMIT)
    if kind == "follow_up" and due_on is None:
        errors["due_on"] = gettext("Give the day on which it is looked at again.")
    if kind == "closed" and rules.missing_to_close(done):
        errors["step"] = gettext("Before closing, put on record who was told and what was done.")
    if errors:
        raise Invalid(gettext("Nothing was stored yet."), errors=errors)
    if kind == "reassess":
        report_change(actor, row.resident_id, "change", text[:200])
    account, _role = actor.person()
    step = IncidentStep(
        incident_id=row.id,
        kind=kind,
        due_on=due_on if kind == "follow_up" else None,
        recorded_by=account,
        recorded_at=clock.now(),
    )
    step.text = text
    db.session.add(step)
    audit.record("incident.step", "incident", row.id, {"kind": kind})
    return step


@operation("incident.judge", permission="incidents.judge")
def judge_incident(actor: Actor, incident_id: int, *, avoidable: bool, reason: str) -> Incident:
    """Say whether an incident was avoidable, with the reason; it counts in scorecard part B."""
    row = queries.incident(actor, incident_id, lock=True)
    if row.avoidable is not None:
        raise Refused(gettext("This incident is judged already."))
    if len(reason.strip()) < 2:
        raise Invalid(gettext("Give the reason."), field="reason")
    row.avoidable, row.judged_by, row.judgement = avoidable, actor.user_id, reason.strip()[:500]
    return row
