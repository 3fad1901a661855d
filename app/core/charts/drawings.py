"""Charts for documents, in the documents' own font; a drawing is added with ``PdfDocument.add``. Sizes in points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reportlab.graphics.shapes import Circle, Drawing, Line, Polygon, PolyLine, Rect, String
from reportlab.lib.colors import Color, HexColor

from app.core.charts.geometry import Values, ceiling, check, check_shares, plain, spoke
from app.core.pdf.fonts import BOLD, REGULAR, faces, legible, text_width

SIZE = 8.5
INK, MUTED, RULE = HexColor("#1a1a1a"), HexColor("#555f66"), HexColor("#c9d1d5")
COLOURS = tuple(map(HexColor, ("#0b6b64", "#b06f00", "#3c63a8", "#8a3f7a", "#5c7a29", "#a4442b")))
DASHES = (None, (5, 3), (2, 2), (7, 2, 2, 2), (1, 2), (9, 3))


def _text(x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False, colour: Color = INK) -> String:
    return String(
        x, y, text, fontName=BOLD if bold else REGULAR, fontSize=SIZE, textAnchor=anchor, fillColor=colour
    )  # fmt: skip


def _new(width: float, height: float, title: str) -> Drawing:
    faces()
    drawing = Drawing(width, height)
    drawing.hAlign = "CENTER"
    if title:
        drawing.add(_text(width / 2, height - SIZE - 2, legible(title), anchor="middle", bold=True))
    return drawing


def _fitted(text: str, width: float) -> str:
    text = legible(text).replace("\n", " ")
    if text_width(text, SIZE) <= width:
        return text
    while text and text_width(text + "…", SIZE) > width:
        text = text[:-1]
    return text + "…"


def _legend(drawing: Drawing, names: Sequence[str], x: float, y: float) -> None:
    for number, name in enumerate(names):
        drawing.add(
            Line(x, y + 3, x + 18, y + 3, strokeColor=COLOURS[number], strokeWidth=1.6, strokeDashArray=DASHES[number])
        )
        drawing.add(_text(x + 22, y, legible(name)))
        x += 22 + text_width(legible(name), SIZE) + 14


def radar_drawing(
    labels: Sequence[str],
    values: Values,
    previous: Values | None = None,
    *,
    title: str = "",
    names: tuple[str, str] = ("本次", "上次"),
    width: float = 260,
    height: float = 220,
) -> Drawing:
    """Shares from 0 to 1 on spokes; the previous ones dashed, with a legend. Raises ``ValueError`` as its SVG twin."""
    rows = [values] if previous is None else [values, previous]
    check(labels, *rows)
    check_shares(*rows)
    if len(labels) < 3:
        raise ValueError("a radar needs three spokes")
    drawing = _new(width, height, title)
    head, foot = (16 if title else 2), (14 if previous is not None else 2)
    radius = min(width / 2 - 52, (height - head - foot) / 2 - 16)
    centre_x, centre_y = width / 2, foot + (height - head - foot) / 2

    def place(number: int, share: float) -> tuple[float, float]:
        x, y = spoke(number, len(labels), share)
        return centre_x + x * radius, centre_y + y * radius

    for ring in (0.25, 0.5, 0.75, 1):
        points = [c for n in range(len(labels)) for c in place(n, ring)]
        drawing.add(Polygon(points, fillColor=None, strokeColor=RULE, strokeWidth=0.5))
    for order, row in reversed(list(enumerate(rows))):
        points = [c for n, share in enumerate(row) if share is not None for c in place(n, share)]
        colour = COLOURS[order]
        if len(points) > 4:
            fill = Color(colour.red, colour.green, colour.blue, 0.18) if order == 0 else None
            drawing.add(
                Polygon(points, fillColor=fill, strokeColor=colour, strokeWidth=1.4, strokeDashArray=DASHES[order])
            )
    for number, label in enumerate(labels):
        drawing.add(Line(centre_x, centre_y, *place(number, 1), strokeColor=RULE, strokeWidth=0.5))
        share = values[number]
        if share is not None:
            drawing.add(Circle(*place(number, share), 1.9, fillColor=COLOURS[0], strokeColor=None))
        x, y = place(number, 1 + 7 / radius)
        side = x - centre_x
        anchor = "middle" if abs(side) < 4 else "start" if side > 0 else "end"
        room = width if anchor == "middle" else (width - x if side > 0 else x)
        rise = 0 if anchor != "middle" else (2 if y > centre_y else -5)
        drawing.add(_text(x, y - 3 + rise, _fitted(label, room), anchor=anchor))
    if previous is not None:
        _legend(drawing, names, 2, 2)
    return drawing


def bars_drawing(
    labels: Sequence[str],
    values: Values,
    *,
    title: str = "",
    maximum: float | None = None,
    unit: str = "",
    show: Callable[[float | None], str] = plain,
    width: float = 480,
) -> Drawing:
    """Lying bars, label before and figure behind; as high as there are bars."""
    check(labels, values)
    pitch = 17.0
    drawing = _new(width, (18 if title else 4) + pitch * len(labels), title)
    top = maximum or ceiling(values)
    written = [show(value) + (unit if value is not None else "") for value in values]
    left = min(max((text_width(legible(label), SIZE) for label in labels), default=0), width * 0.38) + 8
    right = width - max((text_width(legible(text), SIZE) for text in written), default=0) - 8
    y = pitch * len(labels)
    for label, value, figure in zip(labels, values, written, strict=True):
        y -= pitch
        drawing.add(_text(left - 6, y + 5, _fitted(label, left - 8), anchor="end"))
        drawing.add(Rect(left, y + 3, right - left, 10, fillColor=None, strokeColor=RULE, strokeWidth=0.5))
        if value is not None:
            length = (right - left) * min(max(value / top, 0.0), 1.0)
            drawing.add(Rect(left, y + 3, length, 10, fillColor=COLOURS[0], strokeColor=None))
        drawing.add(_text(width - 2, y + 5, legible(figure), anchor="end"))
    return drawing


def line_drawing(
    labels: Sequence[str],
    series: Mapping[str, Values],
    *,
    title: str = "",
    maximum: float | None = None,
    unit: str = "",
    show: Callable[[float | None], str] = plain,
    width: float = 480,
    height: float = 180,
) -> Drawing:
    """Lines over time from 0 upwards, up to six, with a legend when there are several."""
    check(labels, *series.values())
    if len(series) > len(COLOURS):
        raise ValueError("more than six lines cannot be told apart")
    drawing = _new(width, height, title)
    top = maximum or ceiling([value for values in series.values() for value in values])
    steps = [top * n / 4 for n in range(5)]
    left = max(text_width(show(step) + unit, SIZE) for step in steps) + 8
    legend = len(series) > 1
    right, foot, high = width - 10, (32 if legend else 18), height - (24 if title else 8)
    pitch = (right - left) / max(len(labels) - 1, 1)

    def place(number: int, value: float) -> tuple[float, float]:
        return left + number * pitch, foot + (high - foot) * min(max(value / top, 0.0), 1.0)

    for step in steps:
        y = place(0, step)[1]
        drawing.add(Line(left, y, right, y, strokeColor=RULE, strokeWidth=0.5))
        drawing.add(_text(left - 5, y - 3, show(step) + unit, anchor="end", colour=MUTED))
    free_from = -1.0
    for number, label in enumerate(labels):
        wide = text_width(legible(label), SIZE)
        x = min(max(left + number * pitch, wide / 2), width - wide / 2)
        if x - wide / 2 >= free_from:
            drawing.add(_text(x, foot - 13, legible(label), anchor="middle", colour=MUTED))
            free_from = x + wide / 2 + 6
    for order, values in enumerate(series.values()):
        before: tuple[float, float] | None = None
        for number, value in enumerate(values):
            here = None if value is None else place(number, value)
            if here is not None:
                drawing.add(Circle(*here, 2, fillColor=COLOURS[order], strokeColor=None))
            if here is not None and before is not None:
                line = PolyLine(
                    [*before, *here], strokeColor=COLOURS[order], strokeWidth=1.4, strokeDashArray=DASHES[order]
                )
                drawing.add(line)
            before = here
    if legend:
        _legend(drawing, list(series), left, 2)
    return drawing
