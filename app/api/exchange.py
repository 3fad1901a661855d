"""The part of the OpenAPI description that other systems exchange sheets through: FHIR and XLSForm."""

from __future__ import annotations

from typing import Any

from app.api.describing import PAGING, body, query, refusals
from app.api.fhir import MIME
from app.api.xlsform import MIME as XLSX

FHIR_FILTERS = [*PAGING, query("patient", "integer", "Only this resident", minimum=1)]
INSTRUMENT = "^[a-z][a-z0-9]{0,39}@[0-9a-z]{1,20}([.-][0-9a-z]{1,20})?$"
"""As the address takes it (``core.access.InstrumentConverter``)."""
KEY = {
    "name": "instrument_key",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": INSTRUMENT},
}
SHEET = {
    "name": "sheet_id",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
}
QUESTIONNAIRE = {
    "name": "questionnaire_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
}


def _resource(name: str) -> dict[str, Any]:
    """A FHIR resource; its inside is described by FHIR itself."""
    kind = {"type": "string", "const": name}
    return {"type": "object", "required": ["resourceType"], "properties": {"resourceType": kind}}


def _read(name: str, summary: str, kind: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    codes = (
        (401, 403, 404, 405, 422, 500, 503)
        if any(p["in"] == "path" for p in parameters)
        else (401, 403, 405, 422, 500, 503)
    )
    return {
        "get": {
            "summary": summary,
            "operationId": name,
            "parameters": list(parameters),
            "responses": {"200": {"description": summary, **body(_resource(kind), MIME)}, **refusals(*codes)},
        }
    }


def _write(name: str, summary: str, status: str, kind: str) -> dict[str, Any]:
    told = refusals(400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503, 507)
    for code in ("409", "422"):
        told[code] = {"description": told[code]["description"], **body(_resource("OperationOutcome"), MIME)}
    done: dict[str, Any] = {"description": summary, **body(_resource(kind), MIME)}
    if status == "201":
        done["headers"] = {"Location": {"description": "Address of the sheet", "schema": {"type": "string"}}}
    return {
        "summary": summary,
        "operationId": name,
        "requestBody": {"required": True, **body(_resource("QuestionnaireResponse"), MIME)},
        "responses": {status: done, **told},
    }


def exchange() -> dict[str, Any]:
    """The paths, for the description."""
    fhir = "/api/v1/fhir"
    metadata = _read("fhir_metadata", "What this server can do (FHIR R4)", "CapabilityStatement")
    metadata["get"]["security"] = []
    responses = _read("fhir_responses", "Sheets as a searchset", "Bundle", *FHIR_FILTERS)
    responses["post"] = _write("fhir_import", "Store a sheet", "201", "QuestionnaireResponse")
    return {
        f"{fhir}/metadata": metadata,
        f"{fhir}/Questionnaire": _read("fhir_questionnaires", "Instruments as a searchset", "Bundle"),
        f"{fhir}/Questionnaire/{{questionnaire_id}}": _read(
            "fhir_questionnaire", "One instrument", "Questionnaire", QUESTIONNAIRE
        ),
        f"{fhir}/QuestionnaireResponse": responses,
        f"{fhir}/QuestionnaireResponse/$validate": {
            "post": _write(
                "fhir_validate", "What storing a sheet would do; nothing is stored", "200", "OperationOutcome"
            )
        },
        f"{fhir}/QuestionnaireResponse/{{sheet_id}}": _read(
            "fhir_response", "One sheet", "QuestionnaireResponse", SHEET
        ),
        f"{fhir}/QuestionnaireResponse/{{sheet_id}}/$everything": _read(
            "fhir_everything", "A sheet with its resident, instrument and results", "Bundle", SHEET
        ),
        "/api/v1/instruments/{instrument_key}/xlsform.xlsx": {
            "get": {
                "summary": "An instrument as an XLSForm",
                "operationId": "instrument_export",
                "parameters": [KEY],
                "responses": {
                    "200": {"description": "An XLSX file", **body({"type": "string", "format": "binary"}, XLSX)},
                    **refusals(401, 403, 404, 405, 422, 500, 503),
                },
            }
        },
    }
