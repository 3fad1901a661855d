"""Pages of this feature."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("grading", __name__, template_folder="templates")
