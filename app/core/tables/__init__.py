"""Tables for Excel: exact and harmless on the way out, bounded and readable on the way in."""

from app.core.tables.exporting import export
from app.core.tables.reading import Row, Table, UnreadableTable, is_mark, read, read_rows
from app.core.tables.unpacking import MAX_BYTES, MAX_COLUMNS, MAX_ROWS
from app.core.tables.writing import MIME_TYPES, Column, Sheet, Written, write, write_csv, write_xlsx

__all__ = [
    "MAX_BYTES",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "MIME_TYPES",
    "Column",
    "Row",
    "Sheet",
    "Table",
    "UnreadableTable",
    "Written",
    "export",
    "is_mark",
    "read",
    "read_rows",
    "write",
    "write_csv",
    "write_xlsx",
]
