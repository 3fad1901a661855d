"""Calculating every township of a quarter: asked for once, done step by step, left and gone on with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.auth.roles import system_actor
from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Refused
from app.settlement import operations, queries
from app.settlement.jobs import calculate_asked
from app.settlement.models import Settlement, SettlementState
from tests.settlement.conftest import Q1, Quarter
from tests.settlement.test_bank import token_of
from tests.settlement.test_together import at_once

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 3, 31)
SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def waiting(quarter: Quarter) -> Quarter:
    """Two townships, one contract in the first."""
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    quarter.scored(row)
    operations.open_quarter(system_actor(), Q1)
    return quarter


def rows() -> list[Settlement]:
    db.session.expire_all()
    query = queries.visible(system_actor()).where(Settlement.quarter == Q1).order_by(Settlement.area_code)
    return list(db.session.scalars(query).unique())


def test_a_stopped_calculation_goes_on_where_it_stopped(waiting: Quarter) -> None:
    officer = waiting.officer
    assert operations.ask_all(officer, Q1) == 2
    (first,) = operations.calculate_asked(officer, Q1, at_most=1)
    assert first.changed
    assert [row.asked_at is None for row in rows()] == [True, False], "the rest stays asked for"
    assert queries.calculation_under_way(officer) == Q1
    assert calculate_asked(clock.today()) == "1 townships calculated"
    assert [row.run for row in rows()] == [1, 1]
    assert queries.calculation_under_way(officer) is None
    operations.ask_all(officer, Q1)
    assert [step.changed for step in operations.calculate_asked(officer, Q1)] == [False, False], (
        "equal facts, no new run"
    )
    assert [row.run for row in rows()] == [1, 1]


def test_a_township_that_is_refused_does_not_stop_the_others(waiting: Quarter) -> None:
    operations.ask_all(waiting.officer, Q1)
    first = rows()[0]
    operations.calculate(waiting.township, first.id)
    operations.submit(waiting.township, first.id)
    operations.reject(waiting.reviewer, first.id, "再核对一次")
    operations.ask_all(waiting.officer, Q1)
    operations.submit(waiting.township, first.id)
    steps = list(operations.calculate_asked(waiting.officer, Q1))
    assert [step.problem is not None for step in steps] == [True, False]
    assert [row.problem is not None for row in rows()] == [True, False]
    assert [row.state for row in rows()] == [SettlementState.SUBMITTED, SettlementState.CALCULATED]


def test_two_that_go_on_at_once_calculate_each_township_once(app: Flask, waiting: Quarter) -> None:
    operations.ask_all(waiting.officer, Q1)
    at_once(app, *[lambda: list(operations.calculate_asked(waiting.officer, Q1))] * 3)
    assert [row.run for row in rows()] == [1, 1]


def test_who_may_ask_and_when(waiting: Quarter) -> None:
    for who in (waiting.township, waiting.reviewer):
        with pytest.raises(Forbidden):
            operations.ask_all(who, Q1)
    with pytest.raises(Refused):
        operations.ask_all(waiting.officer, "2026-Q2")


def test_the_page_shows_how_far_it_is(waiting: Quarter, sign_in: SignIn) -> None:
    browser = sign_in("county_officer_a")
    token = token_of(browser, f"/settlements?quarter={Q1}")
    answer = browser.post("/settlements/calculate-all", data={"csrf_token": token, "quarter": Q1})
    assert answer.location.endswith(f"/settlements/calculating?quarter={Q1}")
    page = browser.get(answer.location).get_data(as_text=True)
    assert 'max="2" value="0"' in page
    assert "data-continue" in page
    answer = browser.post("/settlements/calculate-some", data={"csrf_token": token, "quarter": Q1})
    page = browser.get(answer.location).get_data(as_text=True)
    assert 'max="2" value="2"' in page
    assert "data-continue" not in page
    assert "¥1,551.00" in page


def test_the_command_line_says_each_township_and_goes_on(app: Flask, waiting: Quarter) -> None:
    operations.ask_all(waiting.officer, Q1)
    next(operations.calculate_asked(waiting.officer, Q1))
    done = app.test_cli_runner().invoke(args=["settlement", "calculate", Q1])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[0].startswith("2/2  ")
    assert "2 of 2 townships done, 0 refused" in done.output
    again = app.test_cli_runner().invoke(args=["settlement", "calculate", Q1, "--again"])
    assert [line.startswith(f"{n}/2  ") for n, line in enumerate(again.output.splitlines()[:2], 1)] == [True, True]
    assert again.output.count("unchanged") == 2
