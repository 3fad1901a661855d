"""Here several browsers talk to one application, so each request gets its own ``g`` and its own database session."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.db import db
from tests.support.inspected_client import InspectedClient


class SeparateRequests(InspectedClient):
    """A browser whose requests share nothing with the test around them but the database."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request in an application context of its own."""
        db.session.rollback()
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a sign-in; every page it opens is inspected."""
    app.test_client_class = SeparateRequests
    return app.test_client()
