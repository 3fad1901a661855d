"""An instrument as an XLSForm (xlsform.org): survey, choices and settings, in Chinese and English.

Names of questions are those of the sheet with their dots made underscores (``answers.1.1`` is ``a_1_1``), so that filled
forms can be put back as sheets. The form counts nothing: scores come from the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from assessments.model import Instrument, Option, Words

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SURVEY = (
    "type",
    "name",
    "label::中文 (zh)",
    "label::English (en)",
    "hint::中文 (zh)",
    "hint::English (en)",
    "required",
)
CHOICES = ("list_name", "name", "label::中文 (zh)", "label::English (en)")
SETTINGS = ("form_title", "form_id", "version", "default_language")
NOTHING: Words = {"zh": "", "en": ""}


def workbook(instrument: Instrument) -> bytes:
    """The XLSX file."""
    file = BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        _write(book, "survey", SURVEY, _survey(instrument))
        _write(book, "choices", CHOICES, _choices(instrument))
        title = f"{instrument.title['zh']} {instrument.key}"
        _write(book, "settings", SETTINGS, [(title, instrument.code, instrument.version, "中文 (zh)")])
    return file.getvalue()


def _write(book: Workbook, name: str, head: tuple[str, ...], rows: Any) -> None:
    sheet = book.add_worksheet(name)
    for number, row in enumerate([head, *rows]):
        for column, value in enumerate(row):
            sheet.write_string(number, column, value)


def field_of(part: str, name: str) -> str:
    """The name of a question: ``a`` for answers, ``f`` for facts."""
    return f"{part[0]}_{name.replace('.', '_').replace('-', '_')}"


def _questions(
    instrument: Instrument,
) -> Iterator[tuple[Words, list[tuple[str, Words, Words, list[tuple[str, Words]]]]]]:
    """Each part with its questions: name, title, hint, codes with their words."""
    for item in instrument.items:
        own = [(field_of("answers", sub.id), sub.title, sub.observe, list(sub.labels.items())) for sub in item.subitems]
        yield item.title, own or [(field_of("answers", item.code), item.title, item.observe, _codes(item.options))]
    for domain in instrument.domains:
        yield (
            domain.title,
            [(field_of("answers", one.id), one.title, one.observe, _codes(one.options)) for one in domain.items],
        )
    if instrument.facts:
        facts = [(field_of("facts", one.id), one.title, NOTHING, _codes(one.options)) for one in instrument.facts]
        yield {"zh": "既往情况", "en": "Facts"}, facts


def _codes(options: tuple[Option, ...]) -> list[tuple[str, Words]]:
    return [(str(option.code), option.label) for option in options]


def _survey(instrument: Instrument) -> Iterator[tuple[str, ...]]:
    coma = instrument.coma
    # In coma only the coma answer is needed.
    rest = "yes" if coma is None else f"not(${{{field_of('answers', coma.answer)}}} = '{coma.equals}')"
    for number, (title, questions) in enumerate(_questions(instrument), 1):
        yield "begin_group", f"part_{number}", title["zh"], title["en"], "", "", ""
        for name, words, hint, _ in questions:
            own = "yes" if coma is not None and name == field_of("answers", coma.answer) else rest
            yield f"select_one {name}", name, words["zh"], words["en"], hint["zh"], hint["en"], own
        yield "end_group", "", "", "", "", "", ""


def _choices(instrument: Instrument) -> Iterator[tuple[str, ...]]:
    for _, questions in _questions(instrument):
        for name, _, _, codes in questions:
            for code, words in codes:
                yield name, code, words["zh"], words["en"]
