"""Pages of people: residents, caregivers, assessors."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("people", __name__, template_folder="../templates")

from app.people.views import assessors, caregivers, imports, panels, records, residents  # noqa: E402, F401  # routes register on the blueprint
