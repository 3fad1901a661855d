"""The OpenAPI 3.1 description, made from the shapes the API really uses."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.api import schemas
from app.api.describing import PAGING, REF, body, query, ref, refusals
from app.api.exchange import FHIR_FILTERS, INSTRUMENT, exchange

LISTS: list[tuple[str, str, type[BaseModel], list[dict[str, Any]]]] = []
RESIDENT = query("resident_id", "integer", "Only this resident", minimum=1)
DAY = {"format": "date"}
KEY = {"type": "string", "pattern": INSTRUMENT}
QUARTER = query("quarter", "string", "Only this quarter, e.g. 2026-Q1", pattern=r"^\d{4}-Q[1-4]$")

LISTS += [
    (
        "residents",
        "Residents",
        schemas.ResidentOut,
        [
            query("area", "string", "Division code; its whole subtree", pattern=r"^\d{0,12}$"),
            query("status", "string", "Only this status", enum=["active", "deceased", "ended"]),
        ],
    ),
    (
        "sheets",
        "Assessment sheets",
        schemas.SheetOut,
        [RESIDENT, query("state", "string", "Only this state", enum=["draft", "submitted"])],
    ),
    ("grades", "Care grades", schemas.GradeOut, [RESIDENT, query("on", "string", "In force on this day", **DAY)]),
    (
        "checklist-entries",
        "Recorded days of care",
        schemas.ChecklistOut,
        [RESIDENT, query("from", "string", "First day", **DAY), query("to", "string", "Last day", **DAY)],
    ),
    (
        "contracts",
        "Seven-party contracts",
        schemas.ContractOut,
        [
            query(
                "state",
                "string",
                "Only this state",
                enum=["draft", "signing", "in_force", "suspended", "ended", "void"],
            ),
            RESIDENT,
        ],
    ),
    ("settlements", "Settlements of townships", schemas.SettlementOut, [QUARTER]),
    (
        "ledger-lines",
        "Ledger entries",
        schemas.LedgerLineOut,
        [QUARTER, query("settlement_id", "integer", "Only this settlement", minimum=1)],
    ),
]
FILTERS = {path: frozenset(p["name"] for p in [*PAGING, *filters]) for path, _t, _m, filters in LISTS} | {
    "fhir/QuestionnaireResponse": frozenset(p["name"] for p in FHIR_FILTERS)
}
"""What each list takes from its address; anything else is refused."""
SINGLES: list[tuple[str, str, type[BaseModel]]] = [
    ("residents", "resident_id", schemas.ResidentOut),
    ("sheets", "sheet_id", schemas.SheetOut),
    ("contracts", "contract_id", schemas.ContractOut),
    ("instruments", "instrument_key", schemas.InstrumentDataOut),
]


@lru_cache(maxsize=1)
def describe() -> dict[str, Any]:
    """The whole description."""
    models: list[type[BaseModel]] = [
        *{m for _p, _t, m, _q in LISTS},
        *(m for _p, _n, m in SINGLES),
        schemas.InstrumentsOut,
    ]
    models += [schemas.SheetIn, schemas.ErrorOut]
    ordered = sorted(set(models), key=lambda m: m.__name__)
    _map, definitions = models_json_schema([(m, "validation") for m in ordered], ref_template=REF)
    paths: dict[str, Any] = {}
    for path, title, model, filters in LISTS:
        page = {
            "type": "object",
            "required": ["items", "next_cursor", "count", "capped"],
            "properties": {
                "items": {"type": "array", "items": ref(model)},
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
                "responses": {"200": {"description": title, **body(page)}, **refusals(401, 403, 405, 422, 500, 503)},
            }
        }
    for path, name, model in SINGLES:
        paths[f"/api/v1/{path}/{{{name}}}"] = {
            "get": {
                "summary": model.__doc__ or path,
                "operationId": f"one_{path}",
                "parameters": [
                    {
                        "name": name,
                        "in": "path",
                        "required": True,
                        "schema": KEY
                        if name == "instrument_key"
                        else {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
                    }
                ],
                "responses": {
                    "200": {"description": model.__doc__ or path, **body(ref(model))},
                    **refusals(401, 403, 404, 405, 422, 500, 503),
                },
            }
        }
    paths["/api/v1/instruments"] = {
        "get": {
            "summary": "Instruments a sheet may name",
            "operationId": "instruments",
            "responses": {
                "200": {"description": "All of them", **body(ref(schemas.InstrumentsOut))},
                **refusals(401, 403, 405, 422, 500, 503),
            },
        }
    }
    paths |= exchange()
    paths["/api/v1/sheets"]["post"] = {
        "summary": "Submit a whole assessment sheet",
        "operationId": "submit_sheet",
        "description": (
            "Sent again with the same client_key and content it gives the same sheet; with other content it is "
            "refused (409). `result` is what `python -m assessments score` prints for instrument, answers and facts. "
            "With a session instead of a token the header X-CSRFToken must carry the token of one of our pages."
        ),
        "requestBody": {"required": True, **body(ref(schemas.SheetIn))},
        "responses": {
            "201": {
                "description": "The sheet as it is stored",
                "headers": {"Location": {"description": "Address of the sheet", "schema": {"type": "string"}}},
                **body(ref(schemas.SheetOut)),
            },
            **refusals(400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503, 507),
        },
    }
    paths["/api/v1/openapi.json"] = {
        "get": {
            "summary": "This description",
            "operationId": "openapi",
            "security": [],
            "responses": {"200": {"description": "OpenAPI 3.1", **body({"type": "object"})}},
        }
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "颐衡 Yiheng",
            "version": "1",
            "summary": "Read what the pages show; submit sheets",
            "description": (
                "Same permissions and rows as the pages; personal data masked. Money is whole fen, days are YYYY-MM-DD, "
                "instants carry their zone. Lists are paged: send next_cursor back as cursor until it is null. "
                "Messages are in the language of Accept-Language (zh, en)."
            ),
        },
        "servers": [{"url": "/"}],
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
