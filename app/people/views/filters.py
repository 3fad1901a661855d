"""What stands in the address of a list: read, checked, and offered again."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from flask import request

from app.core.access import current_actor
from app.core.forms import text_arg
from app.places.models import Level
from app.places.queries import areas_under

E = TypeVar("E", bound=StrEnum)
Options = list[tuple[str, str]]


def member(kind: type[E], name: str) -> E | None:
    """A filter that is one member of an enumeration; anything else means no filter."""
    given = request.args.get(name, "")
    return kind(given) if given in {m.value for m in kind} else None


def _code(name: str) -> str:
    given = text_arg(name, 12)
    return given if given.isascii() and given.isdigit() else ""


def area() -> str:
    """The chosen village, or township, or ''."""
    township, village = _code("township"), _code("village")
    return village if village.startswith(township) and village else township


def area_options() -> tuple[Options, Options]:
    """Townships and villages to choose from: villages once a township is chosen or is the actor's own."""
    own = current_actor().area_code or ""
    if not own:
        return [], []
    townships = [(a.code, a.name) for a in areas_under(own, Level.TOWNSHIP)] if len(own) < 9 else []
    chosen = _code("township") if townships else own
    villages = [(a.code, a.name) for a in areas_under(chosen, Level.VILLAGE)] if 9 <= len(chosen) < 12 else []
    return townships, villages


def kept(names: Iterable[str]) -> dict[str, str]:
    """Filters of this address, to carry along to an export."""
    return {k: v for k, v in request.args.items() if k in set(names)}


def whole(text: str) -> bool:
    """Whether a hidden field of a form still holds a number of ours."""
    return text.isascii() and text.isdigit() and len(text) < 10
