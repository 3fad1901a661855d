"""The figure that a contract prints is the one that a settlement pays."""

from __future__ import annotations

import pytest

from app.contracts.drafting import monthly_fen
from app.core.policies import parse

TABLE = parse(
    """
kind = "pay_table"
code = "example"
version = 1
in_force_from = 2026-01-01
status = "example"
source = "made up for this test"
title = { zh = "示例", en = "example" }
monthly_fen = { half_care = 25900, full_care = 51700 }

[[area]]
code = "150422101"
monthly_fen = { full_care = 53000 }
""".encode()
)


@pytest.mark.parametrize(
    ("area_code", "grade", "fen"),
    [
        ("150422100201", 3, 51700),
        ("150422101201", 3, 53000),
        ("150422101201", 2, 25900),
        ("150422101201", 1, 0),
    ],
)
def test_a_township_with_figures_of_its_own_is_promised_them(area_code: str, grade: int, fen: int) -> None:
    assert monthly_fen(TABLE, area_code, grade) == fen
