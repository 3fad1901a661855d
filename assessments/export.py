"""An instrument as one JSON document, for programs that score elsewhere (the tablet): everything the scorer reads.

The document is made from the instrument as it was read and checked, so it is never typed again. ``sha256`` is that of
the TOML file and stands on every result, whichever side made it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from assessments.model import Instrument


def exported(instrument: Instrument) -> dict[str, Any]:
    """The instrument as a JSON-ready object with its key; names are those of :mod:`assessments.model`.

    Sets become sorted lists, whole numbers as names (levels, grades) become text, as JSON has it.
    """
    return {"key": instrument.key, **_plain(instrument)}


def canonical(document: Any) -> bytes:
    """A JSON document as the one sequence of bytes that is hashed: names sorted, no blanks, UTF-8."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def digest(document: Any) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(document)).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value
