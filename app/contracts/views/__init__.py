"""Pages of contracts: the list and the table with seven places, signing, a contract's life; duties of all parties."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("contracts", __name__, template_folder="../templates")

from app.contracts.views import contracts, duties, going_on, signing  # noqa: E402, F401  # routes register on the blueprint
