"""Lists, single rows, instruments, and the submission of a sheet."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import current_app, g, request, url_for
from flask_babel import gettext
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

import assessments
from app.api import queries, schemas
from app.api.openapi import FILTERS, describe
from app.api.views import bp
from app.care.models import ChecklistDay
from app.care.rules import counts, items_of
from app.contracts import queries as contracts
from app.contracts.models import Contract
from app.contracts.rules import State
from app.core import clock
from app.core.access import PUBLIC, current_actor, requires
from app.core.bodies import json_object
from app.core.db import MAX_ID
from app.core.errors import Invalid, NotFound
from app.core.identity import mask_id
from app.core.paging import paginate
from app.core.periods import age_on
from app.extensions import csrf
from app.grading import instruments as instrument_versions
from app.grading import queries as grading
from app.grading.models import CareGrade, Sheet
from app.grading.operations import submit_document
from app.grading.rules import SheetState
from app.people import queries as people
from app.people.models import Resident, ResidentStatus
from app.settlement.models import LedgerEntry, Settlement
from assessments.export import digest, exported

LIMIT = 200
"""Rows of one page at most."""


@bp.before_request
def _checked() -> None:
    """A filter nobody knows would silently give every row; a browser's own session proves that our page sent it."""
    if request.method == "POST":
        if not g.get("bearer") and current_app.config.get("WTF_CSRF_ENABLED", True):
            csrf.protect()
        return
    known = FILTERS.get(request.path.removeprefix(f"{bp.url_prefix}/"), frozenset())
    unknown = sorted(set(request.args) - known)
    if unknown and g.get("actor") is not None:
        words = gettext("There is no such filter here.")
        raise Invalid(words, errors={name[:60]: words for name in unknown})


def _page(
    query: Select[Any], order: Sequence[InstrumentedAttribute[Any]], shape: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    page = paginate(query, order, request.args.get("cursor"), size=whole("limit", 50, LIMIT) or 50)
    body = schemas.PageOut(
        items=[shape(row) for row in page.items], next_cursor=page.next_cursor, count=page.count, capped=page.capped
    )
    return body.model_dump(mode="json")


def whole(name: str, default: int | None, top: int) -> int | None:
    """A whole number from the address, from 1 to ``top``. Raises ``Invalid``."""
    raw = request.args.get(name)
    if raw is None or raw == "":
        return default
    if not (raw.isascii() and raw.isdigit()) or len(raw) > 19 or not 1 <= int(raw) <= top:
        raise Invalid(gettext("%(name)s must be a whole number from 1 to %(top)s.", name=name, top=top), field=name)
    return int(raw)


def _day(name: str) -> dt.date | None:
    raw = request.args.get(name)
    if not raw:
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw, re.ASCII):
            raise ValueError
        return dt.date.fromisoformat(raw)
    except ValueError as error:
        raise Invalid(gettext("%(name)s must be a date, YYYY-MM-DD.", name=name), field=name) from error


def _quarter() -> str:
    raw = request.args.get("quarter", "")
    if raw and not re.fullmatch(r"\d{4}-Q[1-4]", raw, re.ASCII):
        raise Invalid(gettext("%(name)s must be a quarter, e.g. 2026-Q1.", name="quarter"), field="quarter")
    return raw


def _choice(name: str, allowed: set[str]) -> str:
    raw = request.args.get(name, "")
    if raw and raw not in allowed:
        raise Invalid(
            gettext("%(name)s must be one of %(values)s.", name=name, values=", ".join(sorted(allowed))), field=name
        )
    return raw


def _digits(name: str) -> str:
    raw = request.args.get(name, "")
    if raw and (not (raw.isascii() and raw.isdigit()) or len(raw) > 12):
        raise Invalid(gettext("%(name)s must be a division code.", name=name), field=name)
    return raw


def _resident(row: Resident) -> dict[str, Any]:
    told = people.sees_identity(current_actor())
    special: dict[str, Any] = {
        "born_on": row.born_on if told else None,
        "age": age_on(row.born_on, row.ended_on or clock.today()),
        "id_number_masked": (mask_id(row.id_number) or None) if told else None,
    }
    values = {name: getattr(row, name) for name in schemas.ResidentOut.model_fields if name not in special}
    return schemas.ResidentOut(**values, **special).model_dump(mode="json")


def _as(shape: type[schemas.Out]) -> Callable[[Any], dict[str, Any]]:
    return lambda row: shape.model_validate(row).model_dump(mode="json")


def _checklist(row: ChecklistDay) -> dict[str, Any]:
    return schemas.ChecklistOut(
        day=row.day,
        resident_id=row.resident_id,
        done=counts(row.done),
        not_needed=counts(row.excused),
        not_done=items_of(row.not_done_mask),
        late=items_of(row.late_mask),
        recorded_at=row.recorded_at,
    ).model_dump(mode="json")


@bp.get("/openapi.json")
@requires(PUBLIC)
def openapi() -> dict[str, Any]:
    """The description of this API."""
    return describe()


@bp.get("/residents")
@requires("people.read")
def residents() -> dict[str, Any]:
    """Residents; filters area, status."""
    status = _choice("status", {s.value for s in ResidentStatus})
    return _page(queries.residents(current_actor(), area=_digits("area"), status=status), [Resident.id], _resident)


@bp.get("/residents/<id:resident_id>")
@requires("people.read")
def resident(resident_id: int) -> dict[str, Any]:
    """One resident."""
    return _resident(people.resident(current_actor(), resident_id))


@bp.get("/sheets")
@requires("sheets.read")
def sheets() -> dict[str, Any]:
    """Assessment sheets; filters resident_id, state."""
    state = _choice("state", {SheetState.DRAFT.value, SheetState.SUBMITTED.value})
    query = queries.sheets(current_actor(), resident_id=whole("resident_id", None, MAX_ID), state=state)
    return _page(query, [Sheet.id], _as(schemas.SheetOut))


@bp.get("/sheets/<id:sheet_id>")
@requires("sheets.read")
def sheet(sheet_id: int) -> dict[str, Any]:
    """One sheet."""
    return _as(schemas.SheetOut)(grading.sheet(current_actor(), sheet_id))


@bp.post("/sheets")
@requires("sheets.write")
def submit_sheet() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Submit a whole sheet; sending it again gives the same sheet."""
    row = submit_document(current_actor(), json_object())
    return _as(schemas.SheetOut)(row), 201, {"Location": url_for("api.sheet", sheet_id=row.id)}


@bp.get("/instruments")
@requires("sheets.read")
def instruments() -> dict[str, Any]:
    """The instruments a sheet may name."""
    found = instrument_versions.known()
    return schemas.InstrumentsOut(items=[schemas.InstrumentOut.model_validate(one) for one in found]).model_dump(
        mode="json"
    )


@bp.get("/instruments/<instrument:instrument_key>")
@requires("sheets.read")
def instrument(instrument_key: str) -> dict[str, Any]:
    """Everything a program needs to score with one instrument, and the hash of it."""
    try:
        data = exported(instrument_versions.find(instrument_key))
    except assessments.UnknownInstrument:
        raise NotFound from None
    shown = schemas.InstrumentDataOut(key=instrument_key, sha256=data["sha256"], export_sha256=digest(data), data=data)
    return shown.model_dump(mode="json")


@bp.get("/grades")
@requires("grades.read")
def grades() -> dict[str, Any]:
    """Care grades; filters resident_id, on."""
    query = queries.grades(current_actor(), resident_id=whole("resident_id", None, MAX_ID), on=_day("on"))
    return _page(query, [CareGrade.id], _as(schemas.GradeOut))


@bp.get("/checklist-entries")
@requires("checklist.read")
def checklist_entries() -> dict[str, Any]:
    """Recorded days; filters from, to (default the last 31 days), resident_id."""
    last = _day("to") or clock.today()
    first = _day("from") or last - dt.timedelta(days=min(30, (last - dt.date.min).days))
    if first > last:
        raise Invalid(gettext("The first day lies after the last one."), field="from")
    query = queries.checklist(current_actor(), first=first, last=last, resident_id=whole("resident_id", None, MAX_ID))
    return _page(query, [ChecklistDay.day, ChecklistDay.resident_id], _checklist)


@bp.get("/contracts")
@requires("contracts.read")
def contracts_list() -> dict[str, Any]:
    """Contracts; filters state, resident_id."""
    resident_id = whole("resident_id", None, MAX_ID)
    query = queries.contracts_list(
        current_actor(), state=_choice("state", {s.value for s in State}), resident_id=resident_id
    )
    return _page(query, [Contract.id], _as(schemas.ContractOut))


@bp.get("/contracts/<id:contract_id>")
@requires("contracts.read")
def contract(contract_id: int) -> dict[str, Any]:
    """One contract."""
    return _as(schemas.ContractOut)(contracts.contract(current_actor(), contract_id))


@bp.get("/settlements")
@requires("settlements.read")
def settlements() -> dict[str, Any]:
    """Settlements; filter quarter."""
    query = queries.settlements(current_actor(), quarter=_quarter())
    return _page(query, [Settlement.id], _as(schemas.SettlementOut))


@bp.get("/ledger-lines")
@requires("ledger.read")
def ledger_lines() -> dict[str, Any]:
    """Ledger entries; filters quarter, settlement_id."""
    settlement_id = whole("settlement_id", None, MAX_ID)
    query = queries.ledger(current_actor(), quarter=_quarter(), settlement_id=settlement_id)
    return _page(query, [LedgerEntry.id], _as(schemas.LedgerLineOut))
