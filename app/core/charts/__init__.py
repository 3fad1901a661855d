"""Charts without a chart library: inline SVG for pages (clean under the strict content policy), drawings for documents.

Values that are not known are None and leave a gap; a chart never stands without its table beside it.
"""

from app.core.charts.drawings import bars_drawing, line_drawing, radar_drawing
from app.core.charts.svg import bars_svg, heatmap_svg, line_svg, radar_svg, stacked_bar_svg

__all__ = [
    "bars_drawing",
    "bars_svg",
    "heatmap_svg",
    "line_drawing",
    "line_svg",
    "radar_drawing",
    "radar_svg",
    "stacked_bar_svg",
]
