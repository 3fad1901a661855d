"""Rules of accounts: pure."""

from __future__ import annotations

import datetime as dt

import pytest

from app.auth import passwords
from app.auth.rules import (
    AccountPolicy,
    PasswordProblem,
    browser_name,
    clean_username,
    locked_until,
    password_expired,
    password_problems,
    possible_username,
    safe_next,
    throttle_address,
    totp_code,
    totp_step,
)

pytestmark = pytest.mark.pure
T0 = dt.datetime(2026, 3, 31, 8, 0, tzinfo=dt.UTC)
DJBH, NIST = AccountPolicy("djbh"), AccountPolicy("nist")
P = PasswordProblem


def minutes(*values: float) -> list[dt.datetime]:
    return [T0 + dt.timedelta(minutes=m) for m in values]


def problems(password: str, policy: AccountPolicy = DJBH, *context: str) -> list[PasswordProblem]:
    return password_problems(
        password,
        policy,
        common=passwords.common_passwords(),
        context={*passwords.context_words(), *context},
    )


def test_five_failures_within_a_quarter_of_an_hour_lock_for_as_long() -> None:
    assert locked_until(minutes(0, 1, 2, 3), 5, T0 + dt.timedelta(minutes=4)) is None
    assert locked_until(minutes(0, 1, 2, 3, 14), 5, T0 + dt.timedelta(minutes=15)) == T0 + dt.timedelta(minutes=29)
    assert locked_until(minutes(0, 1, 2, 3, 14), 5, T0 + dt.timedelta(minutes=29)) is None
    assert locked_until(minutes(0, 1, 2, 3, 16), 5, T0 + dt.timedelta(minutes=16)) is None


def test_one_failure_after_a_lock_does_not_lock_again() -> None:
    assert locked_until(minutes(0, 1, 2, 3, 4, 20), 5, T0 + dt.timedelta(minutes=20)) is None


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("Kite-7-river", []),
        ("Kite-7-rive", [P.TOO_SHORT]),
        ("kiteriverstone", [P.TOO_FEW_KINDS]),
        ("Kite7river" * 7, []),
        ("风筝-河流-石头-Kite7", []),
        ("Password-2026!", [P.COMMON]),
        ("P.a.s.s.w.o.r.d.1", [P.COMMON]),
        ("Qwertyuiop-123", [P.COMMON]),
        ("Aa1-Aa1-Aa1-Aa1", [P.COMMON]),
        ("Woaini-20260520", [P.COMMON]),
        ("Yiheng-2026-demo", [P.CONTEXT]),
        ("Balin-zuoqi-77x", [P.CONTEXT]),
        ("巴林左旗-Kite-77", [P.CONTEXT]),
    ],
)
def test_the_classified_protection_profile(password: str, wrong: list[PasswordProblem]) -> None:
    assert problems(password) == wrong


def test_the_nist_profile_asks_for_length_and_not_for_kinds() -> None:
    assert problems("kite river stone", NIST) == []
    assert problems("kite river ston", NIST) == []
    assert problems("kite river sto", NIST) == [P.TOO_SHORT]
    assert problems("correct horse battery staple", NIST) == [P.COMMON]
    assert problems("x" * 201, NIST) == [P.TOO_LONG, P.COMMON]


def test_account_and_person_name_do_not_occur_in_a_password() -> None:
    assert problems("Wang.Fang-2026-kite", DJBH, "wang.fang") == [P.CONTEXT]
    assert problems("王芳-Kite-2026-river", DJBH, "王芳") == [P.CONTEXT]


def test_sixty_four_and_128_characters_are_allowed() -> None:
    assert problems(("Kite-7-river" * 11)[:64] + "x") == []
    assert problems(("Kite-7-river" * 11)[:127] + "x") == []


def test_periodic_change_is_asked_for_by_one_profile_only() -> None:
    assert not password_expired(DJBH, T0, T0 + dt.timedelta(days=89, hours=23))
    assert password_expired(DJBH, T0, T0 + dt.timedelta(days=90))
    assert not password_expired(NIST, T0, T0 + dt.timedelta(days=900))


def test_codes_are_those_of_rfc_6238() -> None:
    """Appendix B, SHA-1, shortened to six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert totp_code(secret, seconds // 30) == code


def test_a_code_fits_one_step_around_now_and_only_after_the_last_one_used() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    now = dt.datetime.fromtimestamp(3_000_015, dt.UTC)
    step = 3_000_015 // 30
    for beside in (-1, 0, 1):
        assert totp_step(secret, totp_code(secret, step + beside), now, None) == step + beside
    assert totp_step(secret, totp_code(secret, step - 2), now, None) is None
    assert totp_step(secret, totp_code(secret, step + 2), now, None) is None
    assert totp_step(secret, totp_code(secret, step), now, step) is None
    assert totp_step(secret, "¿'\"(", now, None) is None
    assert totp_step(secret, "", now, None) is None


@pytest.mark.parametrize("target", ["/", "/residents", "/residents?q=%E5%BC%A0&cursor=x", "/residents/1/grades"])
def test_paths_on_this_host_are_followed(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None, "", "residents", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "https://evil.example", "http:evil.example", "javascript:alert(1)", "data:text/html,x", "/\t/evil.example",
        "/\n/evil.example", " //evil.example", "/ /evil.example", "\x00/evil", "/\x00//evil.example", "//[::1",
        "/sign-out", "/sign-in?next=/sign-in", "/second-factor", "/" + "a" * 3000, "/\u2028/evil",
        "////evil.example/%2e%2e",
    ],
)  # fmt: skip
def test_nothing_else_is_followed(target: str | None) -> None:
    assert safe_next(target) is None


def test_account_names() -> None:
    assert clean_username("  Wang.Fang ") == "wang.fang"
    for good in ("abc", "wang.fang", "county_officer_a", "a1-b2"):
        assert possible_username(good)
    for bad in ("", "ab", "王芳", "a b c", ".abc", "abc-", "a" * 65, "abc\x00", "abc\n", "ａｂｃ", "x'; drop table--"):
        assert not possible_username(bad)


def test_browsers_are_named_as_people_call_them() -> None:
    chrome = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"
    )
    assert browser_name(chrome) == "Chrome · Windows"
    assert browser_name(chrome + " Edg/156.0") == "Edge · Windows"
    assert browser_name("curl/8.0") == ""


def test_failures_are_counted_by_customer_line() -> None:
    assert throttle_address("10.0.0.7") == "10.0.0.7"
    assert throttle_address("2001:db8::1") == throttle_address("2001:db8::ffff:2") == "2001:db8::/64"
    assert throttle_address("::ffff:10.0.0.7") == "10.0.0.7"
    assert throttle_address("not an address") == "not an address"
