"""Opening, saving, submitting and discarding assessment sheets."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import update

import assessments
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.core.operation import operation
from app.grading import queries, rules
from app.grading.drafting import CLIENT_KEY, INSTRUMENT, clean
from app.grading.labels import BAD_DAYS, REASON_OF_CAUSE, wording
from app.grading.models import GradeProposal, ReassessmentDue, Sheet
from app.grading.rules import SheetState
from app.people import queries as people
from app.people.models import Assessor, Resident, ResidentStatus


@operation("sheet.open", permission="sheets.write")
def open_sheet(actor: Actor, resident_id: int, *, client_key: str | None = None, instrument: str = INSTRUMENT) -> Sheet:
    """Begin a sheet for a resident, or go on with the agency's draft of that resident.

    ``client_key`` is the client's own key: the same key gives the same sheet. Raises ``NotFound``, and ``Refused``
    when support has ended, a proposal still waits, or the key belongs to another sheet.
    """
    if client_key is not None and not CLIENT_KEY.fullmatch(client_key):
        raise Invalid(gettext("A key has 8 to 64 letters, digits or ._:- and nothing else."), field="client_key")
    resident = people.resident(actor, resident_id, lock=True)
    if client_key is not None and (known := queries.sheet_by_key(client_key)) is not None:
        if known.resident_id != resident.id or known.state is SheetState.DISCARDED:
            raise Refused(gettext("This key was used for another sheet."), field="client_key")
        row = queries.sheet(actor, known.id)
        audit.record("sheet.resume", "assessment_sheet", row.id)
        return row
    may_assess(resident)
    if client_key is None and (draft := queries.open_draft(actor, resident.id)) is not None:
        audit.record("sheet.resume", "assessment_sheet", draft.id)
        return draft
    return add_sheet(actor, resident, client_key, instrument)


def may_assess(resident: Resident) -> None:
    """Raise ``Refused`` when no sheet can be written for the resident now."""
    if resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended."))
    if queries.open_proposal(resident.id) is not None:
        raise Refused(
            gettext(
                "The last sheet of this resident still waits for its decision; it must be decided or returned first."
            )
        )


def add_sheet(actor: Actor, resident: Resident, client_key: str | None, instrument: str) -> Sheet:
    """A fresh draft; the account's own assessor stands in the first place."""
    try:
        loaded = assessments.load(*instrument.split("@", 1)) if "@" in instrument else None
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
    noted = set(queries.open_causes(resident_id))
    return next((code for cause, code in REASON_OF_CAUSE.items() if cause in noted), "2")


def save_draft(actor: Actor, sheet_id: int, *, version: str | None = None, **fields: Any) -> Sheet:
    """Store what was entered so far; what is not given stays as it was, nothing is filled in.

    ``fields``: ``answers`` and ``facts`` (merged by name; None takes an answer back), ``first_assessor_id``,
    ``second_assessor_id``, ``informant_name``, ``informant_relation``, ``reason_code``, ``assessed_on``, ``notes``.
    ``version`` is the draft the writer saw (``version_of``); another one is ``Refused``. Wrong codes are ``Invalid``.
    """
    actor.require("sheets.write")
    row = queries.sheet(actor, sheet_id)
    if row.state is SheetState.DRAFT and version in (None, version_of(row)) and not _changes(row, clean(row, fields)):
        return row
    return _store_draft(actor, sheet_id, version=version, fields=fields)


def version_of(row: Sheet) -> str:
    """What tells two states of a draft apart."""
    return row.updated_at.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%S.%f")


@operation("sheet.save", permission="sheets.write")
def _store_draft(actor: Actor, sheet_id: int, *, version: str | None, fields: Mapping[str, Any]) -> Sheet:
    row = draft(actor, sheet_id)
    if version is not None and version != version_of(row):
        raise Refused(
            gettext("This draft was changed in another window. Reload the page to go on with the newer entries.")
        )
    wanted = clean(row, fields)
    for name in ("first_assessor_id", "second_assessor_id"):
        if wanted.get(name) is not None and wanted[name] != getattr(row, name):
            _colleague(actor, wanted[name], name)
    if (first := wanted.get("first_assessor_id", row.first_assessor_id)) is not None and first == wanted.get(
        "second_assessor_id", row.second_assessor_id
    ):
        raise Invalid(gettext("Two different people assess."), field="second_assessor_id")
    changes = _changes(row, wanted)
    # Past the ORM: its audit entry would repeat all fifty answers at each tap; this one names what changed.
    db.session.execute(
        update(Sheet).where(Sheet.id == row.id).values(**wanted, updated_at=clock.now()),
        execution_options={"synchronize_session": False},
    )
    audit.record("sheet.save", "assessment_sheet", row.id, changes)
    db.session.refresh(row)
    return row


def _changes(row: Sheet, wanted: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Per entry what stood there and what comes, for the audit log."""
    changes: dict[str, list[Any]] = {}
    for name, after in wanted.items():
        before = getattr(row, name)
        if name in {"answers", "facts"}:
            for key in sorted({*before, *after}):
                if before.get(key) != after.get(key):
                    changes[f"{name}.{key}"] = [before.get(key), after.get(key)]
        elif before != after:
            changes[name] = [str(before) if before is not None else None, str(after) if after is not None else None]
    return changes


def _colleague(actor: Actor, assessor_id: int, field: str) -> Assessor:
    try:
        return people.assessor(actor, assessor_id)
    except NotFound:
        raise Invalid(gettext("There is no such assessor."), field=field) from None


def draft(actor: Actor, sheet_id: int) -> Sheet:
    """A draft the actor may change, locked. Raises ``NotFound``, and ``Refused`` when it was submitted."""
    row = queries.sheet(actor, sheet_id, lock=True)
    if row.state is not SheetState.DRAFT:
        raise Refused(gettext("This sheet was submitted and does not change any more; a correction is a new sheet."))
    return row


@operation("sheet.discard", permission="sheets.write")
def discard_sheet(actor: Actor, sheet_id: int) -> Sheet:
    """Give a draft up. Nothing of it counts; its number is not used again."""
    row = draft(actor, sheet_id)
    row.state = SheetState.DISCARDED
    row.updated_at = clock.now()
    return row


@operation("sheet.submit", permission="sheets.write")
def submit_sheet(actor: Actor, sheet_id: int) -> Sheet:
    """Score a complete draft, freeze it with its result and propose the grade.

    Raises ``Invalid`` naming every missing or wrong entry, ``Refused`` when a rule says no; nothing is stored then.
    """
    row = draft(actor, sheet_id)
    resident = people.resident(actor, row.resident_id, lock=True)
    may_assess(resident)
    errors = problems(actor, row, resident)
    try:
        result = assessments.score({"instrument": row.instrument, "answers": row.answers, "facts": row.facts})
    except assessments.SheetError as error:
        errors |= {p.field: wording({"zh": p.message_zh, "en": p.message_en}) for p in error.problems}
        raise Invalid(gettext("%(count)s entries are missing or wrong.", count=len(errors)), errors=errors) from error
    if errors:
        raise Invalid(" ".join(errors.values()), errors=errors)
    if result.proposed_grade is None:
        raise Refused(gettext("This sheet does not allow a grade to be proposed; the thirty observations are needed."))
    now = clock.now()
    row.result = result.as_dict()
    row.instrument_sha256 = result.sha256
    row.total, row.ability_level = result.total, result.ability_level
    row.statutory_grade, row.score_grade = result.statutory_grade, result.score_grade
    row.proposed_grade, row.tiers_agree = result.proposed_grade, result.tiers_agree
    row.state = SheetState.SUBMITTED
    row.submitted_at = row.updated_at = now
    row.submitted_by, row.submitted_by_person = actor.user_id, actor.person_key
    db.session.add(
        GradeProposal(
            sheet_id=row.id,
            resident_id=row.resident_id,
            state=rules.first_state(result.tiers_agree),
            proposed_grade=result.proposed_grade,
            created_at=now,
        )
    )
    open_notes = db.session.query(ReassessmentDue).filter(
        ReassessmentDue.resident_id == row.resident_id, ReassessmentDue.closed_by_sheet_id.is_(None)
    )
    for note in open_notes:
        note.closed_by_sheet_id = row.id
    return row


def problems(actor: Actor, row: Sheet, resident: Resident) -> dict[str, str]:
    """What is missing or wrong beside the answers: the people, the day, the reason (MZ/T 039-2013 form A)."""
    errors: dict[str, str] = {}
    if not row.reason_code:
        errors["reason_code"] = gettext("Choose the reason for the assessment.")
    if not row.informant_name:
        errors["informant_name"] = gettext("Name the person who informed you.")
    if not row.informant_relation:
        errors["informant_relation"] = gettext("Choose how the informant is related to the resident.")
    last = queries.last_sheet(row.resident_id)
    bad = rules.check_day(
        row.assessed_on,
        today=clock.today(),
        born_on=resident.born_on,
        last_assessed_on=last.assessed_on if last else None,
    )
    if bad is not None:
        errors["assessed_on"] = str(BAD_DAYS[bad])
    assessors = {"first_assessor_id": row.first_assessor, "second_assessor_id": row.second_assessor}
    for name, assessor in assessors.items():
        if assessor is None:
            errors[name] = gettext("Two assessors sign every sheet; name both.")
        elif not assessor.active:
            errors[name] = gettext("%(name)s is not active as assessor.", name=assessor.name)
        elif assessor.certificate_valid_to < row.assessed_on:
            errors[name] = gettext("The certificate of %(name)s had run out on that day.", name=assessor.name)
    known = [assessor for assessor in assessors.values() if assessor is not None]
    if len(known) == 2 and queries.person_of(known[0]) == queries.person_of(known[1]):
        errors["second_assessor_id"] = gettext("Two different people assess.")
    if known and not actor.system and not any(_of(actor, assessor) for assessor in known):
        errors["first_assessor_id"] = gettext("A sheet is submitted by one of its assessors or by their agency.")
    return errors


def _of(actor: Actor, assessor: Assessor) -> bool:
    return actor.assessor_id == assessor.id or (
        actor.organisation_id is not None and actor.organisation_id == assessor.organisation_id
    )
