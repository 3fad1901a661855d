"""Walking the URL map: every route, with its parameters filled."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

METHODS = ("GET", "POST")


@dataclass(frozen=True)
class Cell:
    """One route and method."""

    endpoint: str
    method: str
    rule: Rule


def cells(app: Flask) -> Iterator[Cell]:
    """Every route × method of ours (static files apart)."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or rule.endpoint.endswith(".static"):
            continue
        for method in METHODS:
            if method in (rule.methods or set()):
                yield Cell(rule.endpoint, method, rule)


def fill(rule: Rule, ids: dict[str, Any] | None = None) -> dict[str, Any]:
    """A value for every parameter; ``ids`` gives those that matter."""
    values: dict[str, Any] = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        kind = type(converter).__name__
        if ids and name in ids:
            values[name] = ids[name]
        elif kind == "IdConverter":
            values[name] = 9_999_999
        elif kind == "DayConverter":
            values[name] = dt.date(2026, 1, 5)
        elif kind == "AnyConverter":
            values[name] = min(converter.items)  # type: ignore[attr-defined]  # werkzeug's AnyConverter
        elif kind == "InstrumentConverter":
            values[name] = "nothing@1"
        elif kind == "TokenConverter":
            values[name] = "nothing-here"
        else:
            values[name] = "x"
    return values


QUERIES = {
    "people.reveal": {"field": "phone"},
    "people.reveal_caregiver": {"field": "phone"},
}
"""Routes that say nothing without a parameter in the address."""


def path(app: Flask, cell: Cell, ids: dict[str, Any] | None = None) -> str:
    """The address of a cell."""
    adapter = app.url_map.bind("localhost")
    values = {**QUERIES.get(cell.endpoint, {}), **fill(cell.rule, ids)}
    return adapter.build(cell.endpoint, values, method=cell.method)


def choices(rule: Rule) -> list[dict[str, Any]]:
    """Every combination of the fixed words a route's parameters allow (kinds of file, acts, places at the table)."""
    names = [n for n in rule.arguments if type(rule._converters[n]).__name__ == "AnyConverter"]
    words = [sorted(rule._converters[n].items) for n in names]  # type: ignore[attr-defined]  # as above
    return [dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*words)]
