"""Pieces of the OpenAPI description."""

from __future__ import annotations

from typing import Any

from flask_babel import force_locale
from pydantic import BaseModel

from app.api import schemas
from app.api.answers import WORDS

REF = "#/components/schemas/{model}"


def query(name: str, kind: str, text: str, **more: Any) -> dict[str, Any]:
    """An argument of the address."""
    return {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": kind, **more}}


PAGING = [
    query("cursor", "string", "From next_cursor of the page before"),
    query("limit", "integer", "Rows per page", minimum=1, maximum=200),
]


def body(schema: dict[str, Any], kind: str = "application/json") -> dict[str, Any]:
    """A body of one content type."""
    return {"content": {kind: {"schema": schema}}}


def ref(model: type[BaseModel]) -> dict[str, str]:
    """A shape of ours by name."""
    return {"$ref": REF.format(model=model.__name__)}


def refusals(*codes: int) -> dict[str, Any]:
    """What may be refused, with the words of each status."""
    with force_locale("en"):
        told: dict[str, Any] = {
            str(code): {"description": str(WORDS[code]), **body(ref(schemas.ErrorOut))} for code in codes
        }
    told["401"]["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    told["default"] = {"description": "Any other refusal has the same shape.", **body(ref(schemas.ErrorOut))}
    return told
