"""Excel and CSV files: text stays text and is never a formula, numbers stay numbers."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any, NamedTuple, TypeVar

import xlsxwriter

from app.core import clock
from app.core.charts.geometry import ems

MIME_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
MARK = "# "
"""Begins the lines that say who took a table and when; a table read back leaves them out."""
FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠'")
HARMLESS_NUMBER = re.compile(r"[+-]?\d[\d,]*(\.\d+)?%?", re.ASCII)
LONGEST_CELL = 32_767
LARGEST_NUMBER = 10**15
"""Excel keeps fifteen digits; larger whole numbers are written as text."""
LAST_ROW = 1_048_576
SAMPLE = 100
"""Rows looked at to find the widths of columns."""


class Column(NamedTuple):
    """A column: its heading, its width in characters (None: found from the first rows); ``money`` turns fen to yuan."""

    title: str
    width: float | None = None
    money: bool = False


class Sheet(NamedTuple):
    """One sheet. Cells are text, int, Decimal, float, date, aware datetime, bool or None; others become text."""

    name: str
    columns: Sequence[str | Column]
    rows: Iterable[Sequence[object]]


class Written(NamedTuple):
    """A file to send."""

    data: bytes
    name: str
    mime: str


def write(
    kind: str,
    title: str,
    columns: Sequence[str | Column],
    rows: Iterable[Sequence[object]],
    *,
    lines: Sequence[str] = (),
    name: str | None = None,
) -> Written:
    """One table as ``xlsx`` or ``csv``; ``lines`` (who, when, export number) stand above and below it.

    Raises ``ValueError`` for another kind.
    """
    out = io.BytesIO()
    if kind == "xlsx":
        write_xlsx(out, [Sheet(title, columns, rows)], lines=lines)
    elif kind == "csv":
        write_csv(out, columns, rows, lines=lines)
    else:
        raise ValueError(f"no kind of table: {kind!r}")
    stem = re.sub(r'[\\/:*?"<>|\s\x00-\x1f]+', "-", name or title).strip("-.")[:80] or "table"
    return Written(out.getvalue(), f"{stem}.{kind}", MIME_TYPES[kind])


def _columns(columns: Sequence[str | Column]) -> list[Column]:
    return [column if isinstance(column, Column) else Column(str(column)) for column in columns]


def _plain(value: object, column: Column) -> object:
    """The value as a number, date, bool, None or text that both formats can hold."""
    if column.money and isinstance(value, int):
        return Decimal(value) / 100
    if value is None or isinstance(value, bool | int | float | Decimal):
        return value
    if isinstance(value, dt.datetime):
        return value.astimezone(clock.ZONE).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, dt.date):
        return value
    # Half of a surrogate pair cannot be written in UTF-8.
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def write_xlsx(stream: IO[bytes], sheets: Sequence[Sheet], *, lines: Sequence[str] = ()) -> None:
    """Write a workbook row by row (little memory however long); the heading stays in sight.

    Raises ``ValueError`` for more rows than Excel has, or a number that is no number.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"created": clock.now().replace(tzinfo=None)})
        look = {
            "head": book.add_format(
                {"bold": True, "bg_color": "#e4ecef", "border": 1, "text_wrap": True, "valign": "top"}
            ),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            "money": book.add_format({"num_format": "#,##0.00"}),
            "line": book.add_format({"italic": True, "font_color": "#555f66"}),
        }
        names: set[str] = set()
        for sheet in sheets:
            _write_sheet(book.add_worksheet(_sheet_name(sheet.name, names)), sheet, look, lines)


def _sheet_name(name: str, taken: set[str]) -> str:
    clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip(" '")[:31] or "Sheet"
    free, number = clean, 2
    while free.casefold() in taken:
        free = f"{clean[:27]} {number}"
        number += 1
    taken.add(free.casefold())
    return free


def _write_sheet(page: Any, sheet: Sheet, look: dict[str, Any], lines: Sequence[str]) -> None:
    columns = _columns(sheet.columns)
    rows = iter(sheet.rows)
    sample = [list(row) for row in itertools.islice(rows, SAMPLE)]
    for place, width in enumerate(_widths(columns, sample)):
        page.set_column(place, place, width)
    at = _write_lines(page, 0, lines, look)
    for place, column in enumerate(columns):
        page.write_string(at, place, column.title, look["head"])
    page.freeze_panes(at + 1, 0)
    page.repeat_rows(at)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&C&P / &N")
    for row in itertools.chain(sample, rows):
        at += 1
        if at >= LAST_ROW - len(lines) - 2:
            raise ValueError("more rows than a sheet holds")
        for place, value in enumerate(row):
            _write_cell(page, at, place, _plain(value, columns[place]), look)
    _write_lines(page, at + 2, lines, look)


def _write_lines(page: Any, at: int, lines: Sequence[str], look: dict[str, Any]) -> int:
    for line in lines:
        page.write_string(at, 0, MARK + line, look["line"])
        at += 1
    return at


def _write_cell(page: Any, row: int, place: int, value: object, look: dict[str, Any]) -> None:
    match value:
        case None:
            return
        case bool():
            page.write_boolean(row, place, value)
        case str():
            page.write_string(row, place, value if len(value) <= LONGEST_CELL else value[: LONGEST_CELL - 1] + "…")
        case int() if abs(value) >= LARGEST_NUMBER:
            page.write_string(row, place, str(value))
        case int():
            page.write_number(row, place, value)
        case Decimal():
            page.write_number(row, place, float(_finite(value)), look["money"] if _two_decimals(value) else None)
        case float():
            page.write_number(row, place, _finite(value))
        case dt.datetime():
            page.write_datetime(row, place, value, look["time"])
        case dt.date() if value.year >= 1900:
            page.write_datetime(row, place, value, look["date"])
        case _:
            page.write_string(row, place, str(value))


N = TypeVar("N", float, Decimal)


def _finite(value: N) -> N:
    if value - value != 0:
        raise ValueError("not a number")
    return value


def _two_decimals(value: Decimal) -> bool:
    return value.as_tuple().exponent == -2 or value == value.quantize(Decimal("0.01"))


def _widths(columns: Sequence[Column], sample: Sequence[Sequence[object]]) -> Iterator[float]:
    for place, column in enumerate(columns):
        if column.width is not None:
            yield column.width
            continue
        texts = [column.title, *(str(_plain(row[place], column) or "") for row in sample if place < len(row))]
        yield min(max(8.0, *(1.8 * ems(text[:60]) + 2 for text in texts)), 48.0)


def write_csv(
    stream: IO[bytes], columns: Sequence[str | Column], rows: Iterable[Sequence[object]], *, lines: Sequence[str] = ()
) -> None:
    """Write UTF-8 with the mark that Excel looks for. Text that would be a formula gets a ``'`` before it."""
    heads = _columns(columns)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    marked = [[harmless(MARK + line)] for line in lines]
    writer.writerows(marked)
    writer.writerow([harmless(column.title) for column in heads])
    for row in rows:
        writer.writerow([_csv_cell(_plain(value, column)) for value, column in zip(row, heads, strict=True)])
    writer.writerows(marked)
    text.flush()
    text.detach()


def _csv_cell(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return harmless(value)
        case bool():
            return str(value).upper()
        case Decimal():
            return format(_finite(value), ".2f" if _two_decimals(value) else "f")
        case float():
            return repr(_finite(value))
        case dt.datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case _:
            return str(value)


def harmless(text: str) -> str:
    """The text as a CSV cell that no table program runs as a formula; plain numbers stay as they are."""
    if text.lstrip(" \u3000")[:1] in FORMULA_STARTS and text and not HARMLESS_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def unguarded(text: str) -> str:
    """The text that ``harmless`` was given."""
    if text[:1] == "'" and text[1:].lstrip(" \u3000")[:1] in FORMULA_STARTS and len(text) > 1:
        return text[1:]
    return text
