"""Lists in the order of their numbers: who sees a whole county is served from the newest end, however long the table is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Select

from app.contracts import queries as contracts
from app.contracts.models import Contract
from app.core.db import db
from app.grading import queries as grading
from app.grading.models import Sheet
from app.settlement import queries
from app.settlement.models import Evaluation, EvaluationState
from tests.factories import County

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
