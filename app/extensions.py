"""Flask extensions, made once and attached by the factory."""

from __future__ import annotations

from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from app.core.db import db

babel = Babel()
bootstrap = Bootstrap5()
csrf = CSRFProtect()
migrate = Migrate(render_as_batch=True)

__all__ = ["babel", "bootstrap", "csrf", "db", "migrate"]
