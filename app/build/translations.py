"""Chinese interface texts: one TOML file per feature in, one gettext catalogue out, compared with the code.

``app/translations/zh/<feature>.toml`` holds lines ``"English text" = "中文"``; a table ``[name]`` holds the texts of
one gettext context. The catalogue goes to ``zh_Hans_CN/LC_MESSAGES`` (Flask-Babel ignores a folder named ``zh_CN``).
English needs none: the texts in the code are English.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po

APP = Path(__file__).resolve().parents[1]
LOCALE = "zh_Hans_CN"
KEYWORDS: dict[str, Any] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
METHODS = [("templates/**.txt", "jinja2"), ("**/templates/**.*", "jinja2"), ("**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"jinja2": {"silent": "false", "encoding": "utf-8"}}
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|%%")

Key = tuple[str | None, str]
"""Context (mostly None) and English text."""


@dataclass(frozen=True)
class Use:
    """One place in the code that shows a text."""

    key: Key
    plural: str | None
    where: str


class BadTranslations(ValueError):
    """A translation file cannot be read, or two of them translate one text differently."""


def load(folder: Path | None = None) -> dict[Key, str]:
    """Read all translation files. Raises ``BadTranslations`` naming the file and the text."""
    found: dict[Key, str] = {}
    origin: dict[Key, str] = {}
    for file in sorted((folder or APP / "translations" / "zh").glob("*.toml")):
        try:
            content = tomllib.loads(file.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadTranslations(f"{file.name}: {error}") from error
        for key, text in _entries(content, file.name):
            if found.setdefault(key, text) != text:
                raise BadTranslations(
                    f"{key[1]!r} is {found[key]!r} in {origin[key]} and {text!r} in {file.name}: settle on one"
                )
            origin.setdefault(key, file.name)
    return found


def _entries(content: dict[str, Any], name: str) -> Iterator[tuple[Key, str]]:
    for key, value in content.items():
        if isinstance(value, str):
            yield (None, key), value
        elif isinstance(value, dict):
            for text, translated in value.items():
                if not isinstance(translated, str):
                    raise BadTranslations(f"{name}: [{key}] {text!r} is not a text")
                yield (key, text), translated
        else:
            raise BadTranslations(f"{name}: {key!r} is not a text")


def extract(app: Path = APP) -> list[Use]:
    """Every text that the code and the templates pass to gettext, with its place."""
    uses = []
    for file, line, message, _, context in extract_from_dir(str(app), METHODS, OPTIONS, keywords=KEYWORDS):
        singular, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, None)
        uses.append(Use((context, singular), plural, f"app/{file}:{line}"))
    return uses


def check(app: Path = APP) -> list[str]:
    """Problems in words: texts without translation, translations without use, placeholders that differ."""
    try:
        translated = load(app / "translations" / "zh")
    except BadTranslations as error:
        return [str(error)]
    problems = []
    used: set[Key] = set()
    for use in extract(app):
        if use.key in used:
            continue
        used.add(use.key)
        text = translated.get(use.key)
        if not text or not text.strip():
            problems.append(f"{use.where}: no Chinese for {use.key[1]!r}")
            continue
        wanted = _placeholders(use.key[1]) | _placeholders(use.plural or "")
        if _placeholders(text) - wanted or _placeholders(use.key[1]) - _placeholders(text):
            problems.append(f"{use.where}: {use.key[1]!r} and {text!r} have different placeholders")
    problems += [f"app/translations/zh: {key[1]!r} is translated and shown nowhere" for key in translated.keys() - used]
    return sorted(problems)


def _placeholders(text: str) -> set[str]:
    return {match[1] for match in PLACEHOLDER.finditer(text) if match[1]}


def compile_catalogue(app: Path = APP) -> int | None:
    """Write ``messages.po`` and ``messages.mo``; return how many texts they hold, ``None`` when up to date."""
    folder = app / "translations" / LOCALE / "LC_MESSAGES"
    stamp = folder / "made-from"
    state = _state(app)
    if (folder / "messages.mo").is_file() and stamp.is_file() and stamp.read_text() == state:
        return None
    translated = load(app / "translations" / "zh")
    plurals = {use.key: use.plural for use in extract(app) if use.plural}
    # Without dates and addresses the files are the same on every machine.
    catalogue = Catalog(locale=LOCALE, project="yiheng", fuzzy=False, charset="utf-8")
    for (context, text), chinese in sorted(translated.items(), key=lambda entry: (entry[0][0] or "", entry[0][1])):
        plural = plurals.get((context, text))
        if plural:
            catalogue.add((text, plural), (chinese,), context=context)
        else:
            catalogue.add(text, chinese, context=context)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "messages.po").open("wb") as file:
        write_po(file, catalogue, omit_header=True, width=0)
    unfinished = folder / "messages.mo.new"
    with unfinished.open("wb") as file:
        write_mo(file, catalogue)
    unfinished.replace(folder / "messages.mo")
    stamp.write_text(state)
    return len(translated)


def _state(app: Path) -> str:
    """Hash of everything the catalogue depends on: the translations, and the code for its plural forms."""
    digest = hashlib.sha256()
    for pattern in ("translations/zh/*.toml", "**/*.py", "**/*.html"):
        for file in sorted(app.glob(pattern)):
            digest.update(f"{file.relative_to(app)}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()
