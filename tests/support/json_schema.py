"""Checks a value against the part of JSON Schema 2020-12 that the API's description uses; unknown words are refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

ANNOTATIONS = {"title", "description", "examples", "default"}
KNOWN = ANNOTATIONS | {
    "$ref", "type", "enum", "const", "anyOf", "properties", "required", "additionalProperties", "items", "minItems",
    "maxItems", "minLength", "maxLength", "pattern", "minimum", "maximum", "format",
}  # fmt: skip
TYPES: dict[str, Any] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list,
    "null": type(None),
}  # fmt: skip


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, TYPES[kind])


def faults(value: Any, schema: Mapping[str, Any], document: Mapping[str, Any], at: str = "$") -> list[str]:
    """Everything in which ``value`` does not fit, each with its place. ``document`` holds what ``$ref`` names."""
    if unknown := set(schema) - KNOWN:
        return [f"{at}: the schema uses {sorted(unknown)}, which is not checked"]
    if "$ref" in schema:
        return faults(value, resolve(document, schema["$ref"]), document, at)
    if "anyOf" in schema and not any(not faults(value, one, document, at) for one in schema["anyOf"]):
        return [f"{at}: {value!r} fits none of {len(schema['anyOf'])} schemas"]
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        return [f"{at}: {value!r} is no {' or '.join(kinds)}"]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        found.append(f"{at}: {value!r} is not {schema['const']!r}")
    if isinstance(value, str):
        found += _text(value, schema, at)
    if _is(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{at}: {value} is out of range")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            found.append(f"{at}: {len(value)} entries")
        for place, one in enumerate(value):
            found += faults(one, schema.get("items", {}), document, f"{at}[{place}]")
    if isinstance(value, dict):
        found += _object(value, schema, document, at)
    return found


def _text(value: str, schema: Mapping[str, Any], at: str) -> list[str]:
    found = []
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        found.append(f"{at}: {len(value)} characters")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{at}: {value!r} does not look like {schema['pattern']}")
    reader = {"date": dt.date.fromisoformat, "date-time": dt.datetime.fromisoformat}.get(schema.get("format", ""))
    if "format" in schema and reader is None:
        found.append(f"{at}: the format {schema['format']} is not checked")
    elif reader is not None:
        try:
            read = reader(value)
        except ValueError:
            found.append(f"{at}: {value!r} is no {schema['format']}")
        else:
            if isinstance(read, dt.datetime) and read.tzinfo is None:
                found.append(f"{at}: {value!r} carries no zone")
    return found


def _object(value: dict[str, Any], schema: Mapping[str, Any], document: Mapping[str, Any], at: str) -> list[str]:
    found = [f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value]
    properties, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, one in value.items():
        if name in properties:
            found += faults(one, properties[name], document, f"{at}.{name}")
        elif more is False:
            found.append(f"{at}: {name} is not described")
        elif isinstance(more, Mapping):
            found += faults(one, more, document, f"{at}.{name}")
    return found


def resolve(document: Mapping[str, Any], ref: str) -> Any:
    """What a local reference names. Raises ``KeyError`` for one that leads nowhere."""
    found: Any = document
    for part in ref.removeprefix("#/").split("/"):
        found = found[part]
    return found
