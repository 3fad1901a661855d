"""The table of residents that counties import: its columns and the words its cells may use, in both languages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale

from app.core.names import normalise
from app.people import labels
from app.people.rules import ETHNICITIES

COLUMNS = (
    "name", "sex", "born_on", "id_number", "ethnicity", "area_code", "address", "phone", "setting", "institution_id",
    "supported_from", "guardian_name", "guardian_relation", "guardian_phone", "education", "marital", "living",
    "medical_payment", "income_sources", "religion", "health_notes",
)  # fmt: skip
"""Fields of the template, in its order."""
EXAMPLE = "王示例"
"""Name of the invented person in the template's first row; nobody of this name is taken in."""
NEEDED = frozenset({"name", "sex", "born_on", "ethnicity", "area_code", "setting", "supported_from"})
DATES = frozenset({"born_on", "supported_from"})
TABLES: dict[str, Mapping[Any, Any]] = {
    "sex": labels.SEX_LABELS,
    "ethnicity": ETHNICITIES,
    "setting": labels.SETTING_LABELS,
    "guardian_relation": labels.RELATION,
    "education": labels.EDUCATION,
    "marital": labels.MARITAL,
    "living": labels.LIVING,
}
SEVERAL: dict[str, Mapping[Any, Any]] = {
    "medical_payment": labels.MEDICAL_PAYMENT,
    "income_sources": labels.INCOME_SOURCES,
}
LOCALES = ("zh_Hans_CN", "en")
SHORT_WORDS = {"setting": {"集中": "institutional", "分散": "home"}}
"""What people write instead of the whole word."""
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?", re.ASCII)


def _words(table: Mapping[Any, Any]) -> dict[str, str]:
    found = {normalise(str(code)): str(code) for code in table}
    for locale in LOCALES:
        with force_locale(locale):
            found.update({normalise(str(label)): str(code) for code, label in table.items()})
    return found


def headings() -> dict[str, str]:
    """Every accepted heading → field: the words of both languages and the field's own name."""
    found = {name: name for name in COLUMNS}
    for locale in LOCALES:
        with force_locale(locale):
            found.update({normalise(str(labels.FIELDS[name])): name for name in COLUMNS})
    return found


class Reader:
    """Turns the cells of one table into what the checks of a resident expect."""

    def __init__(self) -> None:
        self.words = {name: _words(table) for name, table in {**TABLES, **SEVERAL}.items()}
        for name, short in SHORT_WORDS.items():
            self.words[name].update(short)
        for code, name in ETHNICITIES.items():
            self.words["ethnicity"].setdefault(name.removesuffix("族"), code)

    def value(self, field: str, cell: object) -> object:
        """The cell as a code, a date or text; unknown words are handed on, so that the check names them."""
        if isinstance(cell, dt.datetime):
            cell = cell.date()
        if isinstance(cell, dt.date):
            return cell if field in DATES else cell.isoformat()
        text = "" if cell is None else str(cell).strip()
        if field in DATES:
            return _date(text)
        if field in SEVERAL:
            return [code for part in re.split(r"[、,，;；]", text) if part.strip() for code in self._codes(field, part)]
        if field in self.words:
            return self.words[field].get(normalise(text), text)
        return text

    def _codes(self, field: str, part: str) -> list[str]:
        """One word, or several with strokes between; some words have a stroke of their own (退休金/养老金)."""
        words = self.words[field]
        if normalise(part) in words:
            return [words[normalise(part)]]
        return [words.get(normalise(p), p) for p in part.split("/") if p.strip()]


def _date(text: str) -> str:
    compact = normalise(text)
    if (found := _DATE.fullmatch(compact.replace("00:00:00", ""))) is not None:
        return f"{int(found[1]):04d}-{int(found[2]):02d}-{int(found[3]):02d}"
    if re.fullmatch(r"\d{8}", compact, re.ASCII):
        return f"{compact[:4]}-{compact[4:6]}-{compact[6:]}"
    return text
