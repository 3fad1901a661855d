"""Closed by default: every route declares the permission it needs, or is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.routing import BaseConverter, IntegerConverter, ValidationError
from werkzeug.wrappers import Response

from app.core.actor import Actor
from app.core.db import MAX_ID
from app.core.errors import Forbidden

JSON_PREFIXES = ("/api/", "/tablet/api/")
"""Addresses that are answered in JSON only, refusals too."""

V = TypeVar("V", bound=Callable[..., Any])

PUBLIC = "public"
"""Declared permission of pages that need no sign-in."""
SIGNED_IN = "signed_in"
"""Declared permission of pages open to everyone who is signed in (own account, sign out)."""


def requires(permission: str) -> Callable[[V], V]:
    """Declare the permission of a view; ``PUBLIC`` and ``SIGNED_IN`` are the two that are no role's permission."""

    def mark(view: V) -> V:
        view.permission = permission  # type: ignore[attr-defined]  # read by the guard below
        return view

    return mark


def current_actor() -> Actor:
    """Who is signed in on this request; only views call this. Raises ``Forbidden`` for nobody."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        raise Forbidden
    return actor


class IdConverter(IntegerConverter):
    """Row numbers in URLs: 1 … 2^63-1. Anything else is no address of ours (404), never an overflow."""

    regex = r"[1-9]\d{0,18}"

    def __init__(self, map: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(map, *args, min=1, max=MAX_ID, **kwargs)  # type: ignore[misc]  # inferred too narrowly


class TokenConverter(BaseConverter):
    """Unguessable tokens and document numbers."""

    regex = r"[A-Za-z0-9_-]{1,64}"


class InstrumentConverter(BaseConverter):
    """An assessment instrument in its exact version, such as ``selfcare30@1``."""

    regex = r"[a-z][a-z0-9]{0,39}@[0-9a-z]{1,20}(?:[.-][0-9a-z]{1,20})?"


class DayConverter(BaseConverter):
    """A calendar day as YYYY-MM-DD; anything that is no date of 1900–2199 is no address of ours."""

    regex = r"(?:19|20|21)\d\d-\d\d-\d\d"

    def to_python(self, value: str) -> dt.date:
        """The date, or no match (404)."""
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: dt.date) -> str:
        """YYYY-MM-DD."""
        return value.isoformat()


def declared_permission(app: Flask, endpoint: str) -> str | None:
    """The permission an endpoint declares; static files are public."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return PUBLIC
    return getattr(app.view_functions[endpoint], "permission", None)


def _check() -> Response | None:
    if request.endpoint is None:
        return None  # no such address: the 404 follows
    permission = declared_permission(current_app, request.endpoint)
    if permission is None:
        abort(404)
    if permission == PUBLIC:
        return None
    actor: Actor | None = g.get("actor")
    if actor is None:
        if request.path.startswith(JSON_PREFIXES):
            abort(401)
        after = request.full_path.rstrip("?") if request.method == "GET" else None
        response: Response = redirect(url_for("auth.sign_in", next=after))
        return response
    if permission != SIGNED_IN and not actor.may(permission):
        abort(403)
    return None


def init_access(app: Flask) -> None:
    """Install converters and the check that runs before every view."""
    app.url_map.converters["id"] = IdConverter
    app.url_map.converters["token"] = TokenConverter
    app.url_map.converters["day"] = DayConverter
    app.url_map.converters["instrument"] = InstrumentConverter
    app.before_request(_check)
