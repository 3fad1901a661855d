"""Search keys of names: the name itself, its full pinyin and its initials, with surnames read as surnames."""

from __future__ import annotations

import unicodedata

from pypinyin import Style, lazy_pinyin

SURNAMES = {
    "单": "shan", "仇": "qiu", "解": "xie", "曾": "zeng", "查": "zha", "区": "ou", "朴": "piao", "翟": "zhai",
    "覃": "qin", "乐": "yue", "任": "ren", "盖": "ge", "缪": "miao", "宁": "ning", "冼": "xian", "那": "na",
    "员": "yun", "尉": "wei", "召": "shao", "折": "she", "黑": "he", "繁": "po", "秘": "bi", "华": "hua",
    "种": "chong", "重": "chong", "晟": "cheng", "洗": "xian", "佴": "nai", "逄": "pang", "郇": "xun", "尹": "yin",
}  # fmt: skip
COMPOUND = {"尉迟": ["yu", "chi"], "长孙": ["zhang", "sun"], "万俟": ["mo", "qi"], "单于": ["chan", "yu"], "澹台": ["tan", "tai"]}


def normalise(text: str) -> str:
    """Half-width, lower case, one kind of interpunct, no blanks: the form both sides of a search take."""
    flat = unicodedata.normalize("NFKC", text).casefold()
    for dot in "•‧∙・᛫":
        flat = flat.replace(dot, "·")
    return "".join(flat.split())


def search_key(name: str) -> str:
    """``name|pinyin|initials`` in normal form, e.g. ``单田芳|shantianfang|stf``."""
    plain = normalise(name)
    syllables = lazy_pinyin(plain.replace("·", ""), style=Style.NORMAL)
    if plain[:2] in COMPOUND:
        syllables[:2] = COMPOUND[plain[:2]]
    elif plain[:1] in SURNAMES and syllables:
        syllables[0] = SURNAMES[plain[0]]
    full = "".join(syllables)
    initials = "".join(s[0] for s in syllables if s)
    return f"{plain}|{full}|{initials}"[:360]
