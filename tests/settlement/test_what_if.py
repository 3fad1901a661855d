"""What if: another pay table or other bands on frozen facts; publishing makes the real run equal; a year with its interval."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core import rulebook
from app.core.periods import Quarter as Period
from app.core.policies import parse
from app.settlement import operations, queries
from app.settlement.examples import PAY_TABLE_TAOJIANG
from app.settlement.queries.what_if import Who
from app.settlement.rules.forecast import forecast
from app.settlement.rules.settling import Facts
from tests.settlement.conftest import Q1, Quarter, publish_pay_table

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 3, 31)
OTHER = (
    PAY_TABLE_TAOJIANG.read_text("utf-8")
    .replace("51700", "60000")
    .replace("25900", "20000")
    .replace("version = 1", "version = 2")
    .replace("2022-01-01", "2026-01-01")
)
SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def calculated(quarter: Quarter) -> Quarter:
    """Full care at 1.00, half care at 0.95, and one that nobody scored."""
    rows = [quarter.contract(), quarter.contract(grades=[(2, dt.date(2025, 1, 1), None)]), quarter.contract()]
    for row in rows:
        quarter.records(row, FIRST, LAST)
    quarter.fill()
    quarter.scored(rows[0])
    quarter.scored(rows[1], B1=0, B2=0, B3=0)
    operations.calculate(quarter.township, quarter.settlement().id)
    return quarter


def test_publishing_makes_the_real_run_equal_the_preview(calculated: Quarter, sign_in: SignIn) -> None:
    table = parse(OTHER.encode())
    card = rulebook.shipped("scorecard")[0]
    bands = [{**b, "ratio_bp": 5000 if b["id"] == "good" else b["ratio_bp"]} for b in card.body["band"]]
    stricter = replace(card, body={**card.body, "band": bands})
    (effect,) = queries.what_if(calculated.township, Q1, None, stricter)
    assert (effect.then_fen, effect.now_fen) == (155100 + 73815, 155100 + 38850)
    assert [effect.count(who) for who in Who] == [0, 1, 2, 1]
    (effect,) = queries.what_if(calculated.township, Q1, table, None)
    assert (effect.then_fen, effect.now_fen) == (155100 + 73815, 180000 + 57000)
    assert (effect.contracts, *(effect.count(who) for who in Who)) == (3, 1, 1, 1, 1)
    assert [x.fen for x in effect.of(None)] == [180000 - 155100, 57000 - 73815, 0], "the largest change first"
    publish_pay_table(body=OTHER)
    row = operations.calculate(calculated.township, calculated.settlement().id)
    assert row.pay_fen == effect.now_fen
    browser = sign_in("county_officer_a")
    assert browser.get("/what-if").status_code == 200
    old = parse(PAY_TABLE_TAOJIANG.read_bytes()).sha256[:16]
    page = browser.get(f"/what-if?quarter={Q1}&table={old}").get_data(as_text=True)
    assert "¥2,370.00" in page
    assert "¥2,289.15" in page
    people = browser.get(f"/what-if?quarter={Q1}&table={old}&area={row.area_code}&who=less").get_data(as_text=True)
    assert "-¥249.00" in people, "the figure opens who is behind it"
    assert "¥168.15" not in people.partition('id="people"')[2], "who gets more is not among them"
    assert "¥517.00" in people, "the figures of the chosen table stand beside those in force"
    assert "¥600.00" in people


def test_frozen_facts_read_back_are_the_facts(calculated: Quarter) -> None:
    settled = calculated.settlement()
    for facts in queries.township_facts(settled.area_code, Period.parse(Q1)).contracts:
        assert Facts.from_json(facts.as_json()).as_json() == facts.as_json()


def test_too_little_is_known_and_nothing_is_said() -> None:
    assert forecast([(155100, 155100)] * 7, [620400]) is None
    found = forecast([(155100, 155100)] * 8, [620400, 310800])
    assert found is not None
    assert (found.low, found.expected, found.high) == (931200, 931200, 931200), "nothing varied"


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws its first examples slowly
@given(st.lists(st.integers(0, 10000), min_size=8, max_size=40), st.lists(st.integers(0, 10**7), max_size=20))
def test_the_interval_holds_the_expected_sum_and_stays_within_what_is_possible(
    shares: list[int], yearly: list[int]
) -> None:
    found = forecast([(10000, s) for s in shares], yearly)
    assert found is not None
    assert 0 <= found.low <= found.expected <= found.high <= sum(yearly)


def test_ninety_of_a_hundred_years_fall_into_the_interval() -> None:
    rng = random.Random(3)
    shares = [10000, 10000, 10000, 9500, 9500, 8500, 7000, 0]
    yearly = [620400] * 200
    inside = 0
    for _ in range(200):
        known = [(10000, rng.choice(shares)) for _ in range(300)]
        found = forecast(known, yearly)
        assert found is not None
        year = sum(155100 * rng.choice(shares) // 10000 for _ in yearly for _quarter in range(4))
        inside += found.low <= year <= found.high
    assert 165 <= inside <= 195
