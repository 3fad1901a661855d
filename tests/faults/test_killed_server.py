"""The same over HTTP: a server that dies while it answers, starts again, and completes the quarter."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.db import db
from app.settlement import operations
from app.settlement.models import LedgerEntry
from tests.faults.conftest import Children
from tests.faults.test_killed_settlement import assert_sound, settlement_id, totals
from tests.settlement.conftest import AFTER_Q1, Quarter, quarter
from tests.support.http import Browser

__all__ = ["quarter", "settlement_id"]


@pytest.mark.parametrize("point", [2, 4, 7])
def test_a_server_killed_while_an_officer_approves(
    app: Flask, children: Children, quarter: Quarter, settlement_id: int, point: int
) -> None:
    operations.calculate(quarter.township, settlement_id)
    operations.submit(quarter.township, settlement_id)
    page = f"/settlements/{settlement_id}"
    reviewer = Browser(app, "county_reviewer", "")
    standing = totals()
    how = {"moment": AFTER_Q1.isoformat(), "path": f"{page}/approve"}

    pid, reviewer.address = children.serve(app, kill_at=point, **how)
    assert reviewer.post(f"{page}/approve", page) == (0, "")
    assert children.ended(pid)["killed"]
    assert totals() == standing
    assert_sound()

    pid, reviewer.address = children.serve(app, kill_at=10_000, **how)
    assert reviewer.post(f"{page}/approve", page)[0] == 302
    assert totals()["state"] == "approved"
    count = db.session.scalar(select(func.count()).select_from(LedgerEntry))
    assert reviewer.post(f"{page}/approve", page)[0] == 409
    assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) == count
    children.stop(pid)
    assert_sound()
