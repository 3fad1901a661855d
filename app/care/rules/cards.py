"""The household card: a code on paper for one home and one month, and what seeing it proves.

The code is made by the county from a secret and stands nowhere else (ADR 34). Twelve signs without those that look alike;
four signs of its hash let a phone without network say that a code was mistyped, and no more.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from enum import StrEnum

SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Thirty-two signs; no 0 and O, no 1 and I."""
LENGTH = 12
GRACE = dt.timedelta(days=7)
"""A card goes on to count so long after its month, until the visitor brings the next one [proposed]."""
MARK = "YHK1."
"""What the QR code begins with."""
_PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class Presence(StrEnum):
    """What an entry says about having been at the home: nothing, the household's card, or a code that is not its card."""

    NONE = "none"
    CARD = "card"
    WRONG = "wrong"


def card_code(secret: bytes, resident_id: int, period: str, serial: int) -> str:
    """The code of one card: HMAC-SHA-256 of household, month and serial number, sixty bits as twelve signs."""
    digest = hmac.new(secret, f"{resident_id}/{period}/{serial}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:8], "big") >> 4
    return "".join(SIGNS[number >> 5 * place & 31] for place in reversed(range(LENGTH)))


def plain_code(text: str) -> str:
    """A code as typed or scanned, without its mark, spaces and dashes, in capitals."""
    return re.sub(r"[\s\-·]", "", text.strip().upper().removeprefix(MARK))


def shown_code(code: str) -> str:
    """A code as people read it: three groups of four."""
    return "-".join(code[n : n + 4] for n in range(0, LENGTH, 4))


def card_check(code: str) -> str:
    """Sixteen bits of the code's hash, which a phone keeps to tell a mistyped code; they do not give the code away."""
    return hashlib.sha256(code.encode()).hexdigest()[:4]


def card_covers(period: str, moment: dt.date) -> bool:
    """Whether a card of a month (``2026-03``) counts on a day: within the month and seven days after it."""
    if not _PERIOD.fullmatch(period):
        raise ValueError(period)
    year, month = int(period[:4]), int(period[5:])
    first = dt.date(year, month, 1)
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return first <= moment < following + GRACE
