"""The JSON API, version 1: the same permissions and rows as the pages; described at ``/api/v1/openapi.json``."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("api", __name__, url_prefix="/api/v1")

from app.api.views import fhir, reading  # noqa: E402, F401  # routes register on the blueprint
