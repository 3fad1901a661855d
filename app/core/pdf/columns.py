"""How wide the columns of a table are, from what stands in them."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.units import mm

from app.core.pdf.blocks import PAD_X, Cell, Column
from app.core.pdf.fonts import text_width


def column_widths(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], available: float, size: float
) -> list[float]:
    """Widths in points that share ``available``: figures and fixed columns keep theirs, columns of text give way."""
    natural = [0.0] * len(columns)
    for row in rows:
        place = 0
        for cell in row:
            if cell.span == 1:
                box = 0 if cell.tick is None else size + 3
                width = max(text_width(line, size, cell.bold) for line in cell.text.split("\n")) + box
                natural[place] = max(natural[place], width + 2 * PAD_X + 0.5)
            place += cell.span
    widths = [c.width * mm if c.width is not None else natural[n] for n, c in enumerate(columns)]
    stiff = [c.width is not None or c.numeric for c in columns]
    free = available - sum(w for w, fixed in zip(widths, stiff, strict=True) if fixed)
    soft = [n for n, fixed in enumerate(stiff) if not fixed]
    if not soft or free < len(soft) * 3 * size:  # no text column to give way: all share the width in proportion
        return [w * available / sum(widths) for w in widths]
    return _share(widths, soft, free)


def _share(widths: list[float], soft: list[int], free: float) -> list[float]:
    """Text columns share ``free``: narrow ones keep what they need, the others get equal parts of the rest."""
    if sum(widths[n] for n in soft) <= free:
        scale = free / sum(widths[n] for n in soft)
        return [w * scale if n in soft else w for n, w in enumerate(widths)]
    open_ones = sorted(soft, key=lambda n: widths[n])
    result = list(widths)
    for position, n in enumerate(open_ones):
        part = free / (len(open_ones) - position)
        result[n] = min(widths[n], part)
        free -= result[n]
    return result
