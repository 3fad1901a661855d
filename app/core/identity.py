"""Numbers that name people and organisations: checked, normalised, masked. Pure: today is an argument.

Sources: GB 11643-1999 (citizen identification number), GB 32100-2015 (unified social credit code), GB/T 15694 and
ISO/IEC 7812 (bank card number), GB/T 35273-2020 (masking). Nothing here looks a number up anywhere.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

FULL_WIDTH = str.maketrans(
    "０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ×－—–（）＋",
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzX---()+",
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
OLDEST_BIRTH = dt.date(1880, 1, 1)
FICTITIOUS = "99"
"""Division prefix of invented people: belongs to no province, accepted and flagged."""

# First two digits of GB/T 2260; 83 is the prefix of residence permits for Taiwan residents (since 2018).
PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Fault(StrEnum):
    """What is wrong with a number. ``zh`` and ``en`` say it in words."""

    EMPTY = "empty"
    LENGTH = "length"
    FIRST_GENERATION = "first_generation"
    CHARACTERS = "characters"
    PROVINCE = "province"
    BIRTH_DATE = "birth_date"
    BIRTH_TOO_EARLY = "birth_too_early"
    BIRTH_IN_FUTURE = "birth_in_future"
    CHECK = "check"
    OTHER_BIRTH_DATE = "other_birth_date"
    OTHER_SEX = "other_sex"

    @property
    def zh(self) -> str:
        """For people, in Chinese."""
        return WORDS[self][0]

    @property
    def en(self) -> str:
        """For people, in English."""
        return WORDS[self][1]


WORDS: dict[Fault, tuple[str, str]] = {
    Fault.EMPTY: ("请填写号码。", "The number is missing."),
    Fault.LENGTH: (
        "位数不对，请核对是否漏填或多填。",
        "The number of digits is wrong; one may be missing or too many.",
    ),
    Fault.FIRST_GENERATION: (
        "这是15位旧身份证号，请填写18位号码。",
        "This is an old 15-digit number; give the one of 18 characters.",
    ),
    Fault.CHARACTERS: ("含有不允许的字符。", "It contains characters that do not belong there."),
    Fault.PROVINCE: ("前两位不是任何省份的代码。", "The first two digits are the code of no province."),
    Fault.BIRTH_DATE: ("第7至14位不是真实的日期。", "Characters 7 to 14 are no real date."),
    Fault.BIRTH_TOO_EARLY: ("出生日期早于1880年。", "The date of birth lies before 1880."),
    Fault.BIRTH_IN_FUTURE: ("出生日期在今天之后。", "The date of birth lies in the future."),
    Fault.CHECK: (
        "最后一位校验不符，可能有一位填错。",
        "The last character does not fit the others; one of them may be mistyped.",
    ),
    Fault.OTHER_BIRTH_DATE: ("与填写的出生日期不一致。", "It does not agree with the date of birth given."),
    Fault.OTHER_SEX: ("与填写的性别不一致。", "It does not agree with the sex given."),
}


@dataclass(frozen=True)
class Checked:
    """A number in normal form and what is wrong with it (nothing when ``ok``)."""

    number: str
    faults: tuple[Fault, ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.faults


@dataclass(frozen=True)
class IdNumber(Checked):
    """A citizen identification number. ``sex`` is the code of GB/T 2261.1: 1 male, 2 female."""

    born_on: dt.date | None = None
    sex: str | None = None
    fictitious: bool = False


def normalise(text: str) -> str:
    """Half-width, upper case, without blanks: the form in which numbers are checked, stored and searched."""
    return "".join(text.translate(FULL_WIDTH).split()).upper()


def id_check_character(first17: str) -> str:
    """The eighteenth character for seventeen digits (GB 11643 4.2.3: ISO 7064 MOD 11-2)."""
    return CHECK_CHARACTERS[sum(int(d) * w for d, w in zip(first17, WEIGHTS, strict=True)) % 11]


def check_id_number(text: str, *, today: dt.date, born_on: dt.date | None = None, sex: str | None = None) -> IdNumber:
    """Check a citizen identification number; all faults at once, so that they are mended at once.

    ``born_on`` and ``sex`` ("1" male, "2" female) are what the form says beside it. The six digits of the division are
    checked by province only: codes of counties are cancelled over time and stay in people's numbers.
    """
    number = normalise(text)
    if (shape := _id_shape(number)) is not None:
        return IdNumber(number, (shape,))
    faults: list[Fault] = []
    fictitious = number.startswith(FICTITIOUS)
    if not fictitious and number[:2] not in PROVINCES:
        faults.append(Fault.PROVINCE)
    birth = _date(number[6:14])
    if birth is None:
        faults.append(Fault.BIRTH_DATE)
    elif birth < OLDEST_BIRTH:
        faults.append(Fault.BIRTH_TOO_EARLY)
    elif birth > today:
        faults.append(Fault.BIRTH_IN_FUTURE)
    if number[17] != id_check_character(number[:17]):
        faults.append(Fault.CHECK)
    coded_sex = "1" if int(number[16]) % 2 else "2"
    if born_on is not None and birth is not None and birth != born_on:
        faults.append(Fault.OTHER_BIRTH_DATE)
    if sex in {"1", "2"} and sex != coded_sex:
        faults.append(Fault.OTHER_SEX)
    return IdNumber(number, tuple(faults), birth, coded_sex, fictitious)


def _id_shape(number: str) -> Fault | None:
    if not number:
        return Fault.EMPTY
    if re.fullmatch(r"\d{15}", number, re.ASCII):
        return Fault.FIRST_GENERATION
    if len(number) != 18:
        return Fault.LENGTH
    return None if re.fullmatch(r"\d{17}[\dX]", number, re.ASCII) else Fault.CHARACTERS


def _date(digits: str) -> dt.date | None:
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def check_credit_code(text: str) -> Checked:
    """Check a unified social credit code of an organisation (GB 32100-2015: alphabet without I O S V Z, MOD 31)."""
    code = normalise(text)
    if not code:
        return Checked(code, (Fault.EMPTY,))
    if len(code) != 18:
        return Checked(code, (Fault.LENGTH,))
    if any(c not in CREDIT_ALPHABET for c in code) or not re.fullmatch(r"\d{6}", code[2:8], re.ASCII):
        return Checked(code, (Fault.CHARACTERS,))
    total = sum(CREDIT_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
    return Checked(code, () if CREDIT_ALPHABET[-total % 31] == code[17] else (Fault.CHECK,))


def check_bank_card(text: str) -> Checked:
    """Check a bank card number: 16 to 19 digits, Luhn digit (GB/T 15694, ISO/IEC 7812-1 annex B)."""
    number = normalise(text).replace("-", "")
    if not number:
        return Checked(number, (Fault.EMPTY,))
    if not re.fullmatch(r"\d+", number, re.ASCII):
        return Checked(number, (Fault.CHARACTERS,))
    if not 16 <= len(number) <= 19:
        return Checked(number, (Fault.LENGTH,))
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(number)))
    return Checked(number, () if sum(n // 10 + n % 10 for n in doubled) % 10 == 0 else (Fault.CHECK,))


def check_phone(text: str) -> Checked:
    """Check a mobile (11 digits from 13 to 19) or fixed-line number (with area code); normal form ``0476-7862000``."""
    digits = re.sub(r"[-()]", "", normalise(text))
    digits = re.sub(r"^(\+86|0086)", "", digits)
    if not digits:
        return Checked(digits, (Fault.EMPTY,))
    if not re.fullmatch(r"\d+", digits, re.ASCII):
        return Checked(digits, (Fault.CHARACTERS,))
    if re.fullmatch(r"1[3-9]\d{9}|400\d{7}", digits, re.ASCII):
        return Checked(digits)
    fixed = re.fullmatch(r"(010|02[0-57-9])([2-9]\d{7})|(0[3-9]\d{2})([2-9]\d{6,7})", digits, re.ASCII)
    if fixed is None:
        return Checked(digits, (Fault.LENGTH if len(digits) not in {10, 11, 12} else Fault.CHARACTERS,))
    return Checked(f"{fixed[1] or fixed[3]}-{fixed[2] or fixed[4]}")


def mask_id(number: str | None) -> str:
    """``110105********002X``: the first six and the last four (GB/T 35273-2020); shorter texts show nothing."""
    return _mask(number, 6, 4)


def mask_phone(number: str | None) -> str:
    """``138****1234``: the first three and the last four; fixed lines show area code and the last two."""
    if number and "-" in number:
        area, _, line = number.partition("-")
        return f"{area}-{_mask(line, 0, 2)}"
    return _mask(number, 3, 4)


def mask_bank(number: str | None) -> str:
    """``************1234``: the last four."""
    return _mask(number, 0, 4)


def _mask(text: str | None, head: int, tail: int) -> str:
    if not text:
        return ""
    hidden = len(text) - head - tail
    if hidden < 4:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[-tail:]


def mask_name(name: str | None) -> str:
    """``王*芳``, ``李*``; long names keep the first and the last character, interpuncts stay: ``阿**·**提``."""
    if not name:
        return ""
    last = len(name) - 1
    return "".join(c if c == "·" or i == 0 or (i == last and last > 1) else "*" for i, c in enumerate(name))
