"""Pages of signs and measurements."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("trends", __name__, template_folder="../templates")

from app.trends.views import measurements, panels, signs  # noqa: E402, F401  # routes register on the blueprint
