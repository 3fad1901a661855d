"""Printed documents: A4 in Chinese with embedded fonts, page x of y, number, version, fingerprint and a QR code.

The same input gives the same bytes. A feature's ``documents.py`` builds a ``PdfDocument`` block by block and renders
it.
"""

from app.core.pdf.blocks import Cell, Column, Grid, Signature, Tick
from app.core.pdf.document import PdfDocument, chinese_date, fingerprint, grouped, render_all
from app.core.pdf.fonts import BOLD, REGULAR, legible
from app.core.pdf.text import Run, Style, TextBlock

__all__ = [
    "BOLD",
    "REGULAR",
    "Cell",
    "Column",
    "Grid",
    "PdfDocument",
    "Run",
    "Signature",
    "Style",
    "TextBlock",
    "Tick",
    "chinese_date",
    "fingerprint",
    "grouped",
    "legible",
    "render_all",
]
