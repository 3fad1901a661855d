"""The QR code that leads from paper to the page that says whether a document is genuine."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import segno


@lru_cache(maxsize=256)
def _operators(url: str, version: int | None) -> tuple[int, str]:
    """Side in modules, and the drawing operators of the dark runs on a grid of modules with its origin at the foot."""
    # Any mask can be read; trying all eight for the prettiest one costs five times as much.
    matrix = segno.make_qr(url, error="m", mask=2, version=version, boost_error=False).matrix
    side = len(matrix)
    runs = []
    for number, row in enumerate(matrix):
        start = None
        for place, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = place
            elif not dark and start is not None:
                runs.append(f"{start} {side - 1 - number} {place - start} 1 re")
                start = None
    return side, " ".join(runs)


def draw_qr(canvas: Any, url: str, x: float, y: float, size: float, version: int | None = None) -> None:
    """Draw the code of ``url`` in the current fill colour, ``size`` points wide, its lower left corner at (x, y); as small as it
    can be, or of a ``version`` (side in modules 17 + 4 × version): the smallest ones are hard to read from the side.
    """
    side, operators = _operators(url, version)
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(size / side, size / side)
    # As one piece of page code: the writer's own path formats each of 350 runs anew and took half of a slip's time.
    canvas._code.append(f"{operators} f")
    canvas.restoreState()
