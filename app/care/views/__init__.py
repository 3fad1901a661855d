"""Pages of care: plans, checklists, completion, visits, incidents."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("care", __name__, template_folder="../templates")

from app.care.views import checklists, completion, handovers, incidents, panels, plans, profiles, visits  # noqa: E402, F401  # routes register on the blueprint
