"""JSON bodies of requests: read strictly, refused in words."""

from __future__ import annotations

import json
from typing import Any

from flask import abort, request
from flask_babel import gettext
from werkzeug.exceptions import BadRequest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no name comes twice: which of two values counts must not be left to the reader."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def json_object(*kinds: str, limit: int | None = None) -> dict[str, Any]:
    """The one JSON object a request carries, at most ``limit`` bytes of it; the content types ``kinds`` are taken beside
    application/json. Answers 400, 413 or 415 otherwise.
    """
    if request.mimetype not in {"application/json", *kinds}:
        abort(415, gettext("Send JSON with the content type application/json."))
    if limit is not None:
        request.max_content_length = limit

    def refuse(value: str) -> Any:
        raise ValueError(value)

    try:
        text = request.get_data().decode("utf-8")  # and no other encoding (RFC 8259)
        document = json.loads(text, parse_constant=refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise BadRequest(gettext("The body is not readable JSON.")) from error
    if not isinstance(document, dict):
        raise BadRequest(gettext("The body must be a JSON object."))
    return document
