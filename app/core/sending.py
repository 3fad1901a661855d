"""Files as answers; only views call this."""

from __future__ import annotations

import io

from flask import send_file
from werkzeug.wrappers import Response

from app.core.tables import Written


def attachment(file: Written) -> Response:
    """A written table as a download under its own name."""
    return send_file(io.BytesIO(file.data), mimetype=file.mime, as_attachment=True, download_name=file.name)
