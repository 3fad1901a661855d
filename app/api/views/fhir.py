"""FHIR R4 under ``/api/v1/fhir``: reading with the rows and masks of the pages, importing through the same operations."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

import assessments
from app.api import queries
from app.api.fhir import MIME, Resource, bundle, id_of, key_of
from app.api.fhir.questionnaires import questionnaire
from app.api.fhir.reading import Read, read
from app.api.fhir.responses import observations, resident_resource, response
from app.api.views import bp
from app.api.views.reading import whole
from app.api.xlsform import MIME as XLSX
from app.api.xlsform import workbook
from app.core.access import PUBLIC, current_actor, requires
from app.core.actor import Actor
from app.core.bodies import json_object
from app.core.db import MAX_ID
from app.core.errors import Invalid, NotFound, Refused
from app.core.paging import paginate
from app.core.transaction import trial
from app.grading import instruments
from app.grading import queries as grading
from app.grading.labels import GRADES, wording
from app.grading.models import Sheet
from app.grading.operations import draft_document, submit_document
from app.people import queries as people
from assessments.model import Instrument

PLACES = {
    "client_key": "identifier",
    "resident": "subject",
    "instrument": "questionnaire",
    "assessed_on": "authored",
    "assessors": "head.first_assessor",
    "first_assessor_id": "head.first_assessor",
    "second_assessor_id": "head.second_assessor",
    "informant": "head.informant",
    "informant_name": "head.informant",
    "informant_relation": "head.relation",
    "reason": "head.reason",
    "reason_code": "head.reason",
    "notes": "head.notes",
}
"""Where an entry of a sheet stands in a QuestionnaireResponse; answers and facts keep their names."""


SINCE = "2026-11-26"
"""The day from which this description holds."""


def _fhir(resource: Resource, status: int = 200, **headers: str) -> Response:
    body = current_app.json.dumps({name: value for name, value in resource.items() if value is not None})
    return Response(body, status, headers, mimetype=MIME)


def _instrument(key: str) -> Instrument:
    try:
        return instruments.find(key)
    except assessments.UnknownInstrument:
        raise NotFound from None


@bp.get("/fhir/metadata")
@requires(PUBLIC)
def fhir_metadata() -> Response:
    """What this server can do, as FHIR asks for it."""
    read_only, search = [{"code": "read"}], {"code": "search-type"}
    resources = [
        {"type": "Questionnaire", "interaction": [*read_only, search]},
        {
            "type": "QuestionnaireResponse",
            "interaction": [*read_only, search, {"code": "create"}],
            "searchParam": [{"name": "patient", "type": "reference"}],
            "operation": [
                {"name": name, "definition": f"urn:yiheng:operation:{name}"} for name in ("validate", "everything")
            ],
        },
    ]
    return _fhir(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": SINCE,
            "kind": "instance",
            "software": {"name": "Yiheng"},
            "implementation": {"description": "Yiheng"},
            "fhirVersion": "4.0.1",
            "format": [MIME],
            "rest": [{"mode": "server", "resource": resources}],
        }
    )


@bp.get("/fhir/Questionnaire")
@requires("sheets.read")
def fhir_questionnaires() -> Response:
    """Every instrument a sheet may name, as a searchset."""
    found = [questionnaire(one) for one in instruments.known()]
    return _fhir(bundle("searchset", found, total=len(found)))


@bp.get("/fhir/Questionnaire/<token:questionnaire_id>")
@requires("sheets.read")
def fhir_questionnaire(questionnaire_id: str) -> Response:
    """One instrument."""
    try:
        key = key_of(questionnaire_id)
    except assessments.UnknownInstrument:
        raise NotFound from None
    return _fhir(questionnaire(_instrument(key)))


@bp.get("/fhir/QuestionnaireResponse")
@requires("sheets.read")
def fhir_responses() -> Response:
    """Sheets the actor may see, one page; the link ``next`` leads on."""
    query = queries.sheets(current_actor(), resident_id=whole("patient", None, MAX_ID))
    page = paginate(query, [Sheet.id], request.args.get("cursor"), size=whole("limit", 50, 200) or 50)
    links = [{"relation": "self", "url": request.url}]
    if page.next_cursor:
        arguments = {**request.args.to_dict(), "cursor": page.next_cursor}
        links.append({"relation": "next", "url": url_for("api.fhir_responses", _external=True, **arguments)})
    return _fhir(bundle("searchset", [response(row) for row in page.items], link=links))


@bp.get("/fhir/QuestionnaireResponse/<id:sheet_id>")
@requires("sheets.read")
def fhir_response(sheet_id: int) -> Response:
    """One sheet."""
    return _fhir(response(grading.sheet(current_actor(), sheet_id)))


@bp.get("/fhir/QuestionnaireResponse/<id:sheet_id>/$everything")
@requires("sheets.read")
def fhir_everything(sheet_id: int) -> Response:
    """A sheet with its resident, its instrument and its results as Observations: what another system takes over."""
    actor = current_actor()
    row = grading.sheet(actor, sheet_id)
    resident = people.resident(actor, row.resident_id)
    found = [resident_resource(resident, told=people.sees_identity(actor)), questionnaire(_instrument(row.instrument))]
    return _fhir(bundle("collection", [*found, response(row), *observations(row)]))


@bp.post("/fhir/QuestionnaireResponse")
@requires("sheets.write")
def fhir_import() -> Response:
    """Store a response: completed as a submitted sheet, in-progress as a draft. The same key gives the same sheet."""
    try:
        row = _store(current_actor(), read(json_object(MIME)))
    except (Invalid, Refused) as error:
        return _fhir(_outcome(error), error.status)
    return _fhir(response(row), 201, Location=url_for("api.fhir_response", sheet_id=row.id))


@bp.post("/fhir/QuestionnaireResponse/$validate")
@requires("sheets.write")
def fhir_validate() -> Response:
    """What storing a response would do. Everything is carried out and taken back, so it tells what really would happen."""
    try:
        wanted = read(json_object(MIME))
        with trial():
            said = _told(_store(current_actor(), wanted))
    except (Invalid, Refused) as error:
        return _fhir(_outcome(error))
    issues = [{"severity": "information", "code": "informational", "diagnostics": words} for words in said]
    return _fhir({"resourceType": "OperationOutcome", "issue": issues})


def _store(actor: Actor, wanted: Read) -> Sheet:
    if not wanted.finished:
        return draft_document(actor, wanted.document)
    return submit_document(actor, {name: value for name, value in wanted.document.items() if value is not None})


def _told(row: Sheet) -> list[str]:
    """What a sheet would be, in words."""
    name, count = row.resident.number, len(row.answers)
    if row.result is None:
        return [
            gettext("A draft for resident %(number)s with %(count)s answers would be stored.", number=name, count=count)
        ]
    said = [gettext("A submitted sheet for resident %(number)s would be stored.", number=name)]
    if row.proposed_grade is not None:
        said.append(gettext("Proposed care grade: %(grade)s", grade=GRADES[row.proposed_grade]))
    return said + [wording(step) for step in row.result["trace"]]


def _outcome(error: Invalid | Refused) -> Resource:
    """A refusal in words, one issue for each place."""
    errors = getattr(error, "errors", {}) or {error.field or "": error.message}
    code = "invalid" if isinstance(error, Invalid) else "business-rule"
    issues = []
    for field, words in errors.items():
        issue: dict[str, Any] = {"severity": "error", "code": code, "diagnostics": str(words)}
        if field:
            issue["expression"] = [PLACES.get(field, field)]
        issues.append(issue)
    return {"resourceType": "OperationOutcome", "issue": issues}


@bp.get("/instruments/<instrument:instrument_key>/xlsform.xlsx")
@requires("sheets.read")
def instrument_export(instrument_key: str) -> Response:
    """An instrument as an XLSForm, for ODK Collect, KoboToolbox and the like."""
    instrument = _instrument(instrument_key)
    name = f"{id_of(instrument.key)}.xlsx"
    return Response(
        workbook(instrument), mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
