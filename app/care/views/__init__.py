"""Pages of care: plans, checklists, completion, visits, incidents."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("care", __name__, template_folder="../templates")

from app.care.views import (  # noqa: E402  # routes register on the blueprint
    cards,
    checklists,
    completion,
    handovers,
    incidents,
    panels,
    patterns,
    plans,
    profiles,
    visits,
)

__all__ = [
    "bp",
    "cards",
    "checklists",
    "completion",
    "handovers",
    "incidents",
    "panels",
    "patterns",
    "plans",
    "profiles",
    "visits",
]
