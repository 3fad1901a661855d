"""Drawing up, changing and approving care plans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.care import queries, rules
from app.care.labels import DRINKS, MISSING, SIGNED_AS
from app.care.models import CarePlan, CareProfile, PlanState
from app.core import audit, clock, shown
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.core.policies import Policy
from app.core.rulebook import rule_in_force
from app.core.together import remembered
from app.grading.models import CareGrade, Sheet
from app.grading.queries import grade_on
from app.people import queries as people
from app.people.models import Assessor, Resident, ResidentStatus

NOTE_LIMIT = 500
NOTES_LIMIT = 2000
NIGHT_LIMITS = {"helper": 80, "institution": 500}


@operation("plan.draft", permission="plans.write")
def draft_plan(actor: Actor, resident_id: int, *, valid_from: dt.date | None = None) -> CarePlan:
    """Draw up a plan from the grade in force on its first day, the setting, the standard and the observations.

    A resident has one draft: an open one is drawn again from today's facts, and what people wrote into it stays. Raises
    ``Invalid`` for a wrong day, ``Refused`` when support has ended.
    """
    resident = people.resident(actor, resident_id, lock=True)
    start = valid_from or clock.today()
    if resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended."))
    _check_start(resident, start)
    grade, standard, personal = _basis(resident, start)
    row, sheet = queries.open_draft(resident.id), grade.proposal.sheet
    before = queries.plan_on(resident.id, start)
    profile = queries.profile_of(resident.id)
    if row is None:
        row = CarePlan(number=queries.next_plan_number(start.year), resident_id=resident.id, state=PlanState.DRAFT)
        row.lines, row.risks, row.texture, row.night, row.confirmed = [], [], {}, {}, None
        db.session.add(row)
    written = {line["item"]: line for line in row.lines}
    noted = {risk["id"]: risk["note"] for risk in row.risks}
    row.lines = [
        _kept(line, written.get(line["item"], line))
        for line in rules.plan_lines(
            standard.body, personal.body, grade.grade, resident.setting.value, sheet.answers, sheet.facts
        )
    ]
    row.risks = [
        {**risk, "note": noted.get(risk["id"], "")}
        for risk in rules.risk_lines(personal.body, sheet.answers, sheet.facts)
    ]
    row.night = row.night or (before.night if before else {})
    texture = _texture(personal, profile, sheet)
    row.confirmed = next((p.confirmed for p in (row, before) if p and p.confirmed and p.texture == texture), None)
    row.texture, row.profile_id = texture, profile.id if profile else None
    row.grade_id, row.setting, row.valid_from = grade.id, resident.setting, start
    row.standard_code, row.standard_sha256, row.personal_sha256 = standard.code, standard.sha256, personal.sha256
    row.drafted_by, row.drafted_by_person, row.drafted_at = actor.user_id, actor.person_key, clock.now()
    audit.record("plan.draft", "care_plan", row.number, {"valid_from": start.isoformat()})
    return row


def _texture(personal: Policy, profile: CareProfile | None, sheet: Sheet) -> dict[str, Any]:
    """The food texture that teeth, swallowing and the sheet suggest; it counts only once a qualified person confirms."""
    found = rules.suggest(
        personal.body,
        swallow=profile.swallow if profile else None,
        teeth=profile.teeth if profile else None,
        denture=profile.denture if profile else None,
        residue=bool(profile and profile.residue),
        answers=sheet.answers,
        facts=sheet.facts,
    )
    return found.stored()


def _kept(line: dict[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """A fresh line with the note of the earlier draft, and its frequency when somebody had chosen another."""
    chosen = written["frequency"] != written["suggested"]
    kept = chosen and not rules.below_minimum(written["frequency"], line["minimum"])
    return {**line, "note": written["note"], "frequency": written["frequency"] if kept else line["frequency"]}


def _basis(resident: Resident, start: dt.date) -> tuple[CareGrade, Policy, Policy]:
    """Grade, care standard and rules for one person in force on a plan's first day. Raises ``Invalid`` without a grade."""
    grade = grade_on(resident.id, start)
    if grade is None:
        raise Invalid(gettext("No care grade is in force on %(day)s.", day=shown.date(start)), field="valid_from")
    return grade, rule_in_force("care_standard", start), rule_in_force("personal_plan", start)


def _check_start(resident: Resident, start: dt.date) -> None:
    """Raise ``Invalid`` for a first day before the support, too far back, or over days that were recorded already:
    what was due on a recorded day never changes.
    """
    if start < resident.supported_from:
        raise Invalid(gettext("Support of this resident had not begun on that day."), field="valid_from")
    if clock.today() - start > rules.MAX_BACKDATING:
        raise Invalid(gettext("A plan cannot begin more than three months back."), field="valid_from")
    recorded = queries.last_recorded(resident.id, start)
    if recorded is not None:
        words = gettext(
            "Care was already recorded on %(day)s; let the plan begin on a later day.", day=shown.date(recorded)
        )
        raise Invalid(words, field="valid_from")


@operation("plan.change", permission="plans.write")
def update_plan(
    actor: Actor,
    plan_id: int,
    lines: Mapping[str, Mapping[str, str]],
    *,
    valid_from: dt.date,
    notes: str | None = None,
    night: Mapping[str, Any] | None = None,
    risks: Mapping[str, str] | None = None,
) -> CarePlan:
    """Change a draft: per item a frequency (never below the standard's minimum) and a note; first day; notes; who cares
    at night ({lives_in, helper, institution}); a measure of one's own per risk.
    """
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
        note = given.get("note", line["note"]).strip()
        if len(note) > NOTE_LIMIT:
            errors[line["item"]] = gettext("The note is too long (at most %(limit)s characters).", limit=NOTE_LIMIT)
        changed.append({**line, "frequency": frequency, "note": note})
    grade = grade_on(row.resident_id, valid_from)
    if grade is None or grade.id != row.grade_id:
        errors["valid_from"] = gettext("Another care grade is in force on that day; draw up a new plan.")
    else:
        try:
            _check_start(row.resident, valid_from)
        except Invalid as error:
            errors["valid_from"] = error.message
    if night is not None and any(len(str(night.get(k) or "")) > NIGHT_LIMITS[k] for k in NIGHT_LIMITS):
        errors["helper"] = gettext("Name or note is too long.")
    for risk, note in (risks or {}).items():
        if len(note) > NOTE_LIMIT:
            errors[f"risk_{risk}"] = gettext("The note is too long (at most %(limit)s characters).", limit=NOTE_LIMIT)
    if errors:
        raise Invalid(gettext("The plan was not saved."), errors=errors)
    if night is not None:
        row.night = {
            "lives_in": night.get("lives_in"),
            "helper": str(night.get("helper") or "").strip() or None,
            "institution": str(night.get("institution") or "").strip() or None,
        }
    if risks is not None:
        row.risks = [{**risk, "note": risks.get(risk["id"], risk["note"]).strip()} for risk in row.risks]
    row.lines, row.valid_from, row.notes = changed, valid_from, (notes or "").strip()[:NOTES_LIMIT] or None
    row.drafted_by, row.drafted_by_person, row.drafted_at = actor.user_id, actor.person_key, clock.now()
    audit.record("plan.change", "care_plan", row.id, {"valid_from": valid_from.isoformat()})
    return row


@operation("plan.approve", permission="plans.approve")
def approve_plan(actor: Actor, plan_id: int) -> CarePlan:
    """Put a plan in force by a second person; the plan before it ends the day before.

    Raises ``Refused`` for the drafter, when another plan begins on the same day or later, and when grade, form of
    support or standard are no longer those it was drawn from; ``Invalid`` when the first day went by (see the draft).
    """
    resident = people.resident(actor, queries.plan(actor, plan_id).resident_id, lock=True)
    row = queries.plan(actor, plan_id, lock=True)
    if row.state is not PlanState.DRAFT:
        raise Refused(gettext("This plan is decided already."))
    if row.drafted_by_person == actor.person_key:
        raise Refused(gettext("Nobody approves a plan of one's own."))
    if resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended."))
    _check_start(resident, row.valid_from)
    grade, standard, personal = _basis(resident, row.valid_from)
    if lacks := queries.missing(row):
        raise Refused(" ".join(str(MISSING[word]) for word in lacks))
    profile = queries.profile_of(resident.id)
    if (grade.id, resident.setting, standard.sha256, personal.sha256, profile.id if profile else None) != (
        row.grade_id,
        row.setting,
        row.standard_sha256,
        row.personal_sha256,
        row.profile_id,
    ):
        raise Refused(
            gettext(
                "Care grade, form of support, care standard or the person's profile has changed since this plan was drawn up; "
                "it must be drawn up again."
            )
        )
    for other in queries.plans_from(row.resident_id, row.valid_from):
        if other.valid_from >= row.valid_from:
            raise Refused(gettext("Plan %(number)s begins on the same day or later.", number=other.number))
        other.valid_to, other.state = row.valid_from - dt.timedelta(days=1), PlanState.REPLACED
    db.session.flush()  # the database refuses two plans on one day: the old one ends before the new one begins
    row.state, row.approved_by, row.approved_at = PlanState.APPROVED, actor.user_id, clock.now()
    return row


@remembered(reads={"assessor": ""})
def _own_record(user_id: int | None) -> Assessor | None:
    return db.session.scalars(select(Assessor).where(Assessor.user_id == user_id, Assessor.active)).first()


QUALIFIED = frozenset({"medical", "nursing", "rehabilitation"})
"""Qualifications of an assessor that may confirm a food texture."""


@operation("plan.texture", permission="textures.confirm")
def confirm_texture(actor: Actor, plan_id: int, *, food: str, drink: str, reason: str = "") -> CarePlan:
    """Confirm or change the suggested food texture of a draft, as a physician, nurse or rehabilitation therapist.

    A harder food than suggested needs a written reason; nothing by mouth is only lifted with one. Raises ``Invalid``,
    ``Refused`` for others and for plans already in force.
    """
    row = queries.plan(actor, plan_id, lock=True)
    if row.state is not PlanState.DRAFT:
        raise Refused(gettext("An approved plan does not change; draw up a new one."))
    own = _own_record(actor.user_id)
    if actor.role is not Role.ASSESSOR or own is None or own.qualification not in QUALIFIED:
        raise Refused(gettext("Only a physician, nurse or rehabilitation therapist confirms a food texture."))
    if own.certificate_valid_to < clock.today():
        raise Refused(gettext("Your certificate has run out."))
    personal = queries.personal_of(row).body
    ladder = [*personal["texture"]["ladder"], rules.NOTHING]
    errors: dict[str, str] = {}
    if food not in ladder:
        errors["food"] = gettext("Choose one.")
    if drink not in DRINKS:
        errors["drink"] = gettext("Choose one.")
    suggested = row.texture.get("food")
    harder = not errors and suggested is not None and not rules.softer_or_equal(personal, food, suggested)
    if (harder or suggested is None) and len(reason.strip()) < 2:
        errors["reason"] = gettext("Harder food than suggested, or without a test: give the reason.")
    if len(reason) > NOTE_LIMIT:
        errors["reason"] = gettext("The note is too long (at most %(limit)s characters).", limit=NOTE_LIMIT)
    if errors:
        raise Invalid(gettext("The texture was not confirmed."), errors=errors)
    row.confirmed = {
        "food": food,
        "drink": drink,
        "reason": reason.strip(),
        "by": own.name,
        "qualification": own.qualification,
        "certificate": own.certificate_number,
        "at": clock.now().isoformat(timespec="minutes"),
    }
    return row


@operation("plan.sign", permission="plans.write")
def sign_plan(
    actor: Actor, plan_id: int, *, name: str, signed_as: str, signed_on: dt.date, witness: str = ""
) -> CarePlan:
    """Put on record who agreed to an approved plan: the person, a guardian, or a mark before a named witness.

    The paper carries the signature itself. Raises ``Invalid``, ``Refused`` when it is signed already or not approved.
    """
    row = queries.plan(actor, plan_id, lock=True)
    if row.state is PlanState.DRAFT:
        raise Refused(gettext("A draft is not signed: have it approved first."))
    if row.signed:
        raise Refused(gettext("This plan is signed already."))
    errors: dict[str, str] = {}
    if not 1 < len(name.strip()) <= 80:
        errors["name"] = gettext("Give the name (at most 80 characters).")
    if signed_as not in SIGNED_AS:
        errors["signed_as"] = gettext("Choose one.")
    if signed_as == "mark" and not 1 < len(witness.strip()) <= 80:
        errors["witness"] = gettext("A mark needs a named witness.")
    if not row.drafted_at.astimezone(clock.ZONE).date() <= signed_on <= clock.today():
        errors["signed_on"] = gettext("The day must lie between the drawing up and today.")
    if errors:
        raise Invalid(gettext("The signature was not put on record."), errors=errors)
    row.signed = {
        "name": name.strip(),
        "as": signed_as,
        "witness": witness.strip()[:80],
        "on": signed_on.isoformat(),
        "by": actor.name,
        "at": clock.now().isoformat(timespec="minutes"),
    }
    return row
