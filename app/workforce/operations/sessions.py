"""A training session from its plan to the certificates: who records the results does not confirm them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.core import audit, clock, rulebook
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Forbidden, Invalid, NotFound, Refused
from app.core.operation import operation
from app.people import queries as people
from app.people.models import Caregiver, Tier
from app.places.entries import Entries
from app.workforce import queries, rules
from app.workforce.models import Credential, CredentialKind, SessionState, TrainingEntry, TrainingSession
from app.workforce.operations.credentials import read_number, settle

OPEN = frozenset({SessionState.PLANNED, SessionState.RECORDED})
LONGEST_AHEAD = dt.timedelta(days=366)


@operation("training.plan", permission="training.write")
def plan_session(actor: Actor, /, **given: Any) -> TrainingSession:
    """Plan a session of a course (course, held_on, parts, place, teacher) for the actor's own house or area.

    Raises ``Invalid`` naming every wrong field.
    """
    policy = queries.rule()
    known = queries.courses(policy.body)
    entries = Entries(given)
    entries.code("course", known, needed=True)
    today = clock.today()
    entries.date("held_on", earliest=today - LONGEST_AHEAD, latest=today + LONGEST_AHEAD, needed=True)
    if entries.number("parts", 1, 40) is None:
        entries.fail("parts", gettext("Please fill this in."))
    entries.text("place", 120, needed=True)
    entries.text("teacher", 80, needed=True)
    facts = entries.done()
    own_house = actor.role in queries.OWN_HOUSE
    if not actor.area_code or (own_house and not actor.organisation_id):
        raise Forbidden
    row = TrainingSession(
        tier=Tier(known[facts["course"]]["tier"]),
        rule_sha256=policy.sha256,
        area_code=actor.area_code,
        institution_id=actor.organisation_id if own_house else None,
        created_by=actor.user_id,
        created_at=clock.now(),
        **facts,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _own(actor: Actor, session_id: int, states: Iterable[SessionState]) -> TrainingSession:
    row = queries.session(actor, session_id, lock=True)
    if not queries.keeps(actor, row):
        raise NotFound
    if row.state not in states:
        raise Refused(gettext("This session is closed; nothing in it changes any more."))
    return row


@operation("training.invite", permission="training.write")
def add_to_session(actor: Actor, /, session_id: int, caregiver_ids: Iterable[int]) -> int:
    """Put caregivers on the list of a session; how many were new. Raises ``NotFound`` for one the actor does not see."""
    row = _own(actor, session_id, OPEN)
    wanted = sorted(set(caregiver_ids))
    if not wanted:
        raise Invalid(gettext("Choose at least one caregiver."), field="caregivers")
    seen = set(
        db.session.scalars(
            people.visible_caregivers(actor)
            .where(Caregiver.id.in_(wanted), Caregiver.active)
            .with_only_columns(Caregiver.id)
        )
    )
    if seen != set(wanted):
        raise NotFound
    there = set(db.session.scalars(select(TrainingEntry.caregiver_id).where(TrainingEntry.session_id == row.id)))
    new = [one for one in wanted if one not in there]
    db.session.add_all([TrainingEntry(session_id=row.id, caregiver_id=one) for one in new])
    if not new:
        audit.record("training.invite", "training_session", row.id)
    row.state = SessionState.PLANNED  # whose results are missing are not ready to be confirmed
    db.session.flush()
    return len(new)


@operation("training.remove", permission="training.write")
def remove_from_session(actor: Actor, /, session_id: int, caregiver_id: int) -> None:
    """Take somebody off the list before the results are recorded. Raises ``NotFound`` and ``Refused``."""
    row = _own(actor, session_id, {SessionState.PLANNED})
    people.caregiver(actor, caregiver_id)
    entry = (
        db.session.scalars(
            select(TrainingEntry).where(TrainingEntry.session_id == row.id, TrainingEntry.caregiver_id == caregiver_id)
        )
        .unique()
        .one_or_none()
    )
    if entry is None:
        raise NotFound
    db.session.delete(entry)
    db.session.flush()


@operation("training.results", permission="training.write")
def record_results(actor: Actor, /, session_id: int, results: Mapping[int, tuple[object, object]]) -> TrainingSession:
    """Attendance (parts) and test (0–100 points) by caregiver; an empty entry stays unknown. May be corrected until somebody
    else confirms. Raises ``Invalid`` naming every wrong field as ``attended_7`` or ``points_7``.
    """
    row = _own(actor, session_id, OPEN)
    if row.held_on > clock.today():
        raise Refused(gettext("The session has not been held yet."))
    given = {
        f"{name}_{caregiver_id}": value
        for caregiver_id, pair in results.items()
        for name, value in zip(("attended", "points"), pair, strict=True)
    }
    entries = Entries(given)
    listed = queries.entries(actor, row.id)
    if not listed:
        raise Invalid(gettext("Nobody takes part in this session yet."))
    for one in listed:
        entries.number(f"attended_{one.caregiver_id}", 0, row.parts)
        entries.number(f"points_{one.caregiver_id}", 0, 100)
    facts = entries.done()
    complete = True
    for one in listed:
        one.attended = facts[f"attended_{one.caregiver_id}"]
        one.points = facts[f"points_{one.caregiver_id}"]
        complete = complete and one.attended is not None and (one.points is not None or one.attended == 0)
    row.state = SessionState.RECORDED if complete else SessionState.PLANNED
    row.recorded_by, row.recorded_by_person = actor.user_id, actor.person_key
    audit.record("training.results", "training_session", row.id, {"people": len(listed), "complete": complete})
    db.session.flush()
    return row


@operation("training.certify", permission="training.certify")
def certify(actor: Actor, /, session_id: int) -> int:
    """Confirm the results: everybody who passed gets a certificate, the session is closed; how many.

    Raises ``Refused`` while results are missing, and for the person who entered them.
    """
    row = _own(actor, session_id, OPEN)
    if row.state is not SessionState.RECORDED:
        raise Refused(gettext("Attendance and test of everybody come first."))
    if row.recorded_by_person == actor.person_key:
        raise Refused(gettext("Who entered the results cannot confirm them; somebody else must."))
    listed = list(db.session.scalars(select(TrainingEntry).where(TrainingEntry.session_id == row.id)).unique())
    body = rulebook.rule_by_sha("workforce", row.rule_sha256).body
    given = 0
    for one in sorted(listed, key=lambda one: one.caregiver_id):
        if rules.passed(row.parts, one.attended, one.points, body["training"]):
            one.credential_id = _give(actor, row, one.caregiver_id, int(body["training"]["valid_months"])).id
            given += 1
    row.state, row.closed_by, row.closed_at = SessionState.CLOSED, actor.user_id, clock.now()
    db.session.flush()
    for one in listed:
        if one.credential_id is not None:
            settle(actor, one.caregiver_id, clock.today())
    return given


def _give(actor: Actor, row: TrainingSession, caregiver_id: int, months: int) -> Credential:
    made = Credential(
        caregiver_id=caregiver_id,
        kind=CredentialKind.TRAINING,
        tier=row.tier,
        number=read_number(row.held_on),
        issuer=_issuer(row),
        issued_on=row.held_on,
        valid_to=rules.valid_to(row.held_on, months),
        session_id=row.id,
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    return made


def _issuer(row: TrainingSession) -> str:
    return row.institution.name if row.institution is not None else row.area.name


@operation("training.cancel", permission="training.write")
def cancel_session(actor: Actor, /, session_id: int, reason: str) -> TrainingSession:
    """Call a session off; the reason stands in the audit log. Raises ``Refused`` once it is closed."""
    row = _own(actor, session_id, OPEN)
    entries = Entries({"reason": reason})
    entries.text("reason", 200, needed=True)
    entries.done()
    row.state = SessionState.CANCELLED
    db.session.flush()
    return row
