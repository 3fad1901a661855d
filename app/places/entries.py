"""What somebody typed, made into checked facts; everything that is wrong is told at once, field by field."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import get_locale, gettext

from app.core import identity
from app.core.errors import Invalid

E = TypeVar("E", bound=StrEnum)

EARLIEST = dt.date(1880, 1, 1)
LATEST = dt.date(2199, 12, 31)


def words(checked: identity.Checked) -> str:
    """Everything wrong with a number, in the reader's language."""
    chinese = str(get_locale() or "zh").startswith("zh")
    return " ".join(f.zh if chinese else f.en for f in checked.faults)


def unshowable(text: str, *, lines: bool = False) -> bool:
    """Whether a text holds control characters or halves of characters, which no field may keep."""
    allowed = {"\n", "\t"} if lines else set()
    return any(unicodedata.category(c) in {"Cc", "Cs"} and c not in allowed for c in text)


class Entries:
    """Checks the given fields one by one, gathers ``facts`` and ``errors``; ``done`` raises when anything is wrong."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given
        self.facts: dict[str, Any] = {}
        self.errors: dict[str, str] = {}

    def fail(self, field: str, message: str) -> None:
        """Note the first thing that is wrong with a field."""
        self.errors.setdefault(field, message)

    def _missing(self, field: str, needed: bool) -> None:
        self.facts[field] = None
        if needed:
            self.fail(field, gettext("Please fill this in."))

    def text(self, field: str, limit: int, *, needed: bool = False, lines: bool = False) -> str | None:
        """Text without blanks around it, at most ``limit`` characters; ``lines`` allows line breaks."""
        text = str(self.given.get(field) or "").replace("\r\n", "\n").strip()
        if not text:
            self._missing(field, needed)
            return None
        if len(text) > limit:
            self.fail(field, gettext("At most %(n)s characters.", n=limit))
        elif unshowable(text, lines=lines):
            self.fail(field, gettext("This holds characters that cannot be shown. Please type it again."))
        self.facts[field] = text
        return text

    def choice(self, field: str, kind: type[E], *, needed: bool = False) -> E | None:
        """One member of an enumeration."""
        value = self.given.get(field)
        if value is None or value == "":
            self._missing(field, needed)
            return None
        try:
            self.facts[field] = kind(str(value))
        except ValueError:
            self.facts[field] = None
            self.fail(field, gettext("Please choose one of the entries."))
        return self.facts[field]

    def code(self, field: str, table: Collection[str], *, needed: bool = False) -> str | None:
        """One code of a code table."""
        value = str(self.given.get(field) or "").strip()
        if not value:
            self._missing(field, needed)
            return None
        if value not in table:
            self.fail(field, gettext("Please choose one of the entries."))
        self.facts[field] = value
        return value

    def codes(self, field: str, table: Collection[str]) -> list[str]:
        """Several codes of a code table, in its order."""
        values = self.given.get(field) or []
        values = [str(v) for v in values] if isinstance(values, list | tuple | set) else [str(values)]
        if any(v not in table for v in values):
            self.fail(field, gettext("Please choose from the entries."))
        self.facts[field] = [code for code in table if code in values]
        return values

    def date(
        self, field: str, *, earliest: dt.date = EARLIEST, latest: dt.date = LATEST, needed: bool = False
    ) -> dt.date | None:
        """A day, given as a date or as ``YYYY-MM-DD``."""
        value = self.given.get(field)
        if value is None or value == "":
            self._missing(field, needed)
            return None
        if not isinstance(value, dt.date):
            try:
                value = dt.date.fromisoformat(str(value).strip())
            except ValueError:
                self.facts[field] = None
                self.fail(field, gettext("This is no day. Write it like 2026-03-31."))
                return None
        self.facts[field] = value
        if value < earliest:
            self.fail(field, gettext("Not before %(day)s.", day=earliest.isoformat()))
        elif value > latest:
            self.fail(field, gettext("Not after %(day)s.", day=latest.isoformat()))
        return value

    def number(self, field: str, low: int, high: int) -> int | None:
        """A whole number in a range."""
        text = str(self.given.get(field) if self.given.get(field) is not None else "").strip()
        if not text:
            self._missing(field, False)
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 9 and low <= int(text) <= high):
            self.facts[field] = None
            self.fail(field, gettext("A whole number from %(low)s to %(high)s.", low=low, high=high))
            return None
        self.facts[field] = int(text)
        return int(text)

    def flag(self, field: str, default: bool) -> bool:
        """Yes or no."""
        self.facts[field] = bool(self.given.get(field, default))
        return bool(self.facts[field])

    def phone(self, field: str) -> str | None:
        """A mobile or fixed-line number in normal form."""
        text = str(self.given.get(field) or "").strip()
        if not text:
            self._missing(field, False)
            return None
        checked = identity.check_phone(text)
        if not checked.ok:
            self.fail(
                field,
                gettext("This is no telephone number: 11 digits for a mobile, otherwise area code and number."),
            )
        self.facts[field] = checked.number
        return checked.number

    def done(self) -> dict[str, Any]:
        """The checked facts. Raises ``Invalid`` naming every wrong field."""
        if self.errors:
            raise Invalid(gettext("Please check the marked fields."), errors=self.errors)
        return self.facts
