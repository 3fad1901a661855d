"""The product's words, looked up in the language of whoever looks.

A list of fifty rows asks for some five hundred of them. So the catalogue of a request is looked up once, and words that are
named before anybody looks (labels of fields and codes) go straight to it.
"""

from __future__ import annotations

from functools import cached_property
from gettext import NullTranslations

from flask import g, has_app_context
from flask_babel import Babel, Domain
from flask_babel.speaklater import LazyString


class Words(Domain):
    """The messages of the product; the catalogue of a request is looked up once."""

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
    """Flask-Babel with these messages."""

    @cached_property
    def domain_instance(self) -> Words:
        """The messages of the product."""
        return WORDS


class Later(LazyString):
    """Words that are looked up each time they are shown."""

    def __init__(self, message: str, **variables: object) -> None:
        super().__init__(WORDS.gettext, message, **variables)

    def __str__(self) -> str:
        return str(WORDS.gettext(*self._args, **self._kwargs))


def lazy_gettext(message: str, **variables: object) -> Later:
    """The message in the language of whoever will look at it."""
    return Later(message, **variables)


WORDS = Words()
