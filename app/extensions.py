"""Flask extensions, made once and attached by the factory."""

from __future__ import annotations

from functools import cached_property
from gettext import NullTranslations

from flask import g, has_app_context
from flask_babel import Babel, Domain
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from app.core.db import db


class Words(Domain):
    """The catalogue of a request, looked up once: a list of fifty rows asks for some five hundred translations."""

    def get_translations(self) -> NullTranslations:
        """The catalogue of the locale that is in force now."""
        context = g.get("_flask_babel") if has_app_context() else None
        if context is None:
            return super().get_translations()
        locale, found = getattr(context, "words", (None, None))
        if found is None or locale is not getattr(context, "babel_locale", None):
            found = super().get_translations()
            context.words = (context.babel_locale, found)
        return found


class WordsBabel(Babel):
    """Flask-Babel with that catalogue."""

    @cached_property
    def domain_instance(self) -> Words:
        """The messages of the product."""
        return Words(domain=self.domain)


babel = WordsBabel()
csrf = CSRFProtect()
migrate = Migrate(render_as_batch=True)

__all__ = ["babel", "csrf", "db", "migrate"]
