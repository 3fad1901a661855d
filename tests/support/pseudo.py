"""A pseudo-locale: every translated text is marked, so that what is not marked was never passed to gettext.

In ``zh_Hans_CN`` each text is ⟦its Chinese⟧, in ``en`` ⟦its English⟧. What stands outside the marks on a page must be
data (stored by people, or worded in a rule or instrument file), a number, a date or a unit.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import lxml.html
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from sqlalchemy import select, text

from app.build.translations import APP, LOCALE, load
from app.care.rules import plain_zh  # how a standard's words are shown
from app.core.db import db
from app.core.secrets import Secret
from app.grading.models import Sheet
from app.grading.queries import last_sheet
from app.grading.telling import Telling, tell
from app.people.rules import ETHNICITIES

OPEN, CLOSE = "⟦", "⟧"
ROOT = APP.parent
RULES = [
    "app/*/policies/*.toml",
    "app/*/examples/*.toml",
    "assessments/instruments/**/*.toml",
    "app/core/calendars/*.toml",
]
ATTRIBUTES = ("title", "alt", "placeholder", "aria-label", "data-confirm", "data-label")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[A-Za-z]{2,}")
NO_WORDS = (
    re.compile(r"\d+年(第?\d季度)?(\d+月)?(\d+日)?|\d+月(\d+日)?|\d+日"),
    re.compile(r"\b(?:\d{1,2} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b(?: \d{4})?"),
    re.compile(r"[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整]+"),
    re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{8,64}(?![0-9A-Za-z])"),
)
"""Dates in both languages, money in capitals as vouchers want it, and fingerprints."""
_OBJECT = re.compile(
    rf"\bl['\"]{OPEN}|LazyString|<[\w.]+ object at |<bound method|<function |\b(?:State|Role|Slot|Setting)\.[A-Z]"
)
SAME_EVERYWHERE = frozenset(
    {
        "Yiheng",
        "PDF",
        "CSV",
        "Excel",
        "XLSX",
        "xlsx",
        "csv",
        "SHA",
        "TOML",
        "JSON",
        "API",
        "ID",
        "https",
        "http",
        "localhost",
    }
)
"""Names and formats that are the same in every language."""
ENDONYMS = frozenset({"中文", "English", "颐衡"})
"""Languages are offered in their own language; the product has its name."""


def write_catalogues(folder: Path) -> Path:
    """Write both marked catalogues to ``folder`` and return it."""
    with (APP / "translations" / LOCALE / "LC_MESSAGES" / "messages.mo").open(
        "rb"
    ) as file:  # which of them have a plural
        plurals = {(m.context, m.id[0]): m.id[1] for m in read_mo(file) if m.pluralizable}
    for locale in (LOCALE, "en"):
        catalogue = Catalog(locale=locale, project="pseudo", fuzzy=False, charset="utf-8")
        for (context, english), chinese in load().items():
            shown = chinese if locale == LOCALE else english
            plural = plurals.get((context, english))
            if plural and locale == "en":
                catalogue.add((english, plural), (_marked(english), _marked(plural)), context=context)
            elif plural:
                catalogue.add((english, plural), (_marked(shown),), context=context)
            else:
                catalogue.add(english, _marked(shown), context=context)
        path = folder / locale / "LC_MESSAGES"
        path.mkdir(parents=True)
        with (path / "messages.mo").open("wb") as file:
            write_mo(file, catalogue)
    return folder


def _marked(words: str) -> str:
    return f"{OPEN}{words}{CLOSE}"


def unmarked(words: str) -> str:
    """What stands outside the marks; marks may stand inside each other."""
    out, depth = [], 0
    for character in words:
        if character == OPEN:
            depth += 1
        elif character == CLOSE:
            depth = max(0, depth - 1)
            out.append(" ")
        elif not depth:
            out.append(character)
    return "".join(out)


def shown_texts(html: str) -> Iterator[str]:
    """Every text of a page that a person reads or hears; program text and quoted rule files apart."""
    page = lxml.html.document_fromstring(html)
    for node in page.xpath(
        "//text()[not(parent::script or parent::style or ancestor::textarea or ancestor::*[contains(@class,'code')])]"
    ):
        if node.strip():
            yield " ".join(node.split())
    for name in ATTRIBUTES:
        yield from (value for value in page.xpath(f"//@{name}") if value.strip())
    yield from page.xpath("//input[@type='submit' or @type='button']/@value")


class Corpus:
    """Texts that may stand unmarked: what people stored, and the wording of rules and instruments in one language."""

    def __init__(self, language: str) -> None:
        texts = [*stored(), *_worded(language), *_told(language), *SAME_EVERYWHERE, *ENDONYMS, *ETHNICITIES.values()]
        self.whole = "\n".join([*texts, *map(plain_zh, texts)])
        self.words = {word.lower() for word in _LATIN.findall(self.whole)}

        self.known: dict[str, list[str]] = {}

    def strange(self, words: str) -> list[str]:
        """Runs of Chinese and Latin words of a text that are neither marked nor known, and objects shown as such."""
        if words not in self.known:
            rest = unmarked(words)
            for pattern in NO_WORDS:
                rest = pattern.sub(" ", rest)
            found = [run for run in _CHINESE.findall(rest) if run not in self.whole]
            found += [word for word in _LATIN.findall(rest) if word.lower() not in self.words]
            self.known[words] = [*found, f"an object: {words}"] if objects_shown(words) else found
        return self.known[words]


def stored(tables: Collection[str] | None = None) -> Iterator[str]:
    """Every text in the database or in these ``tables``, the secret ones read; a rule's own text apart."""
    with db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            if table.name in {"rule_document", "audit_head", "web_session"} or (
                tables is not None and table.name not in tables
            ):
                continue  # a rule's text holds both languages; its wording is read below
            for row in connection.execute(text(f'SELECT * FROM "{table.name}"')):
                for value in row:
                    if isinstance(value, str):
                        yield value
    for mapper in db.Model.registry.mappers:
        hidden = [name for name in vars(mapper.class_) if isinstance(vars(mapper.class_)[name], Secret)]
        if not hidden or (tables is not None and mapper.local_table.name not in tables):
            continue
        for row in db.session.scalars(select(mapper.class_)).unique():
            yield from (str(getattr(row, name)) for name in hidden if getattr(row, name))


def _worded(language: str) -> Iterator[str]:
    for pattern in RULES:
        for file in sorted(ROOT.glob(pattern)):
            yield from _strings(tomllib.loads(file.read_text("utf-8")), language)


_TELLINGS: dict[str, Telling] = {}
"""Tellings by all they depend on: every account's walk reads the same sheets."""


def _told(language: str) -> Iterator[str]:
    """What the engine tells of every scored sheet, in one language: its words are no gettext either."""
    for sheet in db.session.scalars(select(Sheet).where(Sheet.result.is_not(None))).unique():
        last = last_sheet(sheet.resident_id, before=sheet)
        key = repr((sheet.instrument, sheet.answers, sheet.facts, last and (last.instrument, last.answers)))
        telling = _TELLINGS.get(key) or _TELLINGS.setdefault(key, tell(sheet, last))
        for words in (*(r.words for r in telling.reasons), *telling.what_if, *(c.words for c in telling.since)):
            yield words[language]


def _strings(value: Any, language: str, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in {"zh", "en"} or name == language:
                yield from _strings(inner, language, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, language, key)
    elif isinstance(value, str) and not (key.endswith(("_zh", "_en")) and not key.endswith(f"_{language}")):
        yield value


def objects_shown(words: str) -> bool:
    """Whether a Python object stands in a text as its representation, not as its words."""
    return bool(_OBJECT.search(words)) or bool(re.search(r"\bNone\b", unmarked(words)))
