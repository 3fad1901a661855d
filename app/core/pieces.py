"""The smallest pieces of a page, which lists repeat for every row: pictures, states, cells.

They are functions and not macros because a macro costs ten times as much, and a list of fifty rows has some four hundred
of them. Templates take them from ``ui/*.html`` like every other piece. Everything that comes in is escaped unless it is
markup already.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import g, url_for
from markupsafe import Markup, escape

TONE_ICONS = {
    "neutral": "circle",
    "info": "info-circle-fill",
    "good": "check-circle-fill",
    "warn": "exclamation-triangle-fill",
    "bad": "x-circle-fill",
}
"""The picture that goes with a tone: a colour never carries meaning alone."""

Caller = Callable[[], str]


def icon(name: str, size: str | None = None) -> Markup:
    """A picture from ``static/img/icons.svg``; it never carries meaning alone, so it is hidden from screen readers."""
    pictures = g.get("pictures")
    if pictures is None:
        pictures = g.pictures = url_for("static", filename="img/icons.svg")
    return _icon(pictures, name, size)


@lru_cache(maxsize=1024)
def _icon(pictures: str, name: str, size: str | None) -> Markup:
    drawn = Markup('<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>')
    return drawn.format(f" icon-{size}" if size else "", pictures, name)


def badge(text: Any, tone: str = "neutral", icon_name: str | None = None) -> Markup:
    """A state in a word, with its tone and picture."""
    picture = icon(icon_name or TONE_ICONS[tone])
    return Markup(f'<span class="badge-state tone-{tone}">{picture}<span>{escape(text)}</span></span>')  # noqa: S704  # tone is one of ours, the words are escaped


def td(
    label: Any,
    value: Any = None,
    kind: str = "text",
    href: str | None = None,
    main: bool = False,
    note: Any = None,
    caller: Caller | None = None,
) -> Markup:
    """A cell of a list; its body is ``value`` or what the call block holds.

    ``label``: the words of its column, shown beside the value on a phone. ``main``: the row's own name. ``kind``: text,
    num, date, state, acts, short. An empty value is a dash. ``note``: small words below.
    """
    if caller is not None:
        body = caller()
    elif value is None or (text := value if isinstance(value, str) else str(value)) == "":
        body = '<span class="nothing">—</span>'
    else:
        body = escape(text)
    if note:
        body = f'{body}<small class="cell-note">{escape(note)}</small>'
    if href:
        body = f'<a href="{escape(href)}">{body}</a>'
    if main:
        return Markup(f'<th scope="row" role="rowheader" class="cell-main">{body}</th>')  # noqa: S704  # escaped above
    return Markup(  # noqa: S704  # escaped above; kind is one of ours
        f'<td role="cell" class="cell-{kind}" data-label="{escape(label)}"><div class="cell-value">{body}</div></td>'
    )
