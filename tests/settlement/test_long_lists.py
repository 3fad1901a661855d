"""Lists in the order of their numbers: who sees a whole county is served from the newest end, however long the table is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, event

from app.contracts import queries as contracts
from app.contracts.models import Contract
from app.core import rulebook
from app.core.db import db
from app.grading import queries as grading
from app.grading.models import Sheet
from app.settlement import operations, queries
from app.settlement.models import Evaluation, EvaluationState, Settlement
from tests.factories import County, resident
from tests.settlement.conftest import Quarter, publish_pay_table

SORTED = "USE TEMP B-TREE FOR ORDER BY"


def plan(query: Select[Any]) -> str:
    """How SQLite would carry a query out."""
    connection = db.session.connection()
    text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    return "\n".join(row[3] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + text.replace("%%", "%")))


@pytest.mark.parametrize("name", ["contracts", "sheets", "evaluations", "open evaluations"])
def test_nothing_is_sorted_for_whoever_sees_the_whole_county(county: County, name: str) -> None:
    """PostgreSQL decides by its statistics; SQLite would sort 500,000 rows (11 s)."""
    officer = county.actor("county_officer_a")
    query, key = {
        "contracts": (contracts.filtered(officer), Contract.id),
        "sheets": (grading.visible_sheets(officer), Sheet.id),
        "evaluations": (queries.evaluations(officer), Evaluation.id),
        "open evaluations": (queries.evaluations(officer, state=EvaluationState.SUBMITTED), Evaluation.id),
    }[name]
    page = query.order_by(key.desc()).limit(51)
    assert db.session.scalars(page).unique().all() == []
    if db.engine.dialect.name == "sqlite":
        found = plan(page)
        assert SORTED not in found, found
        assert ("ix_evaluation_open" in found) == (name == "open evaluations")


def statements(work: Callable[[], Any]) -> int:
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        sent.append(str(arguments[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(sent)


def test_many_evaluations_and_slips_take_the_statements_of_few(quarter: Quarter, sign_in: Callable[[str], Any]) -> None:
    body = (Path(queries.__file__).parent.parent / "policies" / "scorecard-2020.toml").read_text("utf-8")
    publish_pay_table(
        body=body.replace("version = 1", "version = 2", 1)
    )  # the county's own card is not in the starting set
    own = rulebook.published("scorecard")[0].sha256

    def grow(number: int) -> Settlement:
        for _ in range(number):
            row = quarter.contract(scorecard_sha256=own)
            quarter.records(row, dt.date(2026, 1, 1), dt.date(2026, 1, 1))
            quarter.fill()
            quarter.scored(row, B1=0)
        settled = quarter.settlement()
        return operations.calculate(quarter.township, settled.id)

    browser = sign_in("county_officer_a")

    def counted(settled: Settlement) -> tuple[int, int]:
        wanted, settled_id = queries.payees_of(quarter.officer, settled.id), settled.id
        page = statements(lambda: browser.get("/evaluations"))
        db.session.expire_all()
        return page, statements(lambda: queries.slips_of(quarter.officer, settled_id, wanted))

    few = counted(grow(2))
    assert counted(grow(5)) == few


def test_a_wild_card_is_a_character_like_any_other(quarter: Quarter) -> None:
    row = quarter.contract(person=resident("百分号老人"), grades=[(3, dt.date(2025, 1, 1), None)])
    quarter.records(row, dt.date(2026, 1, 1), dt.date(2026, 1, 1))
    quarter.fill()
    quarter.scored(row)
    settled = quarter.to_approved()
    officer = quarter.officer
    lists: list[Callable[[str], Select[Any]]] = [
        lambda q: contracts.filtered(officer, q=q),
        lambda q: queries.evaluations(officer, q=q),
        lambda q: queries.lines(officer, settlement_id=settled.id, q=q),
        lambda q: queries.ledger(officer, q=q),
    ]
    for found in lists:
        for q in ("%", "_", "%老%", "/", "'"):
            assert db.session.scalars(found(q)).unique().all() == [], q
    for found in lists[:3]:
        assert len(db.session.scalars(found("分号老")).unique().all()) == 1
