"""What an offline device asks the server for: the shell of the app, who is signed in, the bundle to take along, the
conversation about records; and the pages on which people look after devices and records.
"""

from __future__ import annotations

from flask import Blueprint

from app.tablet.views import devices, evidence, records
from app.tablet.views.sync import bp as sync
from app.tablet.views.sync import checked

bp = Blueprint("tablet", __name__, url_prefix="/tablet", template_folder="../templates")
bp.before_request(checked)

from app.tablet.views import bundle, shell  # noqa: E402  # the routes register themselves on the blueprint above

__all__ = ["bp", "bundle", "devices", "evidence", "records", "shell", "sync"]
