"""Charts: well-formed, escaped, clean under the content policy, and true to their figures."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from reportlab.graphics.shapes import Drawing

from app.core import charts
from app.core.charts.geometry import ceiling, ems, label_lines, plain, spoke

ITEMS = ["进食", "洗澡", "修饰", "穿衣", "大便控制", "小便控制", "如厕", "床椅转移", "平地行走", "上下楼梯"]
SHARES = [1, 0.5, 0.75, 0.25, None, 0.5, 0.6, 0.8, 0.3, 0]
EVIL = "<script>alert(1)</script>\" onload='x' & 老人"

MADE: dict[str, Callable[[str], Markup]] = {
    "radar": lambda t: charts.radar_svg([*ITEMS[:9], t], SHARES, SHARES, title=t, names=(t, "before")),
    "bars": lambda t: charts.bars_svg([t, "b"], [5, None], title=t, unit=t),
    "line": lambda t: charts.line_svg([t, "b", "c"], {t: [1, None, 3], "y": [0, 0, 0]}, title=t),
    "heatmap": lambda t: charts.heatmap_svg([t], ["1", "2"], [[0.5, None]], title=t),
    "stacked": lambda t: charts.stacked_bar_svg([t], {t: [3], "b": [0]}, title=t),
}


def parsed(svg: Markup) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  # our own text


@pytest.mark.parametrize("kind", MADE)
def test_a_chart_is_named_described_and_fits_a_phone(kind: str) -> None:
    svg = MADE[kind]("完成率")
    root = parsed(svg)
    assert isinstance(svg, Markup)
    assert root.get("role") == "img"
    title, desc = root[0], root[1]
    assert (title.tag, title.text, desc.tag) == ("title", "完成率", "desc")
    assert desc.text
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert float(root.get("width", 0)) <= 336
    width, height = map(float, root.get("viewBox", "").split()[2:])
    for text in root.iter("text"):
        assert 0 <= float(text.get("x", -1)) <= width
        assert 0 < float(text.get("y", -1)) <= height


@pytest.mark.parametrize("kind", MADE)
def test_texts_are_escaped_and_nothing_breaks_the_content_policy(kind: str) -> None:
    svg = MADE[kind](EVIL)
    root = parsed(svg)
    assert {element.tag for element in root.iter()} <= {
        "svg", "title", "desc", "g", "rect", "circle", "line", "polygon", "polyline", "text",
    }  # fmt: skip
    names = {name for element in root.iter() for name in element.attrib}
    assert not [name for name in names if name == "style" or name.startswith("on") or "href" in name]
    assert root[0].text == EVIL


@pytest.mark.parametrize("kind", MADE)
def test_two_charts_on_a_page_have_different_ids(kind: str) -> None:
    one, two = (parsed(MADE[kind](title)) for title in ("一", "二"))
    assert one[0].get("id") != two[0].get("id")
    same = (
        charts.bars_svg(["a"], [1], title="一", ident="chart-1"),
        charts.bars_svg(["a"], [1], title="一", ident="chart-2"),
    )
    ids = [e.get("id") for svg in same for e in parsed(svg).iter() if e.get("id")]
    assert len(set(ids)) == 4


def test_bars_are_as_long_as_their_values() -> None:
    root = parsed(charts.bars_svg(["甲", "乙", "丙"], [50, None, 200], title="t", maximum=100))
    bars = [float(e.get("width", 0)) for e in root.iter("rect") if e.get("class") == "series-1"]
    assert bars == [168, 336]
    assert [e.text for e in root.iter("text") if e.get("text-anchor") == "end"] == ["50", "—", "200"]


def test_the_description_says_every_figure() -> None:
    desc = parsed(charts.radar_svg(ITEMS[:3], [1, None, 0.5], [0, 1, 1], title="t"))[1].text or ""
    assert desc == "进食: 100% / 0%; 洗澡: — / 100%; 修饰: 50% / 100%"


def test_an_unknown_value_breaks_the_line() -> None:
    root = parsed(charts.line_svg(list("abcde"), {"x": [1, 2, None, 3, 4]}, title="t"))
    assert [len((e.get("points") or "").split()) for e in root.iter("polyline")] == [2, 2]
    assert len(list(root.iter("circle"))) == 4


def test_time_labels_do_not_run_into_each_other() -> None:
    labels = [f"2026-{n:02d}-{n:02d}" for n in range(1, 13)]
    root = parsed(charts.line_svg(labels, {"x": list(range(12))}, title="t"))
    spans = []
    for text in root.iter("text"):
        if text.text in labels:
            width, x = ems(text.text) * 14, float(text.get("x", 0))
            start = {None: x, "middle": x - width / 2, "end": x - width}[text.get("text-anchor")]
            spans.append((start, start + width))
    assert len(spans) >= 2
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_a_heat_map_is_darkest_where_it_is_worst_and_empty_where_nothing_is_known() -> None:
    def shades(good: str) -> list[str | None]:
        root = parsed(charts.heatmap_svg(["甲"], ["1", "2", "3"], [[0, 1, None]], title="t", good=good))
        return [e.get("class") for e in root.iter("rect")]

    assert shades("high") == ["heat-5", "heat-0", "grid"]
    assert shades("low") == ["heat-0", "heat-5", "grid"]


def test_stacked_parts_add_up() -> None:
    root = parsed(charts.stacked_bar_svg(["甲"], {"a": [30], "b": [0], "c": [20]}, title="t"))
    bars = [e for e in root.iter("rect") if e.find("title") is not None]
    assert [b.get("class") for b in bars] == ["series-1", "series-3"]
    assert sum(float(b.get("width", 0)) + 1 for b in bars) == pytest.approx(336)
    assert "50" in [e.text for e in root.iter("text")]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: charts.radar_svg(["a", "b"], [1, 1], title="t"),
        lambda: charts.radar_svg(["a", "b", "c"], [1, 1, 1.2], title="t"),
        lambda: charts.radar_svg(["a", "b", "c"], [1, 1], title="t"),
        lambda: charts.bars_svg(["a"], [float("nan")], title="t"),
        lambda: charts.bars_svg(["a"], [1, 2], title="t"),
        lambda: charts.heatmap_svg(["a"], ["1"], [[5]], title="t"),
        lambda: charts.heatmap_svg(["a"], ["1"], [], title="t"),
        lambda: charts.stacked_bar_svg(["a"], {"x": [-1]}, title="t"),
        lambda: charts.line_svg(["a"], {str(n): [1] for n in range(7)}, title="t"),
        lambda: charts.radar_drawing(["a", "b"], [1, 1]),
        lambda: charts.bars_drawing(["a"], []),
        lambda: charts.line_drawing(["a"], {"x": []}),
    ],
)
def test_wrong_figures_are_refused(wrong: Callable[[], Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each has its own words
        wrong()


@given(st.lists(st.floats(0, 1e12) | st.none(), max_size=40))
def test_the_axis_holds_every_value_and_is_not_far_above(values: list[float | None]) -> None:
    top, highest = ceiling(values), max((v for v in values if v is not None), default=0)
    assert top >= highest * (1 - 1e-6)
    assert highest < 1e-9 or top <= highest * 10


@settings(deadline=None)
@given(st.text(max_size=30), st.floats(2, 12), st.integers(1, 3))
def test_labels_keep_to_their_room(text: str, width: float, count: int) -> None:
    lines = label_lines(text, width, count)
    assert 1 <= len(lines) <= count
    assert all(ems(line) <= width or len(line) <= 1 for line in lines)


def test_spokes_begin_upwards_and_go_clockwise() -> None:
    assert spoke(0, 4, 1) == pytest.approx((0, 1))
    assert spoke(1, 4, 0.5) == pytest.approx((0.5, 0))
    assert plain(1234.5) == "1,234.5"


def _strings(drawing: Drawing) -> list[str]:
    return [shape.text for shape in drawing.contents if hasattr(shape, "text")]


def test_drawings_for_paper_carry_all_labels_in_an_embedded_font() -> None:
    radar = charts.radar_drawing(ITEMS, SHARES, SHARES, title="十项能力")
    assert set(ITEMS) | {"十项能力", "本次", "上次"} <= set(_strings(radar))
    bars = charts.bars_drawing(["甲", "乙"], [50, None], unit="%", maximum=100)
    assert {"甲", "乙", "50%", "—"} <= set(_strings(bars))
    lines = charts.line_drawing(["2026-Q1", "2026-Q2"], {"能力": [80, 60], "𠮷": [10, None]}, title="变化")
    assert {"2026-Q1", "2026-Q2", "能力", "〓"} <= set(_strings(lines))
    for drawing in (radar, bars, lines):
        assert all(shape.fontName.startswith("YihengSans") for shape in drawing.contents if hasattr(shape, "fontName"))


def test_nothing_to_show_is_still_a_chart() -> None:
    assert parsed(charts.bars_svg([], [], title="t")) is not None
    assert parsed(charts.line_svg([], {}, title="t")) is not None
    assert parsed(charts.heatmap_svg([], [], [], title="t")) is not None
    assert not re.search(r"nan|inf", charts.bars_svg(["a"], [0], title="t"))
