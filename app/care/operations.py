"""Planning care, recording it day by day, visiting, reporting incidents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.care import queries, rules
from app.care.labels import INCIDENT_KINDS, REASONS, SEVERITIES
from app.care.models import CarePlan, ChecklistDay, ChecklistNote, Incident, PlanState, Visit
from app.care.rules import Outcome
from app.core import audit, clock
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.core.rulebook import rule_in_force
from app.grading.queries import grade_on
from app.people import queries as people
from app.people.models import ResidentStatus

NOTE_LIMIT = 500


@operation("plan.draft", permission="plans.write")
def draft_plan(actor: Actor, resident_id: int, *, valid_from: dt.date | None = None) -> CarePlan:
    """Draw up a plan from the grade in force on its first day, the setting, the standard and the observations."""
    resident = people.resident(actor, resident_id)
    start = valid_from or clock.today()
    if resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended."))
    grade = grade_on(resident.id, start)
    if grade is None:
        raise Invalid(gettext("No care grade is in force on %(day)s.", day=start), field="valid_from")
    standard = rule_in_force("care_standard", start)
    sheet = grade.proposal.sheet
    row = CarePlan(
        number=queries.next_plan_number(start.year),
        resident_id=resident.id,
        grade_id=grade.id,
        setting=resident.setting,
        state=PlanState.DRAFT,
        standard_code=standard.code,
        standard_sha256=standard.sha256,
        lines=rules.plan_lines(standard.body, grade.grade, resident.setting.value, sheet.answers, sheet.facts),
        valid_from=start,
        drafted_by=actor.user_id,
        drafted_by_person=actor.person_key,
        drafted_at=clock.now(),
    )
    db.session.add(row)
    return row


@operation("plan.change", permission="plans.write")
def update_plan(
    actor: Actor, plan_id: int, lines: Mapping[str, Mapping[str, str]], *, valid_from: dt.date, notes: str | None = None
) -> CarePlan:
    """Change a draft: per item a frequency (never below the standard's minimum) and a note; first day; notes."""
    row = queries.plan(actor, plan_id, lock=True)
    if row.state is not PlanState.DRAFT:
        raise Refused(gettext("An approved plan does not change; draw up a new one."))
    errors: dict[str, str] = {}
    changed = []
    for line in row.lines:
        given = lines.get(line["item"], {})
        frequency = given.get("frequency", line["frequency"]).strip()
        try:
            if rules.below_minimum(frequency, line["minimum"]):
                errors[line["item"]] = gettext("Less than the standard asks (%(minimum)s).", minimum=line["minimum"])
        except rules.BadFrequency:
            errors[line["item"]] = gettext("Write it as 3/d, 2/w, 1/m, q2h, q2hD, prn or -.")
        changed.append({**line, "frequency": frequency, "note": given.get("note", line["note"]).strip()[:NOTE_LIMIT]})
    grade = grade_on(row.resident_id, valid_from)
    if grade is None or grade.id != row.grade_id:
        errors["valid_from"] = gettext("Another care grade is in force on that day; draw up a new plan.")
    if errors:
        raise Invalid(gettext("The plan was not saved."), errors=errors)
    row.lines, row.valid_from, row.notes = changed, valid_from, (notes or "").strip()[:2000] or None
    audit.record("plan.change", "care_plan", row.id, {"valid_from": valid_from.isoformat()})
    return row


@operation("plan.approve", permission="plans.approve")
def approve_plan(actor: Actor, plan_id: int) -> CarePlan:
    """Put a plan in force by a second person; the plan before it ends the day before."""
    row = queries.plan(actor, plan_id, lock=True)
    if row.state is not PlanState.DRAFT:
        raise Refused(gettext("This plan is decided already."))
    if row.drafted_by_person == actor.person_key:
        raise Refused(gettext("Nobody approves a plan of one's own."))
    later = select(CarePlan).where(
        CarePlan.resident_id == row.resident_id,
        CarePlan.state.in_(queries.COUNTS),
        (CarePlan.valid_to.is_(None)) | (CarePlan.valid_to >= row.valid_from),
    )
    for other in db.session.scalars(later.with_for_update(of=CarePlan)).unique():
        if other.valid_from >= row.valid_from:
            raise Refused(gettext("Plan %(number)s begins on the same day or later.", number=other.number))
        other.valid_to, other.state = row.valid_from - dt.timedelta(days=1), PlanState.REPLACED
    row.state, row.approved_by, row.approved_at = PlanState.APPROVED, actor.user_id, clock.now()
    return row


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
    resident = people.resident(actor, resident_id)
    now, today = clock.now(), clock.today()
    if day > today:
        raise Invalid(gettext("The day has not come yet."), field="day")
    if today - day > rules.MAX_BACKDATING:
        raise Invalid(gettext("Days more than three months back cannot be recorded any more."), field="day")
    if resident.ended_on is not None and day > resident.ended_on:
        raise Invalid(gettext("Support of this resident had ended on that day."), field="day")
    plan = queries.plan_on(resident.id, day)
    if plan is None:
        raise Refused(gettext("No approved care plan covers this day."))
    row = db.session.get(
        ChecklistDay, (day, resident.id, shift), with_for_update=True, populate_existing=True
    ) or ChecklistDay(
        day=day, resident_id=resident.id, shift=shift, done_mask=0, excused_mask=0, not_done_mask=0, late_mask=0
    )
    before = rules.Masks(row.done_mask, row.excused_mask, row.not_done_mask, row.late_mask)
    due = rules.due_mask(plan.lines, day)
    checked = _check_entries(entries, rules.recordable_mask(plan.lines, day))
    late = rules.is_late(day, now, clock.ZONE)
    after, correction = before, (reason or "").strip()
    for item, (outcome, code, note) in checked.items():
        again = bool(before.recorded & rules.bit(item))
        if again and _outcome(before, item) is outcome and not note:
            continue
        if again and not correction:
            raise Invalid(
                gettext("Something was recorded already. Give the reason for the correction."), field="reason"
            )
        after = rules.with_entry(after, item, outcome, late=late)
        if outcome is not Outcome.DONE or again or note:
            db.session.add(
                ChecklistNote(
                    day=day,
                    resident_id=resident.id,
                    shift=shift,
                    item=item,
                    outcome=outcome.value,
                    reason_code=code,
                    note=(f"{correction}: {note}" if again and note else (correction if again else note)) or None,
                    late=late,
                    correction=again,
                    recorded_by=actor.user_id,
                    recorded_at=now,
                )
            )
    if after == before:
        raise Invalid(gettext("Nothing new was recorded."), field="day")
    row.plan_id, row.due_mask = plan.id, due
    row.done_mask, row.excused_mask, row.not_done_mask, row.late_mask = (
        after.done,
        after.excused,
        after.not_done,
        after.late,
    )
    row.recorded_by, row.recorded_at = actor.user_id, now
    row.caregiver_id = actor.caregiver_id if actor.role is Role.CAREGIVER else resident.caregiver_id
    db.session.add(row)
    audit.record(
        "checklist.record",
        "checklist_day",
        f"{resident.id}/{day.isoformat()}/{shift}",
        {"done": [before.done, after.done], "not_done": [before.not_done, after.not_done], "late": late},
    )
    return row


def _outcome(masks: rules.Masks, item: str) -> Outcome:
    one = rules.bit(item)
    return Outcome.DONE if masks.done & one else (Outcome.NOT_NEEDED if masks.excused & one else Outcome.NOT_DONE)


def _check_entries(
    entries: Mapping[str, Mapping[str, Any]], allowed: int
) -> dict[str, tuple[Outcome, str | None, str | None]]:
    errors: dict[str, str] = {}
    checked: dict[str, tuple[Outcome, str | None, str | None]] = {}
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
        note = str(entry.get("note") or "").strip()[:NOTE_LIMIT] or None
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
    if clock.today() - visited_on > rules.MAX_BACKDATING:
        raise Invalid(gettext("Days more than three months back cannot be recorded any more."), field="visited_on")
    if problem and not (note or "").strip():
        raise Invalid(gettext("Say what the problem was."), field="note")
    for name, value in (("satisfaction", satisfaction), ("neighbour_view", neighbour_view)):
        if value is not None and not 0 <= value <= 5:
            raise Invalid(gettext("Choose 0 to 5."), field=name)
    assert actor.user_id is not None  # noqa: S101  # the permission belongs to people only
    assert actor.role is not None  # noqa: S101  # the permission belongs to people only
    twice = select(Visit.id).where(
        Visit.resident_id == resident.id, Visit.visitor_id == actor.user_id, Visit.visited_on == visited_on
    )
    if db.session.scalar(twice) is not None:
        raise Invalid(gettext("You have already recorded a visit on that day."), field="visited_on")
    row = Visit(
        resident_id=resident.id,
        visited_on=visited_on,
        visitor_id=actor.user_id,
        role=actor.role.value,
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


@operation("incident.report", permission="incidents.write")
def report_incident(
    actor: Actor, resident_id: int, *, kind: str, happened_on: dt.date, severity: str, note: str
) -> Incident:
    """Report a fall, choking, sore …; whether it was avoidable is judged later by the county, never assumed."""
    resident = people.resident(actor, resident_id)
    errors: dict[str, str] = {}
    if kind not in INCIDENT_KINDS:
        errors["kind"] = gettext("Choose what happened.")
    if severity not in SEVERITIES:
        errors["severity"] = gettext("Choose how severe it was.")
    if happened_on > clock.today():
        errors["happened_on"] = gettext("The day has not come yet.")
    if len(note.strip()) < 2:
        errors["note"] = gettext("Say what happened.")
    if errors:
        raise Invalid(gettext("The incident was not recorded."), errors=errors)
    assert actor.user_id is not None  # noqa: S101  # incidents.write belongs to people only
    row = Incident(
        resident_id=resident.id,
        kind=kind,
        happened_on=happened_on,
        reported_at=clock.now(),
        reported_by=actor.user_id,
        severity=severity,
    )
    row.note = note[:2000]
    db.session.add(row)
    return row


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
