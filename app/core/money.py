"""Money in whole fen: one rounding, half up; figures and capitals for people. Never float."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import NewType

Fen = NewType("Fen", int)

DIGITS = "零壹贰叁肆伍陆柒捌玖"
UNITS = ("", "拾", "佰", "仟")
LARGEST = 10**16
"""The first number of yuan that is not read out here."""

# Full-width forms that a Chinese input method leaves behind. Other digits of Unicode (², ٣) are no amounts.
HALF_WIDTH = str.maketrans("０１２３４５６７８９．，－−￥\u3000", "0123456789.,--¥ ")
AMOUNT = re.compile(r"(-?)¥?\s*(-?)(\d{1,13}|\d{1,3}(?:,\d{3}){1,4})(?:\.(\d{1,2}))?\s*元?", re.ASCII)


class NotMoney(ValueError):
    """The text is no amount in yuan with at most two decimals."""


def round_half_up(amount: Fraction | Decimal | int) -> int:
    """The nearest whole number; halves away from zero (1.5 → 2, -1.5 → -2). Raises ``TypeError`` for a float."""
    if not isinstance(amount, Fraction | Decimal | int):
        raise TypeError("money is never a float")
    exact = Fraction(amount)
    whole = (abs(exact) + Fraction(1, 2)).__floor__()
    return whole if exact >= 0 else -whole


def format_yuan(fen: int | None) -> str:
    """131835 → ``¥1,318.35``; negative amounts carry a minus sign; nothing known is ``—``."""
    if fen is None:
        return "—"
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def parse_yuan(text: str) -> Fen:
    """``1,318.35``, ``¥1318.35`` or ``１３１８．３５元`` → 131835 fen.

    Raises ``NotMoney`` for anything else: a third decimal (never rounded), commas elsewhere than at thousands, floats.
    """
    if not isinstance(text, str):
        raise NotMoney(f"{text!r} is not text")
    match = AMOUNT.fullmatch(text.translate(HALF_WIDTH).strip())
    if match is None or (match[1] and match[2]):
        raise NotMoney(text)
    fen = int(match[3].replace(",", "")) * 100 + int((match[4] or "0").ljust(2, "0"))
    return Fen(-fen if match[1] or match[2] else fen)


def yuan_capitals(fen: int | None) -> str:
    """131835 → ``壹仟叁佰壹拾捌元叁角伍分``, for vouchers.

    Of the forms that 《正确填写票据和结算凭证的基本规定》 (中国人民银行, 1997) leaves open, these are chosen:
    ``整`` after yuan **and** after jiao; ``零`` once for zeros inside the figure (``壹仟零伍元整``, ``壹元零伍分``),
    none for zeros at the end of a group of four or of the yuan (``壹拾万柒仟元伍角叁分``). Raises ``ValueError``
    from 10¹⁶ yuan on.
    """
    if fen is None:
        return "—"
    if fen == 0:
        return "零元整"
    sign, fen = ("负" if fen < 0 else ""), abs(fen)
    yuan, jiao, cent = fen // 100, fen // 10 % 10, fen % 10
    if yuan >= LARGEST:
        raise ValueError("too large to read out")
    text = f"{sign}{_read(yuan)}元" if yuan else sign
    if jiao:
        text += DIGITS[jiao] + "角"
    elif yuan and cent:
        text += "零"
    return text + (DIGITS[cent] + "分" if cent else "整")


def _read(number: int) -> str:
    """A whole number from 1 in capitals."""
    for base, unit in ((10**8, "亿"), (10**4, "万")):
        if number >= base:
            high, low = divmod(number, base)
            return _read(high) + unit + (("零" if low < base // 10 else "") + _read(low) if low else "")
    text, zero = "", False
    for position in range(3, -1, -1):
        digit = number // 10**position % 10
        if digit:
            text += ("零" if zero else "") + DIGITS[digit] + UNITS[position]
        zero = bool(text) and not digit
    return text
