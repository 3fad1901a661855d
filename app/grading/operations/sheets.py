"""Opening, saving, submitting and discarding assessment sheets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import update
from sqlalchemy.orm.attributes import set_committed_value

import assessments
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.core.operation import operation
from app.grading import instruments, queries, rules
from app.grading.drafting import CLIENT_KEY, clean, instrument_of
from app.grading.labels import BAD_DAYS, wording
from app.grading.models import Sheet, SheetPair
from app.grading.operations import pairs as pair_acts
from app.grading.operations.steps import add_sheet, close_notes, freeze, may_assess, may_assess_support, propose
from app.grading.queries import appeals, pairs
from app.grading.rules import SheetState
from app.grading.rules.pairing import PairState
from app.people import queries as people
from app.people.models import Assessor, Resident


@operation("sheet.open", permission="sheets.write")
def open_sheet(
    actor: Actor, resident_id: int, *, client_key: str | None = None, instrument: str | None = None
) -> Sheet:
    """Begin a sheet for a resident, or go on with the agency's draft of that resident.

    ``client_key`` is the client's own key: the same key gives the same sheet. ``instrument`` is the one in force
    today unless another version is named. Raises ``NotFound``, and ``Refused``
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
    instrument = instrument or instruments.in_force(clock.today()).key
    if (pair := pairs.unsettled_pair(resident.id)) is not None and pairs.named_in(pair, actor):
        return _open_blind(actor, resident, pair, client_key, instrument)
    may_assess(resident)
    if client_key is None and (draft := queries.open_draft(actor, resident.id)) is not None:
        audit.record("sheet.resume", "assessment_sheet", draft.id)
        return draft
    return add_sheet(actor, resident, client_key, instrument)


def _open_blind(actor: Actor, resident: Resident, pair: SheetPair, client_key: str | None, instrument: str) -> Sheet:
    """The actor's own sheet of a blind pair: a fresh one, or the draft begun before."""
    if pair.state is not PairState.OPEN:
        may_assess(resident)
    own = pairs.own_sheet(pair, actor)
    if own is not None and own.state is not SheetState.DRAFT:
        raise Refused(gettext("Your sheet is in. It stays sealed until the other assessor has handed in."))
    if own is not None:
        audit.record("sheet.resume", "assessment_sheet", own.id)
        return own
    may_assess_support(resident)
    row = add_sheet(actor, resident, client_key, instrument)
    pair_acts.join(pair, row)
    return row


@operation("sheet.instrument", permission="sheets.write")
def choose_instrument(actor: Actor, sheet_id: int, instrument: str) -> Sheet:
    """Write a draft that holds no answer yet with another instrument. Raises ``Refused`` once something was answered:
    answers to other questions would mean something else.
    """
    row = draft(actor, sheet_id)
    if row.answers or row.facts:
        raise Refused(
            gettext("This sheet holds answers already; give the draft up to begin one with another instrument."),
            field="instrument",
        )
    try:
        chosen = instruments.find(instrument)
    except assessments.InstrumentError:
        raise Invalid(gettext("There is no such instrument."), field="instrument") from None
    row.instrument, row.instrument_sha256 = chosen.key, chosen.sha256
    row.updated_at = clock.now()
    return row


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
    return write_draft(actor, row, fields)


def write_draft(actor: Actor, row: Sheet, fields: Mapping[str, Any]) -> Sheet:
    """Write into a draft the actor may change; joins the transaction of its operation. Wrong codes are ``Invalid``."""
    wanted = clean(row, fields)
    for name in ("first_assessor_id", "second_assessor_id"):
        if wanted.get(name) is not None and wanted[name] != getattr(row, name):
            _colleague(actor, wanted[name], name)
    if (first := wanted.get("first_assessor_id", row.first_assessor_id)) is not None and first == wanted.get(
        "second_assessor_id", row.second_assessor_id
    ):
        raise Invalid(gettext("Two different people assess."), field="second_assessor_id")
    changes, wanted = _changes(row, wanted), {**wanted, "updated_at": clock.now()}
    # Past the ORM: its audit entry would repeat all fifty answers at each tap; this one names what changed.
    db.session.execute(
        update(Sheet).where(Sheet.id == row.id).values(**wanted),
        execution_options={"synchronize_session": False, "about": row.resident_id},
    )
    audit.record("sheet.save", "assessment_sheet", row.id, changes)
    for name, value in wanted.items():
        set_committed_value(row, name, value)
    db.session.expire(row, ["first_assessor", "second_assessor"])
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
    return hand_in(actor, row, resident, queries.last_sheet(row.resident_id), pairs.blind_pair_of(row.id))


def hand_in(actor: Actor, row: Sheet, resident: Resident, last: Sheet | None, pair: SheetPair | None) -> Sheet:
    """Score and freeze a complete draft of a resident that is held; joins the transaction of its operation.
    ``last`` is the submitted sheet before it, ``pair`` the blind pair it was opened for.
    """
    if pair is None:
        may_assess(resident)
    elif pair.state is not PairState.OPEN:
        raise Refused(gettext("This pair is settled or was given up; a sheet for it does not count any more."))
    else:
        may_assess_support(resident)
    result = scored(actor, row, resident, last, pair)
    if pair is not None:
        freeze(row, actor, result, SheetState.SEALED)
        db.session.flush()
        pair_acts.hand_in(actor, pair)
        return row
    if result.proposed_grade is None:
        raise Refused(gettext("This sheet does not allow a grade to be proposed; the thirty observations are needed."))
    freeze(row, actor, result, SheetState.SUBMITTED)
    propose(row)
    close_notes(row.resident_id, row.id)
    return row


def scored(
    actor: Actor, row: Sheet, resident: Resident, last: Sheet | None, pair: SheetPair | None
) -> assessments.Result:
    """The result of a complete draft that follows the sheet ``last``, of a blind pair or alone. Raises ``Invalid`` naming every missing or wrong
    entry.
    """
    errors = problems(actor, row, resident, last, pair)
    try:
        result = assessments.score(
            {"instrument": row.instrument, "answers": row.answers, "facts": row.facts}, instrument_of(row)
        )
    except assessments.SheetError as error:
        errors |= {p.field: wording({"zh": p.message_zh, "en": p.message_en}) for p in error.problems}
        raise Invalid(gettext("%(count)s entries are missing or wrong.", count=len(errors)), errors=errors) from error
    if errors:
        raise Invalid(" ".join(errors.values()), errors=errors)
    return result


def problems(
    actor: Actor, row: Sheet, resident: Resident, last: Sheet | None, pair: SheetPair | None
) -> dict[str, str]:
    """What is missing or wrong beside the answers: the people, the day, the reason (MZ/T 039-2013 form A)."""
    errors: dict[str, str] = {}
    if not row.reason_code:
        errors["reason_code"] = gettext("Choose the reason for the assessment.")
    if not row.informant_name:
        errors["informant_name"] = gettext("Name the person who informed you.")
    if not row.informant_relation:
        errors["informant_relation"] = gettext("Choose how the informant is related to the resident.")
    bad = rules.check_day(
        row.assessed_on,
        today=clock.today(),
        born_on=resident.born_on,
        last_assessed_on=last.assessed_on if last else None,
        months=appeals.deadlines(clock.today()).months_of(row.instrument),
    )
    if bad is not None:
        errors["assessed_on"] = str(BAD_DAYS[bad])
    assessors = {"first_assessor_id": row.first_assessor, "second_assessor_id": row.second_assessor}
    if pair is not None:
        if row.second_assessor is not None:
            errors["second_assessor_id"] = gettext("In a blind pair each assessor scores alone; leave this empty.")
        if row.first_assessor_id != actor.assessor_id:
            errors["first_assessor_id"] = gettext("In a blind pair each assessor hands in the own sheet.")
        del assessors["second_assessor_id"]
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
    errors |= _scored_before(resident, assessors)
    if (
        known
        and not errors.get("first_assessor_id")
        and not actor.system
        and not any(_of(actor, assessor) for assessor in known)
    ):
        errors["first_assessor_id"] = gettext("A sheet is submitted by one of its assessors or by their agency.")
    return errors


def _scored_before(resident: Resident, assessors: Mapping[str, Assessor | None]) -> dict[str, str]:
    """Under an appeal: whoever scored the first time does not score again."""
    appeal = appeals.waiting_appeal(resident.id)
    if appeal is None:
        return {}
    first = {queries.person_of(assessor) for assessor in _pair(appeals.first_sheet(appeal))}
    return {
        name: gettext("%(name)s scored the first time; an appeal needs other assessors.", name=assessor.name)
        for name, assessor in assessors.items()
        if assessor is not None and queries.person_of(assessor) in first
    }


def _pair(row: Sheet) -> list[Assessor]:
    return [assessor for assessor in (row.first_assessor, row.second_assessor) if assessor is not None]


def _of(actor: Actor, assessor: Assessor) -> bool:
    return actor.assessor_id == assessor.id or (
        actor.organisation_id is not None and actor.organisation_id == assessor.organisation_id
    )
