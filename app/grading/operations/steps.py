"""Steps that several acts of assessment share: may a sheet begin, a fresh draft, freezing it, proposing the grade."""

from __future__ import annotations

import uuid

from flask_babel import gettext

import assessments
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.grading import instruments, queries, rules
from app.grading.labels import REASON_OF_CAUSE
from app.grading.models import GradeProposal, Sheet
from app.grading.operations import appeals
from app.grading.queries import due as due_queries
from app.grading.queries import pairs
from app.grading.rules import SheetState
from app.grading.rules.pairing import PairState
from app.people.models import Resident, ResidentStatus


def may_assess_support(resident: Resident) -> None:
    """Raise ``Refused`` when support of the resident has ended."""
    if resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended."))


def may_assess(resident: Resident) -> None:
    """Raise ``Refused`` when no ordinary sheet can be written for the resident now."""
    may_assess_support(resident)
    if queries.open_proposal(resident.id) is not None:
        raise Refused(
            gettext(
                "The last sheet of this resident still waits for its decision; it must be decided or returned first."
            )
        )
    pair = pairs.unsettled_pair(resident.id)
    if pair is not None and pair.state is PairState.OPEN:
        raise Refused(gettext("Two named assessors score this resident independently; nobody else begins a sheet."))
    if pair is not None:
        raise Refused(gettext("Sheets of this resident wait for a comparison; that must be settled first."))


def add_sheet(actor: Actor, resident: Resident, client_key: str | None, instrument: str) -> Sheet:
    """A fresh draft; the account's own assessor stands in the first place."""
    try:
        loaded = instruments.find(instrument)
    except assessments.InstrumentError:
        loaded = None
    if loaded is None or loaded.kind != "instrument":
        raise Invalid(gettext("There is no such instrument."), field="instrument")
    now = clock.now()
    key = client_key or uuid.uuid4().hex
    row = Sheet(
        number=uuid.uuid4().hex[:24],
        client_key=key,
        resident_id=resident.id,
        reason_code=_reason(resident.id),
        assessed_on=clock.today(),
        instrument=loaded.key,
        instrument_sha256=loaded.sha256,
        state=SheetState.DRAFT,
        first_assessor_id=actor.assessor_id,
        answers={},
        facts={},
        created_by=actor.user_id,
        created_by_person=actor.person_key,
        created_at=now,
        updated_at=now,
    )
    db.session.add(row)
    db.session.flush()
    row.number = f"A{clock.today().year}-{row.id:06d}"
    db.session.flush()
    return row


def _reason(resident_id: int) -> str:
    """The reason offered for a new sheet: the first one, what was reported (an objection before a change), or regular."""
    if queries.last_sheet(resident_id) is None:
        return "1"
    noted = set(due_queries.open_causes(resident_id))
    return next((code for cause, code in REASON_OF_CAUSE.items() if cause in noted), "2")


def propose(row: Sheet) -> None:
    """The grade a submitted sheet proposes. Raises ``Refused`` for a sheet that allows none."""
    if row.proposed_grade is None:
        raise Refused(gettext("This sheet does not allow a grade to be proposed; the thirty observations are needed."))
    db.session.add(
        GradeProposal(
            sheet_id=row.id,
            resident_id=row.resident_id,
            state=rules.first_state(row.tiers_agree),
            proposed_grade=row.proposed_grade,
            created_at=clock.now(),
        )
    )
    appeals.attach(row)
    db.session.flush()


def close_notes(resident_id: int, sheet_id: int) -> None:
    """Whatever put the resident on the due list is answered by this sheet."""
    for note in due_queries.notes_of(resident_id):
        note.closed_by_sheet_id = sheet_id


def freeze(row: Sheet, actor: Actor, result: assessments.Result, state: SheetState) -> None:
    """Write the result beside the answers and close the sheet for ever."""
    now = clock.now()
    row.result = result.as_dict()
    row.instrument_sha256 = result.sha256
    row.total, row.ability_level = result.total, result.ability_level
    row.statutory_grade, row.score_grade = result.statutory_grade, result.score_grade
    row.proposed_grade, row.tiers_agree = result.proposed_grade, result.tiers_agree
    row.state = state
    row.submitted_at = row.updated_at = now
    row.submitted_by, row.submitted_by_person = actor.user_id, actor.person_key
