"""Tables out and in: Excel and CSV that carry no formula, and a reader that bombs and broken files cannot hurt."""

from __future__ import annotations

import csv
import datetime as dt
import io
import unicodedata
import uuid
import zipfile
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import openpyxl
import xlsxwriter
from flask_babel import gettext

from app.core import audit, clock
from app.core.actor import Actor
from app.core.errors import Invalid
from app.core.transaction import transaction

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 20 * 1024 * 1024
MAX_MEMBERS = 200
MAX_ROWS = 5000
MAX_COLUMNS = 100

MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def harmless(value: object) -> object:
    """A CSV cell that no table program takes for a formula; numbers stay numbers."""
    if isinstance(value, str) and value[:1] in set("=+-@\t\r"):
        return f"'{value}"
    return "" if value is None else value


def write(
    kind: str,
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    lines: Sequence[str] = (),
) -> tuple[bytes, str, str]:
    """A table as (bytes, file name, media type). ``lines`` (who took it, when, under which number) stand above."""
    name = f"{title}-{clock.today().isoformat()}.{kind}"
    data = _csv(heads, rows, lines) if kind == "csv" else _xlsx(title, heads, rows, lines)
    return data, name, MIME[kind]


def _csv(heads: Sequence[str], rows: Sequence[Sequence[object]], lines: Sequence[str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([[harmless(line)] for line in lines])
    writer.writerow([harmless(head) for head in heads])
    writer.writerows([[harmless(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _xlsx(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]], lines: Sequence[str]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("".join(c for c in title if c not in "[]:*?/\\'")[:31] or "1")
        bold = book.add_format({"bold": True, "bg_color": "#EEF3F5", "bottom": 1})
        for column, head in enumerate(heads):
            longest = max([_width(str(head)), *(_width(str(row[column])) for row in rows[:200])])
            sheet.set_column(column, column, min(48, longest + 3))
        for number, line in enumerate(lines):
            sheet.write_string(number, 0, line)
        top = len(lines)
        for column, head in enumerate(heads):
            sheet.write_string(top, column, str(head), bold)
        sheet.freeze_panes(top + 1, 0)
        for number, row in enumerate(rows, top + 1):
            for column, cell in enumerate(row):
                if isinstance(cell, int | float) and not isinstance(cell, bool):
                    sheet.write_number(number, column, cell)
                elif cell is not None and cell != "":
                    sheet.write_string(number, column, str(cell)[:32767])
    return out.getvalue()


def export(
    actor: Actor, name: str, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], kind: str
) -> tuple[io.BytesIO, str, str]:
    """A list to take away as (file, file name, media type): the first line says who took it, when and under which
    number it stands in the audit log.
    """
    number = uuid.uuid4().hex[:12]
    with transaction() as tx:
        tx.actor, tx.act = tx.actor or actor, tx.act or "export"
        audit.record("table.export", name, number, {"rows": len(rows), "kind": kind})
    taken = clock.now().astimezone(clock.ZONE).strftime("%Y-%m-%d %H:%M")
    line = gettext(
        "%(title)s · taken by %(name)s on %(when)s · no. %(number)s",
        title=title,
        name=actor.name,
        when=taken,
        number=number,
    )
    data, _name, mime = write(kind, title, columns, rows, lines=[line])
    return io.BytesIO(data), f"{name}.{kind}", mime


def read(file_name: str, data: bytes, *, max_rows: int = MAX_ROWS) -> list[list[str]]:
    """The first sheet of an xlsx file, or a CSV file (UTF-8, UTF-16 or GBK), as rows of text.

    Raises ``Invalid`` at the field ``file`` in words for anything unreadable, too large or not a table.
    """
    if len(data) > MAX_BYTES:
        raise Invalid(gettext("The file is larger than 10 MB."), field="file")
    if not data:
        raise Invalid(gettext("The file is empty."), field="file")
    if PurePath(file_name).suffix.lower() == ".csv" or not data.startswith(b"PK"):
        return _read_csv(data, max_rows)
    _guard(data)
    try:
        return _read_xlsx(data, max_rows)
    except Invalid:
        raise
    except Exception as error:  # the reader raises a dozen kinds for broken files; each means the same to the user
        raise Invalid(gettext("The file cannot be read as an Excel table."), field="file") from error


def _guard(data: bytes) -> None:
    """Unpack every member as a stream and stop at the limit, before a reader builds anything from it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise Invalid(gettext("The file holds too many parts."), field="file")
            total = 0
            for member in members:
                with archive.open(member) as part:
                    while chunk := part.read(1 << 16):
                        total += len(chunk)
                        if total > MAX_UNPACKED:
                            raise Invalid(gettext("Unpacked, the file is larger than 20 MB."), field="file")
    except Invalid:
        raise
    except Exception as error:  # damaged archives raise many kinds
        raise Invalid(gettext("The file cannot be read as an Excel table."), field="file") from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return f"{value:e}" if abs(value) >= 1e15 else str(value)
    return str(value).strip()


def _too_long(max_rows: int) -> Invalid:
    return Invalid(gettext("The table has more than %(count)s rows.", count=max_rows), field="file")


def _read_xlsx(data: bytes, max_rows: int) -> list[list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        rows: list[list[str]] = []
        for row in book.worksheets[0].iter_rows(values_only=True, max_col=MAX_COLUMNS):
            rows.append([_text(cell) for cell in row])
            if len(rows) > max_rows:
                raise _too_long(max_rows)
        while rows and not any(rows[-1]):
            rows.pop()
        return rows
    finally:
        book.close()


def _read_csv(data: bytes, max_rows: int) -> list[list[str]]:
    for encoding in ("utf-8-sig", "utf-16", "gb18030"):
        if encoding == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Invalid(gettext("The file is neither Excel nor CSV text."), field="file")
    if "\x00" in text:
        raise Invalid(gettext("The file is neither Excel nor CSV text."), field="file")
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline="")):
            rows.append([cell.strip() for cell in row[:MAX_COLUMNS]])
            if len(rows) > max_rows:
                raise _too_long(max_rows)
    except csv.Error as error:
        raise Invalid(gettext("The file is neither Excel nor CSV text."), field="file") from error
    while rows and not any(rows[-1]):
        rows.pop()
    return rows
