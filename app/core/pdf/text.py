"""Chinese text in lines: what may not stand at a line's end or start does not, and blanks stay as typed.

The PDF writer's own paragraph leaves an opening bracket at a line's end, drops full-width blanks and wants markup
escaped. Here text is only ever text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

from reportlab.lib.colors import Color, HexColor
from reportlab.platypus import Flowable

from app.core.pdf.fonts import BOLD, REGULAR, char_widths, text_width

INK = HexColor("#1a1a1a")
GREY = HexColor("#555f66")

OPENING = "（［｛〔〈《「『【〖“‘([{"
CLOSING = "，。、；：？！）］｝〕〉》」』】〗”’…—·％%‰℃°,.;:?!)]}"
# One unbreakable piece: opening marks, a word of letters and digits (or one Chinese character), closing marks.
WORD = r"[0-9A-Za-z¥$€#@&*+\-/\\=_~^<>|.,:;'\"À-ɏ]+"
PIECE = re.compile(
    rf"[{re.escape(OPENING)}]*(?:{WORD}|[^\s{re.escape(OPENING + CLOSING)}])[{re.escape(CLOSING)}]*"
    rf"|[{re.escape(OPENING)}]+|[{re.escape(CLOSING)}]+|\s"
)


@dataclass(frozen=True)
class Style:
    """How a block of text looks; lengths in points."""

    size: float = 10.5
    leading: float = 16.5
    bold: bool = False
    align: str = "left"
    colour: Color = INK
    indent: float = 0
    """Of the first line."""
    left: float = 0
    """Of all lines."""
    before: float = 0
    after: float = 4


PLAIN = Style()


class Run(NamedTuple):
    """A piece of a paragraph in its own weight."""

    text: str
    bold: bool = False


def break_text(text: str, widths: Sequence[float], available: float, indent: float = 0) -> list[tuple[int, int]]:
    """Lines of ``text`` as (start, end) positions; ``widths`` are those of its characters, in points."""
    lines: list[tuple[int, int]] = []
    begin = 0
    for hard in text.split("\n"):
        end = begin + len(hard)
        lines += _break_hard(text, widths, begin, end, available, indent)
        begin, indent = end + 1, indent if not hard else 0
    return lines


def _break_hard(
    text: str, widths: Sequence[float], begin: int, end: int, available: float, indent: float
) -> list[tuple[int, int]]:
    lines: list[tuple[int, int]] = []
    start, used = begin, indent
    for piece in PIECE.finditer(text, begin, end):
        first, last = piece.span()
        width = sum(widths[first:last])
        if used + width > available + 0.01 and start < first:
            lines.append((start, first))
            if piece.group().isspace():
                start, used = last, 0.0
                continue
            start, used = first, 0.0
        if width > available - used + 0.01:  # a word longer than a line is cut where the line ends
            for place in range(first, last):
                if used + widths[place] > available + 0.01 and start < place:
                    lines.append((start, place))
                    start, used = place, 0.0
                used += widths[place]
            continue
        used += width
    if start < end or not lines:
        lines.append((start, end))
    return lines


def wrap(text: str, size: float, bold: bool, available: float) -> list[str]:
    """The lines of a text in one weight."""
    widths = char_widths(bold)
    scale = size / 1000
    if "\n" not in text and text_width(text, size, bold) <= available:
        return [text]
    lines = break_text(text, [widths.get(ord(c), 1000) * scale for c in text], available)
    return [text[a:b].rstrip() for a, b in lines]


class TextBlock(Flowable):
    """A paragraph: one text, or runs in two weights. Splits between pages, never leaving one line alone."""

    def __init__(self, content: str | Sequence[Run], style: Style = PLAIN) -> None:
        super().__init__()
        self.style = style
        runs = [Run(content, style.bold)] if isinstance(content, str) else list(content)
        self.text = "".join(run.text for run in runs)
        self.bold = [bold for text, bold in runs for _ in text]
        self.spaceBefore, self.spaceAfter = style.before, style.after
        self.lines: list[tuple[int, int]] | None = None
        self.broken_for = -1.0

    def _layout(self, width: float) -> list[tuple[int, int]]:
        if self.lines is None or (self.broken_for not in {width, -2.0}):
            scale = self.style.size / 1000
            tables = char_widths(False), char_widths(True)
            widths = [tables[b].get(ord(c), 1000) * scale for c, b in zip(self.text, self.bold, strict=True)]
            self.lines = break_text(self.text, widths, width - self.style.left, self.style.indent)
            self.broken_for = width
        return self.lines

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Size in points."""
        self.width = width
        self.height = len(self._layout(width)) * self.style.leading
        return self.width, self.height

    def least(self, width: float) -> float:
        """Height of the first lines that stay together: what must fit under a heading."""
        return min(len(self._layout(width)), 2) * self.style.leading

    def split(self, width: float, height: float) -> list[Flowable]:
        """Two blocks, the first of which fits; nothing when a single line would be left on either page."""
        lines = self._layout(width)
        fitting = int((height + 0.01) // self.style.leading)
        fitting = min(fitting, len(lines) - 2) if len(lines) > 3 else fitting
        if fitting < 2 or fitting >= len(lines):
            return []
        return [self._part(lines[:fitting], first=True), self._part(lines[fitting:], first=False)]

    def _part(self, lines: list[tuple[int, int]], *, first: bool) -> Self:
        style = replace(self.style, after=0) if first else replace(self.style, before=0, indent=0)
        part = type(self)([], style)
        part.text, part.bold, part.lines, part.broken_for = self.text, self.bold, lines, -2.0
        return part

    def draw(self) -> None:
        """Draw on the canvas."""
        style, canvas = self.style, self.canv
        canvas.setFillColor(style.colour)
        y = self.height - style.leading + (style.leading - style.size) / 2 + style.size * 0.12
        for number, (start, end) in enumerate(self.lines or ()):
            pieces = list(self._pieces(start, end))
            x = style.left + (style.indent if number == 0 else 0)
            if style.align != "left":
                free = self.width - x - sum(text_width(t, style.size, b) for t, b in pieces)
                x += free if style.align == "right" else free / 2
            for text, bold in pieces:
                canvas.setFont(BOLD if bold else REGULAR, style.size)
                canvas.drawString(x, y, text)
                x += text_width(text, style.size, bold)
            y -= style.leading

    def _pieces(self, start: int, end: int) -> Sequence[tuple[str, bool]]:
        while end > start and self.text[end - 1].isspace():
            end -= 1
        pieces: list[tuple[str, bool]] = []
        while start < end:
            bold, stop = self.bold[start], start
            while stop < end and self.bold[stop] == bold:
                stop += 1
            pieces.append((self.text[start:stop], bold))
            start = stop
        return pieces


def draw_text(
    canvas: Any, x: float, y: float, text: str, size: float, *, bold: bool = False, align: str = "left"
) -> None:
    """One line at a place, left of, right of or around ``x``."""
    canvas.setFont(BOLD if bold else REGULAR, size)
    if align != "left":
        x -= text_width(text, size, bold) / (1 if align == "right" else 2)
    canvas.drawString(x, y, text)
