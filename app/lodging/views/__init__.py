"""Pages of beds, stays and belongings."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("lodging", __name__, template_folder="../templates")

from app.lodging.views import beds, belongings, panels, stays  # noqa: E402, F401  # routes register on the blueprint
