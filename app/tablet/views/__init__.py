"""What an offline device asks the server for: the shell of the app, who is signed in, and the bundle to take along."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("tablet", __name__, url_prefix="/tablet", template_folder="../templates")

from app.tablet.views import bundle, shell  # noqa: E402  # the routes register themselves on the blueprint above

__all__ = ["bp", "bundle", "shell"]
