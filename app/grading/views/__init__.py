"""Pages of assessment: what is due, the sheet, the list of sheets, proposals and decisions, a resident's grades."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("grading", __name__, template_folder="../templates")

from app.grading.views import agreement, appeals, due, grades, pairs, panels, proposals, sheet, sheets  # noqa: E402, F401  # routes register on the blueprint
