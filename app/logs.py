"""Structured logs: one JSON line an event, request ids instead of personal data."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback

from flask import Flask, current_app, g, has_app_context, has_request_context, request
from werkzeug.wrappers import Response


class JsonLines(logging.Formatter):
    """One JSON object a line; line breaks in messages cannot forge a second entry."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        entry: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_app_context() and (county := current_app.extensions["settings"].county):
            entry["county"] = county
        if has_request_context():
            entry["request_id"] = g.get("request_id", "")
        if record.exc_info and record.exc_info[0] is not None:
            # files and lines only: values, and the words of an error, may be personal data
            frames = traceback.extract_tb(record.exc_info[2])[-8:]
            entry["error"] = record.exc_info[0].__name__
            entry["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(entry, ensure_ascii=False)


def init_logs(app: Flask) -> None:
    """Send everything to standard error as JSON lines and log each request by route, not by address line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING if app.config["TESTING"] else logging.INFO)
    app.logger.handlers.clear()
    logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)  # two lines at every look at the version

    @app.before_request
    def _started() -> None:
        g.started = time.monotonic()

    @app.after_request
    def _log(response: Response) -> Response:
        if request.endpoint and not request.endpoint.endswith("static"):
            actor = g.get("actor")
            app.logger.info(
                "%s %s %s %dms user=%s",
                request.method,
                request.url_rule.rule if request.url_rule else "-",
                response.status_code,
                round((time.monotonic() - g.get("started", time.monotonic())) * 1000),
                actor.user_id if actor else "-",
            )
        return response
