"""Flask extensions, made once and attached by the factory."""

from __future__ import annotations

from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from app.core.db import db
from app.core.words import WordsBabel

babel = WordsBabel()
csrf = CSRFProtect()
migrate = Migrate(render_as_batch=True)

__all__ = ["babel", "csrf", "db", "migrate"]
