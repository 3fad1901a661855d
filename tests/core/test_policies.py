"""Dated rules: picked by the date, refused before the first, and wrong files named in words."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.policies import NoRuleInForce, Policy, PolicyError, Status, in_force, load_folder, parse

TEXT = """\
kind = "scorecard"
code = "quarter-2026"
version = 2
in_force_from = 2026-01-01
status = "example"
source = "示例，第1条"
[title]
zh = "季度考核"
en = "Quarterly scorecard"
[bands]
excellent = 90
"""


def policy(start: str, version: int = 1) -> Policy:
    return replace(parse(TEXT.encode()), in_force_from=dt.date.fromisoformat(start), version=version)


def test_a_rule_is_read_with_the_hash_of_its_bytes() -> None:
    rule = parse(TEXT.encode())
    assert (rule.kind, rule.code, rule.version, rule.status) == ("scorecard", "quarter-2026", 2, Status.EXAMPLE)
    assert rule.title == {"zh": "季度考核", "en": "Quarterly scorecard"}
    assert rule.body == {"bands": {"excellent": 90}}
    assert rule.in_force_from == dt.date(2026, 1, 1)
    assert rule.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert parse(TEXT.replace("90", "91").encode()).sha256 != rule.sha256


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (TEXT.replace('source = "示例，第1条"\n', ""), "missing: source"),
        (TEXT.replace('source = "示例，第1条"', 'source = " "'), "source must be text"),
        (TEXT.replace("version = 2", "version = 0"), "version"),
        (TEXT.replace("version = 2", "version = true"), "version"),
        (TEXT.replace("version = 2", 'version = "2"'), "version"),
        (TEXT.replace("2026-01-01", '"2026-01-01"'), "in_force_from"),
        (TEXT.replace("2026-01-01", "2026-01-01T00:00:00"), "in_force_from"),
        (TEXT.replace("2026-01-01", "2026-02-30"), "not readable"),
        (TEXT.replace('"example"', '"draft"'), "status must be"),
        (TEXT.replace('"quarter-2026"', '"季度"'), "kind and code"),
        (TEXT.replace('en = "Quarterly scorecard"', 'en = ""'), "title needs zh and en"),
        (TEXT.replace("[title]", "[titles]"), "missing: title"),
        ("kind = ", "not readable"),
        ("", "missing: code"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(wrong: str, words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        parse(wrong.encode())


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(PolicyError, match="not readable"):
        parse(b"\xff\xfe")


@pytest.mark.parametrize(
    ("day", "start"),
    [
        ("2026-01-01", "2026-01-01"),
        ("2026-06-30", "2026-01-01"),
        ("2026-07-01", "2026-07-01"),
        ("2099-12-31", "2026-07-01"),
    ],
)
def test_the_rule_of_the_day_is_picked(day: str, start: str) -> None:
    rules = [policy("2026-07-01", 2), policy("2026-01-01", 1)]
    assert in_force(rules, dt.date.fromisoformat(day)).in_force_from == dt.date.fromisoformat(start)


def test_before_the_first_rule_there_is_none() -> None:
    with pytest.raises(NoRuleInForce, match="2025-12-31"):
        in_force([policy("2026-01-01")], dt.date(2025, 12, 31))
    with pytest.raises(NoRuleInForce):
        in_force([], dt.date(2026, 1, 1))


def test_two_rules_of_one_day_are_an_error() -> None:
    with pytest.raises(PolicyError, match="two rules begin on 2026-01-01"):
        in_force([policy("2026-01-01", 1), policy("2026-01-01", 2)], dt.date(2026, 5, 1))


def test_rules_of_different_kinds_do_not_compete() -> None:
    with pytest.raises(PolicyError, match="different kinds"):
        in_force([policy("2026-01-01"), replace(policy("2025-01-01"), kind="pay_table")], dt.date(2026, 5, 1))


@given(st.sets(st.dates(), min_size=1), st.dates())
def test_the_pick_is_the_latest_start_not_after_the_day(starts: set[dt.date], day: dt.date) -> None:
    rules = [policy(start.isoformat()) for start in starts]
    past = [start for start in starts if start <= day]
    if past:
        assert in_force(rules, day).in_force_from == max(past)
    else:
        with pytest.raises(NoRuleInForce):
            in_force(rules, day)


def test_a_folder_is_read_by_name_and_names_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text(TEXT)
    (tmp_path / "a.toml").write_text(TEXT.replace("version = 2", "version = 1").replace("2026-01", "2025-01"))
    (tmp_path / "notes.txt").write_text("not a rule")
    assert [rule.version for rule in load_folder(tmp_path)] == [1, 2]
    (tmp_path / "c.toml").write_text(TEXT)
    with pytest.raises(PolicyError, match=r"c\.toml: quarter-2026 version 2 is in b\.toml already"):
        load_folder(tmp_path)
    (tmp_path / "c.toml").write_text(TEXT.replace("version = 2", "version = 3"))
    with pytest.raises(PolicyError, match=r"c\.toml: begins on 2026-01-01 like b\.toml"):
        load_folder(tmp_path)
    (tmp_path / "c.toml").write_text("")
    with pytest.raises(PolicyError, match=r"c\.toml: missing"):
        load_folder(tmp_path)


def test_the_shipped_rules_of_all_features_are_readable() -> None:
    app = Path(__file__).resolve().parents[2] / "app"
    folders = sorted(app.glob("*/policies"))
    assert folders
    for folder in folders:
        assert load_folder(folder), folder
