"""Pages of the quarter: settlements, evaluations, slips, objections, ledger."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("settlement", __name__, template_folder="../templates")

from app.settlement.queries import teaching  # noqa: E402, F401  # adds what evaluations say to the lessons
from app.settlement.views import (  # noqa: E402, F401  # routes register on the blueprint
    accounts,
    calculating,
    disputes,
    evaluations,
    ledger,
    panels,
    paying,
    sampling,
    settlements,
    slips,
    what_if,
)
