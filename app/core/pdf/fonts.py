"""The two faces of every document, registered once, and which characters they can draw."""

from __future__ import annotations

import unicodedata
from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from app.build.fonts import find

REGULAR = "YihengSans"
BOLD = "YihengSans-Bold"
REPLACEMENT = "〓"
"""Stands where a character cannot be drawn: the geta mark that Chinese and Japanese printers put for a missing type."""
SPACES = str.maketrans({"\t": "    ", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n"})


@cache
def faces() -> tuple[TTFont, TTFont]:
    """Regular and bold, registered with the PDF writer. Raises ``NoFont`` in words when there is none to embed."""
    found = find()
    fonts = (
        TTFont(REGULAR, str(found.regular.path), subfontIndex=found.regular.face),
        TTFont(BOLD, str(found.bold.path), subfontIndex=found.bold.face),
    )
    for font in fonts:
        pdfmetrics.registerFont(font)
    return fonts


@cache
def drawable() -> frozenset[str]:
    """Every character that both faces can draw."""
    regular, bold = faces()
    return frozenset(map(chr, regular.face.charToGlyph)) & frozenset(map(chr, bold.face.charToGlyph))


@cache
def char_widths(bold: bool) -> dict[int, float]:
    """Width of characters in thousandths of the font size."""
    widths: dict[int, float] = faces()[bold].face.charWidths
    return widths


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of a text in points."""
    widths = char_widths(bold)
    return sum(widths.get(ord(c), 1000) for c in text) * size / 1000


def legible(text: str, missing: dict[str, None] | None = None) -> str:
    """The text as it can be drawn: line ends unified, invisible controls dropped, what has no glyph shown as 〓.

    Characters replaced are added to ``missing`` (an ordered set), so that the document can list them.
    """
    text = text.replace("\r\n", "\n").translate(SPACES)
    if drawable().issuperset(text):
        return text
    out = []
    for char in text:
        if char == "\n" or char in drawable():
            out.append(char)
        elif unicodedata.category(char) in {"Cc", "Cf", "Mn"} and unicodedata.combining(char) == 0:
            continue  # controls, direction marks and variation selectors have no picture of their own
        else:
            out.append(REPLACEMENT)
            if missing is not None:
                missing[char] = None
    return "".join(out)
