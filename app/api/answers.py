"""Refusals of the API: one shape, always in words, never a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.api.schemas import ErrorBody, ErrorOut
from app.core.words import lazy_gettext as _l

WORDS: dict[int, Any] = {
    400: _l("The request cannot be read."),
    401: _l("Sign in, or send a token that is valid: Authorization: Bearer …"),
    403: _l("Your role does not carry this permission, or your password has to be changed first."),
    404: _l("There is no such thing, or it is not in your area."),
    405: _l("This address does not take this method."),
    409: _l("A rule says no. Nothing was stored."),
    413: _l("The body is larger than 12 MB. Nothing was stored."),
    415: _l("Send JSON with the content type application/json."),
    422: _l("Something in the request is wrong. Nothing was stored."),
    429: _l("Too many tries. Wait a while and try again."),
    500: _l("Something went wrong here. Nothing was stored; give the request id when you ask for help."),
    503: _l("The store cannot be used just now. Nothing was stored; try again in a minute."),
    507: _l("The disk is full. Nothing was stored."),
}
"""What each status means here, also for the description of the API."""


def refusal(status: int, message: str = "", fields: Mapping[str, str] | None = None) -> tuple[dict[str, Any], int]:
    """The body of a refusal and its status; without a ``message`` the words of the status."""
    body = ErrorBody(
        status=status,
        message=message or str(WORDS.get(status, WORDS[500 if status >= 500 else 400])),
        request_id=g.get("request_id", ""),
        fields=dict(fields) if fields else None,
    )
    return ErrorOut(error=body).model_dump(mode="json", exclude_none=True), status


def refusal_of(error: HTTPException) -> tuple[dict[str, Any], int, dict[str, str]]:
    """What the web library refuses, with its headers; its own English sentences are left out."""
    status = error.code or 500
    own = error.description if error.description != type(error).description else ""
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return *refusal(status, own or ""), headers
