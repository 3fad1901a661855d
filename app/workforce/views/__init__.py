"""Pages of training, certificates, exceptions, ratios and duty."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("workforce", __name__, template_folder="../templates")

from app.workforce.views import credentials, hours, overviews, panels, sessions, staffing  # noqa: E402, F401  # routes register on the blueprint
