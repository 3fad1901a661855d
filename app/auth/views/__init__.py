"""Pages of this feature."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("auth", __name__, template_folder="../templates")

from app.auth.views import own, signing, users  # noqa: E402, F401  # they hang their routes on the blueprint
