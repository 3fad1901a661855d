"""Search keys of names: the name itself, its full pinyin and its initials, with surnames read as surnames."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from pypinyin import Style, lazy_pinyin

LONGEST = 360
"""Characters of a search key, as wide as the columns that hold it."""

# Surnames that are read otherwise than the character's usual sound. Where both readings live on as surnames, both are
# listed and both are found; the first one is the commoner.
SURNAMES: dict[str, tuple[str, ...]] = {
    "单": ("shan",), "仇": ("qiu",), "解": ("xie",), "曾": ("zeng",), "查": ("zha",), "区": ("ou",),
    "朴": ("piao",), "翟": ("zhai", "di"), "覃": ("qin", "tan"), "乐": ("yue", "le"), "盖": ("ge", "gai"),
    "缪": ("miao",), "员": ("yun",), "召": ("shao",), "折": ("she",), "黑": ("he", "hei"), "繁": ("po",),
    "秘": ("bi", "mi"), "种": ("chong",), "重": ("chong",), "洗": ("xian",), "佴": ("nai",),
    "郇": ("xun", "huan"), "柏": ("bai", "bo"), "乜": ("nie",), "隗": ("wei", "kui"), "阚": ("kan",),
    "卜": ("bu",), "宓": ("mi", "fu"), "祭": ("zhai", "ji"), "句": ("gou",), "谌": ("chen", "shen"),
    "能": ("nai",), "都": ("du",), "牟": ("mou", "mu"), "适": ("kuo", "shi"), "藏": ("zang",),
}  # fmt: skip
COMPOUND = {
    "尉迟": ("yu", "chi"),
    "长孙": ("zhang", "sun"),
    "万俟": ("mo", "qi"),
    "单于": ("chan", "yu"),
    "澹台": ("tan", "tai"),
    "令狐": ("ling", "hu"),
    "拓跋": ("tuo", "ba"),
    "宰父": ("zai", "fu"),
    "亓官": ("qi", "guan"),
}
INTERPUNCTS = str.maketrans(dict.fromkeys("•‧∙・᛫･⸱．", "·"))


def normalise(text: str) -> str:
    """Half-width, lower case, one kind of interpunct, no blanks: the form both sides of a search take."""
    flat = unicodedata.normalize("NFKC", text.translate(INTERPUNCTS)).casefold()
    return "".join(flat.translate(INTERPUNCTS).split())


def search_key(name: str) -> str:
    """``name|pinyin|initials`` in normal form, e.g. ``单田芳|shantianfang|stf``, for LIKE searches.

    More readings follow where a surname has two. A name of four characters and more that begins with such a character
    (查干巴拉, a Mongol name without surname) keeps the usual sound too. The key is cut at 360 characters.
    """
    plain = normalise(name)
    letters = plain.replace("·", "").replace("|", "")
    parts = [plain.replace("|", "")]
    for syllables in _readings(letters):
        parts += ["".join(syllables), "".join(s[0] for s in syllables if s)]
    return "|".join(dict.fromkeys(parts))[:LONGEST]


def _readings(letters: str) -> list[list[str]]:
    if not letters or letters[0].isascii():  # Latin letters are one word, not a surname and a given name
        return [lazy_pinyin(letters, style=Style.NORMAL)]
    if compound := COMPOUND.get(letters[:2]):
        return [[*compound, *lazy_pinyin(letters[2:], style=Style.NORMAL)]]
    # Surname and given name are read apart: together, a phrase could give one of them another sound.
    surname, given = letters[:1], lazy_pinyin(letters[1:], style=Style.NORMAL)
    readings = SURNAMES.get(surname, lazy_pinyin(surname, style=Style.NORMAL))
    found = [[first, *given] for first in readings]
    return [*found, lazy_pinyin(letters, style=Style.NORMAL)] if len(letters) > 3 else found


GRAMS, LETTERS = (1, 2, 3), (4, 5)
"""Lengths of the pieces a key is found by: of names in Chinese, and of pinyin from four letters on."""
LONGEST_TERM = max(*GRAMS, *LETTERS)


def _pieces(text: str, lengths: tuple[int, ...]) -> Iterator[str]:
    for length in lengths:
        for start in range(len(text) - length + 1):
            yield text[start : start + length]


def terms(key: str) -> set[str]:
    """Everything a search key is found by, for an index of whole terms: each one to three neighbouring characters of which
    one is not Latin, ``|`` with the one to three letters a part begins with, and each four and five neighbouring letters.
    """
    found: set[str] = set()
    for part in key.split("|"):
        found.update(piece for piece in _pieces(part, GRAMS) if not piece.isascii())
        found.update("|" + part[:n] for n in range(1, LETTERS[0]) if len(part) >= n and part[:n].isascii())
        found.update(piece for piece in _pieces(part, LETTERS) if piece.isascii())
    return found


def term_of(plain: str) -> tuple[str, bool] | None:
    """The term under which keys that match ``plain`` (normalised) stand, and whether all that stand there match; None when
    there is no such term (nothing was typed, or a ``|``, which stands between parts) and every key has to be read.
    """
    if not plain or "|" in plain:
        return None
    if plain.isascii():
        if len(plain) < LETTERS[0]:
            return "|" + plain, True
        return plain[-LETTERS[-1] :], len(plain) <= LETTERS[-1]
    pieces = [piece for piece in _pieces(plain, (min(len(plain), GRAMS[-1]),)) if not piece.isascii()]
    return pieces[-1], pieces[-1] == plain
