"""Photos and voice notes where the sheet or the day they came with is read, for whoever may read that."""

from __future__ import annotations

import base64
import io

from flask import send_file, url_for
from werkzeug.wrappers import Response

from app.care.panels import Day, day_panels
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.words import lazy_gettext as _l
from app.grading.models import Sheet
from app.grading.panels import sheet_panels
from app.places.panels import Panel, Shown
from app.tablet import documents
from app.tablet.models import SyncRecord
from app.tablet.queries import evidence
from app.tablet.views.sync import bp


def _sent(file: documents.File) -> Response:
    return send_file(io.BytesIO(base64.b64decode(file.data)), mimetype=file.mime)


@bp.get("/sheets/evidence/<id:record_id>")
@requires("sheets.read")
def sheet_evidence(record_id: int) -> Response:
    """A photo or voice note of a sheet; the look is logged."""
    return _sent(documents.of_sheet(current_actor(), record_id))


@bp.get("/checklist/evidence/<id:record_id>")
@requires("checklist.read")
def day_evidence(record_id: int) -> Response:
    """A photo of a day of care; the look is logged."""
    return _sent(documents.of_day(current_actor(), record_id))


def _shown(rows: list[SyncRecord], endpoint: str) -> Shown | None:
    """Pictures and sounds of records, unless a blind pair keeps them closed."""
    parts = [(row, documents.shown(row)) for row in rows]
    files = [(url_for(endpoint, record_id=row.id), part.facts) for row, part in parts if not part.closed]
    return Shown("sync/_evidence.html", {"files": files}) if files else None


def _of_sheet(_actor: Actor, sheet: Sheet) -> Shown | None:
    return _shown(evidence.of_sheet(sheet), "sync.sheet_evidence")


def _of_day(_actor: Actor, about: Day) -> Shown | None:
    return _shown(evidence.of_day(about.resident.id, about.day), "sync.day_evidence")


sheet_panels.register(Panel("evidence", _l("Photos and voice notes"), "sheets.read", _of_sheet, order=60))
day_panels.register(Panel("evidence", _l("Photos and voice notes"), "checklist.read", _of_day, order=60))
