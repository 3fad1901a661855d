"""Blocks of documents: grids (tables, label and value, notes), tick boxes, places for signatures."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from reportlab.lib.colors import HexColor, white
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

from app.core.pdf.fonts import text_width
from app.core.pdf.text import GREY, INK, draw_text, wrap

LINE = HexColor("#9aa5ab")
HEAD_FILL = HexColor("#e4ecef")
ZEBRA_FILL = HexColor("#f5f8f9")
LABEL_FILL = HexColor("#eef3f5")
NOTE_FILL = HexColor("#fbf6e9")
PAD_X, PAD_Y = 4.0, 3.0
CENTRED = 60.0
"""Rows up to this height set short cells in their middle, taller ones at their top."""
KEEP_WHOLE = 250.0
"""Rows up to this height move to the next page as a whole; taller ones are cut between lines."""


class Cell(NamedTuple):
    """A cell of a grid. ``tick`` draws a tick box (True ticked, False empty) before the text."""

    text: str = ""
    bold: bool = False
    align: str = "left"
    fill: Any = None
    span: int = 1
    tick: bool | None = None


class Column(NamedTuple):
    """A column of a table: ``numeric`` sets it flush right; ``width`` in millimetres, or None for what it needs."""

    title: str
    numeric: bool = False
    width: float | None = None


class Tick(NamedTuple):
    """An option with its box."""

    label: str
    ticked: bool


@dataclass(frozen=True)
class Signature:
    """A place to sign. ``strokes`` is handwriting: lists of points (x, y, …) from 0 to 1, y downwards, on a pad three
    times as wide as high. ``picture`` is the PNG of a seal or a fingerprint, set at the right of the place. ``least`` is the
    height it has at any rate, in millimetres: a stamp set by hand is 42 mm wide.
    """

    label: str
    name: str = ""
    signed_on: dt.date | None = None
    note: str = ""
    strokes: Sequence[Sequence[Sequence[float]]] = ()
    picture: bytes = b""
    least: float = 27


class Grid(Flowable):
    """Rows of wrapped cells. The first ``header`` rows come again on each page; rows are cut only when very tall."""

    def __init__(
        self,
        rows: Sequence[Sequence[Cell]],
        widths: Sequence[float],
        *,
        header: int = 0,
        size: float = 9,
        zebra: bool = False,
        ruled: bool = True,
    ) -> None:
        super().__init__()
        self.rows, self.widths, self.header = rows, list(widths), header
        self.size, self.leading = size, size * 1.45
        self.zebra, self.ruled = zebra, ruled
        self.spaceBefore, self.spaceAfter = 2, 6
        self.first = 0
        self._laid: list[list[list[str]]] | None = None

    def laid(self) -> list[list[list[str]]]:
        """Per row and cell the lines of text."""
        if self._laid is None:
            self._laid = [self._lay(row) for row in self.rows]
        return self._laid

    def _lay(self, row: Sequence[Cell]) -> list[list[str]]:
        lines, column = [], 0
        for cell in row:
            width = sum(self.widths[column : column + cell.span]) - 2 * PAD_X
            indent = 0 if cell.tick is None else self.size + 3
            lines.append(wrap(cell.text, self.size, cell.bold, max(width - indent, self.size)))
            column += cell.span
        return lines

    def _height(self, lines: list[list[str]]) -> float:
        return max((len(cell) for cell in lines), default=1) * self.leading + 2 * PAD_Y

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Size in points."""
        self.width = sum(self.widths)
        self.height = sum(map(self._height, self.laid()))
        return self.width, self.height

    def least(self) -> float:
        """Height of the header and the first row: what must fit under a heading."""
        return min(sum(map(self._height, self.laid()[: self.header + 1])), KEEP_WHOLE)

    def split(self, _width: float, height: float) -> list[Flowable]:
        """The rows that fit and the rest; nothing when not even one row fits and it can move as a whole."""
        heights = [self._height(lines) for lines in self.laid()]
        left, fitting = height - sum(heights[: self.header]), self.header
        while fitting < len(heights) and heights[fitting] <= left + 0.01:
            left -= heights[fitting]
            fitting += 1
        if fitting >= len(heights):
            return []
        if fitting > self.header:
            return [self._part(fitting, None, None), self._part(None, fitting, None)]
        room = int((left - 2 * PAD_Y) // self.leading)
        if heights[fitting] <= KEEP_WHOLE or room < 2:
            return []
        return [self._part(fitting + 1, None, (fitting, 0, room)), self._part(None, fitting, (fitting, room, None))]

    def _part(self, end: int | None, start: int | None, cut: tuple[int, int, int | None] | None) -> Grid:
        rows, laid = list(self.rows), [list(row) for row in self.laid()]
        if cut is not None:
            row, top, bottom = cut
            laid[row] = [cell[top:bottom] or [""] for cell in laid[row]]
            if top:  # the box belongs to the beginning of its cell
                rows[row] = [cell._replace(tick=None) for cell in rows[row]]
        keep = slice(start or 0, end)
        head = self.header if start else 0
        part = Grid(
            rows[:head] + rows[keep],
            self.widths,
            header=self.header,
            size=self.size,
            zebra=self.zebra,
            ruled=self.ruled,
        )
        part._laid = laid[:head] + laid[keep]
        part.first = self.first + (start or self.header) - self.header
        part.spaceBefore, part.spaceAfter = (0 if start else self.spaceBefore), (self.spaceAfter if start else 0)
        return part

    def draw(self) -> None:
        """Draw on the canvas."""
        canvas, y = self.canv, self.height
        canvas.setLineWidth(0.5)
        canvas.setStrokeColor(LINE)
        for number, (row, lines) in enumerate(zip(self.rows, self.laid(), strict=True)):
            height = self._height(lines)
            y -= height
            column, x = 0, 0.0
            for cell, text in zip(row, lines, strict=True):
                width = sum(self.widths[column : column + cell.span])
                odd = self.zebra and number >= self.header and (number - self.header + self.first) % 2
                fill = HEAD_FILL if number < self.header else cell.fill or (ZEBRA_FILL if odd else None)
                if fill is not None:
                    canvas.setFillColor(fill)
                canvas.rect(x, y, width, height, stroke=int(self.ruled), fill=int(fill is not None))
                self._draw_cell(cell, text, x, y, width, height)
                column, x = column + cell.span, x + width

    def _draw_cell(self, cell: Cell, lines: list[str], x: float, y: float, width: float, height: float) -> None:
        free = height - len(lines) * self.leading
        top = y + height - (free / 2 if height <= CENTRED else PAD_Y)
        base = top - self.leading + (self.leading - self.size) / 2 + self.size * 0.12
        left = x + PAD_X
        if cell.tick is not None:
            draw_box(self.canv, left, base - self.size * 0.1, self.size, cell.tick)
            left += self.size + 3
        at = {"left": left, "right": x + width - PAD_X, "center": x + width / 2}[cell.align]
        self.canv.setFillColor(INK)
        for line in lines:
            if line:
                draw_text(self.canv, at, base, line, self.size, bold=cell.bold, align=cell.align)
            base -= self.leading


def draw_box(canvas: Any, x: float, y: float, size: float, ticked: bool) -> None:
    """A tick box as lines: the fonts have no ticked box, and a missing glyph would be blank."""
    side = size * 0.86
    canvas.saveState()
    canvas.setStrokeColor(INK)
    canvas.setFillColor(white)
    canvas.setLineWidth(0.8)
    canvas.rect(x, y, side, side, stroke=1, fill=1)
    if ticked:
        canvas.setLineWidth(1.5)
        canvas.setLineJoin(1)
        mark = canvas.beginPath()
        mark.moveTo(x + side * 0.18, y + side * 0.52)
        mark.lineTo(x + side * 0.42, y + side * 0.22)
        mark.lineTo(x + side * 0.86, y + side * 0.84)
        canvas.drawPath(mark)
    canvas.restoreState()


class Ticks(Flowable):
    """Options in running lines, each with its box."""

    def __init__(self, options: Sequence[Tick], size: float = 10.5) -> None:
        super().__init__()
        self.options, self.size, self.leading = list(options), size, size * 1.65
        self.spaceBefore, self.spaceAfter = 1, 4

    def _place(self, width: float) -> list[tuple[float, int, Tick, list[str]]]:
        placed, x, line = [], 0.0, 0
        for option in self.options:
            box = self.size + 3
            lines = wrap(option.label, self.size, False, max(width - box, self.size))
            needed = box + max(text_width(text, self.size) for text in lines)
            if x and x + needed > width:
                x, line = 0.0, line + 1
            placed.append((x, line, option, lines))
            if len(lines) > 1:
                x, line = 0.0, line + len(lines)
            else:
                x += needed + 1.4 * self.size
        self.count = line + (1 if x else 0)
        return placed

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Size in points."""
        self.placed = self._place(width)
        self.width, self.height = width, self.count * self.leading
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        """The options that fit and the rest."""
        self.wrap(width, height)
        last = int(height // self.leading)
        fitting = sum(line + len(lines) <= last for _x, line, _option, lines in self.placed)
        if not 0 < fitting < len(self.options):
            return []
        return [Ticks(self.options[:fitting], self.size), Ticks(self.options[fitting:], self.size)]

    def draw(self) -> None:
        """Draw on the canvas."""
        for x, line, option, lines in self.placed:
            y = self.height - (line + 1) * self.leading + (self.leading - self.size) / 2 + self.size * 0.12
            draw_box(self.canv, x, y - self.size * 0.08, self.size, option.ticked)
            self.canv.setFillColor(INK)
            for text in lines:
                draw_text(self.canv, x + self.size + 3, y, text, self.size)
                y -= self.leading


class SignatureRow(Flowable):
    """Places to sign, side by side: what it is, the glass with handwriting and at the right a seal or fingerprint, how it was
    signed, name and day. Nothing is cut and nothing lies over something else; the row grows instead.
    """

    SIDE = 20 * mm
    """Of a seal or fingerprint."""
    GLASS = 28
    """Points of height that handwriting has at least."""

    def __init__(self, places: Sequence[Signature], columns: int) -> None:
        super().__init__()
        self.places, self.columns = places, columns

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Size in points."""
        self.width, self.shown = width, [_Place(place, width / self.columns - 2 * PAD_X) for place in self.places]
        self.height = max(one.height for one in self.shown)
        return self.width, self.height

    def draw(self) -> None:
        """Draw on the canvas."""
        width = self.width / self.columns
        for number, place in enumerate(self.shown):
            self._draw_place(place, number * width, width)

    def _draw_place(self, one: _Place, x: float, width: float) -> None:
        canvas, left = self.canv, x + PAD_X
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        canvas.rect(x, 0, width, self.height)
        canvas.setFillColor(INK)
        for number, text in enumerate(one.label):
            draw_text(canvas, left, self.height - 12 - number * 11, text, 9, bold=True)
        draw_text(canvas, x + width - PAD_X, 5, one.day, 8.5, align="right")
        for number, text in enumerate(reversed(one.names)):
            draw_text(canvas, left, one.foot + 10 * number, text, one.size)
        canvas.setFillColor(GREY)
        for number, text in enumerate(reversed(one.hint)):
            draw_text(canvas, left, one.note + 9 * number, text, 7.5)
        top = self.height - 12 - 11 * (len(one.label) - 1) - 5
        if one.place.picture:
            _draw_picture(canvas, one.place.picture, x + width - PAD_X - self.SIDE, one.SEAL_FOOT, self.SIDE)
        high = top - one.low
        wide = min(3 * high, one.free)
        draw_strokes(
            canvas, one.place.strokes, left + (one.free - wide) / 2, one.low + (high - wide / 3) / 2, wide, wide / 3
        )


class _Place:
    """The lines of one place and where they stand, in points from its lower edge."""

    SEAL_FOOT = 17
    """A seal begins above the line of the date."""

    def __init__(self, place: Signature, inner: float) -> None:
        self.place = place
        self.free = inner - (SignatureRow.SIDE + 4 if place.picture else 0)
        self.label = wrap(place.label, 9, True, inner)
        on = place.signed_on
        self.day = f"{on.year}年{on.month}月{on.day}日" if on else "　　　年　　月　　日"
        self.names, self.size, self.foot = wrap(place.name, 8.5, False, inner - text_width(self.day, 8.5) - 6), 8.5, 5
        if len(self.names) > 1:  # a long name stands above the date, whole
            self.names, self.size, self.foot = wrap(place.name, 8, False, self.free), 8, 16
        hint = place.note or ("" if place.strokes or place.picture else "签名、盖章或按手印：")
        self.hint = wrap(hint, 7.5, False, self.free)
        self.note = self.foot + 10 * (len(self.names) - 1) + 12
        self.low = self.note + 9 * (len(self.hint) - 1) + 10
        above = 12 + 11 * (len(self.label) - 1) + 5
        glass = max(self.low + SignatureRow.GLASS, self.SEAL_FOOT + SignatureRow.SIDE if place.picture else 0)
        self.height = max(place.least * mm, above + glass)


def _draw_picture(canvas: Any, data: bytes, x: float, y: float, side: float) -> None:
    """A picture inside a square, its own proportions kept."""
    image = ImageReader(io.BytesIO(data))
    width, height = image.getSize()
    scale = side / max(width, height)
    canvas.drawImage(
        image,
        x + (side - width * scale) / 2,
        y + (side - height * scale) / 2,
        width * scale,
        height * scale,
        mask="auto",
    )


def draw_strokes(
    canvas: Any, strokes: Sequence[Sequence[Sequence[float]]], x: float, y: float, width: float, height: float
) -> None:
    """Handwriting inside a rectangle."""
    canvas.saveState()
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1.1)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    for stroke in strokes:
        places = [(x + width * point[0], y + height * (1 - point[1])) for point in stroke]
        path = canvas.beginPath()
        path.moveTo(*places[0])
        for place in places[1:] or places:
            path.lineTo(*place)
        canvas.drawPath(path)
    canvas.restoreState()
