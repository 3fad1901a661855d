"""Pairs of sheets: naming two who score blind, opening the seals when both are in, adjudicating what differs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext

import assessments
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.grading import queries, rules
from app.grading.drafting import field_order, group_of, instrument_of
from app.grading.labels import wording
from app.grading.models import Sheet, SheetPair, SheetPairMember
from app.grading.operations.proposals import REASON_LIMIT
from app.grading.operations.steps import add_sheet, close_notes, freeze, propose
from app.grading.queries import pairs
from app.grading.rules import SheetState
from app.grading.rules.pairing import (
    Entries,
    NotPossible,
    PairAct,
    PairKind,
    PairRole,
    PairState,
    Undecided,
    differences,
    next_state,
    settled,
)
from app.people import queries as people
from app.people.models import Assessor, ResidentStatus


def entries(row: Sheet) -> Entries:
    """What one sheet says."""
    return Entries((row.answers, row.facts))


@operation("pair.open", permission="pairs.write")
def open_pair(
    actor: Actor, resident_id: int, first_assessor_id: int, second_assessor_id: int, reason: str
) -> SheetPair:
    """Name two assessors who score one resident independently; neither sees the other's sheet before both are in.

    ``reason`` says why (drawn for double scoring, objection …) and stands on the pair. Raises ``Invalid`` for who cannot
    score, ``Refused`` when a pair or a proposal of the resident waits.
    """
    resident = people.resident(actor, resident_id, lock=True)
    if resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended."))
    if pairs.unsettled_pair(resident.id) is not None:
        raise Refused(
            gettext("Two assessors are already scoring this resident, or their sheets wait for a comparison.")
        )
    if queries.open_proposal(resident.id) is not None:
        raise Refused(
            gettext(
                "The last sheet of this resident still waits for its decision; it must be decided or returned first."
            )
        )
    chosen = {
        name: _scorer(actor, given, name)
        for name, given in (("first_assessor_id", first_assessor_id), ("second_assessor_id", second_assessor_id))
    }
    first, second = chosen.values()
    if queries.person_of(first) == queries.person_of(second):
        raise Invalid(gettext("Two different people assess."), field="second_assessor_id")
    row = SheetPair(
        token=secrets.token_hex(16),
        kind=PairKind.BLIND,
        state=PairState.OPEN,
        resident_id=resident.id,
        first_assessor_id=first.id,
        second_assessor_id=second.id,
        cause=_written(reason),
        opened_by=actor.user_id,
        opened_by_person=actor.person_key,
        opened_at=clock.now(),
        choices={},
    )
    db.session.add(row)
    db.session.flush()
    return row


def _scorer(actor: Actor, assessor_id: int, field: str) -> Assessor:
    found = next((a for a in queries.colleagues(actor) if a.id == assessor_id), None)
    if found is None:
        raise Invalid(gettext("There is no such assessor."), field=field)
    if found.user_id is None:
        raise Invalid(gettext("%(name)s has no account to score with.", name=found.name), field=field)
    if found.certificate_valid_to < clock.today():
        raise Invalid(gettext("The certificate of %(name)s has run out.", name=found.name), field=field)
    return found


def _written(text: str | None, field: str = "reason") -> str:
    found = (text or "").strip()
    if len(found) < 2:
        raise Invalid(gettext("Write down the reason."), field=field)
    if len(found) > REASON_LIMIT:
        raise Invalid(gettext("At most %(limit)s characters.", limit=REASON_LIMIT), field=field)
    return found


@operation("pair.cancel", permission="pairs.write")
def cancel_pair(actor: Actor, pair_id: int, reason: str) -> SheetPair:
    """Give a blind pair up that waits for a sheet (an assessor fell ill). What is in stays sealed and counts nothing."""
    row = pairs.pair(actor, pair_id, lock=True)
    row.state, row.reason = _next(row, PairAct.CANCEL), _written(reason)
    row.settled_by, row.settled_by_person, row.settled_at = actor.user_id, actor.person_key, clock.now()
    return row


def _next(row: SheetPair, act: PairAct) -> PairState:
    try:
        return next_state(row.state, act)
    except NotPossible as error:
        raise Refused(gettext("Somebody has already acted on this pair. Reload the page.")) from error


def join(pair: SheetPair, sheet: Sheet, role: PairRole = PairRole.VERSION) -> None:
    """Make a sheet part of a pair."""
    db.session.add(SheetPairMember(pair_id=pair.id, sheet_id=sheet.id, role=role, joined_at=clock.now()))
    db.session.flush()


def conflict(actor: Actor, sheet: Sheet, others: Sequence[Sheet]) -> SheetPair:
    """A submitted sheet meets others that its author did not know of: all are kept side by side for a person to judge."""
    pair = next((found for other in others if (found := pairs.joinable_pair(other.id)) is not None), None)
    if pair is None:
        pair = SheetPair(
            token=secrets.token_hex(16),
            kind=PairKind.CONFLICT,
            state=PairState.AGREED,
            resident_id=sheet.resident_id,
            cause=gettext("Sheets of several devices that did not know of each other."),
            opened_by=actor.user_id,
            opened_by_person=actor.person_key,
            opened_at=clock.now(),
            completed_at=clock.now(),
            choices={},
        )
        db.session.add(pair)
        db.session.flush()
    known = {row.id for row in pairs.members(pair.id)}
    for row in (*others, sheet):
        if row.id not in known:
            join(pair, row)
    compare(pair)
    return pair


def hand_in(actor: Actor, pair: SheetPair) -> None:
    """After a sheet of a blind pair was sealed: open the seals once both assessors have handed in."""
    sheets = [row for row in pairs.members(pair.id) if row.state is SheetState.SEALED]
    if not {pair.first_assessor_id, pair.second_assessor_id} <= {
        row.first_assessor_id for row in sheets if row.second_assessor_id is None
    }:
        return
    pair.completed_at = clock.now()
    compare(pair)
    for row in sheets:
        row.state = SheetState.SUBMITTED
    db.session.flush()
    if pair.state is PairState.AGREED:
        propose(sheets[0])
    close_notes(pair.resident_id, sheets[0].id)


def compare(pair: SheetPair) -> None:
    """Set the state of a pair by what its sheets say; proposals of its sheets are set aside once they differ."""
    sheets = pairs.members(pair.id)
    act = PairAct.FIND_DIFFERENT if differences([entries(row) for row in sheets]) else PairAct.FIND_EQUAL
    pair.state = _next(pair, act)
    db.session.flush()
    if act is PairAct.FIND_DIFFERENT:
        for row in sheets:
            proposal = queries.proposal_of(row.id)
            if proposal is not None and proposal.state in rules.OPEN:
                proposal.state = rules.next_state(proposal.state, rules.Act.SET_ASIDE)
    db.session.flush()


def may_adjudicate(actor: Actor, sheets: Iterable[Sheet]) -> bool:
    """Whether the actor is a third person: nobody who worked on one of the sheets."""
    return all(actor.person_key not in queries.people_of(row) for row in sheets)


@operation("pair.adjudicate", permission="pairs.adjudicate")
def adjudicate_pair(
    actor: Actor, pair_id: int, chosen: Mapping[str, Any], reasons: Mapping[str, str], reason: str
) -> Sheet:
    """Decide what differs: ``chosen`` gives per differing entry (``answers.1.1``, ``facts.falls``) the code of one of the
    versions, ``reasons`` per group of entries (``drafting.group_of``) why, ``reason`` why in all.

    The result is a sheet of its own on which the grade proposal rests; the versions stay as they are. Raises ``Refused``
    for who scored, ``Invalid`` naming each entry that is left open or without a reason.
    """
    row = pairs.pair(actor, pair_id, lock=True)
    people.resident(actor, row.resident_id, lock=True)
    state, versions = _next(row, PairAct.ADJUDICATE), pairs.members(row.id)
    if not may_adjudicate(actor, versions):
        raise Refused(gettext("You worked on one of these sheets; a third person must compare them."))
    if row.resident.status is not ResidentStatus.ACTIVE:
        raise Refused(gettext("Support of this resident has ended."))
    if len({version.instrument for version in versions}) > 1:
        raise Refused(gettext("The sheets were written with different instruments; have the resident assessed again."))
    written, answers, facts = _decided(versions, chosen, reasons)
    row.reason = _written(reason)
    row.choices = {"chosen": dict(chosen), "reasons": written}
    row.settled_by, row.settled_by_person, row.settled_at = actor.user_id, actor.person_key, clock.now()
    row.state = state
    db.session.flush()
    return _result(actor, row, versions, answers, facts)


def _decided(
    versions: Sequence[Sheet], chosen: Mapping[str, Any], reasons: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
    """The reasons as they are kept, and answers and facts of the result. Raises ``Invalid``."""
    instrument = instrument_of(versions[0])
    errors: dict[str, str] = {}
    try:
        answers, facts = settled([entries(version) for version in versions], chosen)
    except Undecided as error:
        errors = {field: gettext("Choose one of the versions.") for field in error.fields}
        answers, facts = {}, {}
    order = field_order(instrument)
    written: dict[str, str] = {}
    for found in differences([entries(version) for version in versions], order):
        group = group_of(instrument, found.field)
        try:
            written[group] = _written(reasons.get(group), group)
        except Invalid as error:
            errors[f"reasons.{group}"] = error.message
    if not errors:
        try:
            assessments.score({"answers": answers, "facts": facts}, instrument_of(versions[0]))
        except assessments.SheetError as error:
            errors = {p.field: wording({"zh": p.message_zh, "en": p.message_en}) for p in error.problems}
    if errors:
        raise Invalid(gettext("%(count)s entries are missing or wrong.", count=len(errors)), errors=errors)
    return written, answers, facts


def _result(
    actor: Actor, pair: SheetPair, versions: Sequence[Sheet], answers: dict[str, Any], facts: dict[str, Any]
) -> Sheet:
    """The sheet of the adjudication: the assessors of the versions, the later day, the answers that were decided."""
    first = versions[0]
    named = [a for v in versions for a in (v.first_assessor_id, v.second_assessor_id) if a is not None]
    others = [a for a in named if a != named[0]]
    sheet = add_sheet(actor, pair.resident, None, first.instrument)
    sheet.first_assessor_id, sheet.second_assessor_id = named[0], (others[0] if others else None)
    sheet.informant_name, sheet.informant_relation = first.informant_name, first.informant_relation
    sheet.reason_code, sheet.assessed_on = first.reason_code, max(version.assessed_on for version in versions)
    sheet.answers, sheet.facts, sheet.notes = answers, facts, pair.reason
    result = assessments.score({"answers": answers, "facts": facts}, instrument_of(sheet))
    freeze(sheet, actor, result, SheetState.SUBMITTED)
    db.session.flush()
    join(pair, sheet, PairRole.RESULT)
    propose(sheet)
    audit.record("pair.result", "sheet_pair", pair.id, {"sheet": sheet.number})
    return sheet
