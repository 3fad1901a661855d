"""Charts as inline SVG. Colours come from the style sheets' classes, with plain colours as presentation attributes for
pages without them; no style attribute, no script. The natural width fits a phone of 360 pixels.

Each chart has a title and a description that says every figure. ``ident`` must be unique on a page; without it, it is
made from the title.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from app.core.charts.geometry import (
    Values,
    ceiling,
    check,
    check_shares,
    ems,
    label_lines,
    percent,
    plain,
    spoke,
)

WIDTH = 336
FONT = 14
COLOURS = ("#0b6b64", "#b06f00", "#3c63a8", "#8a3f7a", "#5c7a29", "#a4442b")
HEAT = ("#eef3f2", "#cfe5e1", "#f7e2b0", "#f0bf72", "#df8550", "#b8432f")
"""From all is well (0) to worst (5), darker as it gets worse, so that it reads without colour too."""
MUTED = "#555f66"
RULE = "#c9d1d5"


def _tag(name: str, content: Markup | str = "", /, **attributes: object) -> Markup:
    written = Markup("").join(
        Markup(' {}="{}"').format(
            key.strip("_").replace("_", "-"), f"{value:.6g}" if isinstance(value, float) else value
        )
        for key, value in attributes.items()
        if value is not None
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), written, content)  # noqa: S704  # our own tag names


def _join(parts: Sequence[Markup]) -> Markup:
    return Markup("").join(parts)


def _figure(
    kind: str, title: str, desc: str, ident: str | None, size: tuple[float, float], parts: Sequence[Markup]
) -> Markup:
    name = ident or f"{kind}-{hashlib.sha256(title.encode()).hexdigest()[:10]}"
    width, height = size
    head = _tag("title", title, id=f"{name}-title") + _tag("desc", desc, id=f"{name}-desc")
    return _tag(
        "svg",
        head + _join(parts),
        class_=f"chart-svg chart-{kind}",
        viewBox=f"0 0 {width:g} {height:g}",
        width=float(width),
        height=float(height),
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        font_size=FONT,
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", soft: bool = False) -> Markup:
    return _tag(
        "text",
        text,
        x=float(x),
        y=float(y),
        text_anchor=None if anchor == "start" else anchor,
        class_="label-soft" if soft else "label",
        fill=MUTED if soft else "currentColor",
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str = "grid") -> Markup:
    return _tag("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), class_=kind, stroke=RULE)


def _described(pairs: Sequence[tuple[str, str]]) -> str:
    return "; ".join(f"{label}: {value}" for label, value in pairs)


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _legend(names: Sequence[str], top: float) -> tuple[list[Markup], float]:
    """Swatches with names in running lines from ``top`` down, and the height they take."""
    parts, x, y = [], 0.0, top
    for number, name in enumerate(names):
        shown = label_lines(name, (WIDTH - 22) / FONT, 1)[0]
        needed = 22 + ems(shown) * FONT + 14
        if x and x + needed - 14 > WIDTH:
            x, y = 0.0, y + 22
        parts.append(_swatch(number, x, y))
        parts.append(_text(x + 20, y + 13, shown))
        x += needed
    return parts, y + 22 - top


def _swatch(number: int, x: float, y: float) -> Markup:
    colour = COLOURS[number % len(COLOURS)]
    return _tag("rect", x=x, y=y + 1, width=14, height=14, rx=2, class_=f"series-{number % 6 + 1}", fill=colour)


def radar_svg(
    labels: Sequence[str],
    values: Values,
    previous: Values | None = None,
    *,
    title: str,
    names: tuple[str, str] | None = None,
    desc: str | None = None,
    ident: str | None = None,
) -> Markup:
    """Shares from 0 to 1 on spokes, with the previous ones dashed; ``names`` (now, before) makes a legend.

    Raises ``ValueError`` for fewer than three spokes or values outside 0 to 1.
    """
    rows = [values] if previous is None else [values, previous]
    check(labels, *rows)
    check_shares(*rows)
    if len(labels) < 3:
        raise ValueError("a radar needs three spokes")
    centre_x, centre_y, radius = WIDTH / 2, 136.0, 88.0

    def place(number: int, share: float) -> tuple[float, float]:
        x, y = spoke(number, len(labels), share)
        return centre_x + x * radius, centre_y - y * radius

    spokes = range(len(labels))
    parts = [
        _tag("polygon", points=_points([place(n, ring) for n in spokes]), class_="grid", fill="none", stroke=RULE)
        for ring in (0.25, 0.5, 0.75, 1)
    ]
    parts += [_line(centre_x, centre_y, *place(n, 1)) for n in spokes]
    for order, row in reversed(list(enumerate(rows))):
        known = [place(n, share) for n, share in enumerate(row) if share is not None]
        parts.append(
            _tag(
                "polygon",
                points=_points(known),
                class_=f"area-{order + 1}",
                fill=COLOURS[order],
                fill_opacity=0.2,
                stroke=COLOURS[order],
                stroke_width=2,
                stroke_dasharray="6 4" if order else None,
            )
        )
    for number, (label, share) in enumerate(zip(labels, values, strict=True)):
        if share is not None:
            x, y = place(number, share)
            tip = _tag("title", f"{label}: {percent(share)}")
            parts.append(_tag("circle", tip, cx=x, cy=y, r=3.5, class_="series-1", fill=COLOURS[0]))
        parts += _spoke_label(label, *place(number, 1.0 + 14 / radius), centre_x)
    height = 268.0
    if names is not None:
        legend, more = _legend(names[: len(rows)], height + 4)
        parts, height = parts + legend, height + 4 + more
    pairs = [(label, " / ".join(percent(row[n]) for row in rows)) for n, label in enumerate(labels)]
    return _figure("radar", title, desc or _described(pairs), ident, (WIDTH, height), parts)


def _spoke_label(label: str, x: float, y: float, centre: float) -> list[Markup]:
    side = x - centre
    anchor = "middle" if abs(side) < 8 else "start" if side > 0 else "end"
    room = WIDTH if anchor == "middle" else (WIDTH - x if side > 0 else x)
    lines = label_lines(label, room / FONT, 3)
    top = y + 5 - (len(lines) - 1) * 8
    return [_text(x, top + n * 16, line, anchor=anchor) for n, line in enumerate(lines)]


def bars_svg(
    labels: Sequence[str],
    values: Values,
    *,
    title: str,
    maximum: float | None = None,
    unit: str = "",
    show: Callable[[float | None], str] = plain,
    desc: str | None = None,
    ident: str | None = None,
) -> Markup:
    """Lying bars, the label and the figure above each. ``maximum`` is the whole width (100 for percent)."""
    check(labels, values)
    top = maximum or ceiling(values)
    parts, y = [], 0.0
    written = [show(value) + (unit if value is not None else "") for value in values]
    for label, value, figure in zip(labels, values, written, strict=True):
        room = WIDTH / FONT - ems(figure) - 1
        parts.append(_text(0, y + 15, label_lines(label, room, 1)[0]))
        parts.append(_text(WIDTH, y + 15, figure, anchor="end"))
        parts.append(_tag("rect", x=0, y=y + 21, width=WIDTH, height=10, rx=2, class_="grid", fill="none", stroke=RULE))
        if value is not None:
            length = WIDTH * min(max(value / top, 0.0), 1.0)
            tip = _tag("title", f"{label}: {figure}")
            parts.append(
                _tag("rect", tip, x=0, y=y + 21, width=length, height=10, rx=2, class_="series-1", fill=COLOURS[0])
            )
        y += 42
    text = desc or _described(list(zip(labels, written, strict=True)))
    return _figure("bars", title, text, ident, (WIDTH, max(y, 20)), parts)


def line_svg(
    labels: Sequence[str],
    series: Mapping[str, Values],
    *,
    title: str,
    maximum: float | None = None,
    unit: str = "",
    show: Callable[[float | None], str] = plain,
    desc: str | None = None,
    ident: str | None = None,
) -> Markup:
    """Lines over time from 0 upwards, up to six; each has its own marks and a legend when there are several."""
    check(labels, *series.values())
    if len(series) > len(COLOURS):
        raise ValueError("more than six lines cannot be told apart")
    top = maximum or ceiling([value for values in series.values() for value in values])
    steps = [top * n / 4 for n in range(5)]
    left = max(ems(show(step) + unit) for step in steps) * FONT + 8
    right, high, foot = WIDTH - 12.0, 14.0, 190.0
    step_x = (right - left) / max(len(labels) - 1, 1)

    def place(number: int, value: float) -> tuple[float, float]:
        return left + number * step_x, foot - (foot - high) * min(max(value / top, 0.0), 1.0)

    parts: list[Markup] = []
    for step in steps:
        y = place(0, step)[1]
        parts += [_line(left, y, right, y), _text(left - 6, y + 5, show(step) + unit, anchor="end", soft=True)]
    parts += _time_labels(labels, left, step_x, foot + 20)
    for order, (name, values) in enumerate(series.items()):
        for stretch in _stretches(values):
            points = _points([place(n, value) for n, value in stretch])
            kind, colour = f"line-{order + 1}", COLOURS[order]
            dash = None if order == 0 else f"{8 - order} {order + 1}"
            parts.append(
                _tag(
                    "polyline",
                    points=points,
                    class_=kind,
                    fill="none",
                    stroke=colour,
                    stroke_width=2,
                    stroke_dasharray=dash,
                )
            )
            for number, value in stretch:
                x, y = place(number, value)
                tip = _tag("title", f"{name}, {labels[number]}: {show(value)}{unit}")
                parts.append(_tag("circle", tip, cx=x, cy=y, r=3.5, class_=f"series-{order + 1}", fill=colour))
    height = foot + 30
    if len(series) > 1:
        legend, more = _legend(list(series), height)
        parts, height = parts + legend, height + more
    pairs = [
        (f"{name}, {label}", show(value) + (unit if value is not None else ""))
        for name, values in series.items()
        for label, value in zip(labels, values, strict=True)
    ]
    return _figure("line", title, desc or _described(pairs), ident, (WIDTH, height), parts)


def _stretches(values: Values) -> list[list[tuple[int, float]]]:
    """The known values in unbroken stretches."""
    found: list[list[tuple[int, float]]] = [[]]
    for number, value in enumerate(values):
        if value is not None:
            found[-1].append((number, value))
        elif found[-1]:
            found.append([])
    return [stretch for stretch in found if stretch]


def _time_labels(labels: Sequence[str], left: float, step: float, y: float) -> list[Markup]:
    """As many labels as fit side by side; the first flush left, the last flush right."""
    parts, free_from = [], -1e9
    last = len(labels) - 1
    for number, label in enumerate(labels):
        width = ems(label) * FONT
        x = left + number * step
        anchor = "start" if number == 0 else "end" if number == last else "middle"
        begin = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
        tail = ems(labels[last]) * FONT + 8
        if begin < free_from or (number != last and last and begin + width > left + last * step - tail):
            continue
        parts.append(_text(x, y, label, anchor=anchor, soft=True))
        free_from = begin + width + 8
    return parts


def heatmap_svg(
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Values],
    *,
    title: str,
    good: str = "high",
    show: Callable[[float | None], str] = percent,
    desc: str | None = None,
    ident: str | None = None,
) -> Markup:
    """Shares from 0 to 1 as cells, darker the worse they are; unknown ones are empty. 31 columns fit a phone.

    ``good`` says which end is well: "high" for care delivered, "low" for care missed.
    """
    check(rows, [0.0] * len(values))
    for row in values:
        check(columns, row)
        check_shares(row)
    left = min(max((ems(label) for label in rows), default=0) * FONT, 6 * FONT) + 8
    side = min(max((WIDTH - left) / max(len(columns), 1), 7), 26)
    high = max(side, 18.0)
    parts = _time_labels(columns, left, side, 14)
    for number, (label, row) in enumerate(zip(rows, values, strict=True)):
        y = 22 + number * high
        parts.append(_text(left - 6, y + high / 2 + 5, label_lines(label, 6, 1)[0], anchor="end"))
        for place, value in enumerate(row):
            tip = _tag("title", f"{label}, {columns[place]}: {show(value)}")
            shade = None if value is None else round((1 - value if good == "high" else value) * 5)
            parts.append(
                _tag(
                    "rect",
                    tip,
                    x=left + place * side + 0.5,
                    y=y + 0.5,
                    width=side - 1,
                    height=high - 1,
                    class_="grid" if shade is None else f"heat-{shade}",
                    fill="none" if shade is None else HEAT[shade],
                    stroke=RULE if shade is None else None,
                )
            )
    size = (max(WIDTH, left + side * len(columns) + 2), 24 + high * len(rows))
    text = desc or _described([(label, ", ".join(map(show, row))) for label, row in zip(rows, values, strict=True)])
    return _figure("heatmap", title, text, ident, size, parts)


def stacked_bar_svg(
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
    *,
    title: str,
    unit: str = "",
    show: Callable[[float | None], str] = plain,
    desc: str | None = None,
    ident: str | None = None,
) -> Markup:
    """One lying bar a label, cut into the parts of ``series`` (up to six), with totals and a legend.

    Raises ``ValueError`` for negative parts.
    """
    check(labels, *series.values())
    if len(series) > len(COLOURS):
        raise ValueError("more than six parts cannot be told apart")
    if any(value < 0 for values in series.values() for value in values):
        raise ValueError("parts are not negative")
    totals = [sum(values[n] for values in series.values()) for n in range(len(labels))]
    top = ceiling(totals)
    parts, used = _legend(list(series), 0)
    y = used + 4
    for number, label in enumerate(labels):
        figure = show(totals[number]) + unit
        parts.append(_text(0, y + 15, label_lines(label, WIDTH / FONT - ems(figure) - 1, 1)[0]))
        parts.append(_text(WIDTH, y + 15, figure, anchor="end"))
        x = 0.0
        for order, (name, values) in enumerate(series.items()):
            length = WIDTH * values[number] / top
            if length > 0:
                tip = _tag("title", f"{label}, {name}: {show(values[number])}{unit}")
                kind, colour = f"series-{order + 1}", COLOURS[order]
                # A hair of a gap, so that neighbours are told apart without their colours.
                parts.append(
                    _tag("rect", tip, x=x, y=y + 21, width=max(length - 1, 0.5), height=14, class_=kind, fill=colour)
                )
            x += length
        y += 46
    pairs = [
        (label, ", ".join(f"{name} {show(values[n])}{unit}" for name, values in series.items()))
        for n, label in enumerate(labels)
    ]
    return _figure("stacked", title, desc or _described(pairs), ident, (WIDTH, max(y, 20)), parts)


__all__ = ["bars_svg", "heatmap_svg", "line_svg", "radar_svg", "stacked_bar_svg"]
