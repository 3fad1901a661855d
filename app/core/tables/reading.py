"""Tables that people send: CSV in the encodings Chinese offices use, and XLSX. Anything unreadable is said in words."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO

import openpyxl
from flask_babel import gettext
from openpyxl.utils import get_column_letter

from app.core.errors import Invalid
from app.core.tables.unpacking import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    Locked,
    NotAWorkbook,
    TooLarge,
    check_archive,
)
from app.core.tables.writing import LARGEST_NUMBER, MARK, unguarded

SCANNED_ROWS = 50_000
"""Rows looked at, blank ones included: a sheet may claim a million."""
EXCEL_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"})


class UnreadableTable(Invalid):
    """The file is no table, too large or damaged; nothing was taken from it."""

    def __init__(self, message: object) -> None:
        super().__init__(message, field="file")


@dataclass(frozen=True)
class Row:
    """One row: its number as the table program shows it, cells by heading, and what is wrong with a cell in words."""

    number: int
    cells: dict[str, str]
    faults: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """Headings and the rows that are not blank, all as text (dates as 2026-03-31)."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass
class _Grid:
    rows: list[list[str]]
    faults: dict[tuple[int, int], str]


def read(file_name: str, content: bytes | IO[bytes], *, max_rows: int = MAX_ROWS + 1) -> list[list[str]]:
    """All cells as text; the index of a row plus one is its number in the table program, blank rows included.

    A number that Excel has rounded comes as ``1.10105194912310E+17``, so that no check takes it for the real one.
    Raises ``UnreadableTable``.
    """
    return _grid(file_name, content, max_rows).rows


def read_rows(file_name: str, content: bytes | IO[bytes], *, max_rows: int = MAX_ROWS) -> Table:
    """The table with its headings: the first row that is neither blank nor one of our own marked lines.

    Raises ``UnreadableTable``, also for headings that are missing or come twice and for cells beside the headings.
    """
    grid = _grid(file_name, content, max_rows + 1)
    numbered = [(n, row) for n, row in enumerate(grid.rows) if any(row) and not is_mark(row)]
    if not numbered:
        raise UnreadableTable(gettext("The table is empty."))
    headers = _headers(numbered[0][1])
    rows = []
    for n, row in numbered[1:]:
        if any(row[len(headers) :]):
            raise UnreadableTable(gettext("Row %(row)s has a cell beside the headed columns.", row=n + 1))
        cells = dict(zip(headers, row + [""] * (len(headers) - len(row)), strict=False))
        faults = {headers[place]: words for (line, place), words in grid.faults.items() if line == n}
        rows.append(Row(n + 1, cells, faults))
    return Table(headers, tuple(rows))


def is_mark(row: Sequence[str]) -> bool:
    """Whether this row is one of the lines that our own exports write above and below a table."""
    return row[0].startswith(MARK) and not any(row[1:])


def _headers(row: Sequence[str]) -> tuple[str, ...]:
    last = max(place for place, text in enumerate(row) if text)
    headers = tuple(" ".join(text.split()) for text in row[: last + 1])
    for place, text in enumerate(headers):
        if not text:
            raise UnreadableTable(gettext("Column %(column)s has no heading.", column=get_column_letter(place + 1)))
        if text in headers[:place]:
            raise UnreadableTable(gettext("The heading “%(text)s” comes twice.", text=text[:40]))
    return headers


def _grid(file_name: str, content: bytes | IO[bytes], max_rows: int) -> _Grid:
    data = content if isinstance(content, bytes) else content.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UnreadableTable(gettext("The file is larger than %(size)s MB.", size=MAX_BYTES // 1024 // 1024))
    if not data:
        raise UnreadableTable(gettext("The file is empty."))
    lines = _xlsx_lines(data) if _is_workbook(file_name, data) else _csv_lines(data)
    grid = _Grid([], {})
    filled = 0
    for number, (cells, faults) in enumerate(lines):
        if number >= SCANNED_ROWS:
            raise UnreadableTable(gettext("The table has more than %(rows)s rows.", rows=f"{max_rows - 1:,}"))
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MAX_COLUMNS:
            raise UnreadableTable(gettext("The table has more than %(columns)s columns.", columns=MAX_COLUMNS))
        filled += bool(cells)
        if filled > max_rows:
            raise UnreadableTable(gettext("The table has more than %(rows)s rows.", rows=f"{max_rows - 1:,}"))
        grid.rows.append(cells)
        grid.faults |= {(number, place): words for place, words in faults.items()}
    while grid.rows and not grid.rows[-1]:
        grid.rows.pop()
    width = max(map(len, grid.rows), default=0)
    grid.rows = [row + [""] * (width - len(row)) for row in grid.rows]
    return grid


_Line = tuple[list[str], dict[int, str]]


def _is_workbook(file_name: str, data: bytes) -> bool:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableTable(
            gettext("This is an old .xls file or one with a password. Save it as .xlsx without a password.")
        )
    suffix = file_name.rpartition(".")[2].casefold()
    if data.startswith(b"PK"):
        return True
    if suffix == "xlsx":
        raise UnreadableTable(gettext("The file is damaged or no Excel workbook."))
    if suffix not in {"csv", "txt"}:
        raise UnreadableTable(gettext("Only .xlsx and .csv files can be read."))
    return False


def _csv_lines(data: bytes) -> Iterator[_Line]:
    text = _decode(data)
    if "\x00" in text:
        raise UnreadableTable(gettext("The file is no table of text."))
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [unguarded(cell).strip() for cell in row], {}
    except csv.Error as error:
        raise UnreadableTable(gettext("The file is no well-formed CSV table.")) from error


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif data[:200].count(0) * 3 > len(data[:200]):  # every second byte of Latin text is 0
        encodings = ["utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableTable(gettext("The encoding of the file is unknown. Save it as CSV UTF-8 or as .xlsx."))


def _xlsx_lines(data: bytes) -> Iterator[_Line]:
    try:
        check_archive(data)
    except TooLarge as error:
        raise UnreadableTable(gettext("The workbook unpacks to more than is allowed.")) from error
    except Locked as error:
        raise UnreadableTable(gettext("The file is locked with a password. Save it without one.")) from error
    except NotAWorkbook as error:
        raise UnreadableTable(gettext("The file is damaged or no Excel workbook.")) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that are not read here: styles, validation, drawings
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            if not sheets:
                raise UnreadableTable(gettext("The workbook has no sheet."))
            sheets[0].reset_dimensions()
            for row in sheets[0].iter_rows(values_only=True):
                yield _xlsx_line(row)
    except Invalid:
        raise
    except Exception as error:  # the library lets anything through: BadZipFile, ParseError, KeyError, TypeError …
        raise UnreadableTable(gettext("The file is damaged or no Excel workbook.")) from error


def _xlsx_line(row: Sequence[object]) -> _Line:
    cells, faults = [], {}
    for place, value in enumerate(row):
        cells.append(_cell_text(value))
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= LARGEST_NUMBER:
            faults[place] = gettext(
                "Excel keeps only 15 digits of a number and has lost the rest. Set the column to “Text” and type it again."
            )
        elif isinstance(value, str) and value in EXCEL_ERRORS:
            faults[place] = gettext("The cell holds an error of a formula.")
    return cells, faults


def _cell_text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value.strip()
        case bool():
            return str(value).upper()
        case int() | float() if abs(value) >= LARGEST_NUMBER:
            return f"{value:.14E}"
        case float():
            return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
        case dt.datetime():
            midnight = value.time() == dt.time()
            return value.date().isoformat() if midnight else value.strftime("%Y-%m-%d %H:%M:%S")
        case dt.date() | dt.time():
            return value.isoformat()
        case _:
            return str(value)
