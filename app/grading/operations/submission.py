"""A whole sheet in one go, as the JSON interface and offline devices send it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from app.core import audit
from app.core.actor import Actor
from app.core.db import MAX_ID, db
from app.core.errors import Invalid, NotFound, Refused
from app.core.operation import operation
from app.core.transaction import current
from app.grading import queries
from app.grading.drafting import CLIENT_KEY, clean
from app.grading.models import Sheet
from app.grading.operations.sheets import add_sheet, may_assess, save_draft, submit_sheet
from app.grading.rules import SheetState
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
    row = add_sheet(actor, resident, document["client_key"], document["instrument"])
    save_draft(actor, row.id, **fields)
    return submit_sheet(actor, row.id)


def _again(actor: Actor, known: Sheet, resident: Resident, instrument: str, fields: Mapping[str, Any]) -> Sheet:
    other = Refused(gettext("This key was used for another sheet."), field="client_key")
    try:
        row = queries.sheet(actor, known.id)
    except NotFound:
        raise other from None
    if row.resident_id != resident.id or row.instrument != instrument or row.state is not SheetState.SUBMITTED:
        raise other
    empty = Sheet(instrument=row.instrument, answers={}, facts={})
    for name, value in {"notes": None, **clean(empty, fields)}.items():
        if getattr(row, name) != value:
            raise other
    audit.record("sheet.document", "assessment_sheet", row.id, {"again": True})
    return row


def _read(document: Any) -> dict[str, Any]:
    """The entries of a draft from a document; every fault of form at once."""
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
    assessors = document.get("assessors")
    if assessors is not None and not (isinstance(assessors, list) and len(assessors) == 2 and all(map(_id, assessors))):
        errors["assessors"] = gettext("Name two assessors by their ids.")
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
        "second_assessor_id": document["assessors"][1],
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
