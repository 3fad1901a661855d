"""What every form and list of the product shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from flask_wtf import FlaskForm

from app.core.errors import DomainError
from app.core.paging import Page


def add_errors(form: FlaskForm, error: DomainError) -> None:
    """Put what an operation refused beside the fields it names; what fits no field goes to the summary."""
    messages = dict(getattr(error, "errors", {}) or {})
    if not messages and error.field:
        messages[error.field] = error.message
    placed = False
    for name, message in messages.items():
        if name in form:
            form[name].errors = [*form[name].errors, message]
            placed = True
    if not placed:
        form.form_errors.append(error.message)


def _with(address: str, **more: str) -> str:
    """An address with the search and filters of this page. They are written as text and never handed to ``url_for``,
    whose own arguments (``_external``, ``endpoint``, parts of the path) somebody could name in a link.
    """
    kept = {k: v for k, v in request.args.items() if v and k != "cursor" and k not in more}
    query = urlencode({**kept, **more})
    return f"{address}?{query}" if query else address


def export_links(endpoint: str, **parts: object) -> list[tuple[str, str]]:
    """Links to the table behind the list on this page, as Excel and CSV, with the same search and filters."""
    kinds = (("Excel", "xlsx"), ("CSV", "csv"))
    return [(label, _with(url_for(endpoint, kind=kind, **parts))) for label, kind in kinds]  # type: ignore[arg-type]  # parts of a path


def print_link(endpoint: str) -> tuple[str, str]:
    """The link to the list on this page as PDF, with the same search and filters."""
    return "PDF", _with(url_for(endpoint))


@dataclass(frozen=True)
class Pager:
    """Addresses of the neighbouring pages and the count in words."""

    next_url: str | None
    prev_url: str | None
    count_text: str


def pager(page: Page[Any]) -> Pager:
    """Pager of a list that keeps search and filters in the address."""

    def to(cursor: str | None) -> str | None:
        if cursor is None or request.endpoint is None:
            return None
        return _with(url_for(request.endpoint, **(request.view_args or {})), cursor=cursor)

    return Pager(to(page.next_cursor), to(page.prev_cursor), page.count_text)


def place_arg() -> int:
    """The place in a list that the address names (``start``, counted from 0); 0 when it names none."""
    text = request.args.get("start", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def pager_at(start: int, size: int, *, more: bool) -> Pager:
    """Pager of a list that is worked out as a whole and shown ``size`` rows at a time from ``start`` on."""

    def to(place: int) -> str:
        return _with(request.path, start=str(place))

    return Pager(to(start + size) if more else None, to(max(0, start - size)) if start else None, "")


def text_arg(name: str, limit: int = 100) -> str:
    """A search or filter text from the address: trimmed, capped, without control characters."""
    raw = request.args.get(name, "")
    return "".join(c for c in raw if c.isprintable()).strip()[:limit]
