"""What every form and list of the product shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
        kept = {k: v for k, v in request.args.items(multi=False) if k != "cursor"}
        return url_for(request.endpoint, **{**(request.view_args or {}), **kept, "cursor": cursor})

    return Pager(to(page.next_cursor), to(page.prev_cursor), page.count_text)


def text_arg(name: str, limit: int = 100) -> str:
    """A search or filter text from the address: trimmed, capped, without control characters."""
    raw = request.args.get(name, "")
    return "".join(c for c in raw if c.isprintable()).strip()[:limit]
