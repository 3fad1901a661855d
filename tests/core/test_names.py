"""Names are found by characters, pinyin and initials, with surnames read as surnames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, pinyin

from app.core import names
from app.core.names import normalise, search_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("单田芳", "单田芳|shantianfang|stf"),
        ("张三", "张三|zhangsan|zs"),
        ("阿迪力·买买提", "阿迪力·买买提|adilimaimaiti|adlmmt"),
        ("尉迟恭", "尉迟恭|yuchigong|ycg"),
        ("万俟洛", "万俟洛|moqiluo|mql"),
        ("仇英", "仇英|qiuying|qy"),
        ("解缙", "解缙|xiejin|xj"),
        ("曾国藩", "曾国藩|zengguofan|zgf"),
        ("查良镛", "查良镛|zhaliangyong|zly"),
        ("区寄", "区寄|ouji|oj"),
        ("朴金花", "朴金花|piaojinhua|pjh"),
        ("任贤齐", "任贤齐|renxianqi|rxq"),
        ("欧阳娜", "欧阳娜|ouyangna|oyn"),
        ("覃桂英", "覃桂英|qinguiying|qgy|tanguiying|tgy"),
        ("翟志刚", "翟志刚|zhaizhigang|zzg|dizhigang|dzg"),
        ("查干巴拉", "查干巴拉|zhaganbala|zgbl|chaganbala|cgbl"),
        ("乌云其木格", "乌云其木格|wuyunqimuge|wyqmg"),
        ("Ｗａｎｇ　Ｗｅｉ", "wangwei|w"),
        ("䶮", "䶮|yan|y"),
    ],
)
def test_keys(name: str, key: str) -> None:
    assert search_key(name) == key


def test_each_listed_surname_says_something_that_the_dictionary_would_not() -> None:
    for surname, readings in names.SURNAMES.items():
        assert readings != tuple(pinyin(surname, style=Style.NORMAL)[0]), surname
    for surname, readings in names.COMPOUND.items():
        assert len(surname) == len(readings) == 2


@pytest.mark.parametrize("dot", "·•‧∙・･⸱．")
def test_interpuncts_are_one(dot: str) -> None:
    assert normalise(f"买买提{dot}江") == "买买提·江"


@given(st.text(max_size=80))
def test_any_text_gives_a_key_that_holds_it(text: str) -> None:
    key = search_key(text)
    assert len(key) <= names.LONGEST
    assert key.split("|")[0] == normalise(text).replace("|", "")


@given(st.text(alphabet="单仇曾王李张阿·万俟尉迟欧阳覃abcＡ　", max_size=8))
def test_the_name_itself_always_finds_its_key(name: str) -> None:
    assert normalise(name) in search_key(name)


def reads(key: str, plain: str) -> bool:
    """What a reader of every key would find: ``places.queries.matching`` in words of Python."""
    if not plain.isascii() or len(plain) >= 4:
        return plain in key
    return "|" + plain in key or key.startswith(plain)


PIECES = st.text(alphabet="王国建单翟敖·abgnuw|1%_/'Ａ　\U00020bb7é", max_size=9)


@given(PIECES | st.text(max_size=12), PIECES | st.text(max_size=6), st.integers(0, 30), st.integers(0, 9))
def test_the_terms_of_a_key_find_what_a_reader_of_every_key_finds(name: str, other: str, start: int, size: int) -> None:
    key = search_key(name)
    for sought in (other, key[start : start + size], search_key(name[start:])):
        plain = normalise(sought)
        found = names.term_of(plain)
        if found is None:
            assert not plain or "|" in plain
            continue
        term, whole = found
        assert len(term) <= names.LONGEST_TERM
        stands = term in names.terms(key)
        assert stands >= reads(key, plain), "whoever matches stands under the term"
        if whole:
            assert stands == reads(key, plain), "and nobody else, where the term says so"


def test_a_name_stands_under_few_terms() -> None:
    assert names.terms("王国建|wangguojian|wgj") == {
        "王", "国", "建", "王国", "国建", "王国建", "|w", "|wa", "|wan", "|wg", "|wgj",
        "wang", "angg", "nggu", "gguo", "guoj", "uoji", "ojia", "jian",
        "wangg", "anggu", "ngguo", "gguoj", "guoji", "uojia", "ojian",
    }  # fmt: skip
