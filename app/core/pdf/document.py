"""The frame of every printed document, and its builder."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Self

from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Spacer,
)

from app.core.pdf.blocks import (
    LABEL_FILL,
    LINE,
    NOTE_FILL,
    PAD_X,
    Cell,
    Column,
    Grid,
    Signature,
    SignatureRow,
    Tick,
    Ticks,
)
from app.core.pdf.columns import column_widths
from app.core.pdf.fonts import REGULAR, faces, legible, text_width
from app.core.pdf.qr import draw_qr
from app.core.pdf.text import GREY, INK, Run, Style, TextBlock, draw_text

rl_config.useA85 = 0  # compressed streams as bytes: text armour costs time and a fifth of the size, and helps nobody

LEFT = RIGHT = 18 * mm
TOP, BOTTOM = 22 * mm, 29 * mm
QR_SIZE = 18 * mm
SAMPLE = 300
"""Rows looked at to find the widths of columns."""
TITLE = Style(size=18, leading=26, bold=True, align="center", before=2, after=4)
SUBTITLE = Style(size=9.5, leading=14, align="center", colour=GREY, after=8)
HEADINGS = {
    1: Style(size=13, leading=20, bold=True, before=10, after=4),
    2: Style(size=11, leading=17, bold=True, before=6, after=3),
}


def fingerprint(data: Any) -> str:
    """SHA-256 of the canonical JSON of everything a document says: keys sorted, no blanks, characters as they are.

    Raises ``TypeError`` or ``ValueError`` for what JSON does not hold (dates, NaN).
    """
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def chinese_date(day: dt.date) -> str:
    """``2026年3月31日``."""
    return f"{day.year}年{day.month}月{day.day}日"


class Heading(TextBlock):
    """A line that does not stay behind at the foot of a page."""


class PdfDocument:
    """One document, built block by block; every method returns the builder.

    ``fingerprint`` is the SHA-256 of what the document says (short in the footer, whole at its end); ``verify_url`` is
    behind the QR code of each page, None for a document that is not on record. Text is plain text, never markup.
    """

    def __init__(
        self,
        title: str,
        number: str,
        fingerprint: str,
        verify_url: str | None,
        issued_on: dt.date,
        version: str,
        *,
        landscape: bool = False,
        watermark: str | None = None,
    ) -> None:
        faces()
        self.missing: dict[str, None] = {}
        self.title, self.number, self.version = self._legible(title), self._legible(number), self._legible(version)
        self.fingerprint, self.verify_url, self.issued_on = fingerprint, verify_url, issued_on
        self.landscape, self.watermark = landscape, self._legible(watermark or "")
        self.size: tuple[float, float] = (A4[1], A4[0]) if landscape else A4
        self.width = self.size[0] - LEFT - RIGHT
        self.story: list[Flowable] = [
            TextBlock(self.title, TITLE),
            TextBlock(f"编号：{self.number}　　日期：{chinese_date(issued_on)}", SUBTITLE),
        ]

    def _legible(self, text: str) -> str:
        return legible(text, self.missing)

    def add(self, flowable: Flowable) -> Self:
        """Any flowable, a chart for example; its texts must come through ``legible``."""
        self.story.append(flowable)
        return self

    def heading(self, text: str, level: int = 1) -> Self:
        """A heading that stays with what follows."""
        return self.add(Heading(self._legible(text), HEADINGS[level]))

    def paragraph(
        self,
        text: str | Sequence[Run],
        *,
        size: float = 10.5,
        bold: bool = False,
        align: str = "left",
        indent: bool = False,
        stays: bool = False,
    ) -> Self:
        """A paragraph; ``indent`` sets its first line two characters in, as clauses are. ``size`` in points. One that
        ``stays`` with what follows never ends a page alone.
        """
        kind = Heading if stays else TextBlock
        style = Style(size=size, leading=size * 1.6, bold=bold, align=align, indent=2 * size if indent else 0)
        if isinstance(text, str):
            return self.add(kind(self._legible(text), style))
        return self.add(kind([Run(self._legible(run.text), run.bold) for run in text], style))

    def key_values(self, rows: Iterable[tuple[str, str]], *, pairs: int = 2) -> Self:
        """Label and value, ``pairs`` of them side by side; a value longer than its place takes the whole row."""
        clean = [(self._legible(label), self._legible(value)) for label, value in rows]
        labels = max((text_width(label, 9, True) for label, _ in clean), default=0) + 2 * PAD_X + 1
        label_width = min(labels, self.width * 0.4 / pairs)
        value_width = self.width / pairs - label_width
        grid: list[list[Cell]] = []
        row: list[Cell] = []
        for label, value in clean:
            wide = text_width(value, 9) > (value_width - 2 * PAD_X) * 2 or "\n" in value
            if row and (wide or len(row) == 2 * pairs):
                grid.append(_filled(row, 2 * pairs))
                row = []
            row += [Cell(label, bold=True, fill=LABEL_FILL), Cell(value, span=2 * pairs - 1 if wide else 1)]
            if wide:
                grid.append(row)
                row = []
        if row:
            grid.append(_filled(row, 2 * pairs))
        return self.add(Grid(grid, [label_width, value_width] * pairs)) if grid else self

    def table(
        self,
        columns: Sequence[Column],
        rows: Iterable[Sequence[str | Cell]],
        *,
        total: Sequence[str | Cell] | None = None,
        size: float = 9,
    ) -> Self:
        """A table with its header on every page, numbers flush right, and a ``total`` row in bold.

        Raises ``ValueError`` when a row has another number of cells than there are columns.
        """
        heads = [Cell(self._legible(c.title), bold=True, align="right" if c.numeric else "left") for c in columns]
        body = [self._row(columns, row, bold=False) for row in rows]
        if total is not None:
            body.append(self._row(columns, total, bold=True))
        widths = column_widths(columns, [heads, *body[:SAMPLE], *body[-1:]], self.width, size)
        return self.add(Grid([heads, *body], widths, header=1, zebra=True, size=size))

    def _row(self, columns: Sequence[Column], row: Sequence[str | Cell], *, bold: bool) -> list[Cell]:
        cells = []
        for place, value in enumerate(row):
            if isinstance(value, Cell):
                cells.append(value._replace(text=self._legible(value.text)))
            else:
                numeric = place < len(columns) and columns[place].numeric
                cells.append(Cell(self._legible(value), bold=bold, align="right" if numeric else "left"))
        if sum(cell.span for cell in cells) != len(columns):
            raise ValueError(f"a row has {len(cells)} cells, the table {len(columns)} columns")
        return cells

    def note(self, text: str, *, title: str = "") -> Self:
        """A shaded box."""
        rows = [[Cell(self._legible(title), bold=True, fill=NOTE_FILL)]] if title else []
        rows.append([Cell(self._legible(text), fill=NOTE_FILL)])
        return self.add(Grid(rows, [self.width], size=9.5, ruled=False))

    def ticks(self, options: Iterable[tuple[str, bool]], *, size: float = 10.5) -> Self:
        """Options with their boxes, ticked or empty."""
        return self.add(Ticks([Tick(self._legible(label), ticked) for label, ticked in options], size))

    def signatures(self, places: Sequence[Signature], *, columns: int = 2) -> Self:
        """Places to sign, ``columns`` side by side; a row is never cut."""
        clean = [
            replace(p, label=self._legible(p.label), name=self._legible(p.name), note=self._legible(p.note))
            for p in places
        ]
        for start in range(0, len(clean), columns):
            self.add(SignatureRow(clean[start : start + columns], columns))
        if clean:
            self.story[-1].spaceAfter = 2 * mm  # a spacer of its own would begin an empty page below a full one
        return self

    def space(self, millimetres: float) -> Self:
        """Empty height."""
        return self.add(Spacer(1, millimetres * mm))

    def page_break(self) -> Self:
        """What follows begins on a new page."""
        return self.add(PageBreak())

    def render(self) -> bytes:
        """The PDF file; the same document gives the same bytes. May be called again."""
        return render_all([self])

    def finished_story(self) -> list[Flowable]:
        """The blocks with the closing lines: characters that could not be drawn, fingerprint, where to verify."""
        ending = self._ending()
        last = max((place for place, block in enumerate(self.story) if isinstance(block, Heading)), default=-1)
        story: list[Flowable] = []
        for place, block in enumerate(self.story):
            if isinstance(block, Heading):
                story.append(CondPageBreak(self._kept_with(place, ending if place == last else [])))
            elif place == len(self.story) - 1 and not isinstance(self.story[place - 1], Heading):
                together = sum(self._height(one) for one in (block, *ending))
                if together <= self.size[1] / 3:  # the closing lines alone on a page would say nothing
                    story.append(CondPageBreak(together))
            story.append(block)
        return [*story, *ending]

    def _ending(self) -> list[Flowable]:
        ending: list[Flowable] = []
        if self.missing:
            codes = "、".join(f"U+{ord(char):04X}" for char in self.missing)
            note = f"字库缺少下列字符，文中以“〓”代替：{codes}。请以系统中的记录为准。"
            ending.append(Grid([[Cell(note, fill=NOTE_FILL)]], [self.width], ruled=False))
        small = Style(size=8, leading=12, colour=GREY, after=0)
        closing = f"文件指纹（SHA-256）：{grouped(self.fingerprint)}"
        ending.append(TextBlock(closing, Style(8, 12, colour=GREY, before=8, after=0)))
        if self.verify_url:
            ending.append(TextBlock(f"核验：扫描右下角二维码，或打开 {legible(self.verify_url)}", small))
        return ending

    def _kept_with(self, place: int, ending: Sequence[Flowable]) -> float:
        """Height of a heading and of the beginning of what follows it; of a short last section all of it with the closing
        lines, which would otherwise stand on a page of their own.
        """
        if ending:
            whole = sum(self._height(block) for block in [*self.story[place:], *ending])
            if whole <= self.size[1] / 3:
                return whole
        height = 0.0
        for block in self.story[place:]:
            if isinstance(block, Heading):
                height += self._height(block)
            elif isinstance(block, Grid | TextBlock):
                least = block.least() if isinstance(block, Grid) else block.least(self.width)
                return height + block.getSpaceBefore() + block.getSpaceAfter() + least
            else:
                return height + self._height(block)
        return height

    def _height(self, block: Flowable) -> float:
        return float(block.getSpaceBefore() + block.getSpaceAfter() + block.wrap(self.width, self.size[1])[1])


def _filled(row: list[Cell], columns: int) -> list[Cell]:
    if len(row) < columns:
        row[-1] = row[-1]._replace(span=columns - len(row) + 1)
    return row


def grouped(digits: str) -> str:
    """A fingerprint in groups of eight, as somebody compares it by eye."""
    return " ".join(digits[n : n + 8] for n in range(0, len(digits), 8))


class _PagedCanvas(Canvas):
    """Keeps the pages until all are known, then adds header and footer with ``page x of y`` and writes them."""

    part: PdfDocument
    pages: list[dict[str, Any]]

    def showPage(self) -> None:  # noqa: N802  # the writer's own name
        """Keep the page."""
        self.__dict__.setdefault("pages", []).append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write the file."""
        kept = self.__dict__.get("pages", [])
        counts: dict[int, int] = {}
        for state in kept:
            counts[id(state["part"])] = counts.get(id(state["part"]), 0) + 1
        current: dict[int, int] = {}
        for state in kept:
            self.__dict__.update(state)
            key = id(self.part)
            current[key] = current.get(key, 0) + 1
            _draw_furniture(self, self.part, current[key], counts[key])
            Canvas.showPage(self)
        Canvas.save(self)


def _draw_furniture(canvas: Any, part: PdfDocument, page: int, pages: int) -> None:
    width, height = part.size
    right = width - RIGHT
    canvas.saveState()
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.line(LEFT, height - 16 * mm, right, height - 16 * mm)
    canvas.line(LEFT, 25 * mm, right, 25 * mm)
    canvas.setFillColor(GREY)
    draw_text(canvas, LEFT, height - 14 * mm, _shortened(part.title, right - LEFT - 190), 8.5)
    draw_text(canvas, right, height - 14 * mm, f"编号 {part.number}", 8.5, align="right")
    draw_text(canvas, LEFT, 20.5 * mm, f"第 {page} 页　共 {pages} 页", 9)
    draw_text(canvas, LEFT, 15.5 * mm, f"版本 {part.version}　　签发日期 {chinese_date(part.issued_on)}", 8)
    draw_text(canvas, LEFT, 11 * mm, f"指纹 {grouped(part.fingerprint[:16])}", 8)
    if part.verify_url:
        draw_text(canvas, right - QR_SIZE - 4, 11 * mm, "扫码核验", 8, align="right")
        canvas.setFillColor(INK)
        draw_qr(canvas, part.verify_url, right - QR_SIZE, 24 * mm - QR_SIZE, QR_SIZE)
    canvas.restoreState()


def _shortened(text: str, width: float) -> str:
    if text_width(text, 8.5) <= width:
        return text
    while text and text_width(text + "…", 8.5) > width:
        text = text[:-1]
    return text + "…"


def _draw_watermark(canvas: Any, part: PdfDocument) -> None:
    width, height = part.size
    canvas.saveState()
    canvas.setFillColor(HexColor("#e3e7ea"))
    canvas.translate(width / 2, height / 2)
    canvas.rotate(35)
    size = min(54.0, 54.0 * width / max(text_width(part.watermark, 54), 1))
    for offset in (-height * 0.3, 0, height * 0.3):
        draw_text(canvas, 0, offset, part.watermark, size, align="center")
    canvas.restoreState()


def _opener(part: PdfDocument) -> Callable[[Any, Any], None]:
    def open_page(canvas: Any, _template: Any) -> None:
        canvas.part = part
        if part.watermark:
            _draw_watermark(canvas, part)

    return open_page


def render_all(documents: Sequence[PdfDocument]) -> bytes:
    """Several documents as one file to print, each with its own page numbers, number and QR code.

    Raises ``ValueError`` when there is none.
    """
    if not documents:
        raise ValueError("nothing to print")
    first = documents[0]
    story: list[Flowable] = []
    templates = []
    for number, part in enumerate(documents):
        if number:
            story += [NextPageTemplate(f"part{number}"), PageBreak()]
        story += part.finished_story()
        width, height = part.size
        frame = Frame(LEFT, BOTTOM, width - LEFT - RIGHT, height - TOP - BOTTOM, 0, 0, 0, 0, id="body")
        templates.append(PageTemplate(f"part{number}", [frame], onPage=_opener(part), pagesize=part.size))
    out = io.BytesIO()
    template = BaseDocTemplate(
        out,
        pagesize=landscape(A4) if first.landscape else A4,
        pageTemplates=templates,
        title=f"{first.title} {first.number}" if len(documents) == 1 else first.title,
        subject="" if len(documents) > 1 else f"SHA-256 {first.fingerprint}",
        author="",
        creator="Yiheng",
        lang="zh-CN",
        invariant=1,
        pageCompression=1,
        initialFontName=REGULAR,
    )
    template.build(story, canvasmaker=_PagedCanvas)
    return out.getvalue()
