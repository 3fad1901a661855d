"""What a pay table says for a grade in an area: the figure that a contract prints and that a settlement pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

GRADE_KEYS = {1: "self_care", 2: "half_care", 3: "full_care"}
"""Care grades as pay tables name them."""


def monthly_fen(pay_table: Mapping[str, Any], area_code: str, key: str) -> int | None:
    """The month's figure of a grade for an area: the most exact ``[[area]]`` that names it, else the county's."""
    best: int | None = pay_table.get("monthly_fen", {}).get(key)
    length = 0
    for area in pay_table.get("area", []):
        code, figures = str(area["code"]), area.get("monthly_fen", {})
        if area_code.startswith(code) and len(code) > length and key in figures:
            best, length = int(figures[key]), len(code)
    return best
