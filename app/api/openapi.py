"""The OpenAPI 3.1 description, made from the shapes the API really uses."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.api import schemas

REF = "#/components/schemas/{model}"

LISTS: list[tuple[str, str, type[BaseModel], list[dict[str, Any]]]] = []


def _query(name: str, kind: str, text: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": kind, **more}}


PAGING = [
    _query("cursor", "string", "From next_cursor of the page before"),
    _query("limit", "integer", "Rows per page", minimum=1, maximum=200),
]
RESIDENT = _query("resident_id", "integer", "Only this resident", minimum=1)
DAY = {"format": "date"}
QUARTER = _query("quarter", "string", "Only this quarter, e.g. 2026-Q1")

LISTS += [
    (
        "residents",
        "Residents",
        schemas.ResidentOut,
        [
            _query("area", "string", "Division code; its whole subtree", pattern=r"^\d{0,12}$"),
            _query("status", "string", "Only this status", enum=["active", "deceased", "ended"]),
        ],
    ),
    ("sheets", "Assessment sheets", schemas.SheetOut, [RESIDENT]),
    ("grades", "Care grades", schemas.GradeOut, [RESIDENT, _query("on", "string", "In force on this day", **DAY)]),
    (
        "checklist-entries",
        "Recorded days of care",
        schemas.ChecklistOut,
        [RESIDENT, _query("from", "string", "First day", **DAY), _query("to", "string", "Last day", **DAY)],
    ),
    (
        "contracts",
        "Seven-party contracts",
        schemas.ContractOut,
        [
            _query(
                "state",
                "string",
                "Only this state",
                enum=["draft", "signing", "in_force", "suspended", "ended", "void"],
            )
        ],
    ),
    ("settlements", "Settlements of townships", schemas.SettlementOut, [QUARTER]),
    ("ledger-lines", "Ledger entries", schemas.LedgerLineOut, [QUARTER]),
]
SINGLES = [
    ("residents", "resident_id", schemas.ResidentOut),
    ("sheets", "sheet_id", schemas.SheetOut),
    ("contracts", "contract_id", schemas.ContractOut),
]


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}


def _refusals(*codes: int) -> dict[str, Any]:
    words = {
        400: "Not readable",
        401: "Not signed in",
        403: "Not permitted",
        404: "Not there, or not yours",
        409: "A rule says no",
        413: "Too large",
        415: "Not JSON",
        422: "Wrong input",
    }
    return {str(code): {"description": words[code], **_json(_ref(schemas.ErrorOut))} for code in codes}


@lru_cache(maxsize=1)
def describe() -> dict[str, Any]:
    """The whole description."""
    models: list[type[BaseModel]] = [*{m for _p, _t, m, _q in LISTS}, schemas.SheetIn, schemas.ErrorOut]
    ordered = sorted(models, key=lambda m: m.__name__)
    _map, definitions = models_json_schema([(m, "validation") for m in ordered], ref_template=REF)
    paths: dict[str, Any] = {}
    for path, title, model, filters in LISTS:
        page = {
            "type": "object",
            "required": ["items", "next_cursor", "count", "capped"],
            "properties": {
                "items": {"type": "array", "items": _ref(model)},
                "next_cursor": {"type": ["string", "null"]},
                "count": {"type": "integer"},
                "capped": {"type": "boolean"},
            },
        }
        paths[f"/api/v1/{path}"] = {
            "get": {
                "summary": title,
                "operationId": path.replace("-", "_"),
                "parameters": [*PAGING, *filters],
                "responses": {"200": {"description": title, **_json(page)}, **_refusals(401, 403, 422)},
            }
        }
    for path, name, model in SINGLES:  # type: ignore[assignment]  # inferred too narrowly
        paths[f"/api/v1/{path}/{{{name}}}"] = {
            "get": {
                "summary": model.__doc__ or path,
                "operationId": f"one_{path}",
                "parameters": [
                    {
                        "name": name,
                        "in": "path",
                        "required": True,
                        "schema": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
                    }
                ],
                "responses": {"200": {"description": "One", **_json(_ref(model))}, **_refusals(401, 403, 404)},
            }
        }
    paths["/api/v1/sheets"]["post"] = {
        "summary": "Submit a whole assessment sheet",
        "operationId": "submit_sheet",
        "requestBody": {"required": True, **_json(_ref(schemas.SheetIn))},
        "responses": {
            "201": {"description": "The sheet", **_json(_ref(schemas.SheetOut))},
            **_refusals(400, 401, 403, 404, 409, 413, 415, 422),
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "颐衡 Yiheng", "version": "1", "description": "Read what the pages show; submit sheets."},
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "yiheng"},
            },
        },
    }
