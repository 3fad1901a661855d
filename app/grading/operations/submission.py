"""A whole sheet in one go, as the JSON interface and offline devices send it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core import audit
from app.core.actor import Actor
from app.core.db import MAX_ID, db
from app.core.errors import Invalid, NotFound, Refused
from app.core.operation import operation
from app.core.transaction import current
from app.grading import queries
from app.grading.drafting import CLIENT_KEY, clean
from app.grading.models import Sheet, SheetPair
from app.grading.operations.pairs import conflict, hand_in, join
from app.grading.operations.sheets import hand_in as hand_in_sheet
from app.grading.operations.sheets import open_sheet, save_draft, scored, write_draft
from app.grading.operations.steps import (
    add_sheet,
    close_notes,
    freeze,
    may_assess,
    may_assess_support,
    propose,
)
from app.grading.queries import pairs
from app.grading.rules import SheetState
from app.grading.rules.pairing import PairState
from app.people import queries as people
from app.people.models import Resident

REQUIRED = (
    "client_key",
    "resident",
    "instrument",
    "answers",
    "facts",
    "assessors",
    "informant",
    "reason",
    "assessed_on",
)
FIELDS = frozenset({*REQUIRED, "notes"})


def submit_document(actor: Actor, document: Mapping[str, Any]) -> Sheet:
    """Store and submit a sheet given as one document; sent again with the same key it is the same sheet.

    ``document``: the engine's input (``instrument``, ``answers``, ``facts``) and ``client_key`` (8–64 letters, digits,
    ``._:-``), ``resident`` (number or id), ``assessors`` (two ids), ``informant`` (``name``, ``relation`` 1–5),
    ``reason`` (1–4), ``assessed_on`` (YYYY-MM-DD), ``notes`` (may be left out). Raises ``Invalid`` naming each field,
    ``Refused`` when the key was used with other content. Nothing is stored then.
    """
    try:
        return _submit_document(actor, document)
    except IntegrityError:
        if current() is not None:
            raise
        return _submit_document(actor, document)  # the same key arrived twice at once: the first one is there now


@operation("sheet.document", permission="sheets.write")
def _submit_document(actor: Actor, document: Mapping[str, Any]) -> Sheet:
    fields = _read(document)
    resident = _resident(actor, document["resident"])
    known = queries.sheet_by_key(document["client_key"])
    if known is not None:
        return _again(actor, known, resident, document["instrument"], fields)
    may_assess(resident)
    last = queries.last_sheet(resident.id)
    row = add_sheet(actor, resident, document["client_key"], document["instrument"])
    write_draft(actor, row, fields)
    return hand_in_sheet(actor, row, resident, last, None)


@operation("sheet.draft_document", permission="sheets.write")
def draft_document(actor: Actor, document: Mapping[str, Any]) -> Sheet:
    """Store a sheet that its author has not finished as a draft; the same key goes on with the same draft.

    ``document`` as for ``submit_document``; what it leaves out (or gives as None) stays as it was. Raises ``Invalid``,
    ``NotFound``, and ``Refused`` when the key belongs to another sheet or the sheet was handed in.
    """
    resident = _resident(actor, document["resident"])
    row = open_sheet(actor, resident.id, client_key=document["client_key"], instrument=document["instrument"])
    if row.instrument != document["instrument"]:
        raise Refused(gettext("This key was used for another sheet."), field="client_key")
    first, second = document["assessors"]
    informant = document["informant"]
    fields = {
        "answers": document["answers"],
        "facts": document["facts"],
        "first_assessor_id": first,
        "second_assessor_id": second,
        "informant_name": informant["name"],
        "informant_relation": informant["relation"],
        "reason_code": document["reason"],
        "assessed_on": _day(document["assessed_on"]),
        "notes": document["notes"],
    }
    return save_draft(actor, row.id, **{name: value for name, value in fields.items() if value is not None})


class Submitted(NamedTuple):
    """What became of a sheet written without network: the sheet, and the pair it now stands in, if any."""

    sheet: Sheet
    pair: SheetPair | None


@operation("sheet.version", permission="sheets.write")
def submit_version(
    actor: Actor, document: Mapping[str, Any], *, last_sheet: str | None, pair_token: str | None = None
) -> Submitted:
    """Store and submit a sheet that was written without network; sent again it is the same sheet.

    ``document`` as for ``submit_document``, with one assessor in a blind pair. ``last_sheet`` is the number of the
    resident's last sheet that its author knew: when the county has another one by now, or the last one still waits for
    its decision, both are kept and a person compares them. ``pair_token`` names the blind pair the sheet belongs to.
    Raises as ``submit_document``; ``Refused`` with the field ``pair`` for a pair that was settled or given up.
    """
    fields = _read(document, assessors=1 if pair_token else 2)
    resident = _resident(actor, document["resident"])
    known = queries.sheet_by_key(document["client_key"])
    if known is not None:
        row = _again(actor, known, resident, document["instrument"], fields)
        return Submitted(row, next(iter(pairs.pairs_of(row.id)), None))
    may_assess_support(resident)
    named = _named_pair(actor, resident, pair_token)
    base, latest = _base(resident, last_sheet), queries.last_sheet(resident.id)
    waiting = named or pairs.unsettled_pair(resident.id)
    meets = latest is not None and (latest.number != last_sheet or queries.open_proposal(resident.id) is not None)
    row = add_sheet(actor, resident, document["client_key"], document["instrument"])
    if named is not None:
        join(named, row)
    write_draft(actor, row, fields)
    result = scored(actor, row, resident, base, pairs.blind_pair_of(row.id))
    if result.proposed_grade is None:
        raise Refused(gettext("This sheet does not allow a grade to be proposed; the thirty observations are needed."))
    if waiting is not None and waiting.state is PairState.OPEN:
        if named is None:
            join(waiting, row)
        freeze(row, actor, result, SheetState.SEALED)
        db.session.flush()
        hand_in(actor, waiting)
        return Submitted(row, waiting)
    freeze(row, actor, result, SheetState.SUBMITTED)
    db.session.flush()
    if waiting is not None or meets:
        others = pairs.members(waiting.id) if waiting is not None else [latest]
        return Submitted(row, conflict(actor, row, [other for other in others if other is not None]))
    propose(row)
    close_notes(row.resident_id, row.id)
    return Submitted(row, None)


def _named_pair(actor: Actor, resident: Resident, token: str | None) -> SheetPair | None:
    """The blind pair a device names. Raises ``Refused``."""
    if token is None:
        return None
    pair = pairs.pair_by_token(token)
    if pair is None or pair.resident_id != resident.id or not pairs.named_in(pair, actor):
        raise Refused(gettext("There is no such pair, or others score it."), field="pair")
    if pair.state in {PairState.CANCELLED, PairState.ADJUDICATED}:
        raise Refused(
            gettext("This pair is settled or was given up; a sheet for it does not count any more."), field="pair"
        )
    return pair


def _base(resident: Resident, number: str | None) -> Sheet | None:
    """The sheet a device knew as the last one of the resident."""
    if number is None:
        return None
    query = select(Sheet).where(Sheet.number == number, Sheet.resident_id == resident.id)
    return db.session.scalars(query.where(Sheet.state == SheetState.SUBMITTED)).unique().one_or_none()


def _again(actor: Actor, known: Sheet, resident: Resident, instrument: str, fields: Mapping[str, Any]) -> Sheet:
    other = Refused(gettext("This key was used for another sheet."), field="client_key")
    try:
        row = queries.sheet(actor, known.id)
    except NotFound:
        raise other from None
    if row.resident_id != resident.id or row.instrument != instrument or row.state is SheetState.DRAFT:
        raise other
    empty = Sheet(instrument=row.instrument, answers={}, facts={})
    for name, value in {"notes": None, **clean(empty, fields)}.items():
        if getattr(row, name) != value:
            raise other
    audit.record("sheet.document", "assessment_sheet", row.id, {"again": True})
    return row


def _read(document: Any, assessors: int = 2) -> dict[str, Any]:
    """The entries of a draft from a document that names so many assessors; every fault of form at once."""
    if not isinstance(document, Mapping):
        raise Invalid(gettext("A sheet is one JSON object."))
    errors = {str(name)[:60]: gettext("There is no such entry.") for name in document if name not in FIELDS}
    errors |= {name: gettext("This is missing.") for name in REQUIRED if document.get(name) is None}
    key = document.get("client_key")
    if key is not None and not (isinstance(key, str) and CLIENT_KEY.fullmatch(key)):
        errors["client_key"] = gettext("A key has 8 to 64 letters, digits or ._:- and nothing else.")
    if not isinstance(document.get("instrument"), str | None):
        errors["instrument"] = gettext("There is no such instrument.")
    for name in ("answers", "facts"):
        if not isinstance(document.get(name), Mapping | None):
            errors[name] = gettext("This must be an object of names and codes.")
    named = document.get("assessors")
    if named is not None and not (isinstance(named, list) and len(named) == assessors and all(map(_id, named))):
        errors["assessors"] = (
            gettext("Name two assessors by their ids.")
            if assessors == 2
            else gettext("In a blind pair each assessor scores alone: name one.")
        )
    informant = document.get("informant")
    if informant is not None and not (
        isinstance(informant, Mapping)
        and set(informant) == {"name", "relation"}
        and all(isinstance(value, str) for value in informant.values())
    ):
        errors["informant"] = gettext("Give name and relation of the informant as texts.")
    for name in ("reason", "notes"):
        if not isinstance(document.get(name), str | None):
            errors[name] = gettext("This must be a text.")
    day = _day(document.get("assessed_on"))
    if document.get("assessed_on") is not None and day is None:
        errors["assessed_on"] = gettext("Give a date.")
    if errors:
        raise Invalid(gettext("%(count)s entries are missing or wrong.", count=len(errors)), errors=errors)
    return {
        "answers": document["answers"],
        "facts": document["facts"],
        "first_assessor_id": document["assessors"][0],
        "second_assessor_id": document["assessors"][1] if assessors == 2 else None,
        "informant_name": document["informant"]["name"],
        "informant_relation": document["informant"]["relation"],
        "reason_code": document["reason"],
        "assessed_on": day,
        "notes": document.get("notes"),
    }


def _id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_ID


def _day(value: Any) -> dt.date | None:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def _resident(actor: Actor, wanted: Any) -> Resident:
    """A visible resident by id or number, locked."""
    if _id(wanted):
        return people.resident(actor, wanted, lock=True)
    if isinstance(wanted, str):
        number = people.visible(actor).where(Resident.number == wanted).with_only_columns(Resident.id)
        if wanted.isalnum() and (found := db.session.scalar(number)) is not None:
            return people.resident(actor, found, lock=True)
        raise NotFound
    raise Invalid(gettext("Name the resident by number or id."), field="resident")
