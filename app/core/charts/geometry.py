"""What both sides of the charts share: checked values, round axes, places on a circle, labels in lines."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

Values = Sequence[float | None]


def check(labels: Sequence[str], *rows: Values) -> None:
    """Raise ``ValueError`` when a row has not one value for each label, or a value is no number."""
    for values in rows:
        if len(values) != len(labels):
            raise ValueError(f"{len(labels)} labels and {len(values)} values")
        if any(value is not None and not math.isfinite(value) for value in values):
            raise ValueError("a value is no number")


def check_shares(*rows: Values) -> None:
    """Raise ``ValueError`` when a value does not lie between 0 and 1."""
    if any(value is not None and not 0 <= value <= 1 for values in rows for value in values):
        raise ValueError("values lie between 0 and 1")


def ceiling(values: Values) -> float:
    """A round figure (1, 2 or 5 times a power of ten) that no value exceeds; 1 when nothing is above a billionth."""
    top = max((value for value in values if value is not None), default=0)
    if top < 1e-9:
        return 1  # no power of ten stands for the smallest floating-point numbers
    power = 10.0 ** math.floor(math.log10(top))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= top * (1 - 1e-9))


def plain(value: float | None) -> str:
    """``1,234`` or ``12.5``; ``—`` for nothing known."""
    if value is None:
        return "—"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def percent(value: float | None) -> str:
    """0.8 → ``80%``."""
    return "—" if value is None else f"{value * 100:.0f}%"


def spoke(number: int, count: int, share: float) -> tuple[float, float]:
    """Place on the unit circle of a share on one of ``count`` spokes: the first upwards, then clockwise; y upwards."""
    angle = 2 * math.pi * number / count
    return share * math.sin(angle), share * math.cos(angle)


def ems(text: str) -> float:
    """Rough width in font sizes: Chinese characters 1, others 0.56."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.56 for char in text)


def label_lines(text: str, width: float, count: int = 2) -> list[str]:
    """The text in at most ``count`` lines of ``width`` font sizes; what is left over is cut with ``…``."""
    lines = [""]
    for word in _words(text):
        if lines[-1] and ems(lines[-1] + word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    lines = [line.strip() for line in lines]
    shown = lines[:count]
    if len(lines) > count:
        shown[-1] += "…"
    return [_cut(line, width) for line in shown]


def _cut(line: str, width: float) -> str:
    while len(line) > 1 and ems(line) > width:
        line = line.rstrip("…")[:-1] + "…"
    return line


def _words(text: str) -> list[str]:
    words: list[str] = []
    for char in text:
        wide = unicodedata.east_asian_width(char) in "WF"
        if words and not wide and words[-1] and not words[-1][-1].isspace() and words[-1][-1].isascii():
            words[-1] += char
        else:
            words.append(char)
    return words
