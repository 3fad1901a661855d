"""Frequencies, plans and masks as arithmetic (domain.md 7.3)."""

from __future__ import annotations

import calendar
import datetime as dt
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.care import rules

STANDARD = tomllib.loads(Path("app/care/policies/twelve-standards-2020.toml").read_text("utf-8"))
PERSONAL = tomllib.loads(Path("app/care/policies/personal-plan-2026.toml").read_text("utf-8"))
CHINA = ZoneInfo("Asia/Shanghai")
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))
TABLE = """
S01 3/d 3/d 3/d   2/w 1/d 3/d
S02 1/d 2/d 2/d   1/w 1/d 2/d
S03 1/w 1/w 1/w   2/m 1/w 1/w
S04 2/w 1/d 2/d   1/w 1/d 2/d
S05 prn 4/d q2hD  prn 2/d 4/d
S06 -   2/d q2h   -   1/d q2hD
S07 1/d 1/d 1/d   1/w 2/w 1/d
S08 1/w 2/w 1/d   2/m 1/w 2/w
S09 1/w 1/d 2/d   1/m 1/w 1/d
S10 prn prn prn   prn prn prn
S11 3/d 6/d q2h   2/w 1/d 2/d
S12 1/w 2/w 2/w   1/w 2/w 1/d
"""
"""The twelve items: institution self, half, full; home self, half, full."""


@pytest.mark.parametrize("line", TABLE.strip().splitlines(), ids=lambda line: line[:3])
def test_each_item_grade_and_setting_has_the_minimum_of_the_table(line: str) -> None:
    """Twelve items × three grades × two settings, none missing, none beside the table."""
    item, *wanted = line.split()
    found = []
    for setting in ("institutional", "home"):
        for grade in (1, 2, 3):
            lines = rules.plan_lines(STANDARD, PERSONAL, grade, setting, {}, {})
            assert [one["item"] for one in lines] == list(rules.ITEMS)
            found.append(next(one["minimum"] for one in lines if one["item"] == item))
    assert found == wanted


@pytest.mark.parametrize(
    ("text", "times", "period"),
    [
        ("3/d", 3, "d"),
        ("2/w", 2, "w"),
        ("1/m", 1, "m"),
        ("1/q", 1, "q"),
        ("1/y", 1, "y"),
        ("12/d", 12, "d"),
        ("q2h", 12, "d"),
        ("q2hD", 8, "d"),
        ("prn", 0, "prn"),
        ("-", 0, "-"),
    ],
)
def test_the_grammar_is_read(text: str, times: int, period: str) -> None:
    """q2h counts twelve a day, q2hD eight (06–22)."""
    found = rules.parse_frequency(text)
    assert (found.times, found.period) == (times, period)


@pytest.mark.parametrize(
    "text",
    ["", "3", "0/d", "25/d", "8/w", "29/m", "91/q", "3/x", "q3h", "-1/d", "3/d ", "1٢/d", "３/d", "3/D", "prn/d"],
)
def test_anything_else_is_refused(text: str) -> None:
    """No frequency is ever guessed."""
    with pytest.raises(rules.BadFrequency):
        rules.parse_frequency(text)


@given(DAYS, st.integers(1, 7))
def test_n_a_week_is_due_on_n_days_of_every_week(day: dt.date, times: int) -> None:
    """Monday to Sunday."""
    monday = day - dt.timedelta(days=day.weekday())
    assert rules.due_days(f"{times}/w", monday, monday + dt.timedelta(days=6)) == times


@given(DAYS, st.integers(1, 28))
def test_n_a_month_is_due_on_n_days_of_every_month(day: dt.date, times: int) -> None:
    """Short months too."""
    last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    assert rules.due_days(f"{times}/m", day.replace(day=1), last) == times


@settings(deadline=None)  # a year of days is asked one by one
@given(DAYS, st.integers(1, 90), st.integers(1, 99))
def test_n_a_quarter_and_n_a_year_are_due_on_n_days(day: dt.date, quarterly: int, yearly: int) -> None:
    """Leap years too."""
    first = dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    last_month = first.month + 2
    last = dt.date(day.year, last_month, calendar.monthrange(day.year, last_month)[1])
    assert rules.due_days(f"{quarterly}/q", first, last) == quarterly
    assert rules.due_days(f"{yearly}/y", dt.date(day.year, 1, 1), dt.date(day.year, 12, 31)) == yearly


@settings(deadline=None)  # as above
@given(DAYS, st.integers(0, 120), st.sampled_from(["1/d", "q2h", "3/w", "2/m", "1/q", "5/y", "prn", "-"]))
def test_counting_days_is_asking_each_day(first: dt.date, length: int, text: str) -> None:
    """The quick count for a range never differs from the days themselves."""
    parsed = rules.parse_frequency(text)
    days = [first + dt.timedelta(days=n) for n in range(length)]
    assert rules.due_days(text, first, first + dt.timedelta(days=length - 1)) == sum(
        rules.due_on(parsed, day) for day in days
    )


@pytest.mark.parametrize(
    ("asked", "minimum", "less"),
    [
        ("2/d", "3/d", True),
        ("3/d", "3/d", False),
        ("q2h", "6/d", False),
        ("7/w", "1/d", False),
        ("6/w", "1/d", True),
        ("prn", "1/w", True),
        ("-", "prn", True),
        ("prn", "prn", False),
        ("1/d", "prn", False),
        ("prn", "-", False),
    ],
)
def test_a_plan_may_ask_more_but_never_less(asked: str, minimum: str, less: bool) -> None:
    """Every count of the standard is a minimum."""
    assert rules.below_minimum(asked, minimum) is less


def test_what_was_observed_becomes_a_note_that_names_its_source() -> None:
    """A3 at swallowing and a fall in the last month are told on the lines they touch."""
    need = next(n for n in PERSONAL["need"] if "observation" in n)
    worst = {need["observation"]: "A4"}
    lines = rules.plan_lines(STANDARD, PERSONAL, 3, "home", worst, {"falls": 1})
    touched = next(one for one in lines if one["item"] == need["item"])
    assert need["zh"] in [note["zh"] for note in touched["notes"]]
    assert need["observation"] in [note["from"] for note in touched["notes"]]
    assert any(note["from"] == "falls" for one in lines for note in one["notes"])


def test_nothing_observed_gives_no_notes() -> None:
    """Missing answers are not taken as trouble, nor as health: there is simply no note."""
    assert all(line["notes"] == [] for line in rules.plan_lines(STANDARD, PERSONAL, 2, "home", {}, {}))


@pytest.mark.parametrize(("seconds", "late"), [(0, False), (1, True)])
def test_an_entry_is_late_from_24_hours_after_the_day_on(seconds: int, late: bool) -> None:
    """The day ends at midnight in China, wherever the machine stands."""
    limit = dt.datetime(2026, 3, 12, tzinfo=CHINA) + dt.timedelta(seconds=seconds)
    assert rules.is_late(dt.date(2026, 3, 10), limit.astimezone(dt.UTC), CHINA) is late


def test_services_a_week_add_up() -> None:
    """Full care at home: 21+14+1+14+28+56+7+2+7+0+14+7."""
    assert rules.services_a_week(rules.plan_lines(STANDARD, PERSONAL, 3, "home", {}, {})) == 171


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("指甲(1/w)", "指甲（每周1次）"),
        ("全护理另:擦身与会阴清洁1/d;夏季洗浴2/w", "全护理另：擦身与会阴清洁 每日1次；夏季洗浴 每周2次"),
        ("水温38-42度先测", "水温38-42度先测"),
        ("床单更换(s,h 1/w;f 2/w与prn)", "床单更换（全自理，半护理 每周1次；全护理 每周2次与按需）"),
        ("饮水量(全护理>=1200 mL/日,医嘱除外)", "饮水量（全护理不少于1200毫升/日，医嘱除外）"),
        ("异常上报<=30 min", "异常上报不超过30分钟"),
    ],
)
def test_people_read_no_codes(words: str, plain: str) -> None:
    """Checkpoints of the standard as they stand on the screen and on the kitchen wall."""
    assert rules.plain_zh(words) == plain


def test_every_item_has_words_in_both_languages_and_no_code_in_them() -> None:
    """Names, short names and checkpoints."""
    for text in rules.texts(STANDARD).values():
        assert text.zh
        assert text.en
        assert text.short_zh == text["short_zh"]
        assert "（" not in text.short_zh
        assert "(" not in text.short_en
        assert not [point for point in text.checkpoints if "/d" in point or "/w" in point or "(" in point]
