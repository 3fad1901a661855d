"""Parts that features above add to a page below without being imported by it (R3: what goes sideways is passed in)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flask import render_template
from markupsafe import Markup

from app.core.actor import Actor
from app.places.models import Organisation

T = TypeVar("T")


@dataclass(frozen=True)
class Shown:
    """What a panel shows: a template fragment with its context, and a link to the whole list behind it."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    action_url: str | None = None
    action_label: object = ""


@dataclass(frozen=True)
class Panel(Generic[T]):
    """A part of a page about one object: shown to actors with ``permission``; ``show`` gives None to stay away.

    ``key`` is the anchor of the part (``#part-<key>``) and unique; ``order`` sorts the parts, small first.
    """

    key: str
    title: object
    permission: str
    show: Callable[[Actor, T], Shown | None]
    order: int = 50


@dataclass(frozen=True)
class Part:
    """A rendered panel."""

    key: str
    title: object
    body: Markup
    action_url: str | None
    action_label: object


class Panels(Generic[T]):
    """The panels of one kind of page."""

    def __init__(self) -> None:
        self._panels: dict[str, Panel[T]] = {}

    def register(self, panel: Panel[T]) -> None:
        """Add a panel; called once while the feature's views are imported. The same key replaces."""
        self._panels[panel.key] = panel

    def parts(self, actor: Actor, about: T) -> list[Part]:
        """What the actor may see of ``about``, rendered, in order."""
        found = []
        for panel in sorted(self._panels.values(), key=lambda p: (p.order, p.key)):
            shown = panel.show(actor, about) if actor.may(panel.permission) else None
            if shown is not None:
                body = Markup(render_template(shown.template, **shown.context))  # noqa: S704  # a template escapes
                found.append(Part(panel.key, panel.title, body, shown.action_url, shown.action_label))
        return found


@dataclass(frozen=True)
class AreaColumn:
    """A count per area with the list behind it: ``count`` answers for many areas of one level at once."""

    label: object
    permission: str
    count: Callable[[Actor, Sequence[str]], Mapping[str, int]]
    url: Callable[[str], str]


area_columns: list[AreaColumn] = []
"""Columns that features above add to the area pages, in the order of their registration."""
organisation_panels: Panels[Organisation] = Panels()
"""Parts that features above add to an organisation's page."""
