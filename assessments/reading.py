"""Checked reading of TOML tables: every access names its place, unknown keys are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assessments.errors import InstrumentError
from assessments.model import Note, Words

STATUSES = ("official", "local", "example")


class Table:
    """A TOML table that knows where it stands and which of its keys were read."""

    def __init__(self, data: Any, where: str) -> None:
        if not isinstance(data, dict):
            raise InstrumentError(where, "must be a table")
        self._data: Mapping[str, Any] = data
        self._seen: set[str] = set()
        self.where = where

    def path(self, key: str) -> str:
        """The place of a key, for messages."""
        return f"{self.where}.{key}" if self.where else key

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def _take(self, key: str) -> Any:
        self._seen.add(key)
        if key not in self._data:
            raise InstrumentError(self.path(key), "is missing")
        return self._data[key]

    def text(self, key: str, *, one_of: tuple[str, ...] = ()) -> str:
        """A text that is not empty, from a closed list when one is given."""
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise InstrumentError(self.path(key), "must be a text that is not empty")
        if one_of and value not in one_of:
            raise InstrumentError(self.path(key), f"must be one of {', '.join(one_of)}")
        return value

    def number(self, key: str) -> int:
        """A whole number."""
        value = self._take(key)
        if type(value) is not int:
            raise InstrumentError(self.path(key), "must be a whole number")
        return value

    def flag(self, key: str) -> bool:
        """A truth value; absent means false."""
        if key not in self._data:
            return False
        value = self._take(key)
        if not isinstance(value, bool):
            raise InstrumentError(self.path(key), "must be true or false")
        return value

    def numbers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers that is not empty."""
        value = self._take(key)
        if not isinstance(value, list) or not value or any(type(entry) is not int for entry in value):
            raise InstrumentError(self.path(key), "must be a list of whole numbers")
        return tuple(value)

    def rows(self, key: str) -> tuple[tuple[int, ...], ...]:
        """A list of lists of whole numbers."""
        value = self._take(key)
        whole = isinstance(value, list) and all(
            isinstance(row, list) and row and all(type(entry) is int for entry in row) for row in value
        )
        if not whole or not value:
            raise InstrumentError(self.path(key), "must be rows of whole numbers")
        return tuple(tuple(row) for row in value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts that is not empty."""
        value = self._take(key)
        if not isinstance(value, list) or not value or any(not isinstance(entry, str) for entry in value):
            raise InstrumentError(self.path(key), "must be a list of texts")
        return tuple(value)

    def date(self, key: str) -> str:
        """A TOML date, returned in ISO form."""
        value = self._take(key)
        if type(value).__name__ != "date":
            raise InstrumentError(self.path(key), "must be a date such as 2013-10-01")
        return str(value.isoformat())

    def table(self, key: str) -> Table:
        """A table below this one."""
        return Table(self._take(key), self.path(key))

    def tables(self, key: str, *, optional: bool = False) -> Iterator[Table]:
        """The tables of an array, each closed against unknown keys after use."""
        if optional and key not in self._data:
            return
        value = self._take(key)
        if not isinstance(value, list) or not value:
            raise InstrumentError(self.path(key), "must be a list of tables that is not empty")
        for index, entry in enumerate(value):
            table = Table(entry, f"{self.path(key)}[{index}]")
            yield table
            table.close()

    def words(self, key: str) -> Words:
        """Bilingual wording."""
        return self.table(key).own_words()

    def own_words(self) -> Words:
        """This table itself as bilingual wording; nothing else may stand in it."""
        words = self.label()
        self.close()
        return words

    def label(self) -> Words:
        """The ``zh`` and ``en`` of this table, beside other keys."""
        return {"zh": self.text("zh"), "en": self.text("en")}

    def close(self) -> None:
        """Refuse keys nobody read: most are typing mistakes that would silently change a rule."""
        unknown = sorted(set(self._data) - self._seen)
        if unknown:
            raise InstrumentError(self.path(unknown[0]), "is not a known key")


def read_notes(root: Table) -> tuple[Note, ...]:
    """The source notes of a file."""
    return tuple(
        Note(n.text("section"), n.text("status", one_of=STATUSES), n.text("source"), n.label())
        for n in root.tables("notes", optional=True)
    )


def unique(names: list[Any], where: str) -> None:
    """Refuse a list with a repeated entry."""
    for index, name in enumerate(names):
        if name in names[:index]:
            raise InstrumentError(where, f"{name} stands here twice")
