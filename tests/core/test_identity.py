"""Numbers of people and organisations: the standards' own vectors, and what must be refused."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import identity
from app.core.identity import (
    CREDIT_ALPHABET,
    WORDS,
    Fault,
    check_bank_card,
    check_credit_code,
    check_id_number,
    check_phone,
    id_check_character,
    mask_bank,
    mask_id,
    mask_name,
    mask_phone,
)

TODAY = dt.date(2026, 11, 24)


def person(first17: str) -> str:
    return first17 + id_check_character(first17)


@pytest.mark.parametrize(
    ("text", "born", "sex"),
    [
        ("11010519491231002X", dt.date(1949, 12, 31), "2"),
        ("440524188001010014", dt.date(1880, 1, 1), "1"),
        (" 11010519491231002x ", dt.date(1949, 12, 31), "2"),
        ("１１０１０５１９４９１２３１００２Ｘ", dt.date(1949, 12, 31), "2"),
        ("110105 19491231 002ｘ", dt.date(1949, 12, 31), "2"),
        (person("15042219480229001"), dt.date(1948, 2, 29), "1"),
    ],
)
def test_numbers_of_the_standard_are_right(text: str, born: dt.date, sex: str) -> None:
    checked = check_id_number(text, today=TODAY)
    assert checked.ok
    assert (checked.born_on, checked.sex, checked.fictitious) == (born, sex, False)
    assert checked.number == checked.number.upper().strip()
    assert len(checked.number) == 18


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [Fault.EMPTY]),
        ("110105491231002", [Fault.FIRST_GENERATION]),
        ("11010519491231002", [Fault.LENGTH]),
        ("11010519491231002XX", [Fault.LENGTH]),
        ("1101051949123100X2", [Fault.CHARACTERS]),
        ("١10105194912310021", [Fault.CHARACTERS]),
        ("110105194912310021", [Fault.CHECK]),
        (person("10010519491231002"), [Fault.PROVINCE]),
        (person("11010519490229002"), [Fault.BIRTH_DATE]),
        (person("11010500000101002"), [Fault.BIRTH_DATE]),
        (person("11010518791231002"), [Fault.BIRTH_TOO_EARLY]),
        (person("11010520261125002"), [Fault.BIRTH_IN_FUTURE]),
        ("100105194902290021", [Fault.PROVINCE, Fault.BIRTH_DATE, Fault.CHECK]),
    ],
)
def test_faults_are_named_all_at_once(text: str, faults: list[Fault]) -> None:
    assert list(check_id_number(text, today=TODAY).faults) == faults


def test_a_child_born_today_has_a_number() -> None:
    assert check_id_number(person("11010520261124002"), today=TODAY).ok


def test_the_number_must_agree_with_the_form_beside_it() -> None:
    def faults(born_on: dt.date | None, sex: str | None) -> tuple[Fault, ...]:
        return check_id_number("11010519491231002X", today=TODAY, born_on=born_on, sex=sex).faults

    assert faults(dt.date(1949, 12, 31), "2") == ()
    assert faults(dt.date(1949, 12, 30), "1") == (Fault.OTHER_BIRTH_DATE, Fault.OTHER_SEX)
    assert faults(None, "9") == ()


def test_invented_people_are_accepted_and_flagged() -> None:
    checked = check_id_number(person("99999919500101123"), today=TODAY)
    assert checked.ok
    assert checked.fictitious


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_mistyped_digit_is_always_noticed(place: int, shift: int) -> None:
    right = "11010519491231002X"
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    assert Fault.CHECK in check_id_number(wrong, today=TODAY).faults


@given(st.integers(0, 15))
def test_two_neighbouring_digits_swapped_are_always_noticed(place: int) -> None:
    right = "11010519491231002X"
    wrong = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    assert wrong == right or Fault.CHECK in check_id_number(wrong, today=TODAY).faults


@given(st.text(max_size=25))
def test_no_text_makes_the_checks_fall_over(text: str) -> None:
    for checked in (
        check_id_number(text, today=TODAY),
        check_credit_code(text),
        check_bank_card(text),
        check_phone(text),
    ):
        assert checked.ok in {True, False}
    assert len(mask_id(text)) == len(mask_bank(text)) == len(mask_name(text)) == len(text)


def test_every_fault_has_words_in_both_languages() -> None:
    assert set(WORDS) == set(Fault)
    assert all(fault.zh.endswith("。") and fault.en.endswith(".") for fault in Fault)


def test_there_are_34_provinces_and_the_permits_of_taiwan_residents() -> None:
    assert len(identity.PROVINCES) == 35


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91350100m000100y43", " ９1350100M000100Y43"])
def test_credit_code_of_the_standard(code: str) -> None:
    assert check_credit_code(code) == identity.Checked("91350100M000100Y43")


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("", Fault.EMPTY),
        ("91350100M000100Y4", Fault.LENGTH),
        ("91350100M000100Y44", Fault.CHECK),
        ("91350100I000100Y43", Fault.CHARACTERS),
        ("913501A0M000100Y43", Fault.CHARACTERS),
    ],
)
def test_wrong_credit_codes(code: str, fault: Fault) -> None:
    assert check_credit_code(code).faults == (fault,)


def test_a_mistyped_character_of_a_credit_code_is_always_noticed() -> None:
    right = "91350100M000100Y43"
    for place in range(18):
        for other in CREDIT_ALPHABET:
            if other != right[place]:
                assert not check_credit_code(right[:place] + other + right[place + 1 :]).ok


@pytest.mark.parametrize(
    "card", ["4111111111111111", "6222 0212 3456 7890 128", "6222-0212-3456-7890-128", "６222021234567890128"]
)
def test_right_card_numbers(card: str) -> None:
    assert check_bank_card(card).ok


@pytest.mark.parametrize(
    ("card", "fault"),
    [
        ("", Fault.EMPTY),
        ("4111111111111112", Fault.CHECK),
        ("411111111111111", Fault.LENGTH),
        ("41111111111111111111", Fault.LENGTH),
        ("41111111111l1111", Fault.CHARACTERS),
    ],
)
def test_wrong_card_numbers(card: str, fault: Fault) -> None:
    assert check_bank_card(card).faults == (fault,)


@pytest.mark.parametrize(
    ("phone", "normal"),
    [
        ("13812341234", "13812341234"),
        ("+86 138 1234 1234", "13812341234"),
        ("１３８１２３４１２３４", "13812341234"),
        ("0476-7862000", "0476-7862000"),
        ("(0476) 7862000", "0476-7862000"),
        ("01065212345", "010-65212345"),
        ("0311-86812345", "0311-86812345"),
        ("400-810-1234", "4008101234"),
    ],
)
def test_phones(phone: str, normal: str) -> None:
    assert check_phone(phone) == identity.Checked(normal)


@pytest.mark.parametrize(
    "phone", ["", "12812341234", "1381234123", "7862000", "0476-0862000", "138123412345", "dial 110", "0266-1234567"]
)
def test_no_phones(phone: str) -> None:
    assert not check_phone(phone).ok


def test_masks_show_only_what_the_standard_allows() -> None:
    assert mask_id("11010519491231002X") == "110105********002X"
    assert mask_phone("13812341234") == "138****1234"
    assert mask_phone("0476-7862000") == "0476-*****00"
    assert mask_bank("6222021234567890128") == "***************0128"
    assert mask_id("1101050123") == "**********"
    assert mask_phone("1234567") == "*******"
    assert [mask_id(None), mask_phone(""), mask_bank(None), mask_name(None)] == ["", "", "", ""]


@pytest.mark.parametrize(
    ("name", "masked"),
    [("王小芳", "王*芳"), ("李四", "李*"), ("王", "王"), ("欧阳娜娜", "欧**娜"), ("阿迪力·买买提", "阿**·**提")],
)
def test_masked_names(name: str, masked: str) -> None:
    assert mask_name(name) == masked
