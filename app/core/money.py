"""Money in whole fen: one rounding, half up; figures and capitals for people."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction

DIGITS = "零壹贰叁肆伍陆柒捌玖"
UNITS = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


class NotMoney(ValueError):
    """The text is no amount in yuan with at most two decimals."""


def round_half_up(amount: Fraction | Decimal | int) -> int:
    """The nearest whole number; halves away from zero (1.5 → 2, -1.5 → -2)."""
    exact = Fraction(amount)
    whole = (abs(exact) + Fraction(1, 2)).__floor__()
    return whole if exact >= 0 else -whole


def format_yuan(fen: int | None) -> str:
    """131835 → ``¥1,318.35``; negative amounts carry a minus sign."""
    if fen is None:
        return "—"
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def parse_yuan(text: str) -> int:
    """``1,318.35`` or ``¥1318.35`` → 131835 fen. Raises ``NotMoney``; never rounds."""
    flat = unicodedata.normalize("NFKC", text).strip().lstrip("¥").replace(",", "").removesuffix("元").strip()
    match = re.fullmatch(r"(-?)(\d{1,13})(?:\.(\d{1,2}))?", flat)
    if match is None:
        raise NotMoney(text)
    fen = int(match[2]) * 100 + int((match[3] or "0").ljust(2, "0"))
    return -fen if match[1] else fen


def _group(number: int) -> str:
    out, zero = "", False
    for position in range(3, -1, -1):
        digit = number // 10**position % 10
        if digit:
            out += ("零" if zero else "") + DIGITS[digit] + UNITS[position]
            zero = False
        elif out:
            zero = True
    return out


def yuan_capitals(fen: int | None) -> str:
    """131835 → ``壹仟叁佰壹拾捌元叁角伍分``; whole yuan and whole jiao end in 整, missing places read 零."""
    if fen is None:
        return "—"
    if fen == 0:
        return "零元整"
    sign, fen = ("负" if fen < 0 else ""), abs(fen)
    yuan, jiao, cent = fen // 100, fen // 10 % 10, fen % 10
    groups, rest = [], yuan
    while rest:
        groups.append(rest % 10000)
        rest //= 10000
    out, gap = "", False
    for index in range(len(groups) - 1, -1, -1):
        value = groups[index]
        if value == 0:
            gap = bool(out)
            continue
        out += ("零" if out and (gap or value < 1000) else "") + _group(value) + GROUPS[index]
        gap = False
    out += "元" if yuan else ""
    if not jiao and not cent:
        return sign + out + "整"
    if jiao:
        out += DIGITS[jiao] + "角"
    elif yuan:
        out += "零"
    return sign + out + (DIGITS[cent] + "分" if cent else "整")
