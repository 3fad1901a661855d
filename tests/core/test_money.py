"""Money: exact, half up, readable, and never a float."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import NotMoney, format_yuan, parse_yuan, round_half_up, yuan_capitals

FEN = st.integers(-(10**15) + 1, 10**15 - 1)
VALUE = {c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNIT = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        (Fraction(5, 2), 3),
        (Fraction(-5, 2), -3),
        (Decimal("0.5"), 1),
        (Decimal("1.4999"), 1),
        (Fraction(7, 3), 2),
        (Decimal("-0.4"), 0),
        (7, 7),
        (Fraction(51700 * 10 * 95, 30 * 100), 16372),
        (Fraction(51700 * 3 * 85, 100), 131835),
    ],
)
def test_halves_round_away_from_zero(amount: Fraction | Decimal | int, rounded: int) -> None:
    assert round_half_up(amount) == rounded


@given(st.fractions())
def test_rounding_never_moves_more_than_half(amount: Fraction) -> None:
    assert abs(round_half_up(amount) - amount) <= Fraction(1, 2)
    assert round_half_up(-amount) == -round_half_up(amount)


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        round_half_up(1.005)  # type: ignore[arg-type]
    with pytest.raises(NotMoney):
        parse_yuan(13.18)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (131835, "¥1,318.35"),
        (0, "¥0.00"),
        (5, "¥0.05"),
        (-5, "-¥0.05"),
        (123456789012, "¥1,234,567,890.12"),
        (None, "—"),
    ],
)
def test_amounts_are_written_with_thousands_and_two_decimals(fen: int | None, text: str) -> None:
    assert format_yuan(fen) == text


@given(FEN)
def test_what_is_written_is_read_back(fen: int) -> None:
    assert parse_yuan(format_yuan(fen)) == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1318.35", 131835),
        ("1,318.35", 131835),
        ("１３１８．３５", 131835),
        ("￥1，318.3元", 131830),
        (" 517 元 ", 51700),
        ("-0.05", -5),
        ("¥-5", -500),
        ("007", 700),
    ],
)
def test_amounts_as_people_type_them(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.005",
        "1e3",
        "1,3,1.8",
        "13,18.00",
        "--5",
        "-¥-5",
        "5²",
        "٣",
        "NaN",
        "1.",
        ".5",
        "12345678901234",
        "1 000",
        "元",
        "壹元",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NotMoney):
        parse_yuan(text)


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (131835, "壹仟叁佰壹拾捌元叁角伍分"),
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (105, "壹元零伍分"),
        (150, "壹元伍角整"),
        (100, "壹元整"),
        (1000, "壹拾元整"),
        (100500, "壹仟零伍元整"),
        (10700053, "壹拾万柒仟元伍角叁分"),
        (1640902, "壹万陆仟肆佰零玖元零贰分"),
        (32504, "叁佰贰拾伍元零肆分"),
        (10000000, "壹拾万元整"),
        (10000500, "壹拾万零伍元整"),
        (1000000000100, "壹佰亿零壹元整"),
        (10000500000, "壹亿零伍仟元整"),
        (100000000000000, "壹万亿元整"),
        (100010000000000, "壹万零壹亿元整"),
        (100000000010000, "壹万亿零壹佰元整"),
        (-131835, "负壹仟叁佰壹拾捌元叁角伍分"),
        (155100, "壹仟伍佰伍拾壹元整"),
        (None, "—"),
    ],
)
def test_capitals(fen: int | None, text: str) -> None:
    assert yuan_capitals(fen) == text


def _value(text: str) -> int:
    """Independent reader of capitals below 亿亿."""
    for sign, base in (("亿", 10**8), ("万", 10**4)):
        if sign in text:
            high, low = text.rsplit(sign, 1)
            return _value(high) * base + _value(low)
    total, digit = 0, 0
    for char in text:
        if char in VALUE:
            digit = VALUE[char]
        else:
            total, digit = total + digit * UNIT[char], 0
    return total + digit


@given(st.integers(1, 10**15))
def test_capitals_say_the_same_amount(fen: int) -> None:
    text = yuan_capitals(fen).removesuffix("整")
    yuan, _, small = text.partition("元") if "元" in text else ("", "", text)
    jiao = VALUE[small[small.index("角") - 1]] if "角" in small else 0
    cent = VALUE[small[small.index("分") - 1]] if "分" in small else 0
    assert _value(yuan) * 100 + jiao * 10 + cent == fen
    assert "零零" not in text
    assert not yuan.endswith("零")


def test_amounts_that_nobody_can_read_out_are_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        yuan_capitals(10**18)
